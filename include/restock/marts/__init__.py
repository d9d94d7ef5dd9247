"""The summaries behind those mart views that add up everything, so that reading them stays cheap."""

import time
from datetime import UTC, datetime
from logging import getLogger

import psycopg
from psycopg import sql

from restock.warehouse import read_sql

log = getLogger(__name__)

# Any number will do that nothing else on the server uses.
REFRESH_LOCK = 7_370_008

# Each is written by the file of its name in sql/marts/refresh, into the table restock.mart_<name>.
SUMMARIES = ("funnel", "episode", "latency", "demand", "delivery", "effect")
# Those to which is added, column by column, what removed rows count. That of demand adds it itself; that of latency is
# of the rows that are there.
ADDED_UP = ("funnel", "episode", "delivery", "effect")
# What they sum up. Stock and catalogue are not among them: the views read those themselves.
SOURCES = (
    "request",
    "open_request",
    "request_outcome",
    "episode",
    "decision",
    "notification",
    "delivery_attempt",
    "click",
    "purchase",
    "suppression",
    "store_suppression",
)


def refresh_due(connection: psycopg.Connection) -> bool:
    """Write the summaries again if something changed since, at most a twentieth of the time. Commits.

    Args:
        connection: Warehouse, in autocommit and outside a transaction.

    Returns:
        Whether they were written.
    """
    binds = {"clock": datetime.now(UTC), "tables": list(SOURCES)}
    row = connection.execute(read_sql("marts/refresh/find_due.sql"), binds).fetchone()
    return bool(row and row[1]) and refresh(connection)


def refresh(connection: psycopg.Connection) -> bool:
    """Write the summaries as of now, all from one state of the warehouse. Commits; readers see the old ones until then.

    Args:
        connection: Warehouse, in autocommit and outside a transaction.

    Returns:
        Whether they were written; not where somebody else is about it.
    """
    # Before the transaction, so that its state is that after the one before.
    taken = connection.execute("select pg_try_advisory_lock(%s)", (REFRESH_LOCK,)).fetchone()
    if not (taken and taken[0]):
        return False
    try:
        _write_summaries(connection, datetime.now(UTC))
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (REFRESH_LOCK,))
    return True


def sum_up(connection: psycopg.Connection, clock: datetime) -> None:
    """Write the summaries, of the rows that are there and of those that were removed. Does not commit.

    Args:
        connection: Warehouse, in a transaction that sees one state of it.
        clock: The moment that they show.
    """
    connection.execute(read_sql("marts/refresh/sent_item.sql"))
    connection.execute("analyze sent_now")
    for name in SUMMARIES:
        connection.execute(sql.SQL("delete from {}").format(sql.Identifier("restock", f"mart_{name}")))
        connection.execute(read_sql(f"marts/refresh/{name}.sql"), {"clock": clock})
    for name in ADDED_UP:
        connection.execute("select restock.add_removed(%s)", (name,))
    connection.execute("drop table sent_now")


def _write_summaries(connection: psycopg.Connection, clock: datetime) -> None:
    start = time.perf_counter()
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        # What follows reads everything, and right after a run the statistics may say that next to nothing was sent.
        connection.execute("set local enable_nestloop = off")
        connection.execute("set local work_mem = '128MB'")
        due = connection.execute(
            read_sql("marts/refresh/find_due.sql"), {"clock": clock, "tables": list(SOURCES)}
        ).fetchone()
        assert due is not None
        sum_up(connection, clock)
        seconds = time.perf_counter() - start
        connection.execute(
            read_sql("marts/refresh/record.sql"), {"clock": clock, "seconds": seconds, "changes": due[0]}
        )
    log.info("The summaries of the marts were written in %.1f s.", seconds)
