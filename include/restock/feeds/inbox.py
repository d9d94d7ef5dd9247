"""Loading what arrived over HTTP: rows of `restock.inbox`, as rows of a file."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

import psycopg

from restock.feeds.contract import FEEDS, Reason
from restock.feeds.erased import hold_erasures
from restock.feeds.lines import Line
from restock.feeds.load import Loaded, LoadError, load_rows
from restock.feeds.rows import JsonlReader
from restock.warehouse import connect, read_sql

log = logging.getLogger(__name__)

# Of one load, whose lines are in memory as a whole.
MAX_ROWS = 20_000


def find_inbox(connection: psycopg.Connection) -> list[str]:
    """The feeds with rows in the inbox that wait to be loaded."""
    return [feed for (feed,) in connection.execute(read_sql("ingest/find_inbox.sql"), {"feeds": list(FEEDS)})]


def load_waiting(connection: psycopg.Connection, run_id: str, clock: datetime | None = None) -> dict[str, int]:
    """Load the first part of what waits in each feed of the inbox. How many rows changed something, by feed.

    A feed that meets a fault is left to `load_inbox`, which says so: nothing else is to wait for it.

    Args:
        connection: As `connect` gives it, not in a transaction.
        run_id: The DAG run.
        clock: The time now; the real one unless a test says otherwise.
    """
    changed: dict[str, int] = {}
    for feed in find_inbox(connection):
        try:
            loaded = load_part(connection, feed, run_id, clock or datetime.now(UTC))
        except psycopg.Error:
            log.exception("The inbox of the feed %s could not be loaded at once", feed)
            if connection.closed:
                raise
        else:
            if loaded and loaded.counts.loaded:
                changed[feed] = loaded.counts.loaded
    return changed


def load_inbox(warehouse_url: str, feed: str, run_id: str, clock: datetime | None = None) -> None:
    """Load what waits in the inbox of a feed, part by part, each in a transaction of its own.

    Args:
        warehouse_url: URL of the warehouse.
        feed: Name of the feed.
        run_id: The DAG run.
        clock: The time now; the real one unless a test says otherwise.

    Raises:
        LoadError: The warehouse met a fault; what was not loaded still waits.
        WarehouseUnreachableError: The warehouse cannot be reached.
    """
    with connect(warehouse_url, application="restock_ingest") as connection:
        try:
            # What arrives meanwhile is the next run's: this one comes to an end, however fast rows arrive.
            while (loaded := load_part(connection, feed, run_id, clock or datetime.now(UTC))) is not None:
                if loaded.counts.read < MAX_ROWS:
                    return
        except psycopg.Error as error:
            raise LoadError(
                f"The inbox of the feed {feed} could not all be loaded: {' '.join(str(error).split())}. Does the "
                "warehouse answer, and has it room? The other rows still wait; the next try loads them."
            ) from error


def load_part(connection: psycopg.Connection, feed_name: str, run_id: str, clock: datetime) -> Loaded | None:
    """Load up to MAX_ROWS rows of a feed: taken from the queue, recorded, rejected and merged together, or nothing is.

    Args:
        connection: As `connect` gives it, not in a transaction.
        feed_name: Name of the feed.
        run_id: The DAG run.
        clock: The time now.

    Returns:
        None where nothing waits that no other run is loading.
    """
    feed = FEEDS[feed_name]
    with connection.transaction():
        hold_erasures(connection)
        binds = {"feed": feed_name, "max_rows": MAX_ROWS}
        taken = connection.execute(read_sql("ingest/take_inbox.sql"), binds).fetchall()
        if not taken:
            return None
        ids = [inbox_id for inbox_id, _, _ in taken]
        record = {
            "feed": feed_name,
            "path": f"inbox/{feed_name}/{ids[0]}-{ids[-1]}",
            "byte_size": sum(len(line.encode()) for _, line, _ in taken),
            "modified_at": max(received_at for _, _, received_at in taken),
            "run_id": run_id,
            "origin": "inbox",
        }
        rows = JsonlReader(_lines(taken), [column.name for column in feed.columns])
        # The rows are taken, so nobody else loads them: the hash only has to be theirs alone.
        content_hash = sha256(f"{record['path']} {ids}".encode()).hexdigest
        loaded = load_rows(connection, feed, rows, content_hash, record, clock)
        if loaded is None:
            raise RuntimeError(f"The rows of {record['path']} were loaded before, but still stand in the queue.")
    log.info("%s: %s", record["path"], loaded.counts)
    return loaded


def keep_stock(warehouse_url: str, content: bytes, client: str) -> None:
    """Put a message about stock into the inbox: a row of the feed, or `{"items": […]}` as POST /v1/stock takes it.

    What is neither goes there as it is, to be rejected with a reason when it is loaded.

    Args:
        warehouse_url: URL of the warehouse.
        content: JSON in UTF-8.
        client: Whom it came from, for the record.

    Raises:
        WarehouseUnreachableError: The warehouse cannot be reached; nothing is kept.
    """
    with connect(warehouse_url, application="restock_inbox") as connection:
        connection.execute(read_sql("ingest/keep_stock.sql"), {"lines": _rows_of_message(content), "client": client})


def _rows_of_message(content: bytes) -> list[str]:
    # The database holds no zero byte.
    text = content.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    try:
        # Numbers stay the text they are.
        body = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return [text]
    items = body.get("items") if isinstance(body, dict) else None
    return [json.dumps(row) for row in (items if isinstance(items, list) else [body])]


def _lines(taken: list[tuple[int, str, datetime]]) -> Iterator[Line]:
    for inbox_id, text, _ in taken:
        # A file may have empty lines; of the inbox each row is accounted for.
        yield Line(inbox_id, text, None if text.strip() else Reason.BROKEN_JSON)
