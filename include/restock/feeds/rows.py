"""From a file to rows, each with its line number and its raw text: CSV and JSONL here, Parquet beside."""

import contextlib
import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from restock.feeds.contract import REASONS, Reason
from restock.feeds.lines import MAX_LINE_BYTES, Block, ByteStream, FileUnreadableError, Line, read_blocks, read_lines

# A quote that is never closed must not swallow the rest of the file.
MAX_LINES_OF_A_ROW = 1_000
MAX_UNKNOWN_COLUMNS = 100
MAX_NAME_LENGTH = 200
# What keeps the fields of a CSV line from being just what stands between its commas, and that text from being what COPY
# reads: quotes, blanks around a field, and what COPY escapes.
_ODD_CHARACTERS = '" \t\\\r'
_ODD = re.compile(r'["\t\\\r]|(?:^|,) | (?:,|$)')


class Row(NamedTuple):
    """One row of a file: its values in the order of `RowReader.columns`, or why it cannot be read."""

    line_number: int
    raw_text: str
    values: Sequence[str] = ()
    reason: Reason | None = None
    detail: str = ""


class PlainLines(NamedTuple):
    """Lines of a CSV file that follow each other, of whose columns the feed has all.

    Each has as many fields as the header line; they are what stands between its commas, and need no escaping for COPY.
    """

    first_number: int
    texts: list[str]


class RowReader(Protocol):
    """Rows of one file.

    Attributes:
        columns: Columns of the feed whose values the rows hold, in this order. An empty text is a missing value.
        named_columns: Columns of the feed that the file names; complete after the last row.
        unknown_columns: Columns of the file that the feed does not have; complete after the last row.
        header_text: The header line as it came, without which a row cannot be read by itself; None where it can.
    """

    header_text: str | None

    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def named_columns(self) -> set[str]: ...
    @property
    def unknown_columns(self) -> list[str]: ...
    def __iter__(self) -> Iterator[Row]: ...


def _unreadable(line_number: int, raw_text: str, reason: Reason, detail: str = "") -> Row:
    return Row(line_number, raw_text, (), reason, detail or REASONS[reason])


class CsvReader:
    """Rows of a CSV file (RFC 4180), whose first line names the columns in any order.

    Attributes, beside those of `RowReader`:
        is_plain: All rows read so far are plain lines without control characters.
    """

    def __init__(self, blocks: Iterator[Block], columns: Sequence[str], required: Sequence[str]) -> None:
        """Read the header line.

        Raises:
            FileUnreadableError: There is none, or a required column is missing from it.
        """
        self._blocks = blocks
        # The lines at hand: the first has number _first, the next to be read _number, and the row that is being read
        # began at _row_number. Of those ahead, _odd has the numbers of those that are not plain.
        self._texts: list[str] = []
        self._first = self._number = self._row_number = 1
        self._reasons: dict[int, Reason] = {}
        self._odd: deque[int] = deque()
        self._width = 0
        self.is_plain = True
        header = self._header()
        self.columns = [name for name in header if name in columns]
        self.named_columns = set(self.columns)
        self.unknown_columns = [shown_name(name) for name in header if name not in columns][:MAX_UNKNOWN_COLUMNS]
        self._positions = [position for position, name in enumerate(header) if name in columns]
        if twice := sorted(name for name in self.named_columns if self.columns.count(name) > 1):
            raise FileUnreadableError(f"The header line names {twice[0]} twice: name each column once.")
        if missing := [name for name in required if name not in self.named_columns]:
            raise FileUnreadableError(
                f"The header line lacks the required column {missing[0]}; it reads: {','.join(header)[:200]}"
            )
        self._width = len(header)
        self._odd += self._odd_numbers(self._number, self._texts[self._number - self._first :])

    def __iter__(self) -> Iterator[Row]:
        for part in self.parts():
            if isinstance(part, Row):
                yield part
                continue
            for number, text in enumerate(part.texts, part.first_number):
                yield Row(number, text, text.split(","))

    def parts(self) -> Iterator[PlainLines | Row]:
        """The rows, as runs of plain lines where they are plain: these need not be taken apart, which is quick."""
        while self._number < self._first + len(self._texts) or self._read_block():
            while self._odd and self._odd[0] < self._number:
                self._odd.popleft()
            start = self._row_number = self._number
            end = self._odd[0] if self._odd else self._first + len(self._texts)
            if start < end:
                self._number = end
                yield PlainLines(start, self._texts[start - self._first : end - self._first])
            elif (line := self._next_line()) and (row := self._row(line)):
                self.is_plain = False
                yield row

    def _read_block(self) -> bool:
        """Add a block to the lines at hand, and let go of what no row needs any more. False at the end of the file."""
        block = next(self._blocks, None)
        if block is None:
            return False
        del self._texts[: self._row_number - self._first]
        self._first = self._row_number
        self._texts += block.texts
        self.is_plain &= block.is_printable
        self._reasons = {n: reason for n, reason in self._reasons.items() if n >= self._first} | block.reasons
        if self._width:
            self._odd += self._odd_numbers(block.first_number, block.texts)
        return True

    def _odd_numbers(self, first_number: int, texts: Sequence[str]) -> list[int]:
        """Numbers of the lines that are more, or less, than plain."""
        if len(self._positions) < self._width:
            return list(range(first_number, first_number + len(texts)))
        commas = self._width - 1
        odd = {number for number, text in enumerate(texts, first_number) if text.count(",") != commas}
        odd.update(number for number in self._reasons if number >= first_number)
        block = "\n".join(texts)
        # The pattern takes as long as all the rest; hardly a line has a character that it could match.
        for character in filter(block.__contains__, _ODD_CHARACTERS):
            odd.update(n for n, text in enumerate(texts, first_number) if character in text and _ODD.search(text))
        return sorted(odd)

    def _next_line(self) -> Line | None:
        if self._number == self._first + len(self._texts) and not self._read_block():
            return None
        number = self._number
        self._number += 1
        return Line(number, self._texts[number - self._first], self._reasons.get(number))

    def _row(self, line: Line) -> Row | None:
        """The row that begins on this line; None where the line is empty."""
        if line.reason:
            return _unreadable(line.number, line.text, line.reason)
        if '"' in line.text:
            return self._quoted_row(line)
        fields = line.text.split(",")
        if len(fields) == self._width:
            return Row(line.number, line.text, [fields[position].strip(" \t") for position in self._positions])
        return self._wrong_width(line.number, line.text, len(fields)) if line.text.strip() else None

    def _header(self) -> list[str]:
        while (line := self._next_line()) is not None:
            if line.reason:
                raise FileUnreadableError(f"The header line cannot be read: {REASONS[line.reason]}")
            if not line.text.strip():
                continue
            taken, fields = self._parse(line)
            self.header_text: str | None = "\n".join(part.text for part in taken)
            if isinstance(fields, Reason):
                raise FileUnreadableError(f"The header line cannot be read: {REASONS[fields]}")
            return [name.strip() for name in fields]
        raise FileUnreadableError("The file is empty: it needs at least a header line.")

    def _quoted_row(self, line: Line) -> Row:
        taken, fields = self._parse(line)
        if len(taken) > 1 and (isinstance(fields, Reason) or len(fields) != self._width):
            # The quote that was to end this row opened another one: only this line is broken, the others stand.
            self._number = line.number + 1
            taken, fields = [line], fields if isinstance(fields, Reason) else Reason.BROKEN_QUOTING
        if isinstance(fields, Reason):
            return _unreadable(line.number, line.text, fields)
        raw_text = "\n".join(part.text for part in taken)
        if reason := next((part.reason for part in taken if part.reason), None):
            return _unreadable(line.number, raw_text, reason)
        if len(fields) != self._width:
            return self._wrong_width(line.number, raw_text, len(fields))
        return Row(line.number, raw_text, [fields[position].strip(" \t") for position in self._positions])

    def _parse(self, line: Line) -> tuple[list[Line], list[str] | Reason]:
        """Fields of the row that begins on this line, and the lines it took."""
        # Nearly all rows end where their line does.
        with contextlib.suppress(csv.Error):
            return [line], next(csv.reader((line.text,), strict=True))
        taken = [line]

        def lines_of_row() -> Iterator[str]:
            yield line.text
            size = len(line.text)
            # The breaks between the lines belong to the quoted value, and only a quote can end it: a thousand lines
            # without one are not worth the parser's time.
            value = ""
            while len(taken) < MAX_LINES_OF_A_ROW and size < MAX_LINE_BYTES:
                following = self._next_line()
                if following is None:
                    return
                taken.append(following)
                size += len(following.text)
                value += "\n" + following.text
                if '"' in following.text:
                    yield value
                    value = ""

        try:
            return taken, next(csv.reader(lines_of_row(), strict=True))
        except csv.Error as error:
            reasons = {"field limit": Reason.LINE_TOO_LONG, "new-line character": Reason.CONTROL_CHARACTER}
            return taken, next((code for words, code in reasons.items() if words in str(error)), Reason.BROKEN_QUOTING)

    def _wrong_width(self, line_number: int, raw_text: str, count: int) -> Row:
        detail = f"The row has {count} fields and the header line {self._width}."
        return _unreadable(line_number, raw_text, Reason.WRONG_FIELD_COUNT, detail)


class JsonlReader:
    """Rows of a JSONL file: one JSON object a line."""

    def __init__(self, lines: Iterator[Line], columns: Sequence[str]) -> None:
        self._lines = lines
        self.columns = columns
        self.named_columns: set[str] = set()
        self.unknown_columns: list[str] = []
        self.header_text: str | None = None

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows.

        Raises:
            FileUnreadableError: There is none.
        """
        # Numbers stay the text they are: a float would change 0.1 and lose digits of a long id.
        decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant).decode
        names: set[str] = set()
        is_empty = True
        for line in self._lines:
            if not line.reason and not line.text.strip():
                continue
            is_empty = False
            if line.reason:
                yield _unreadable(line.number, line.text, line.reason)
                continue
            try:
                record = decode(line.text)
            except (ValueError, RecursionError) as error:
                detail = f"{REASONS[Reason.BROKEN_JSON]} The JSON reader says: {error}"
                yield _unreadable(line.number, line.text, Reason.BROKEN_JSON, detail)
                continue
            if not isinstance(record, dict):
                yield _unreadable(line.number, line.text, Reason.BROKEN_JSON)
                continue
            if not names.issuperset(record):
                # Names without end are looked at again and again, and not kept.
                if len(names) < MAX_UNKNOWN_COLUMNS:
                    names.update(record)
                self._note_names(record)
            yield self._row(line, record)
        if is_empty:
            raise FileUnreadableError("The file is empty: it needs at least one JSON object.")

    def _note_names(self, record: dict[str, object]) -> None:
        for name in record:
            if name in self.columns:
                self.named_columns.add(name)
            elif (
                len(self.unknown_columns) < MAX_UNKNOWN_COLUMNS
                and (shown := shown_name(name)) not in self.unknown_columns
            ):
                self.unknown_columns.append(shown)

    def _row(self, line: Line, record: dict[str, object]) -> Row:
        values = []
        for name in self.columns:
            value = record.get(name)
            if value is None:
                values.append("")
            elif isinstance(value, str):
                values.append(value.strip(" \t"))
            elif isinstance(value, bool):
                values.append("true" if value else "false")
            else:
                detail = f"{name} holds a JSON object or list: give it a text or a number."
                return _unreadable(line.number, line.text, Reason.NESTED_VALUE, detail)
        # Escapes can spell what the line itself does not hold.
        if "\\u" in line.text:
            for value in values:
                if "\0" in value:
                    return _unreadable(line.number, line.text, Reason.NUL_CHARACTER)
                if _shown(value) != value:
                    return _unreadable(line.number, line.text, Reason.INVALID_UTF8)
        return Row(line.number, line.text, values)


def _refuse_constant(name: str) -> str:
    raise ValueError(f"{name} is not JSON")


def shown_name(name: str) -> str:
    """The name of an unknown column, as the ledger can keep it."""
    return _shown(name[:MAX_NAME_LENGTH]) or "(no name)"


def _shown(text: str) -> str:
    """The text with what UTF-8 and PostgreSQL cannot hold escaped."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")


def open_rows(stream: ByteStream, file_name: str, columns: Sequence[str], required: Sequence[str]) -> RowReader:
    """Reader of a feed file, by what its name ends in.

    Args:
        stream: The bytes of the file.
        file_name: Its name.
        columns: Columns of the feed.
        required: Those that each file must have.

    Raises:
        FileUnreadableError: The name ends in nothing known, or the file is empty or lacks a required column. While
            the rows are read: compressed data breaks off, or a part of a Parquet file is broken.
    """
    name = file_name.lower()
    if not name.endswith(SUFFIXES):
        raise FileUnreadableError(
            f"{file_name} is not of a known format: the name of a feed file ends in {', '.join(SUFFIXES)}."
        )
    if name.endswith(".parquet"):
        # It takes time and memory that the other formats need not pay for.
        from restock.feeds.parquet import ParquetReader  # noqa: PLC0415

        return ParquetReader(stream, columns, required)
    compressed = name.endswith(".gz")
    if name.removesuffix(".gz").endswith(".csv"):
        return CsvReader(read_blocks(stream, compressed=compressed), columns, required)
    return JsonlReader(read_lines(stream, compressed=compressed), columns)
