"""What the console page shows and does, as plain functions: a warehouse connection and values in, JSON-able out."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

# A page that waits longer has lost its reader, and a question that takes longer would take the warehouse from others.
STATEMENT_TIMEOUT_SECONDS = 5


@contextmanager
def read_only(connection: psycopg.Connection) -> Iterator[None]:
    """What the block asks, it asks of one state of the warehouse, may change nothing and may not take long.

    Args:
        connection: Warehouse, in autocommit.

    Raises:
        psycopg.errors.QueryCanceled: From the block: a statement took longer than the limit.
        psycopg.errors.ReadOnlySqlTransaction: From the block: a statement would change something.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
        connection.execute("set local jit = off")
        yield
