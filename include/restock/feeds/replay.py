"""Replaying rejected rows: each as it was corrected, or as it came, through the contract and ledger of its feed."""

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from restock.feeds.contract import FEEDS, Feed, Reason
from restock.feeds.erased import hold_erasures
from restock.feeds.ledger import Counts
from restock.feeds.lines import FileUnreadableError
from restock.feeds.load import LoadError, load_rows, open_feed
from restock.feeds.rows import Row, RowReader
from restock.warehouse import connect, read_sql

log = logging.getLogger(__name__)

# What is kept of such a row is not what came: escaped, or only its beginning. It needs a correction first.
NEEDS_CORRECTION = {Reason.INVALID_UTF8, Reason.NUL_CHARACTER, Reason.LINE_TOO_LONG}
AS_CAME = [reason for reason in Reason if reason not in NEEDS_CORRECTION]
# A row of these feeds carries no time: what a later file says about the same key must win over a replay.
TIMELESS = {"customers": ("customer", ("user_id",)), "products": ("product", ("store_id", "product_id"))}
# Of one part of a replay, which is in memory as a whole.
MAX_ROWS = 10_000
MAX_BYTES = 16_000_000


class ReplayCounts(NamedTuple):
    """What a replay did: rows read again; of them rejected again; and rows that need a correction before."""

    replayed: int = 0
    rejected_again: int = 0
    left: int = 0


@dataclass(frozen=True)
class RejectedFile:
    """One entry of the ledger with rejected rows that wait."""

    feed_file_id: int
    feed: str
    path: str
    header_text: str | None
    waiting_count: int


class ReplayReader:
    """Rejected rows of one file as a `RowReader`: each is read by itself, so that a broken one spoils no other.

    The line number is the place of the row in the replay, from 1.
    """

    def __init__(self, texts: Sequence[str], header_text: str | None, feed: Feed) -> None:
        """Read the header line, if there is one.

        Raises:
            FileUnreadableError: The header line lacks a column that the feed requires by now.
        """
        self.header_text = header_text
        self.named_columns: set[str] = set()
        self.unknown_columns: list[str] = []
        self._texts = texts
        self._feed = feed
        self.columns = self._open("").columns

    def __iter__(self) -> Iterator[Row]:
        for number, text in enumerate(self._texts, 1):
            yield self._read(number, text)

    def _open(self, text: str) -> RowReader:
        if self.header_text is None:
            return open_feed(io.BytesIO(text.encode()), "replay.jsonl", self._feed)
        return open_feed(io.BytesIO(f"{self.header_text}\n{text}".encode()), "replay.csv", self._feed)

    def _read(self, number: int, text: str) -> Row:
        reader = self._open(text)
        try:
            rows = list(reader)
        except FileUnreadableError:
            rows = []
        if len(rows) == 1:
            self.named_columns |= reader.named_columns
            return rows[0]._replace(line_number=number, raw_text=text)
        reason = Reason.BROKEN_JSON if self.header_text is None else Reason.WRONG_FIELD_COUNT
        return Row(number, text, (), reason, f"The text holds {len(rows)} rows: a rejected row stays one row.")


def replay_rejects(
    warehouse_url: str, run_id: str, path: str | None, reason: str | None, clock: datetime | None = None
) -> ReplayCounts:
    """Load the rejected rows of a file, of a reason, or of both, that nobody replayed yet.

    The rows of one file are one transaction with the marks on them: whatever happens, each row is replayed once or
    waits. One that is rejected again waits as a new rejected row, which names the one before.

    Args:
        warehouse_url: URL of the warehouse.
        run_id: The DAG run.
        path: Path in the ledger; None for every one.
        reason: Reason code; None for every one.
        clock: The time now; the real one unless a test says otherwise.

    Raises:
        LoadError: The warehouse met a fault; what was not replayed still waits.
        WarehouseUnreachableError: The warehouse cannot be reached.
    """
    clock = clock or datetime.now(UTC)
    total = ReplayCounts()
    with connect(warehouse_url, application="restock_ingest") as connection:
        with connection.cursor(row_factory=class_row(RejectedFile)) as cursor:
            binds = {"path": path, "reason": reason}
            files = cursor.execute(read_sql("ingest/find_replays.sql"), binds).fetchall()
        for file in files:
            replayed, rejected_again = 0, 0
            try:
                for counts in _replay_file(connection, file, run_id, reason, clock):
                    replayed += counts.read
                    rejected_again += counts.rejected
            except FileUnreadableError as error:
                log.warning("The rejected rows of %s cannot be replayed: %s", file.path, error)
            except psycopg.Error as error:
                raise LoadError(
                    f"The rejected rows of {file.path} could not all be replayed: {' '.join(str(error).split())}. "
                    "Does the warehouse answer, and has it room? The others still wait; the next try replays them."
                ) from error
            left = max(file.waiting_count - replayed, 0)
            total = ReplayCounts(total.replayed + replayed, total.rejected_again + rejected_again, total.left + left)
    log.info("%s rows were replayed; %s of them were rejected again; %s are left.", *total)
    if total.left:
        log.warning(
            "%s rows wait for a correction: restock.correct_rejected_row(rejected_row_id, text) takes it.", total.left
        )
    return total


def _replay_file(
    connection: psycopg.Connection, file: RejectedFile, run_id: str, reason: str | None, clock: datetime
) -> Iterator[Counts]:
    """Replay the rows of one file, as many at a time as fit into memory; what became of each such part."""
    feed = FEEDS[file.feed]
    binds = {
        "feed_file_id": file.feed_file_id,
        "reason": reason,
        "as_came": AS_CAME,
        "needs_correction": file.header_text is None and file.path.lower().endswith((".csv", ".csv.gz")),
        "max_rows": MAX_ROWS,
        "max_bytes": MAX_BYTES,
    }
    while True:
        with connection.transaction():
            hold_erasures(connection)
            taken = connection.execute(read_sql("ingest/lock_replay.sql"), binds).fetchall()
            if not taken:
                return
            ids = [row_id for row_id, _ in taken]
            texts = [text for _, text in taken]
            record = {
                "feed": feed.name,
                "path": f"replay/{run_id}/{file.path}#{ids[0]}",
                "byte_size": sum(len(text.encode()) for text in texts),
                "modified_at": clock,
                "run_id": run_id,
                "origin": "replay",
            }
            loaded = load_rows(
                connection,
                feed,
                ReplayReader(texts, file.header_text, feed),
                # The rows are taken, so nobody else loads them: the hash only has to be theirs alone.
                sha256(f"{record['path']} {ids}".encode()).hexdigest,
                record,
                clock,
                partial(_drop_outdated, connection, feed, file.feed_file_id),
            )
            if loaded is None:
                raise RuntimeError(f"The rows of {file.path} were replayed before, but are not marked so.")
            marks = {"row_ids": ids, "feed_file_id": loaded.feed_file_id, "clock": clock}
            connection.execute(read_sql("ingest/mark_replayed.sql"), marks)
        log.info("%s: %s", record["path"], loaded.counts)
        yield loaded.counts


def _drop_outdated(connection: psycopg.Connection, feed: Feed, feed_file_id: int, table: sql.Identifier) -> int:
    """Take out of the staging table the rows about which a later file said something. Returns how many."""
    if feed.name not in TIMELESS:
        return 0
    known, keys = TIMELESS[feed.name]
    # From here until the merge nobody else may say something.
    connection.execute(read_sql("ingest/lock_feed.sql"), {"feed": feed.name})
    first = connection.execute(read_sql("ingest/first_file_of_replay.sql"), {"feed_file_id": feed_file_id}).fetchone()
    assert first is not None
    defaults = {column.name: column.default for column in feed.columns}
    same_key = sql.SQL(" and ").join(
        sql.SQL("coalesce(s.{key}, {default}) = k.{key}").format(
            key=sql.Identifier(key), default=sql.Literal(defaults[key])
        )
        for key in keys
    )
    statement = sql.SQL("delete from {} as s using {} as k where {} and k.feed_file_id > {}").format(
        table, sql.Identifier("restock", known), same_key, sql.Literal(first[0])
    )
    return connection.execute(statement).rowcount
