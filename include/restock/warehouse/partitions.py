"""Partitions of the tables that grow by time; restock.make_partitions in the warehouse makes them."""

import time
from logging import getLogger

import psycopg

from restock.warehouse.sql import read_sql

log = getLogger(__name__)

# Each try waits for its locks for three seconds at most, so that nobody waits behind it for longer.
_TRIES = 5
_PAUSE_SECONDS = 2.0


def make_partitions(connection: psycopg.Connection) -> list[str]:
    """Make partitions ahead, and mend what was not made in time. Commits; again, it finds nothing to do.

    Where the tables are too busy for the locks it takes, it is left to the next time: there is room for a month ahead,
    and the default partition takes what comes after that.

    Args:
        connection: Warehouse, in autocommit and outside a transaction.

    Returns:
        Names of the partitions made.
    """
    for number in range(_TRIES):
        if number:
            time.sleep(_PAUSE_SECONDS)
        try:
            made = [name for _, name in connection.execute(read_sql("maintenance/make_partitions.sql"))]
        except psycopg.errors.LockNotAvailable:
            continue
        if made:
            log.info("Made the partitions %s.", ", ".join(made))
        return made
    log.warning(
        "No partitions were made: the tables were in use at each of %s tries. Rows go where there is room, nothing is "
        "lost; the next run of restock_maintenance tries again.",
        _TRIES,
    )
    return []
