"""Reading Parquet: every type of a value becomes the text that CSV would hold, whatever the file holds."""

import io
import json
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from restock.feeds import parquet
from restock.feeds.contract import REASONS, Reason
from restock.feeds.lines import MAX_LINE_BYTES, FileUnreadableError, HashingStream
from restock.feeds.rows import Row, RowReader, open_rows

COLUMNS = ("id", "name", "note")


def as_parquet(columns: dict[str, object] | pa.Table, **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), file, **options)
    return file.getvalue()


def open_parquet(content: bytes, required: tuple[str, ...] = ("id",)) -> RowReader:
    return open_rows(io.BytesIO(content), "x.parquet", COLUMNS, required)


def texts(array: pa.Array) -> list[str]:
    """What becomes of the values of a column."""
    rows = list(open_parquet(as_parquet({"id": array})))
    assert [row.reason for row in rows] == [None] * len(rows)
    return [value for row in rows for value in row.values]


def faults(columns: dict[str, object]) -> list[tuple[int, Reason | None]]:
    return [(row.line_number, row.reason) for row in open_parquet(as_parquet(columns))]


def test_a_row_has_its_number_itself_as_json_and_its_values():
    content = as_parquet({"id": [1, 2], "name": [" Lämp, \n", None]})
    assert list(open_parquet(content)) == [
        Row(1, '{"id": "1", "name": " Lämp, \\n"}', ["1", "Lämp, \n"]),
        Row(2, '{"id": "2", "name": null}', ["2", ""]),
    ]


def test_columns_come_in_any_order_and_unknown_ones_are_named():
    rows = open_parquet(as_parquet({"colour": ["red"], "name": ["Lamp"], "a.b": [{"c": 1}], "id": ["1"], "": [0]}))
    assert rows.columns == ["name", "id"]
    assert [list(row.values) for row in rows] == [["Lamp", "1"]]
    assert rows.named_columns == {"name", "id"}
    assert rows.unknown_columns == ["colour", "a.b", "(no name)"]


def test_names_that_the_ledger_could_not_keep_are_escaped_and_cut():
    rows = open_parquet(as_parquet({"id": [1], "a\0b": [1], "x" * 1_000_000: [1]}))
    assert rows.unknown_columns == ["a\\x00b", "x" * 200]
    with pytest.raises(FileUnreadableError, match=r"its columns are: a\\x00b$"):
        open_parquet(as_parquet({"a\0b": [1]}))


SUMMER = datetime(2026, 6, 1, 12, 30, 15, 123456, timezone(timedelta(hours=2)))
WALL_CLOCK = datetime(2026, 6, 1, 12, 30)  # noqa: DTZ001
A_UUID = uuid.UUID("0f8fad5b-d9cb-469f-a165-70867728950e")


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, None, -(2**63)]), ["1", "", "-9223372036854775808"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([7], pa.int8()), ["7"]),
        (pa.array([12.0, None, 0.1, 1e-7, 1e22, -0.5]), ["12", "", "0.1", "0.0000001", "1" + "0" * 22, "-0.5"]),
        (pa.array([12.1], pa.float32()), ["12.1"]),
        (pa.array([1.5], pa.float16()), ["1.5"]),
        (pa.array([float("nan"), float("inf")]), ["nan", "inf"]),
        (pa.array([Decimal("12.50"), Decimal(100), None], pa.decimal128(10, 2)), ["12.5", "100", ""]),
        (pa.array([Decimal("0.00000001")], pa.decimal128(20, 8)), ["0.00000001"]),
        (pa.array([Decimal(10) ** 40], pa.decimal256(50, 3)), ["1" + "0" * 40]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array([None, None], pa.null()), ["", ""]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", "", "a"]),
        (pa.array([5, None, 5]).dictionary_encode(), ["5", "", "5"]),
        (pa.array(["ä"], pa.large_string()), ["ä"]),
        (pa.array(["ä".encode(), None]), ["ä", ""]),
        (pa.array([b"abcd", None], pa.binary(4)), ["abcd", ""]),
        (pa.array([A_UUID.bytes, None], pa.uuid()), [str(A_UUID), ""]),
        (pa.array([SUMMER, None], pa.timestamp("us", "Europe/Zurich")), ["2026-06-01 10:30:15.123456+00:00", ""]),
        (pa.array([SUMMER], pa.timestamp("ms", "+02:00")), ["2026-06-01 10:30:15.123+00:00"]),
        (pa.array([SUMMER], pa.timestamp("ns", "UTC")), ["2026-06-01 10:30:15.123456000+00:00"]),
        (pa.array([WALL_CLOCK], pa.timestamp("us")), ["2026-06-01 12:30:00.000000"]),
        (pa.array([date(2026, 6, 1)]), ["2026-06-01"]),
        (pa.array([time(12, 30)]), ["12:30:00.000000"]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_a_value_becomes_its_plain_text_whatever_its_type(array: pa.Array, expected: list[str]):
    assert texts(array) == expected


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_a_time_beyond_every_calendar_is_no_reason_to_stop(unit: str):
    assert "out of range" in texts(pa.array([2**63 - 1], pa.timestamp(unit, "UTC")))[0]


def test_the_times_of_old_spark_files_have_no_offset():
    content = as_parquet({"id": pa.array([SUMMER], pa.timestamp("ns"))}, use_deprecated_int96_timestamps=True)
    assert [row.values[0] for row in open_parquet(content)] == ["2026-06-01 10:30:15.123456"]


def test_a_value_that_is_no_text_rejects_its_row_alone():
    not_utf8 = pa.array([b"a", b"b\xff", None]).view(pa.string())
    assert faults({"id": not_utf8}) == [(1, None), (2, Reason.INVALID_UTF8), (3, None)]
    assert faults({"id": pa.array([b"\xff", b"a"])}) == [(1, Reason.INVALID_UTF8), (2, None)]
    assert faults({"id": ["a\0", "a"]}) == [(1, Reason.NUL_CHARACTER), (2, None)]
    assert faults({"id": ["\\u0000"]}) == [(1, None)]
    assert faults({"id": [["a"], None]}) == [(1, Reason.NESTED_VALUE), (2, None)]
    assert faults({"id": [{"a": 1}, None]}) == [(1, Reason.NESTED_VALUE), (2, None)]


def test_a_rejected_row_says_why_and_shows_what_it_can():
    rows = list(open_parquet(as_parquet({"id": [["a"], ["b"]], "name": pa.array([b"x", b"\xff"])})))
    assert [row.detail for row in rows] == ["id holds a list or a structure: give it a text or a number."] * 2
    rows = list(open_parquet(as_parquet({"id": ["1"], "name": pa.array([b"b\xff"])})))
    assert rows == [Row(1, '{"id": "1", "name": "b\\\\xff"}', (), Reason.INVALID_UTF8, REASONS[Reason.INVALID_UTF8])]


def test_a_row_that_is_too_long_is_rejected_with_its_beginning():
    rows = list(open_parquet(as_parquet({"id": ["1", "2"], "name": ["x" * (MAX_LINE_BYTES + 1), "y"]})))
    assert [row.reason for row in rows] == [Reason.LINE_TOO_LONG, None]
    assert rows[0].raw_text.startswith('{"id": "1", "name": "xxx')
    assert len(rows[0].raw_text) < 20_000


def test_rows_keep_their_numbers_across_batches_and_row_groups():
    count = 3 * parquet.MAX_BATCH_ROWS + 10
    rows = list(open_parquet(as_parquet({"id": range(count)}, row_group_size=1_500)))
    assert [(row.line_number, row.values) for row in rows] == [(n + 1, [str(n)]) for n in range(count)]


def test_wide_rows_come_in_small_batches():
    wide = pa.table({"id": [str(n) * 400_000 for n in range(10, 40)]})
    reader = open_parquet(as_parquet(wide, use_dictionary=False))
    assert max(batch.nbytes for batch in reader._batches()) < 2 * parquet.BATCH_BYTES


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
def test_every_usual_compression_is_read(compression: str):
    content = as_parquet({"id": ["a", "b"]}, compression=compression)
    assert [row.values for row in open_parquet(content)] == [["a"], ["b"]]


def test_a_file_without_rows_has_none():
    assert list(open_parquet(as_parquet({"id": pa.array([], pa.string())}))) == []


def test_the_hash_is_that_of_the_bytes_as_landed():
    content = as_parquet({"id": ["a"]})
    stream, unread = HashingStream(io.BytesIO(content)), HashingStream(io.BytesIO(content))
    list(open_rows(stream, "x.parquet", COLUMNS, ["id"]))
    assert stream.hexdigest() == unread.hexdigest()


GOOD = as_parquet({"id": [str(uuid.UUID(int=n * 12345678901234567)) for n in range(20_000)]})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"PAR1", "cannot be read as Parquet"),
        (b"id,name\n1,a\n", "cannot be read as Parquet"),
        (GOOD[:-20], "cannot be read as Parquet"),
        (GOOD[: len(GOOD) // 2], "cannot be read as Parquet"),
        (GOOD[:1000] + b"\xff" * 4000 + GOOD[5000:], "cannot be read as Parquet"),
        (GOOD[:-200] + b"\xff" * 100 + GOOD[-100:], "cannot be read as Parquet"),
        (as_parquet({"name": ["a"]}), "lacks the required column id; its columns are: name"),
        (as_parquet(pa.table([pa.array([1]), pa.array([2])], ["id", "id"])), "has the column id twice"),
    ],
    ids=["empty", "magic alone", "csv", "cut", "half", "broken page", "broken footer", "lacking", "twice"],
)
def test_a_file_beyond_reading_says_why(content: bytes, message: str):
    with pytest.raises(FileUnreadableError, match=message):
        list(open_parquet(content))


def test_raw_text_can_be_read_back():
    rows = list(open_parquet(as_parquet({"id": ['"', "\\", "\t", "é"], "name": pa.array([1.5, 2, None, 3])})))
    assert [json.loads(row.raw_text)["id"] for row in rows] == ['"', "\\", "\t", "é"]
    assert datetime.fromisoformat(texts(pa.array([SUMMER], pa.timestamp("us", "UTC")))[0]) == SUMMER.astimezone(UTC)
