"""Fixtures: a real PostgreSQL, and for each test a warehouse cloned from a template that the migrations built."""

import gc
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from restock.local.postgres import EmbeddedPostgres
from restock.warehouse import connect
from restock.warehouse.migrate import migrate
from tests.roles import login_in

# Each longer than half a minute, the longest first. Begun late, one of them would keep one process busy at the end, and
# the others idle.
LONGEST = (
    "warehouse/test_delivery_faults.py",
    "e2e/test_distributed.py",
    "e2e/test_embedded_stack.py",
    "dags/test_restock_notify.py",
    "dags/test_repair.py",
    "unit/test_local_postgres.py",
    "e2e/test_console.py",
    "unit/test_schedule_reference.py",
    "warehouse/test_backup.py",
    "dags/test_restock_ingest.py",
)
# For the servers of four processes at once, whose logs grow to a gigabyte each.
ROOM_BYTES = 8 << 30


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a test of a whole stack mostly waits for it."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the rest keeps its order."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Spare Python looking through all that was collected, again and again, for what could be freed."""
    gc.freeze()


def database_url(server_url: str, database: str) -> str:
    """URL of another database on the same server."""
    parts = conninfo_to_dict(server_url)
    host, port = parts.get("host", "127.0.0.1"), parts.get("port", 5432)
    return f"postgresql://{parts['user']}:{parts.get('password', '')}@{host}:{port}/{database}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a server on which databases may be made: RESTOCK_POSTGRES_URL, or one of our own for this session."""
    if given := os.environ.get("RESTOCK_POSTGRES_URL"):
        yield given
        return
    # Not pytest's own folder: that one is closed to the user the server runs as when the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="restock-test-", dir=_find_memory()))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres", free_port(), secrets.token_hex(8))
    server.start()
    # Tests kill processes, never the machine: what the operating system has is safe, and disks are slow.
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    try:
        yield server.url("postgres")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _find_memory() -> str | None:
    """A file system in memory, where there is one with room: each test's database is a thousand files."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ROOM_BYTES else None


def _administer(server_url: str, statement: str, **names: str) -> None:
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(**identifiers))


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """URL of a new database with nothing in it."""
    name = f"restock_test_{secrets.token_hex(6)}"
    _administer(postgres_url, "create database {name}", name=name)
    yield database_url(postgres_url, name)
    _administer(postgres_url, "drop database {name} with (force)", name=name)


@pytest.fixture(scope="session")
def warehouse_template(postgres_url: str) -> Iterator[str]:
    """Name of a database that the migrations brought to the newest structure."""
    name = f"restock_template_{secrets.token_hex(6)}"
    _administer(postgres_url, "create database {name}", name=name)
    migrate(database_url(postgres_url, name))
    yield name
    _administer(postgres_url, "drop database {name} with (force)", name=name)


@contextmanager
def _clone(server_url: str, template: str) -> Iterator[str]:
    name = f"restock_test_{secrets.token_hex(6)}"
    # Without writing each page of the copy into the log.
    statement = "create database {name} template {template} strategy file_copy"
    _administer(server_url, statement, name=name, template=template)
    yield database_url(server_url, name)
    _administer(server_url, "drop database {name} with (force)", name=name)


@pytest.fixture
def warehouse_url(postgres_url: str, warehouse_template: str) -> Iterator[str]:
    """URL of a warehouse of the test's own."""
    with _clone(postgres_url, warehouse_template) as url:
        yield url


@pytest.fixture(scope="module")
def module_warehouse_url(postgres_url: str, warehouse_template: str) -> Iterator[str]:
    """URL of a warehouse that the tests of a module share."""
    with _clone(postgres_url, warehouse_template) as url:
        yield url


@pytest.fixture
def pipeline_url(warehouse_url: str) -> Iterator[str]:
    """URL of the test's own warehouse for a login that may do what the tasks of the DAGs do."""
    with login_in("restock_pipeline", warehouse_url) as url:
        yield url


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[psycopg.Connection]:
    """Connection to the test's own warehouse; every statement commits."""
    with connect(warehouse_url) as connection:
        yield connection
