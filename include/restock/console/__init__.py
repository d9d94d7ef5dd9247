"""What the console page shows and does, as plain functions: a warehouse connection and values in, JSON-able out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

from restock.warehouse import read_sql

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


def read_rows(connection: psycopg.Connection, file: str, binds: Mapping[str, object]) -> list[dict[str, Any]]:
    """The rows of a query as they go into JSON: times as ISO 8601 in UTC, exact numbers as numbers.

    Args:
        connection: Warehouse.
        file: Path below `sql/`.
        binds: Its values.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(read_sql(file), binds).fetchall()
    return [{name: _as_json(value) for name, value in row.items()} for row in found]


def _as_json(value: Any) -> Any:  # noqa: ANN401 (whatever a column holds)
    if isinstance(value, datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
