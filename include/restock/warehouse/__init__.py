"""The PostgreSQL warehouse: connections, SQL files, migrations."""

from restock.warehouse.connection import WarehouseUnreachableError, connect
from restock.warehouse.sql import SQL_ROOT, read_sql

__all__ = ["SQL_ROOT", "WarehouseUnreachableError", "connect", "read_sql"]
