"""Source databases: a table or a query of a PostgreSQL connection as a feed, read on from where it was read to.

A source is configured by data, one JSON object each; `SourceTable` says what it holds.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, Self

import psycopg
from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from restock.feeds.contract import FEEDS, Feed
from restock.feeds.lines import BLOCK_BYTES, HashingStream
from restock.feeds.load import Loaded, LoadError, load_rows, open_feed
from restock.warehouse import connect, read_sql

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_SECONDS = 10
# By the type of the watermark column: its name, what is now in it, and the overlap subtracted from a value of it.
WATERMARKS = {
    "timestamptz": ("now()", "{value} - make_interval(secs => {overlap})"),
    "timestamp": ("localtimestamp", "{value} - make_interval(secs => {overlap})"),
    "date": ("current_date", "({value} - make_interval(secs => {overlap}))::date"),
    "int2": (None, "{value}::bigint - {overlap}"),
    "int4": (None, "{value}::bigint - {overlap}"),
    "int8": (None, "{value} - {overlap}"),
}


class SourceError(RuntimeError):
    """A source cannot be read; the message says which, why, and what to do. Nothing of it was loaded."""


class WrongSourceError(SourceError):
    """A source is configured wrongly: trying again will not mend it."""


class SourceTable(BaseModel):
    """One source of one feed.

    Attributes:
        feed: The feed that its rows belong to.
        connection: Airflow connection of the database.
        table: Table or view, `schema.name` or `name`, as it is stored: without quotes.
        query: A select in place of a table; then `name` names the source in the ledger.
        watermark: Column by which new and changed rows are found: a time, a date or a whole number that only grows.
        columns: Column of the source for a column of the feed, where the names differ.
        overlap: How far before the watermark each run begins, in seconds, or in units of a whole number. Longer than
            any transaction that writes to the table: what commits late is then still read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: str
    connection: str = Field(min_length=1)
    table: str | None = None
    query: str | None = None
    name: str | None = None
    watermark: str = Field(min_length=1)
    columns: dict[str, str] = {}
    overlap: int = Field(default=600, ge=0)

    @field_validator("feed")
    @classmethod
    def _is_a_feed(cls, feed: str) -> str:
        if feed not in FEEDS:
            raise ValueError(f"{feed} is no feed: it is one of {', '.join(FEEDS)}")
        return feed

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("it needs either a table or a query")
        if self.query is not None and not self.name:
            raise ValueError("a query needs a name, under which the ledger knows it")
        known = [column.name for column in FEEDS[self.feed].columns]
        if unknown := sorted(set(self.columns) - set(known)):
            raise ValueError(f"columns maps {unknown[0]}, which the feed {self.feed} does not have")
        return self

    @property
    def source(self) -> str:
        """`<connection>/<table>`, as the ledger names it."""
        return f"{self.connection}/{self.name or self.table}"

    @property
    def relation(self) -> sql.Composable:
        """What stands in `from`."""
        if self.query is not None:
            return sql.SQL("({}) as source").format(sql.SQL(self.query.rstrip().rstrip(";")))
        assert self.table is not None
        return sql.Identifier(*self.table.split("."))


def list_sources(text: str) -> list[object]:
    """The entries of the configuration, a JSON list, unchecked; what is no list is one entry that no check takes."""
    try:
        entries = json.loads(text.strip() or "[]")
    except ValueError:
        return [text]
    return entries if isinstance(entries, list) else [entries]


def parse_source(entry: object) -> SourceTable:
    """Check one entry of the configuration.

    Raises:
        WrongSourceError: It is wrong; the message names each thing that is.
    """
    if not isinstance(entry, dict):
        raise WrongSourceError(
            f"The sources are configured wrongly: {str(entry)[:200]!r} is not a source. Give a JSON list of objects "
            'such as {"feed": "orders", "connection": "shop", "table": "public.orders", "watermark": "updated_at"}.'
        )
    try:
        return SourceTable.model_validate(entry)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" if fault["loc"] else str(fault["msg"])
            for fault in error.errors()
        )
        name = entry.get("table") or entry.get("name")
        raise WrongSourceError(
            f"The source {name} is configured wrongly: {faults.replace('Value error, ', '')}."
        ) from None


def load_source(
    warehouse_url: str, source_url: str, source: SourceTable, run_id: str, clock: datetime | None = None
) -> Loaded | None:
    """Load what is new in a source, and what is older by at most the overlap.

    Rows, ledger and watermark are one transaction: whatever happens, what was not loaded is read again.

    Args:
        warehouse_url: URL of the warehouse.
        source_url: URL of the source database.
        source: What to read.
        run_id: The DAG run.
        clock: The time now; the real one unless a test says otherwise.

    Returns:
        None where nothing is new: then nothing is written.

    Raises:
        SourceError: The source cannot be read.
        LoadError: The warehouse met a fault.
        WarehouseUnreachableError: The warehouse cannot be reached.
    """
    clock = clock or datetime.now(UTC)
    feed = FEEDS[source.feed]
    names = {"source": source.source, "feed": feed.name, "clock": clock}
    try:
        with connect(warehouse_url, application="restock_ingest") as warehouse, warehouse.transaction():
            held = warehouse.execute(read_sql("ingest/lock_watermark.sql"), names).fetchone()
            assert held is not None
            with _open_extract(source, source_url, feed, held[0]) as extract:
                loaded = _load_extract(warehouse, source, extract, run_id, clock) if extract else None
            if extract and extract.upper != held[0]:
                warehouse.execute(read_sql("ingest/advance_watermark.sql"), names | {"watermark": extract.upper})
    except psycopg.Error as error:
        raise LoadError(
            f"The source {source.source} could not be loaded, and none of its new rows is in the warehouse: "
            f"{' '.join(str(error).split())}. Does the warehouse answer, and has it room? The next try reads on."
        ) from error
    log.info("%s: %s", source.source, loaded.counts if loaded else "nothing is new.")
    return loaded


class BlockStream:
    """Rows as COPY gives them, one by one, as a stream of bytes."""

    def __init__(self, source: SourceTable, copy: psycopg.Copy) -> None:
        self._source = source
        self._copy = copy
        self._waiting = bytearray()
        self.byte_count = 0

    def read(self, size: int = BLOCK_BYTES, /) -> bytes:
        with _source_faults(self._source):
            while len(self._waiting) < size and (row := self._copy.read()):
                self._waiting += row
                self.byte_count += len(row)
        block = bytes(self._waiting[:size])
        del self._waiting[:size]
        return block


class Extract(NamedTuple):
    """What is read now: the range of the watermark, both ends included, and the rows in it as CSV."""

    lower: str
    upper: str
    content: BlockStream


@contextmanager
def _open_extract(source: SourceTable, url: str, feed: Feed, watermark: str | None) -> Iterator[Extract | None]:
    """Begin to read what is new; None where nothing is."""
    with ExitStack() as stack:
        with _source_faults(source):
            database = stack.enter_context(_open_source(url))
            planned = _plan_extract(database, source, feed, watermark)
            if planned is None:
                extract = None
            else:
                lower, upper, query = planned
                statement = sql.SQL("copy ({}) to stdout with (format csv, header)").format(query)
                copy = stack.enter_context(stack.enter_context(database.cursor()).copy(statement))
                extract = Extract(lower or "", upper, BlockStream(source, copy))
        yield extract


def _plan_extract(
    database: psycopg.Connection, source: SourceTable, feed: Feed, watermark: str | None
) -> tuple[str | None, str, sql.Composed] | None:
    """Lower and upper end of the watermark, and the query for what is between; None where there is nothing."""
    columns, kind = _describe(database, source, feed)
    now, back = WATERMARKS[kind]
    column = sql.Identifier(source.watermark)
    cast = sql.SQL("{}::" + kind)
    lower = None
    conditions: list[sql.Composable] = [sql.SQL("true")]
    if watermark is not None:
        start = sql.SQL(back).format(value=cast.format(sql.Literal(watermark)), overlap=sql.Literal(source.overlap))
        lower = _value(database, sql.SQL("select ({})::text").format(start))
        conditions.append(sql.SQL("{} >= {}").format(column, cast.format(sql.Literal(lower))))
    # A row dated in the future would carry the watermark past all that is to come; its time will come.
    ended = [sql.SQL("{} <= " + now).format(column)] if now else []
    upper = _value(
        database,
        sql.SQL("select max({})::text from {} where {}").format(
            column, source.relation, sql.SQL(" and ").join([*conditions, *ended])
        ),
    )
    if _value(database, sql.SQL("select 1 from {} where {} is null limit 1").format(source.relation, column)):
        log.warning("%s has rows whose %s is null: they are never read.", source.source, source.watermark)
    if upper is None:
        return None
    conditions.append(sql.SQL("{} <= {}").format(column, cast.format(sql.Literal(upper))))
    chosen = [sql.SQL("{} as {}").format(sql.Identifier(there), sql.Identifier(here)) for here, there in columns]
    query = sql.SQL("select {} from {} where {} order by {}").format(
        sql.SQL(", ").join(chosen), source.relation, sql.SQL(" and ").join(conditions), column
    )
    return lower, upper, query


def _describe(database: psycopg.Connection, source: SourceTable, feed: Feed) -> tuple[list[tuple[str, str]], str]:
    """For each column of the feed that the source has: its name here and there. And the type of the watermark."""
    described = database.execute(sql.SQL("select * from {} limit 0").format(source.relation)).description or []
    known_types = {column.type_code: database.adapters.types.get(column.type_code) for column in described}
    types = {column.name: info.name if (info := known_types[column.type_code]) else "?" for column in described}
    wanted = {column.name: source.columns.get(column.name, column.name) for column in feed.columns}
    required = {column.name for column in feed.columns if column.required}
    for here, there in wanted.items():
        if there not in types and (here in source.columns or here in required):
            raise SourceError(
                f"The source {source.source} has no column {there}, which the feed {feed.name} reads as {here}: map it "
                f"in columns. It has {', '.join(types)}."
            )
    if types.get(source.watermark) not in WATERMARKS:
        raise SourceError(
            f"The watermark {source.watermark} of the source {source.source} is "
            f"{types.get(source.watermark, 'not one of its columns')}: it has to be a column with a time, a date or a "
            "whole number."
        )
    return [(here, there) for here, there in wanted.items() if there in types], types[source.watermark]


def _load_extract(
    warehouse: psycopg.Connection, source: SourceTable, extract: Extract, run_id: str, clock: datetime
) -> Loaded | None:
    feed = FEEDS[source.feed]
    record: dict[str, object] = {
        "feed": feed.name,
        "path": f"source/{source.source}/{extract.lower}...{extract.upper}",
        "modified_at": clock,
        "run_id": run_id,
        "origin": "source",
    }
    stream = HashingStream(extract.content)

    def content_hash() -> str:
        # With the range in it: the same rows, read again later, may undo what was read between.
        digest = sha256(f"{record['path']} {stream.hexdigest()}".encode()).hexdigest()
        record["byte_size"] = extract.content.byte_count
        return digest

    return load_rows(warehouse, feed, open_feed(stream, "source.csv", feed), content_hash, record, clock)


def _value(database: psycopg.Connection, query: sql.Composed) -> str | None:
    row = database.execute(query).fetchone()
    return None if row is None else row[0]


@contextmanager
def _open_source(url: str) -> Iterator[psycopg.Connection]:
    """A connection that only reads, and sees one state throughout."""
    connection = psycopg.connect(
        url,
        application_name="restock_ingest",
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        client_encoding="utf8",
        options="-c datestyle=ISO -c default_transaction_read_only=on",
    )
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with connection:
        yield connection


@contextmanager
def _source_faults(source: SourceTable) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SourceError(
            f"The source {source.source} of the feed {source.feed} cannot be read: {reason}. Check the Airflow "
            f"connection {source.connection}, the table and its columns. Nothing is lost: the next run reads on from "
            "where this one began."
        ) from error
