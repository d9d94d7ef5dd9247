"""What the task remove_old_rows does: archive, verify, then remove, family by family and range by range.

Killed at any line, it loses nothing and removes nothing that no verified file holds: an unfinished file has its entry
in restock.archive_file before its first byte, and the next run writes it anew; that the rows go, that their files
count, and that the marts go on counting them is one transaction. Two runs at once would take each other's files for
unfinished ones: there is one at a time.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from logging import getLogger

import psycopg
from psycopg import errors, sql

from restock.marts import ADDED_UP, REFRESH_LOCK, sum_up
from restock.retention.file import ArchivePath, read_back, sync, write_file
from restock.retention.tables import TABLES, select_list
from restock.warehouse import read_sql

log = getLogger(__name__)

# Requests go before the messages that they stood in, so that each message has all of its items or is about to go too.
FAMILIES = {
    "request": "retention/find_request.sql",
    "notification": "retention/find_notification.sql",
    "purchase": "retention/find_purchase.sql",
}
# Keys that are archived and removed together; some hundred bytes a row pass through memory block by block.
RANGE_KEYS = 2_000_000
_KEPT = (*ADDED_UP, "demand")
# Any number will do that nothing else on the server uses.
RETENTION_LOCK = 7_370_013


def remove_old(
    connection: psycopg.Connection, folder: ArchivePath, clock: datetime, days: int, range_keys: int = RANGE_KEYS
) -> dict[str, int]:
    """Archive and remove what ended more than some days ago. Commits; again, it finds nothing left to do.

    Does nothing while another run is about it, also one whose task is thought to be dead.

    Args:
        connection: Warehouse, in autocommit and outside a transaction.
        folder: The folder `_archive` of the landing area; made where it is not there.
        clock: The moment that ages are measured at.
        days: How long rows are kept, of `read_days`.
        range_keys: Keys that are archived and removed together.

    Returns:
        Rows removed, by family; and cancellation, withdrawals removed.

    Raises:
        FileBrokenError: A file does not hold what was written. Nothing of its range was removed.
    """
    # Of the session: whoever loses the connection loses the lock, and can commit no more.
    taken = connection.execute("select pg_try_advisory_lock(%s)", (RETENTION_LOCK,)).fetchone()
    if not (taken and taken[0]):
        log.warning("Another run is archiving: nothing is left to do for this one.")
        return dict.fromkeys((*FAMILIES, "cancellation"), 0)
    try:
        return _remove_old(connection, folder, clock, clock - timedelta(days=days), range_keys)
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(%s)", (RETENTION_LOCK,))


def _remove_old(
    connection: psycopg.Connection, folder: ArchivePath, clock: datetime, since: datetime, range_keys: int
) -> dict[str, int]:
    _forget_unfinished(connection, folder)
    removed = dict.fromkeys(FAMILIES, 0)
    for family in FAMILIES:
        for first, end in _ranges(connection, family, since, range_keys):
            try:
                _archive(connection, folder, family, first, end, clock)
                removed[family] += _remove(connection, family, first, end, since, clock)
            except (errors.ObjectNotInPrerequisiteState, errors.SerializationFailure) as error:
                # Somebody was erased, or an old message was replayed, while it was written.
                log.warning("%s from %s is left to the next run: %s", family, first, error.diag.message_primary)
                break
    removed["cancellation"] = _count(connection, "retention/remove_withdrawals.sql", {"since": since})
    _drop_partitions(connection)
    return removed


def _ranges(connection: psycopg.Connection, family: str, since: datetime, range_keys: int) -> Iterator[tuple[int, int]]:
    """The ranges of keys that can go, oldest first; each is looked for when the one before is gone."""
    while True:
        binds = {"family": family, "since": since, "range_keys": range_keys}
        row = connection.execute(read_sql(FAMILIES[family]), binds).fetchone()
        if row is None or row[0] is None or row[1] <= row[0]:
            return
        yield row[0], row[1]


def _forget_unfinished(connection: psycopg.Connection, folder: ArchivePath) -> None:
    """Remove the files that an earlier run did not finish: their rows are in the warehouse still."""
    for path, table in connection.execute(read_sql("retention/find_unfinished.sql")).fetchall():
        for name in (path, f"{path}.part"):
            (folder / name).unlink(missing_ok=True)
        connection.execute(read_sql("retention/forget_unfinished.sql"), {"table": table})


def _archive(
    connection: psycopg.Connection, folder: ArchivePath, family: str, first: int, end: int, clock: datetime
) -> None:
    for table, key in connection.execute("select * from restock.archived_tables(%s)", (family,)).fetchall():
        binds: dict[str, object] = {"family": family, "table": table, "key": key, "from_key": first, "to_key": end}
        # Drawn, because the same days can be archived twice: orders of long ago may come in at any time.
        path = f"{table}/{clock:%Y%m%d}_{first}_{end}_{secrets.token_hex(4)}.parquet"
        connection.execute(read_sql("retention/begin_file.sql"), binds | {"path": path})
        (folder / table).mkdir(parents=True, exist_ok=True)
        part = folder / f"{path}.part"
        with connection.transaction():
            # One state of the table for its rows and their fingerprint.
            connection.execute("set transaction isolation level repeatable read")
            found = connection.execute(
                "select row_count, fingerprint from restock.fingerprint(%(table)s, %(key)s, %(from_key)s, %(to_key)s)",
                binds,
            ).fetchone()
            assert found is not None
            count, digest = write_file(part, _read(connection, table, key, first, end), TABLES[table].columns)
        sync(part)
        part.rename(folder / path)
        for each in (folder / table, folder):
            sync(each)
        written = read_back(folder / path, count, digest)
        if written.row_count != found[0]:
            raise RuntimeError(
                f"{table} has {found[0]} rows from {first} to {end}, but {written.row_count} were written."
            )
        connection.execute(read_sql("retention/verify_file.sql"), binds | written._asdict() | {"fingerprint": found[1]})


def _read(connection: psycopg.Connection, table: str, key: str, first: int, end: int) -> Iterator[bytes]:
    query = sql.SQL("copy (select {} from {} as t where {key} >= {} and {key} < {}) to stdout (format csv)").format(
        sql.SQL(select_list(table).replace("%(salt)s", "{}")).format(sql.Literal(secrets.token_hex(16))),
        sql.Identifier("restock", table),
        sql.Literal(first),
        sql.Literal(end),
        key=sql.SQL(key),
    )
    with connection.cursor().copy(query) as copy:
        for row in copy:
            yield bytes(row)


def _remove(connection: psycopg.Connection, family: str, first: int, end: int, since: datetime, clock: datetime) -> int:
    """Remove a range whose files are verified, and keep what it counts in the marts. Returns how many rows."""
    # Before the transaction, so that its state is that after the summaries were written last.
    connection.execute("select pg_advisory_lock(%s)", (REFRESH_LOCK,))
    try:
        with connection.transaction():
            connection.execute("set transaction isolation level repeatable read")
            connection.execute("set local enable_nestloop = off")
            connection.execute("set local work_mem = '128MB'")
            sum_up(connection, clock)
            for name in _KEPT:
                connection.execute(
                    sql.SQL("create temporary table {} on commit drop as table {}").format(
                        sql.Identifier(f"before_{name}"), sql.Identifier("restock", f"mart_{name}")
                    )
                )
            removed = _count(
                connection,
                "retention/remove_archived.sql",
                {"family": family, "from_key": first, "to_key": end, "since": since},
            )
            sum_up(connection, clock)
            for name in _KEPT:
                connection.execute("select restock.keep_difference(%s)", (name,))
                _put_back(connection, name)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (REFRESH_LOCK,))
    log.info("Archived and removed %s rows of %s, keys %s to %s.", removed, family, first, end - 1)
    return removed


def _put_back(connection: psycopg.Connection, name: str) -> None:
    """What a summary showed before its rows were removed, it goes on showing."""
    summary = sql.Identifier("restock", f"mart_{name}")
    connection.execute(sql.SQL("delete from {}").format(summary))
    connection.execute(sql.SQL("insert into {} table {}").format(summary, sql.Identifier(f"before_{name}")))


def _drop_partitions(connection: psycopg.Connection) -> None:
    for (name,) in connection.execute(read_sql("retention/find_empty_partitions.sql")).fetchall():
        try:
            connection.execute("select restock.drop_partition(%s)", (name,))
        except errors.LockNotAvailable:
            log.warning("The partition %s is in use: the next run drops it.", name)
            time.sleep(1)


def _count(connection: psycopg.Connection, file: str, binds: dict[str, object]) -> int:
    row = connection.execute(read_sql(file), binds).fetchone()
    assert row is not None
    count: int = row[0]
    return count
