"""The planner's statistics, and what does not heed them: with stale ones a step of seconds can take hours."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from restock.warehouse.sql import read_sql

# From so many rows on, autovacuum's own ANALYZE would come too late for the next step.
BULK = 10_000


def refresh_statistics(connection: psycopg.Connection, rows_written: int, tables: Sequence[str]) -> None:
    """Analyze those tables that have more than doubled since they were last: what grew less is left to autovacuum.

    Args:
        connection: Warehouse.
        rows_written: How many rows the step before wrote; after a few nothing is looked at.
        tables: Their names, with the schema.
    """
    if rows_written >= BULK:
        stale = connection.execute(read_sql("maintenance/find_stale_statistics.sql"), {"tables": list(tables)})
        for (table,) in stale.fetchall():
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier(*table.split("."))))


def follow_keys(connection: psycopg.Connection) -> None:
    """Find rows by their keys for the rest of the transaction, also in a table that is empty when this is planned.

    PostgreSQL takes an empty table for free to read, and would do so once for each row of another; but a run or a shard
    beside this one may fill it the moment after.
    """
    connection.execute("set local enable_seqscan = off")
