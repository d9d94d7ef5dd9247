"""Loading files into the warehouse, one transaction a file."""

import logging
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from restock.feeds.checks import create_incoming, reject_broken_rows
from restock.feeds.contract import FEEDS, REASONS, Feed, Reason
from restock.feeds.landing import LandingFile, LandingPath
from restock.feeds.ledger import Counts, find_unrecorded
from restock.feeds.lines import FileUnreadableError, HashingStream
from restock.feeds.rows import RowReader, open_rows
from restock.feeds.staging import copy_rows, create_staging
from restock.warehouse import connect, read_sql

log = logging.getLogger(__name__)

# Sorts and hashes of a merge stay in memory up to this size each.
MERGE_WORK_MEM = "128MB"
# Autovacuum would analyze a table only minutes after it grew so much; the next plan needs to know at once.
ANALYZE_FROM_ROWS = 10_000


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
    record = {**file._asdict(), "modified_at": file.modified_at, "run_id": run_id}
    try:
        with connection.transaction(), (landing / file.path).open("rb") as source:
            stream = HashingStream(source)
            counts = _load_content(connection, FEEDS[file.feed], stream, record, clock)
            if counts is None:
                _record_duplicate(connection, record | {"content_hash": stream.hexdigest()})
                return
    except FileUnreadableError as error:
        log.warning("%s failed: %s", file.path, error)
        failed = {"content_hash": None, "status": "failed", "reason": str(error)}
        connection.execute(read_sql("ingest/record_file.sql"), record | failed)
        return
    log.info("%s: %s", file.path, ", ".join(f"{count:,} {name}" for name, count in asdict(counts).items()))


def _load_content(
    connection: psycopg.Connection, feed: Feed, stream: HashingStream, record: dict[str, object], clock: datetime
) -> Counts | None:
    """Load what the stream holds; None where the same content was loaded before."""
    connection.execute("select set_config('work_mem', %s, true)", [MERGE_WORK_MEM])
    table = create_staging(connection, feed)
    names = [column.name for column in feed.columns]
    rows = open_rows(stream, str(record["path"]), names, [column.name for column in feed.columns if column.required])
    read = copy_rows(connection, table, rows)
    claimed = connection.execute(
        read_sql("ingest/claim_file.sql"),
        record | {"content_hash": stream.hexdigest(), "unknown_columns": rows.unknown_columns},
    ).fetchone()
    if claimed is None:
        connection.execute(sql.SQL("drop table {}").format(table))
        return None
    feed_file_id = claimed[0]
    _report_unknown_columns(rows, record)
    rejected = reject_broken_rows(connection, table, feed, feed_file_id, clock)
    create_incoming(connection, table, feed)
    counts = _merge(connection, feed, feed_file_id, rows, clock)
    counts |= {"read": read, "rejected": counts.get("rejected", 0) + rejected}
    result = Counts(**counts)
    connection.execute(read_sql("ingest/count_file.sql"), {"feed_file_id": feed_file_id, **asdict(result)})
    connection.execute("drop view incoming")
    connection.execute(sql.SQL("drop table {}").format(table))
    if result.loaded >= ANALYZE_FROM_ROWS:
        for name in feed.tables:
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier("restock", name)))
    return result


def _merge(
    connection: psycopg.Connection, feed: Feed, feed_file_id: int, rows: RowReader, clock: datetime
) -> dict[str, int]:
    """Run the steps of the feed's merge; each may return a row of counts, which are added up."""
    binds = {
        "feed_file_id": feed_file_id,
        "columns": sorted(rows.named_columns),
        "clock": clock,
        "reused_reason": Reason.REUSED_ID,
        "reused_detail": REASONS[Reason.REUSED_ID],
    }
    totals: dict[str, int] = {}
    connection.execute(read_sql("ingest/lock_feed.sql"), {"feed": feed.name})
    with connection.cursor(row_factory=dict_row) as cursor:
        for step in feed.merge:
            cursor.execute(read_sql(f"ingest/{step}"), binds)
            counted = cursor.fetchone() if cursor.description else None
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


def _report_unknown_columns(rows: RowReader, record: dict[str, object]) -> None:
    if rows.unknown_columns:
        log.warning("%s has columns that its feed does not: %s", record["path"], ", ".join(rows.unknown_columns))
