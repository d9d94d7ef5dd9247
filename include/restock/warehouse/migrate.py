"""Brings a warehouse to the newest structure: `python -m restock.warehouse.migrate`.

RESTOCK_WAREHOUSE_OWNER_URL says which, as a login that may change it; without it RESTOCK_WAREHOUSE_URL does.

Each version is a transaction, and the views and grants belong to that of the last one: whatever ends a migration,
the warehouse is whole at the version that it says, and the next migration goes on from there.
"""

import logging
import re
import sys
import time
from collections.abc import Callable

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationInfo
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.pool import NullPool

from restock.warehouse.connection import (
    OWNER_URL,
    WarehouseVersionError,
    connect,
    find_owner_url,
)
from restock.warehouse.roles import apply_grants, hand_over
from restock.warehouse.sql import SQL_ROOT, read_sql
from restock.warehouse.version import disagreement, newest_version, read_version

log = logging.getLogger(__name__)

OLDEST_POSTGRES = 17
# Any number will do that nothing else on the server uses: it makes two migrations at a time queue.
MIGRATION_LOCK = 7_370_001
# Whoever comes to a table that the migration waits for waits behind it: it gives up soon, and tries again.
LOCK_TIMEOUT_SECONDS = 2
PAUSE_SECONDS = 1
PATIENCE_SECONDS = 60
# Somebody else has a lock, perhaps while waiting for one of ours: whoever PostgreSQL ends of the two comes again.
_IN_THE_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

VERSION_TABLE_COMMENTS = """
comment on table restock.migration is 'The version of this structure; kept by Alembic.';
comment on column restock.migration.version_num is 'Version.';
"""


class WarehouseBusyError(RuntimeError):
    """Something else uses the warehouse; the message says who, since when, and what to do. The version stays."""


def migrate(url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Run the outstanding migrations, (re)create the views of `sql/marts`, and settle who owns and may do what.

    It also makes partitions ahead. Running it again changes nothing; after one that was killed it goes on where that
    one stopped.

    Args:
        url: URL of the warehouse, for a user that may create schemas and roles.
        patience_seconds: How long to wait for others who hold a lock. In between they go on.

    Raises:
        WarehouseUnreachableError: The server cannot be reached.
        WarehouseVersionError: A newer release migrated it.
        WarehouseBusyError: The patience is over.
        RuntimeError: The server is older than the oldest supported one.
    """
    deadline = time.monotonic() + patience_seconds
    with connect(url, application="restock migrate", any_version=True) as watcher:
        _require_supported(watcher)
        engine = _engine(url)
        try:
            while not _try(engine, watcher):
                holders = _find_holders(watcher)
                if time.monotonic() > deadline:
                    raise WarehouseBusyError(
                        f"The migration waited {patience_seconds:.0f} s for a lock and gave up; the warehouse is "
                        f"whole, at version {read_version(watcher) or 'none'}. Who is in it: {holders}. "
                        "Pause the DAGs, wait until their runs end, and migrate again."
                    )
                log.info("Waiting for who is in the warehouse: %s", holders)
                time.sleep(PAUSE_SECONDS)
        finally:
            engine.dispose()


def _find_holders(watcher: psycopg.Connection) -> str:
    rows = watcher.execute(read_sql("maintenance/who_holds_locks.sql"), {"migration_lock": MIGRATION_LOCK})
    return "; ".join(who for (who,) in rows) or "nobody any more"


def _try(engine: Engine, watcher: psycopg.Connection) -> bool:
    """Migrate as far as the locks can be had; whether that was the whole way."""
    try:
        with engine.connect() as connection:
            _upgrade(connection, watcher)
    except DBAPIError as error:
        if isinstance(error.orig, _IN_THE_WAY):
            return False
        raise
    except _IN_THE_WAY:
        return False
    return True


def _upgrade(connection: Connection, watcher: psycopg.Connection) -> None:
    connection.exec_driver_sql(f"select pg_advisory_lock({MIGRATION_LOCK})")
    connection.exec_driver_sql("create schema if not exists restock")
    connection.commit()
    found = read_version(watcher)
    if found is not None and found > newest_version():
        raise WarehouseVersionError(disagreement(found))
    config = Config()
    config.set_main_option("script_location", str(SQL_ROOT / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["on_version_apply"] = _finisher(connection)
    command.upgrade(config, "head")
    if found == newest_version():
        _finish(connection)
    connection.commit()


def _finisher(connection: Connection) -> Callable[..., None]:
    """What Alembic calls in the transaction of each version, at its end."""

    def finish_last(*, step: MigrationInfo, **_: object) -> None:
        log.info("Version %s", step.up_revision_id)
        if step.up_revision_id == newest_version():
            _finish(connection)

    return finish_last


def _finish(connection: Connection) -> None:
    connection.exec_driver_sql(VERSION_TABLE_COMMENTS)
    _make_views(connection)
    hand_over(_driver(connection))
    apply_grants(_driver(connection))
    _driver(connection).execute(read_sql("maintenance/make_partitions.sql"), {"table": None})


def _driver(connection: Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


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
    # psycopg reads the URL itself, so that everything libpq understands works here as well. The server looks whether a
    # migration is still there while one of its statements runs: one that was killed must not hold its locks for long.
    options = f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c client_connection_check_interval=1s"
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(url, application_name="restock migrate", options=options),
        poolclass=NullPool,
    )


def main() -> None:
    """Migrate the warehouse that the environment names; exit with one sentence where something is in the way."""
    url = find_owner_url()
    if not url:
        sys.exit(
            f"{OWNER_URL} is not set: give it the URL of the warehouse, postgresql://user:password@host/db, as a login "
            "that may change it."
        )
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        migrate(url)
    except RuntimeError as error:
        sys.exit(str(error))
    except (DBAPIError, psycopg.Error) as error:
        reason = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
        sys.exit(
            f"PostgreSQL refused the migration: {reason}. The warehouse is whole, at the version that it had. Does "
            f"{OWNER_URL} name a login in the role restock_owner? Then migrate again."
        )
    print(f"The warehouse is at the newest version, {newest_version()}.")


if __name__ == "__main__":
    main()
