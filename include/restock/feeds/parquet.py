"""From a Parquet file to rows: each value as the text that CSV would hold, in batches of a bounded size."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from restock.feeds.contract import REASONS, Reason
from restock.feeds.lines import BLOCK_BYTES, KEPT_OF_LONG_LINE, MAX_LINE_BYTES, ByteStream, FileUnreadableError
from restock.feeds.rows import MAX_UNKNOWN_COLUMNS, Row, shown_name

# One batch is unpacked at a time. Wide rows come in smaller batches, so that one takes about the bytes below.
MAX_BATCH_ROWS = 2_000
BATCH_BYTES = 8 << 20
# Pages are read through a buffer of this size: without it a column of a whole row group would be read at once.
PAGE_BUFFER_BYTES = 1 << 18


class Texts(NamedTuple):
    """Values of one column of a batch as texts, None for null; and by their places those that cannot be read."""

    texts: list[str | None]
    faults: dict[int, Reason]


class ParquetReader:
    """Rows of a Parquet file. The line number is the number of the row, from 1, and the raw text the row as JSON.

    The file is copied to the local disk first, into a file without a name that goes with the process: Parquet is read
    from its end, and what is read is then just what was hashed, whoever writes to the landing area meanwhile.
    """

    def __init__(self, stream: ByteStream, columns: Sequence[str], required: Sequence[str]) -> None:
        """Read the schema.

        Raises:
            FileUnreadableError: This is no Parquet, or a required column is missing from it.
        """
        # pyarrow holds it as long as rows are read, and it is closed when the reader is dropped.
        copy = tempfile.TemporaryFile()  # noqa: SIM115
        while block := stream.read(BLOCK_BYTES):
            copy.write(block)
        if not copy.tell():
            raise FileUnreadableError("The file is empty: Parquet names its columns even where it has no rows.")
        try:
            self._file = pq.ParquetFile(
                copy,
                buffer_size=PAGE_BUFFER_BYTES,
                pre_buffer=False,
                coerce_int96_timestamp_unit="us",
                arrow_extensions_enabled=True,
            )
            names = self._file.schema_arrow.names
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise _not_parquet(error) from None
        self.columns = [name for name in names if name in columns]
        self.named_columns = set(self.columns)
        self.header_text: str | None = None
        self.unknown_columns = [shown_name(name) for name in names if name not in columns][:MAX_UNKNOWN_COLUMNS]
        if twice := sorted(name for name in self.named_columns if self.columns.count(name) > 1):
            raise FileUnreadableError(f"The file has the column {twice[0]} twice: name each column once.")
        if missing := [name for name in required if name not in self.named_columns]:
            raise FileUnreadableError(
                f"The file lacks the required column {missing[0]}; its columns are: {shown_name(','.join(names))}"
            )

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows.

        Raises:
            FileUnreadableError: A part of the file cannot be unpacked.
        """
        first_number = 1
        for batch in self._batches():
            columns = [_as_texts(column) for column in batch.columns]
            faults = {place for column in columns for place in column.faults}
            for place, values in enumerate(zip(*(column.texts for column in columns), strict=True)):
                row = self._row(first_number + place, values)
                if place in faults and not row.reason:
                    row = self._faulty(row, [column.faults.get(place) for column in columns])
                yield row
            first_number += batch.num_rows

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            # Columns come in the order of the file. One thread: each further one would unpack a column beside it.
            yield from self._file.iter_batches(self._batch_rows(), columns=self.columns, use_threads=False)
        # MemoryError: sizes that are broken ask for more than there is.
        except (pa.ArrowException, OSError, MemoryError) as error:
            raise _not_parquet(error) from None

    def _batch_rows(self) -> int:
        metadata = self._file.metadata
        groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
        widest = max((group.total_byte_size // group.num_rows for group in groups if group.num_rows > 0), default=0)
        return min(MAX_BATCH_ROWS, max(1, BATCH_BYTES // max(1, widest)))

    def _row(self, number: int, values: Sequence[str | None]) -> Row:
        raw_text = json.dumps(dict(zip(self.columns, values, strict=True)), ensure_ascii=False)
        row = Row(number, raw_text, [value.strip(" \t") if value else "" for value in values])
        if len(raw_text) > MAX_LINE_BYTES:
            return _rejected(row._replace(raw_text=raw_text[:KEPT_OF_LONG_LINE]), Reason.LINE_TOO_LONG)
        if "\\u0000" in raw_text and any("\0" in value for value in row.values):
            return _rejected(row, Reason.NUL_CHARACTER)
        return row

    def _faulty(self, row: Row, faults: Sequence[Reason | None]) -> Row:
        column, reason = next((name, fault) for name, fault in zip(self.columns, faults, strict=True) if fault)
        if reason == Reason.NESTED_VALUE:
            return _rejected(row, reason, f"{column} holds a list or a structure: give it a text or a number.")
        return _rejected(row, reason)


def _rejected(row: Row, reason: Reason, detail: str = "") -> Row:
    return row._replace(values=(), reason=reason, detail=detail or REASONS[reason])


def _as_texts(column: pa.Array) -> Texts:
    kind = column.type
    if types.is_dictionary(kind):
        return _as_texts(column.dictionary_decode())
    if isinstance(kind, pa.UuidType):
        return Texts([None if value is None else str(value) for value in column.to_pylist()], {})
    if isinstance(kind, pa.BaseExtensionType):
        return _as_texts(column.storage)
    if types.is_timestamp(kind) and kind.tz is not None:
        # Without the zone's own rules, which this machine may not have: what is stored is UTC.
        times = column.cast(pa.int64()).cast(pa.timestamp(kind.unit)).cast(pa.string()).to_pylist()
        return Texts([None if time is None else f"{time}+00:00" for time in times], {})
    try:
        texts = column.to_pylist() if _is_text(kind) else column.cast(pa.string()).to_pylist()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, UnicodeDecodeError):
        return _one_by_one(column)
    if types.is_floating(kind) or types.is_decimal(kind):
        texts = [None if text is None else _plain_number(text) for text in texts]
    return Texts(texts, {})


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _one_by_one(column: pa.Array) -> Texts:
    """Bytes, some of which may be no text; lists and the like, none of which is."""
    texts: list[str | None] = []
    faults = {}
    for place, value in enumerate(column):
        if not value.is_valid:
            texts.append(None)
        elif not isinstance(value, pa.BinaryScalar):
            texts.append(f"({column.type})")
            faults[place] = Reason.NESTED_VALUE
        else:
            data = value.as_buffer().to_pybytes()
            texts.append(data.decode("utf-8", "backslashreplace"))
            if not _is_utf8(data):
                faults[place] = Reason.INVALID_UTF8
    return Texts(texts, faults)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plain_number(text: str) -> str:
    """Digits and a decimal point, no exponent. 12.0 is 12: pandas writes whole numbers so where one is missing."""
    if "e" in text or "E" in text:
        text = format(Decimal(text), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _not_parquet(error: BaseException) -> Exception:
    """What to say of a file; or the error itself, where it is one of the disk."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    said = shown_name(" ".join(str(error).split()).removesuffix(".") or type(error).__name__)
    return FileUnreadableError(f"The file cannot be read as Parquet ({said}): deliver it again, whole.")
