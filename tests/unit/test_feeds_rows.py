"""Reading CSV and JSONL: what makes a row, what a row that cannot be read says, what makes a file unreadable."""

import gzip
import io
import json
import tracemalloc

import pytest

from restock.feeds.contract import Reason
from restock.feeds.lines import BLOCK_BYTES, MAX_LINE_BYTES, FileUnreadableError, HashingStream
from restock.feeds.rows import MAX_LINES_OF_A_ROW, Row, open_rows

COLUMNS = ("id", "name", "note")


def read(content: bytes | str, name: str = "x.csv", required: tuple[str, ...] = ("id",)) -> list[Row]:
    data = content.encode() if isinstance(content, str) else content
    return list(open_rows(io.BytesIO(data), name, COLUMNS, required))


def values(content: bytes | str, name: str = "x.csv") -> list[list[str]]:
    rows = read(content, name)
    assert [row.reason for row in rows] == [None] * len(rows)
    return [list(row.values) for row in rows]


def reasons(content: bytes | str, name: str = "x.csv") -> list[tuple[int, Reason | None]]:
    return [(row.line_number, row.reason) for row in read(content, name)]


def test_a_csv_row_has_its_line_number_raw_text_and_values():
    assert read("id,name\n1,Lamp\n2,Mug\n") == [Row(2, "1,Lamp", ["1", "Lamp"]), Row(3, "2,Mug", ["2", "Mug"])]


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\n1,Gr\xc3\xbcn\n",
        b"\xef\xbb\xbfid,name\n1,Gr\xc3\xbcn\n",
        b"id,name\r\n1,Gr\xc3\xbcn\r\n",
        b"id,name\n1,Gr\xc3\xbcn",
        b"id,name\r\n1,Gr\xc3\xbcn\r",
        b"\n\nid,name\n\n  \n1,Gr\xc3\xbcn\n\n",
        b'"id","name"\n"1","Gr\xc3\xbcn"\n',
        b" id ,name\n\t1 , Gr\xc3\xbcn \n",
    ],
    ids=["plain", "bom", "crlf", "no last break", "crlf cut", "blank lines", "quoted", "spaces"],
)
def test_csv_is_read_however_it_is_dressed(content: bytes):
    assert values(content) == [["1", "Grün"]]


def test_columns_come_in_any_order_and_unknown_ones_are_named():
    rows = open_rows(io.BytesIO(b"colour,name,,id\nred,Lamp,?,1\n"), "x.csv", COLUMNS, ["id"])
    assert rows.columns == ["name", "id"]
    assert [list(row.values) for row in rows] == [["Lamp", "1"]]
    assert rows.named_columns == {"name", "id"}
    assert rows.unknown_columns == ["colour", "(no name)"]


def test_a_quoted_value_holds_commas_quotes_and_line_breaks():
    text = 'id,name\n1,"a ""b"", c"\n2,"first\nsecond\n\nfourth"\n3,x\n'
    rows = read(text)
    assert [list(row.values) for row in rows] == [["1", 'a "b", c'], ["2", "first\nsecond\n\nfourth"], ["3", "x"]]
    assert [row.line_number for row in rows] == [2, 3, 7]
    assert rows[1].raw_text == '2,"first\nsecond\n\nfourth"'


def test_a_quote_inside_an_unquoted_value_is_just_a_quote():
    assert values('id,name\n1,24" monitor\n') == [["1", '24" monitor']]


def test_a_row_with_too_few_or_too_many_fields_is_rejected_alone():
    assert reasons("id,name\n1\n2,b\n3,c,d\n") == [
        (2, Reason.WRONG_FIELD_COUNT),
        (3, None),
        (4, Reason.WRONG_FIELD_COUNT),
    ]
    assert read("id,name\n1,2,3\n")[0].detail == "The row has 3 fields and the header line 2."


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('"open,Lamp', Reason.BROKEN_QUOTING),
        ('7,"open', Reason.BROKEN_QUOTING),
        ('7,"closed"x', Reason.BROKEN_QUOTING),
        ('7,"a\rb"x,\r', Reason.BROKEN_QUOTING),
        ('"7",b\rc', Reason.CONTROL_CHARACTER),
    ],
)
@pytest.mark.parametrize("following", ["8,Mug\n", '"8","Mug"\n', '8,"Mug"\n9,"two\nlines"\n'])
def test_a_broken_quote_costs_its_own_line_only(broken: str, reason: Reason, following: str):
    rows = read(f"id,name\n1,Lamp\n{broken}\n{following}")
    good = values(f"id,name\n{following}")
    assert (rows[1].line_number, rows[1].reason) == (3, reason)
    assert [list(row.values) for row in rows[2:]] == good
    assert all(row.reason is None for row in rows[2:])


def test_a_quote_that_is_never_closed_costs_one_line_of_a_long_file():
    lines = [f"{number},x" for number in range(3 * MAX_LINES_OF_A_ROW)]
    rows = read("id,name\n" + '0,"open\n' + "\n".join(lines))
    assert [row.line_number for row in rows if row.reason] == [2]
    assert len(rows) == len(lines) + 1


def test_bytes_that_are_not_utf8_and_nul_reject_their_line_and_are_shown_escaped():
    rows = read(b"id,name\n1,a\n2,b\xff\n3,c\x00d\n4,e\n5,\xc3\n")
    assert [(row.line_number, row.reason, row.raw_text) for row in rows] == [
        (2, None, "1,a"),
        (3, Reason.INVALID_UTF8, "2,b\\xff"),
        (4, Reason.NUL_CHARACTER, "3,c\\x00d"),
        (5, None, "4,e"),
        (6, Reason.INVALID_UTF8, "5,\\xc3"),
    ]


def test_a_bad_byte_inside_a_quoted_value_rejects_the_whole_row():
    rows = read(b'id,name\n1,"a\n\xff\nb"\n2,c\n')
    assert [(row.line_number, row.reason) for row in rows] == [(2, Reason.INVALID_UTF8), (5, None)]
    assert rows[0].raw_text == '1,"a\n\\xff\nb"'


def test_lines_keep_their_numbers_and_characters_across_blocks():
    lines = [f"{number},{'ä€😀' * 40}" for number in range(20_000)]
    text = "id,name\n" + "\n".join(lines)
    assert len(text.encode()) > 4 * BLOCK_BYTES
    rows = read(text)
    assert [row.raw_text for row in rows] == lines
    assert [row.line_number for row in rows] == list(range(2, len(lines) + 2))


def test_a_quote_that_is_never_closed_is_said_to_be_one_however_long_the_lines_after_it():
    lines = [f"{number},{'x' * 200}" for number in range(2 * MAX_LINES_OF_A_ROW)]
    lines[3] = '3,"x'
    assert reasons("id,name\n" + "\n".join(lines))[3:5] == [(5, Reason.BROKEN_QUOTING), (6, None)]


def test_a_line_that_is_too_long_is_rejected_with_its_beginning():
    rows = read(b"id,name\n1,a\n2," + b"x" * (3 * MAX_LINE_BYTES) + b"\n3,c\n4,d")
    assert [(row.line_number, row.reason) for row in rows] == [
        (2, None),
        (3, Reason.LINE_TOO_LONG),
        (4, None),
        (5, None),
    ]
    assert rows[1].raw_text.startswith("2,xxx")
    assert len(rows[1].raw_text) < 20_000


@pytest.mark.parametrize("before", [0, 1, BLOCK_BYTES // 2, BLOCK_BYTES - 100])
@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_a_line_is_too_long_wherever_in_the_file_it_begins(before: int, name: str):
    def line(size: int) -> bytes:
        begin, end = (b'{"id": "', b'"}') if name == "x.jsonl" else (b"", b",b")
        return begin + b"x" * (size - len(begin) - len(end)) + end

    long = [MAX_LINE_BYTES, MAX_LINE_BYTES + 1, MAX_LINE_BYTES, 2 * MAX_LINE_BYTES - 50, 2 * MAX_LINE_BYTES, 20]
    first = b"" if name == "x.jsonl" else b"id,name"
    assert reasons(b"\n".join([first, b" " * before, *map(line, long)]), name) == [
        (number, Reason.LINE_TOO_LONG if size > MAX_LINE_BYTES else None) for number, size in enumerate(long, 3)
    ]


def test_a_huge_quoted_field_is_rejected_as_too_long():
    assert reasons('id,name\n1,"' + "x" * 200_000 + '"\n2,b\n') == [(2, Reason.LINE_TOO_LONG), (3, None)]


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.csv.gz"])
def test_memory_stays_bounded_however_large_the_file(name: str):
    class Endless:
        """64 MiB without one line break, or 60 MB of lines."""

        def __init__(self) -> None:
            self.left = 64

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return b"id,name\n" if self.left == 63 else b"x" * (1 << 20) if self.left > 0 else b""

    class Lines(Endless):
        def __init__(self) -> None:
            self.source = io.BytesIO(gzip.compress(b"id,name\n" + (b"1," + b"x" * 1000 + b"\n") * 60_000, 1))

        def read(self, size: int = -1) -> bytes:
            return self.source.read(size)

    stream = Lines() if name.endswith(".gz") else Endless()
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_rows(stream, name, COLUMNS, ["id"]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count >= 1
    assert peak < 12 * BLOCK_BYTES


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "x.csv", "is empty"),
        (b"\xef\xbb\xbf", "x.csv", "is empty"),
        (b"\n \n", "x.csv", "is empty"),
        (b"", "x.jsonl", "is empty"),
        (b"\n\n", "x.jsonl", "is empty"),
        # Without a time in the header, which would give the test another name in each process.
        (gzip.compress(b"", mtime=0), "x.csv.gz", "is empty"),
        (b"", "x.csv.gz", "is empty"),
        (gzip.compress(b"id,name\n" + b"1,a\n" * 9999, mtime=0)[:-20], "x.csv.gz", "breaks off"),
        (b"id,name\n1,a\n", "x.csv.gz", "cannot be unzipped"),
        (gzip.compress(b"id\n", mtime=0) + b"more", "x.csv.gz", "cannot be unzipped"),
        (
            gzip.compress(b"id,name\n" + bytes(range(256)) * 99, mtime=0)[:50] + b"\xff" * 500,
            "x.csv.gz",
            "cannot be unzipped|breaks off",
        ),
        (b"name,note\na,b\n", "x.csv", "lacks the required column id; it reads: name,note"),
        (b"id;name\n1;a\n", "x.csv", "lacks the required column id"),
        ("id,name\n1,a\n".encode("utf-16"), "x.csv", "header line cannot be read"),
        (b'"id,name\n1,a\n', "x.csv", "header line cannot be read"),
        (b"id,name,id\n1,a,2\n", "x.csv", "names id twice"),
        (b"id,name\n", "x.xlsx", "not of a known format"),
        (b"id,name\n", "csv", "not of a known format"),
    ],
)
def test_a_file_beyond_reading_says_why(content: bytes, name: str, message: str):
    with pytest.raises(FileUnreadableError, match=message):
        read(content, name)


def test_a_header_line_alone_is_a_file_without_rows():
    assert read("id,name\n") == []


def test_gzip_in_several_parts_and_names_in_capitals_are_read():
    data = gzip.compress(b"id,name\n1,a\n") + gzip.compress(b"2,b\n")
    assert values(data, "X.CSV.GZ") == [["1", "a"], ["2", "b"]]


def test_the_hash_is_that_of_the_bytes_as_landed():
    data = gzip.compress(b"id,name\n1,a\n")
    stream = HashingStream(io.BytesIO(data))
    list(open_rows(stream, "x.csv.gz", COLUMNS, ["id"]))
    unread = HashingStream(io.BytesIO(data))
    assert stream.hexdigest() == unread.hexdigest()


def test_jsonl_values_become_the_text_they_are_written_as():
    lines = [
        '{"id": 12345678901234567890, "name": 0.10, "note": 1e3}',
        '{"name": true, "id": "x", "note": null}',
        '{"id": " y ", "note": "tab\\tbreak\\nslash\\\\"}',
    ]
    assert values("\n".join(lines), "x.jsonl") == [
        ["12345678901234567890", "0.10", "1e3"],
        ["x", "true", ""],
        ["y", "", "tab\tbreak\nslash\\"],
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": 1', Reason.BROKEN_JSON),
        ('{"id": NaN}', Reason.BROKEN_JSON),
        ("[1]", Reason.BROKEN_JSON),
        ('"id"', Reason.BROKEN_JSON),
        ('{"id": 1} {"id": 2}', Reason.BROKEN_JSON),
        ("[" * 100_000, Reason.BROKEN_JSON),
        ('{"id": {"a": 1}}', Reason.NESTED_VALUE),
        ('{"id": []}', Reason.NESTED_VALUE),
        ('{"id": "a\\u0000b"}', Reason.NUL_CHARACTER),
        ('{"id": "\\ud800"}', Reason.INVALID_UTF8),
        (b'{"id": "\xff"}', Reason.INVALID_UTF8),
        (b'{"id": "\x00"}', Reason.NUL_CHARACTER),
    ],
    ids=str,
)
def test_a_json_line_that_cannot_be_a_row_is_rejected_alone(line: str | bytes, reason: Reason):
    data = line.encode() if isinstance(line, str) else line
    assert reasons(b'{"id": 1}\n' + data + b'\n{"id": 2}\n', "x.jsonl") == [(1, None), (2, reason), (3, None)]


def test_what_is_nested_under_an_unknown_name_is_ignored():
    rows = open_rows(io.BytesIO(b'{"id": 1, "extra": {"a": [1]}, "\\ud800": 1}\n{"more": 2}\n'), "x.jsonl", COLUMNS, [])
    assert [list(row.values) for row in rows] == [["1", "", ""], ["", "", ""]]
    assert rows.named_columns == {"id"}
    assert rows.unknown_columns == ["extra", "\\ud800", "more"]


@pytest.mark.parametrize(("content", "name"), [("id,{}\n", "x.csv"), ('{{"id": 1, "{}": 2}}\n', "x.jsonl")])
def test_a_long_unknown_name_is_cut(content: str, name: str):
    rows = open_rows(io.BytesIO(content.format("x" * 100_000).encode()), name, COLUMNS, [])
    assert len(list(rows)) <= 1
    assert rows.unknown_columns == ["x" * 200]


def test_endless_unknown_names_are_not_all_kept():
    lines = "".join(json.dumps({"id": 1, f"x{number}": 1}) + "\n" for number in range(1000))
    rows = open_rows(io.BytesIO(lines.encode()), "x.jsonl", COLUMNS, [])
    assert len(list(rows)) == 1000
    assert len(rows.unknown_columns) == 100
