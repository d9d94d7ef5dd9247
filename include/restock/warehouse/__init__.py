"""The PostgreSQL warehouse: connections, SQL files, migrations."""

from restock.warehouse.connection import (
    OWNER_URL,
    WarehouseUnreachableError,
    WarehouseVersionError,
    connect,
    connect_again,
    find_owner_url,
)
from restock.warehouse.sql import SQL_ROOT, read_sql

__all__ = [
    "OWNER_URL",
    "SQL_ROOT",
    "WarehouseUnreachableError",
    "WarehouseVersionError",
    "connect",
    "connect_again",
    "find_owner_url",
    "read_sql",
]
