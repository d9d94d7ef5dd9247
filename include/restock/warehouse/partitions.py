"""Partitions of the tables that grow by time; restock.make_partitions in the warehouse makes them."""

import time
from logging import getLogger

import psycopg
from psycopg import sql

from restock.warehouse.sql import read_sql

log = getLogger(__name__)

# Each try waits for its locks for three seconds at most, so that nobody waits behind it for longer.
_TRIES = 5
_PAUSE_SECONDS = 2.0


def make_partitions(connection: psycopg.Connection) -> list[str]:
    """Make partitions ahead, and mend what was not made in time. Commits; again, it finds nothing to do.

    Where a table is too busy for the locks it takes, it is left to the next time: there is room for a month ahead, and
    the default partition takes what comes after that. One table a transaction, so that nobody who works with several of
    them waits for one while holding another.

    Args:
        connection: Warehouse, in autocommit and outside a transaction.

    Returns:
        Names of the partitions made.
    """
    made: list[str] = []
    left = _partitioned_tables(connection)
    for number in range(_TRIES):
        if number:
            time.sleep(_PAUSE_SECONDS)
        for table in tuple(left):
            try:
                rows = connection.execute(read_sql("maintenance/make_partitions.sql"), {"table": table}).fetchall()
            except psycopg.errors.LockNotAvailable:
                continue
            made += [name for _, name in rows]
            left.remove(table)
        if not left:
            break
    if made:
        log.info("Made the partitions %s.", ", ".join(made))
    if left:
        log.warning(
            "No partitions were made of %s: in use at each of %s tries. Rows go where there is room, nothing is lost; "
            "the next run of restock_maintenance tries again.",
            ", ".join(left),
            _TRIES,
        )
    return made


def analyze_partitioned(connection: psycopg.Connection) -> None:
    """Bring the statistics over all partitions of each table up to date: autovacuum sees to single partitions only.

    Args:
        connection: Warehouse, in autocommit and outside a transaction.
    """
    for table in _partitioned_tables(connection):
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier("restock", table)))


def _partitioned_tables(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute(read_sql("maintenance/list_partitioned.sql"))]
