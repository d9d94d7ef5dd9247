"""Migrations that are killed, cut off, doubled or kept waiting: the warehouse is whole at each moment."""

import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from restock.local.postgres import EmbeddedPostgres
from restock.warehouse import connect
from restock.warehouse.migrate import MIGRATION_LOCK, WarehouseBusyError, migrate
from restock.warehouse.version import newest_version, read_version
from tests.conftest import free_port
from tests.warehouse.old_warehouse import (
    ALL_VERSIONS,
    OLD_VERSION,
    Old,
    filled_warehouse,
    make_filled,
    rows_of,
    upgrade_to,
)
from tests.warehouse.own_warehouse import own_warehouse
from tests.warehouse.test_migrations import fingerprint, without_oids

ROOT = Path(__file__).parents[2]
KILLS = 3
WAIT_SECONDS = 60

# Waits for a word before it begins, so that a kill meets the migration and not the start of Python.
MIGRATE = """
import sys
from restock.warehouse.migrate import migrate
print("ready", flush=True)
sys.stdin.readline()
migrate(sys.argv[1])
"""


@pytest.fixture(scope="module")
def old(postgres_url: str) -> Iterator[Old]:
    with filled_warehouse(postgres_url) as old:
        yield old


@pytest.fixture
def url(postgres_url: str, old: Old) -> Iterator[str]:
    with own_warehouse(postgres_url, old.database) as url:
        yield url


@pytest.fixture(scope="module")
def migrated(postgres_url: str, old: Old) -> dict[str, set]:
    """The structure of each version from OLD_VERSION on, and that of a warehouse that was migrated in one go."""
    structures = {}
    with own_warehouse(postgres_url, old.database) as url:
        for version in [version for version in ALL_VERSIONS if version >= OLD_VERSION]:
            upgrade_to(url, version)
            structures[version] = structure(url)
    with own_warehouse(postgres_url, old.database) as url:
        migrate(url)
        structures["whole"] = structure(url)
    return structures


def structure(url: str) -> set[tuple]:
    with connect(url, any_version=True) as connection:
        return set(without_oids(fingerprint(connection)))


def version_of(url: str) -> str | None:
    with connect(url, any_version=True) as connection:
        return read_version(connection)


def require_whole(url: str, migrated: dict[str, set]) -> None:
    """The warehouse is exactly at the version that it names: at the newest with its views and grants."""
    version = version_of(url)
    assert structure(url) == migrated["whole" if version == newest_version() else version]


def require_migrated(url: str, old: Old, migrated: dict[str, set]) -> None:
    assert structure(url) == migrated["whole"]
    with connect(url) as connection:
        rows = rows_of(connection, old.columns)
    assert {table for table in rows if old.rows[table] - rows[table]} == set()


@contextmanager
def migrating(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is about to migrate: write a line to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", MIGRATE, url],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def begin(process: subprocess.Popen[str]) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


@contextmanager
def reading(url: str) -> Iterator[psycopg.Connection]:
    """Somebody in the middle of a transaction who has read a view, which the last step of a migration makes anew."""
    with connect(url, application="an analyst", any_version=True) as reader, reader.transaction():
        reader.execute("select * from mart.feed_run limit 1")
        yield reader


def wait_for_migration(url: str, wanted: int, what: str = "wait_event_type = 'Lock'") -> None:
    """Until so many migrations are in a state."""
    query = (
        "select count(*) from pg_stat_activity"
        f" where application_name = 'restock migrate' and datname = current_database() and {what}"
    )
    deadline = time.monotonic() + WAIT_SECONDS
    with connect(url, any_version=True) as connection:
        while connection.execute(query).fetchone() != (wanted,):
            assert time.monotonic() < deadline, "that never came"
            time.sleep(0.02)


def test_a_migration_that_was_killed_anywhere_is_taken_up_again(url: str, old: Old, migrated: dict[str, set]) -> None:
    chance = random.Random(8)
    longest = 0.6
    for _ in range(KILLS):
        with migrating(url) as process:
            begin(process)
            time.sleep(chance.uniform(0.02, longest))
            process.send_signal(signal.SIGKILL)
            process.wait()
        wait_for_migration(url, 0, "true")
        require_whole(url, migrated)
    migrate(url)
    require_migrated(url, old, migrated)


def test_a_migration_that_is_killed_in_its_last_step_leaves_the_version_before(
    url: str, old: Old, migrated: dict[str, set]
) -> None:
    with reading(url), migrating(url) as process:
        begin(process)
        wait_for_migration(url, 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # The server finds out by itself, although the statement still waits.
        wait_for_migration(url, 0, "true")
        assert version_of(url) != newest_version()
        require_whole(url, migrated)
    migrate(url)
    require_migrated(url, old, migrated)


@pytest.mark.parametrize("version", [version for version in ALL_VERSIONS if version > OLD_VERSION])
def test_a_migration_that_ended_after_any_version_is_taken_up_there(
    url: str, old: Old, migrated: dict[str, set], version: str
) -> None:
    upgrade_to(url, version)
    migrate(url)
    require_migrated(url, old, migrated)


def test_two_migrations_at_once_of_a_filled_warehouse_end_in_one_structure(
    url: str, old: Old, migrated: dict[str, set]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(migrate, url) for _ in range(2)]:
            done.result()
    require_migrated(url, old, migrated)


def test_who_keeps_a_migration_waiting_is_named_and_the_warehouse_stays_whole(
    url: str, old: Old, migrated: dict[str, set]
) -> None:
    with reading(url) as reader:
        with pytest.raises(WarehouseBusyError) as refusal:
            migrate(url, patience_seconds=0)
        who = f"Who is in it: an analyst (process {reader.info.backend_pid}, in a transaction since "
        assert who in str(refusal.value)
        assert "Pause the DAGs" in str(refusal.value)
        require_whole(url, migrated)
    with connect(url, application="restock migrate", any_version=True) as other:
        other.execute("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        with pytest.raises(WarehouseBusyError, match=rf"restock migrate \(process {other.info.backend_pid}"):
            migrate(url, patience_seconds=0)
    migrate(url)
    require_migrated(url, old, migrated)


def test_others_get_through_while_a_migration_waits(url: str, old: Old, migrated: dict[str, set]) -> None:
    faults: list[Exception] = []

    def run() -> None:
        try:
            migrate(url)
        except Exception as error:
            faults.append(error)

    migration = threading.Thread(target=run)
    with reading(url):
        migration.start()
        wait_for_migration(url, 1)
        # It stands behind the migration, which would wait for the reader: without its time-out for ever.
        with connect(url, any_version=True) as other:
            other.execute("set statement_timeout = '60s'")
            other.execute("select * from mart.feed_run limit 1")
    migration.join(WAIT_SECONDS)
    assert faults == []
    require_migrated(url, old, migrated)


def test_a_migration_that_comes_across_somebody_who_waits_for_it_comes_again(
    url: str, old: Old, migrated: dict[str, set]
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with reading(url) as reader:
            # So that the migration is the one that PostgreSQL ends.
            reader.execute("set deadlock_timeout = '1min'")
            migration = pool.submit(migrate, url)
            wait_for_migration(url, 1)
            # It has made this view anew and waits for the reader's.
            reader.execute("select * from mart.attribution limit 1")
        migration.result(WAIT_SECONDS)
    require_migrated(url, old, migrated)


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="restock-test-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres", free_port(), secrets.token_hex(8))
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_restart_of_the_server_in_the_middle_costs_one_more_migration(own_server: EmbeddedPostgres) -> None:
    url = own_server.url("restock")
    with psycopg.connect(own_server.url("postgres"), autocommit=True) as server:
        server.execute("create database restock")
    old = make_filled(url)
    failed: list[Exception] = []

    def run() -> None:
        try:
            migrate(url)
        except Exception as error:
            failed.append(error)

    reader = connect(url, any_version=True)
    reader.execute("begin; select * from mart.feed_run limit 1")
    migration = threading.Thread(target=run)
    migration.start()
    wait_for_migration(url, 1)
    own_server.stop()
    migration.join(WAIT_SECONDS)
    assert len(failed) == 1
    own_server.start()
    assert version_of(url) != newest_version()
    migrate(url)
    with connect(url) as connection:
        assert rows_of(connection, old.columns) == old.rows
