"""Settling a restored warehouse: what left after the backup is marked, so that nobody is told twice.

A message that the backup knows is found by its id. One that was planned later is in no row of it, and its keys are
lost: then the ids of the requests say what was answered, where the list has them, or else the address says who may
have been answered.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psycopg

from restock.backup.tools import BackupError
from restock.delivery.outbox import settle_noted
from restock.warehouse import read_sql

COLUMNS = ("message_id", "recipient", "request_id")
# Ours are notification ids; those of confirmations have a number behind them.
_MESSAGE_ID = re.compile(
    r"<?(?P<id>[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(\.(?P<number>\d{1,9}))?(@[^>]*)?>?"
)


class SentMessage(NamedTuple):
    """One line of the list of what left.

    Attributes:
        message_id: Id of the message.
        recipient: Address, where the list has it.
        request_id: A request that it answered, where the list has them: a line for each.
        confirmation_number: Of a message that asked for a confirmation, and answered nothing, which one it was.
    """

    message_id: UUID
    recipient: str | None
    request_id: str | None
    confirmation_number: int | None


class Settled(NamedTuple):
    """What became of a restored warehouse.

    Attributes:
        listed: Messages on the list.
        sent: Messages of the backup that had left.
        told: Requests that the list names as answered.
        doubtful: Requests that may have been answered.
        dropped: Those of them that ended.
        missing: Requests on the list that the warehouse does not have (yet).
    """

    listed: int
    sent: int
    told: int
    doubtful: int
    dropped: int
    missing: int


class NothingToSettleError(RuntimeError):
    """The warehouse was not restored, or somebody settled it."""


class NotLoadedError(RuntimeError):
    """There may be requests to load that were answered already; the message says what to do first."""


def read_sent(path: Path) -> list[SentMessage]:
    """The list of what left: CSV with the column message_id, and recipient or request_id.

    Mails with ids that are not of our kind are somebody else's, and left out.

    Raises:
        BackupError: It is no such file, no message in it is ours, or one of ours has neither a recipient nor a request.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            found = list(_parse(path, reader))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BackupError(f"The list {path} cannot be read: {error}.") from error
    if not found and reader.line_num > 1:
        # As if nothing had left: everybody would be told again.
        raise BackupError(
            f"No line of {path} has a message id of ours, such as 0192d5c6-0000-7000-8000-000000000001: is it the "
            "right column, and the right log?"
        )
    return found


def _parse(path: Path, reader: "csv.DictReader[str]") -> Iterator[SentMessage]:
    if not {"message_id"} < {*(reader.fieldnames or ())} & {*COLUMNS}:
        raise BackupError(
            f"The list {path} must be CSV whose first line has message_id, and recipient or request_id: who got a "
            "message, or which request it answered."
        )
    for row in reader:
        found = _MESSAGE_ID.fullmatch((row["message_id"] or "").strip())
        if found is None:
            continue
        recipient, request_id = (row.get("recipient") or "").strip(" <>"), (row.get("request_id") or "").strip()
        if not recipient and not request_id:
            raise BackupError(
                f"Line {reader.line_num} of {path} says neither who got the message {found['id']} nor which request it "
                "answered: fill in one of the two."
            )
        number = None if found["number"] is None else int(found["number"])
        yield SentMessage(UUID(found["id"]), recipient or None, request_id or None, number)


def settle(
    connection: psycopg.Connection,
    sent: Sequence[SentMessage] | None,
    unknown: str,
    settled_by: str,
    *,
    dry_run: bool,
    unloaded: bool = False,
) -> Settled:
    """Mark what left after the backup, in one transaction, and let planning and sending go on. Commits.

    Another one at the same time waits for this one, and finds nothing to settle.

    Args:
        connection: The restored warehouse, as its owner.
        sent: Everything that left since the backup; None where nobody knows.
        unknown: What becomes of requests that may have been answered: `drop`, they end and nobody is told twice, or
            `resend`, they may be answered twice.
        settled_by: Who says so, for the record.
        dry_run: Only count.
        unloaded: Do it although restock_ingest has not found since that nothing is left to load.

    Raises:
        NothingToSettleError: The warehouse was not restored, or somebody settled it.
        NotLoadedError: Requests that were answered may still be in files, and would be answered again.
    """
    with connection.transaction(force_rollback=dry_run):
        connection.execute(read_sql("backup/hold_restore.sql"))
        found = connection.execute(read_sql("backup/find_unsettled.sql")).fetchone()
        if found is None:
            raise NothingToSettleError("This warehouse has no restore to settle: planning and sending are not stopped.")
        binds = {"restored_at": found[1], "has_list": sent is not None, "drop_doubtful": unknown == "drop"}
        if not (dry_run or unloaded or is_loaded(connection)):
            raise NotLoadedError(
                "restock_ingest has not found yet that nothing is left to load since the restore: requests in files "
                "that it loads later would be answered a second time. Let it run until it finds no new file, then "
                "settle; or say --unloaded where no file can hold a request that was answered."
            )
        settle_noted(connection)
        connection.execute(read_sql("backup/make_lists.sql"))
        _copy_list(connection, sent or ())
        sent_count = _count(connection, "backup/settle_sent.sql", binds)[0]
        connection.execute(read_sql("backup/find_told.sql"))
        missing = _count(connection, "backup/count_missing.sql", binds)[0]
        doubtful = connection.execute(read_sql("backup/find_doubtful.sql"), binds).rowcount
        told, dropped = _count(connection, "backup/end_requests.sql", binds)
        connection.execute(read_sql("backup/settle_confirmations.sql"), binds)
        connection.execute(read_sql("backup/release_leases.sql"))
        listed = len({message.message_id for message in sent or ()})
        settled = Settled(listed, sent_count, told, doubtful, dropped, missing)
        record = {"settled_by": settled_by, "unknown": unknown, "listed_count": listed}
        record |= {"sent_count": sent_count, "told_count": told, "dropped_count": dropped}
        connection.execute(read_sql("backup/settle_restore.sql"), record)
        connection.execute(read_sql("backup/forget_loaded.sql"))
    return settled


def is_loaded(connection: psycopg.Connection) -> bool:
    """Whether restock_ingest found nothing left to load since the restore that nobody has settled."""
    return connection.execute(read_sql("backup/find_loaded.sql")).fetchone() is not None


def _copy_list(connection: psycopg.Connection, sent: Sequence[SentMessage]) -> None:
    query = "copy listed_message (message_id, recipient, request_id, confirmation_number) from stdin"
    with connection.cursor().copy(query) as copy:
        for message in sent:
            copy.write_row(message)
    connection.execute(read_sql("backup/forget_known.sql"))
    connection.execute("analyze listed_message")


def _count(connection: psycopg.Connection, file: str, binds: dict[str, object]) -> tuple[int, ...]:
    row = connection.execute(read_sql(file), binds).fetchone()
    assert row is not None
    return row
