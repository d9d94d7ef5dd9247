"""The staging table of one load: all columns as text, filled by COPY, gone when the transaction ends."""

import secrets
from collections.abc import Iterable, Iterator, Sequence

import psycopg
from psycopg import sql

from restock.feeds.contract import Feed
from restock.feeds.rows import CsvReader, PlainLines, Row, RowReader

ROWS_A_WRITE = 1_000
# Long rows are written sooner: a thousand of the longest would take gigabytes.
CHARACTERS_A_WRITE = 1 << 20
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def create_staging(connection: psycopg.Connection, feed: Feed) -> sql.Identifier:
    """Make the staging table of one load and return its name.

    Columns: line_number, raw_text (null where `raw_text` can make it from the others), reason_code and detail of what
    the reader rejected, and each column of the feed.
    """
    table = sql.Identifier("staging", f"{feed.name}_{secrets.token_hex(8)}")
    columns = [sql.SQL("{} text").format(sql.Identifier(column.name)) for column in feed.columns]
    connection.execute(
        sql.SQL(
            "create unlogged table {} (line_number bigint, raw_text text, reason_code text, detail text, {})"
        ).format(table, sql.SQL(", ").join(columns))
    )
    return table


def copy_rows(connection: psycopg.Connection, table: sql.Identifier, rows: RowReader) -> tuple[int, bool]:
    """Copy the rows of a file into its staging table and analyze it.

    Returns:
        How many rows, and whether it is known that no value holds a control character.
    """
    statement = sql.SQL(
        "copy {} (line_number, raw_text, reason_code, detail, {}) from stdin with (format text, null '')"
    ).format(table, sql.SQL(", ").join(map(sql.Identifier, rows.columns)))
    count = 0
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for batch in _batches(rows.parts() if isinstance(rows, CsvReader) else rows):
                if isinstance(batch, PlainLines):
                    copy.write(_encoded_lines(batch))
                    count += len(batch.texts)
                else:
                    copy.write("".join(_encoded(batch, len(rows.columns))))
                    count += len(batch)
        cursor.execute(sql.SQL("analyze {}").format(table))
    return count, isinstance(rows, CsvReader) and rows.is_plain


def raw_text(columns: Sequence[str]) -> sql.Composable:
    """Expression for the raw text of a row of the staging table, given the columns of the reader.

    Most rows of a CSV file are nothing but their values with commas between them, so that keeping the line as well
    would double what is written.
    """
    values = [sql.SQL("coalesce({}, '')").format(sql.Identifier(name)) for name in columns]
    return sql.SQL("coalesce(raw_text, concat_ws(',', {}))").format(sql.SQL(", ").join(values))


def _batches(parts: Iterable[PlainLines | Row]) -> Iterator[PlainLines | Sequence[Row]]:
    batch: list[Row] = []
    size = 0
    for part in parts:
        if isinstance(part, Row):
            batch.append(part)
            size += len(part.raw_text)
            if len(batch) < ROWS_A_WRITE and size < CHARACTERS_A_WRITE:
                continue
        if batch:
            yield batch
            batch, size = [], 0
        if isinstance(part, PlainLines):
            yield part
    if batch:
        yield batch


def _encoded_lines(lines: PlainLines) -> str:
    """Plain lines in the text format of COPY: a tab for each comma. raw_text, reason_code and detail are null."""
    text = "".join([f"{number}\t\t\t\t{text}\n" for number, text in enumerate(lines.texts, lines.first_number)])
    return text.replace(",", "\t")


def _encoded(rows: Iterable[Row], width: int) -> Iterator[str]:
    """Rows in the text format of COPY."""
    for row in rows:
        number, raw, values, reason, detail = row
        if reason:
            values, raw = [""] * width, raw.translate(_ESCAPES)
            reason_and_detail = f"{reason}\t{detail.translate(_ESCAPES)}"
        else:
            reason_and_detail = "\t"
            # Each character of a value stands in the raw text, or is written there with a backslash.
            if "\\" in raw or "\t" in raw or "\n" in raw or "\r" in raw:
                raw, values = raw.translate(_ESCAPES), [value.translate(_ESCAPES) for value in values]
        joined = "\t".join(values)
        yield f"{number}\t{raw}\t{reason_and_detail}\t{joined}\n"
