"""Loading rows into the warehouse through the contract of their feed; files, one transaction each."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from restock.feeds.checks import create_incoming, reject_broken_rows
from restock.feeds.contract import FEEDS, REASONS, Feed, Reason
from restock.feeds.erased import drop_erased, hold_erasures
from restock.feeds.landing import LandingFile, LandingPath, open_file
from restock.feeds.ledger import Counts, find_unrecorded
from restock.feeds.lines import ByteStream, FileUnreadableError, HashingStream
from restock.feeds.masking import mask_addresses
from restock.feeds.rows import RowReader, open_rows
from restock.feeds.staging import copy_rows, create_staging
from restock.gates import judge_file
from restock.warehouse import connect, read_sql
from restock.warehouse.statistics import refresh_statistics

log = logging.getLogger(__name__)

# Sorts and hashes of a merge stay in memory up to this size each. Its parallel scans look for the few rows that are
# broken, known or repeated, which the planner takes for most.
MERGE_WORK_MEM = "128MB"
# Of what is only there for this load, the planner needs sizes and no details: a tenth of the usual sample.
STAGING_STATISTICS = "10"


class LoadError(RuntimeError):
    """Some files could not be loaded for a fault that is not theirs; nothing of them is in the warehouse."""


def load_files(
    warehouse_url: str, landing: LandingPath, files: Iterable[LandingFile], run_id: str, clock: datetime | None = None
) -> None:
    """Load files one by one, each in a transaction of its own; what is recorded already is left alone.

    A file that is unreadable is recorded as failed. One that meets a fault of the machine is not recorded: the next
    try takes it again.

    Args:
        warehouse_url: URL of the warehouse.
        landing: The landing area.
        files: Files as `list_landing` lists them.
        run_id: The DAG run.
        clock: The time now, for times in the future; the real one unless a test says otherwise.

    Raises:
        LoadError: Files met a fault of the machine. All the others are loaded.
        WarehouseUnreachableError: The warehouse cannot be reached.
    """
    faults: list[str] = []
    with connect(warehouse_url, application="restock_ingest") as connection:
        for file in files:
            try:
                load_file(connection, landing, file, run_id, clock or datetime.now(UTC))
            except (OSError, psycopg.Error) as error:
                faults.append(f"{file.path}: {' '.join(str(error).split()) or type(error).__name__}")
                log.exception("%s could not be loaded", file.path)
                if connection.closed:
                    break
    if faults:
        raise LoadError(
            f"{len(faults)} of the files could not be loaded, and nothing of them is in the warehouse. "
            f"The first is {faults[0]}. Put that right (can the file be read? does the warehouse answer, and has it "
            "room?); the next try loads them."
        )


def load_file(
    connection: psycopg.Connection, landing: LandingPath, file: LandingFile, run_id: str, clock: datetime
) -> None:
    """Load one file: recorded, rejected and merged rows are committed together, or nothing is.

    Args:
        connection: As `connect` gives it, not in a transaction.
        landing: The landing area.
        file: The file.
        run_id: The DAG run.
        clock: The time now.
    """
    if not find_unrecorded(connection, [file]):
        log.info("%s is recorded already.", file.path)
        return
    feed = FEEDS[file.feed]
    record = {**file._asdict(), "modified_at": file.modified_at, "run_id": run_id, "origin": "file"}
    try:
        with connection.transaction(), open_file(landing, file) as source:
            stream = HashingStream(source)
            rows = open_feed(stream, file.path, feed)
            loaded = load_rows(connection, feed, rows, stream.hexdigest, record, clock)
            if loaded is None:
                _record_duplicate(connection, record | {"content_hash": stream.hexdigest()})
    except FileUnreadableError as error:
        log.warning("%s failed: %s", file.path, mask_addresses(str(error)))
        failed = {"content_hash": None, "status": "failed", "reason": str(error)}
        connection.execute(read_sql("ingest/record_file.sql"), record | failed)
        return
    if loaded:
        log.info("%s: %s", file.path, loaded.counts)


def open_feed(stream: ByteStream, file_name: str, feed: Feed) -> RowReader:
    """Reader of a file of a feed.

    Raises:
        FileUnreadableError: As `open_rows` says.
    """
    names = [column.name for column in feed.columns]
    return open_rows(stream, file_name, names, [column.name for column in feed.columns if column.required])


class Loaded(NamedTuple):
    """One entry of the ledger, and what became of its rows."""

    feed_file_id: int
    counts: Counts


def load_rows(
    connection: psycopg.Connection,
    feed: Feed,
    rows: RowReader,
    content_hash: Callable[[], str],
    record: Mapping[str, object],
    clock: datetime,
    before_merge: Callable[[sql.Identifier], int] | None = None,
) -> Loaded | None:
    """Load rows through the contract, the merge and the ledger of their feed, and judge what they brought.

    Args:
        connection: In a transaction: what this writes stands or falls together.
        feed: The feed.
        rows: The rows.
        content_hash: Hash of all that was read; asked for once the rows have been.
        record: The entry in the ledger: feed, path, byte_size, modified_at, run_id, origin.
        clock: The time now.
        before_merge: Given the staging table, takes out of it rows that are not to be merged, and says how many are
            out of date.

    Returns:
        None where the same content was loaded before; nothing is written then.

    Raises:
        FileUnreadableError: The rows break off.
    """
    hold_erasures(connection)
    connection.execute(
        "select set_config('work_mem', %s, true), set_config('parallel_tuple_cost', '0', true),"
        " set_config('default_statistics_target', %s, true)",
        [MERGE_WORK_MEM, STAGING_STATISTICS],
    )
    table = create_staging(connection, feed)
    read, is_printable = copy_rows(connection, table, rows)
    entry = {"content_hash": content_hash(), "header_text": rows.header_text, "unknown_columns": rows.unknown_columns}
    claimed = connection.execute(read_sql("ingest/claim_file.sql"), {**record, **entry}).fetchone()
    if claimed is None:
        connection.execute(sql.SQL("drop table {}").format(table))
        return None
    feed_file_id = claimed[0]
    _report_unknown_columns(rows, record)
    erased = drop_erased(connection, table, feed)
    rejected = reject_broken_rows(connection, table, feed, rows.columns, feed_file_id, clock, is_printable=is_printable)
    stale = erased + (before_merge(table) if before_merge else 0)
    create_incoming(connection, table, feed, rows.columns)
    merged = _merge(connection, feed, feed_file_id, rows, clock)
    merged |= {
        "read": read,
        "rejected": merged.get("rejected", 0) + rejected,
        "stale": merged.get("stale", 0) + stale,
    }
    counts = Counts(**merged)
    connection.execute(read_sql("ingest/count_file.sql"), {"feed_file_id": feed_file_id, **asdict(counts)})
    connection.execute("drop view incoming")
    connection.execute(sql.SQL("drop table {}").format(table))
    connection.execute("set local default_statistics_target to default")
    refresh_statistics(connection, counts.loaded, [f"restock.{name}" for name in feed.tables])
    if record["origin"] != "replay":
        judge_file(connection, feed.name, feed_file_id, clock)
    return Loaded(feed_file_id, counts)


class _OutdatedError(Exception):
    """Another load wrote what this one had taken to be new."""


def _merge(
    connection: psycopg.Connection, feed: Feed, feed_file_id: int, rows: RowReader, clock: datetime
) -> dict[str, int]:
    """Prepare and merge under the lock on the feed; where another load has it, prepare while that one merges.

    What that one wrote may be what was taken to be new here. Then both steps are made once more, under the lock.
    """
    binds = {
        "feed_file_id": feed_file_id,
        "columns": sorted(rows.named_columns),
        "clock": clock,
        "reused_reason": Reason.REUSED_ID,
        "reused_detail": REASONS[Reason.REUSED_ID],
        "is_ahead": False,
    }
    lock = {"feed": feed.name}
    is_locked = connection.execute(read_sql("ingest/lock_feed_at_once.sql"), lock).fetchone() == (True,)
    if feed.prepare and not is_locked:
        try:
            with connection.transaction():
                _prepare(connection, feed)
                connection.execute(read_sql("ingest/lock_feed.sql"), lock)
                return _run_merge(connection, feed, binds | {"is_ahead": True})
        except (_OutdatedError, psycopg.errors.UniqueViolation):
            log.info("Another load of %s wrote some of the same ids: its rows are looked at again.", feed.name)
    if not is_locked:
        connection.execute(read_sql("ingest/lock_feed.sql"), lock)
    _prepare(connection, feed)
    return _run_merge(connection, feed, binds)


def _prepare(connection: psycopg.Connection, feed: Feed) -> None:
    for step in feed.prepare:
        connection.execute(read_sql(f"ingest/{step}"))


def _run_merge(connection: psycopg.Connection, feed: Feed, binds: Mapping[str, object]) -> dict[str, int]:
    """Run the steps of the feed's merge; each may return a row of counts, which are added up.

    Raises:
        _OutdatedError: A step counted rows that are outdated.
    """
    totals: dict[str, int] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for step in feed.merge:
            cursor.execute(read_sql(f"ingest/{step}"), binds)
            counted = cursor.fetchone() if cursor.description else None
            if counted and counted.pop("outdated", 0):
                raise _OutdatedError
            for name, count in (counted or {}).items():
                totals[name] = totals.get(name, 0) + count
    return totals


def _record_duplicate(connection: psycopg.Connection, record: dict[str, object]) -> None:
    first = connection.execute(read_sql("ingest/find_content.sql"), record).fetchone()
    if first is None:
        # Not the content is known but this version of the file: another run loads it at this moment.
        log.info("%s is recorded already.", record["path"])
        return
    log.info("%s holds what was loaded as %s.", record["path"], first[0])
    duplicate = {"status": "duplicate", "reason": f"The same content was loaded as {first[0]}."}
    connection.execute(read_sql("ingest/record_file.sql"), record | duplicate)


def _report_unknown_columns(rows: RowReader, record: Mapping[str, object]) -> None:
    if rows.unknown_columns:
        # A file without its header line has a shopper's row there.
        names = mask_addresses(", ".join(rows.unknown_columns))
        log.warning("%s has columns that its feed does not: %s", record["path"], names)
