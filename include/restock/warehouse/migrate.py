"""Brings a warehouse to the newest structure: `python -m restock.warehouse.migrate`.

RESTOCK_WAREHOUSE_OWNER_URL says which, as a login that may change it; without it RESTOCK_WAREHOUSE_URL does.
"""

import re
import sys

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from restock.warehouse.connection import OWNER_URL, connect, find_owner_url
from restock.warehouse.roles import apply_grants, hand_over
from restock.warehouse.sql import SQL_ROOT

OLDEST_POSTGRES = 17
# Any number will do that nothing else on the server uses: it makes two migrations at a time queue.
MIGRATION_LOCK = 7_370_001

VERSION_TABLE_COMMENTS = """
comment on table restock.migration is 'The version of this structure; kept by Alembic.';
comment on column restock.migration.version_num is 'Version.';
"""


def migrate(url: str) -> None:
    """Run the outstanding migrations, then (re)create the views of `sql/marts`, and settle who owns and may do what.

    Running it again changes nothing.

    Args:
        url: URL of the warehouse, for a user that may create schemas and roles.

    Raises:
        WarehouseUnreachableError: The server cannot be reached.
        RuntimeError: The server is older than the oldest supported one.
    """
    with connect(url, application="restock migrate") as probe:
        _require_supported(probe)
    engine = _engine(url)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("create schema if not exists restock"))
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(SQL_ROOT / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.exec_driver_sql(VERSION_TABLE_COMMENTS)
        _make_views(connection)
        connection.commit()
        # While this connection holds the lock.
        with connect(url, application="restock migrate") as warehouse:
            hand_over(warehouse)
            apply_grants(warehouse)
    engine.dispose()


def _make_views(connection: Connection) -> None:
    """Make the views of `sql/marts`, in place where that can be: what others granted or built on them then stays."""
    files = [file.read_text(encoding="utf-8") for file in sorted((SQL_ROOT / "marts").glob("*.sql"))]
    try:
        with connection.begin_nested():
            for file in files:
                connection.exec_driver_sql(file)
    except ProgrammingError as error:
        # A view can't lose or reorder columns in place.
        if not isinstance(error.orig, psycopg.errors.InvalidTableDefinition):
            raise
        # All in one statement, because some stand on others; a view of somebody else's on one of them refuses it.
        views = ", ".join(name for file in files for name in re.findall(r"^create or replace view (\S+)", file, re.M))
        connection.exec_driver_sql(f"drop view if exists {views}")
        for file in files:
            connection.exec_driver_sql(file)


def _require_supported(connection: psycopg.Connection) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST_POSTGRES:
        raise RuntimeError(
            f"The warehouse runs on PostgreSQL {version}; Restock needs {OLDEST_POSTGRES} or newer. "
            "Point RESTOCK_WAREHOUSE_URL at a newer server."
        )


def _engine(url: str) -> Engine:
    # psycopg reads the URL itself, so that everything libpq understands works here as well.
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)


if __name__ == "__main__":
    url = find_owner_url()
    if not url:
        sys.exit(
            f"{OWNER_URL} is not set: give it the URL of the warehouse, postgresql://user:password@host/db, as a login "
            "that may change it."
        )
    migrate(url)
    print("The warehouse is at the newest version.")
