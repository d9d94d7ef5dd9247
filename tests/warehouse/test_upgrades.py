"""A warehouse that an earlier version filled is migrated: every row stays, and the pipeline goes on with it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from restock.backup.create import create_backup
from restock.backup.restore import drop_database, restore_backup
from restock.channels import Result
from restock.delivery.outbox import claim_batch, recover_leases, settle_noted
from restock.delivery.settle import note_part, settle_sent
from restock.feeds.inbox import load_waiting
from restock.feeds.load import load_files
from restock.maintenance import check_warehouse
from restock.marts import refresh
from restock.notify import send_due
from restock.policy import load_policy, resolve_policy
from restock.warehouse import WarehouseVersionError, connect
from restock.warehouse.migrate import migrate
from restock.warehouse.version import newest_version, read_version
from tests.conftest import database_url
from tests.roles import login_in
from tests.warehouse.old_warehouse import (
    ALL_VERSIONS,
    FILLED_VERSIONS,
    OLD_VERSION,
    TABLES,
    Old,
    columns_by_table,
    copy_rows,
    filled_warehouse,
    rows_of,
    upgrade_to,
)
from tests.warehouse.own_warehouse import own_warehouse
from tests.warehouse.shop import Shop
from tests.warehouse.test_migrations import fingerprint, without_oids

ROOT = Path(__file__).parents[2]
# What a version puts in itself may grow with the next.
SEEDED = {"restock.channel", "restock.provider_code", "restock.intake_limit"}
# When the last row of filled/<OLD_VERSION>.sql was written.
FILLED_AT = "select max(greatest(status_at, created_at)) from restock.notification"
VIEWS = """
    select c.oid::regclass::text from pg_class as c
    where c.relkind = 'v' and c.relnamespace::regnamespace::text in ('restock', 'mart')
"""
OWNERS = """
    select c.relname, c.relowner::regrole::text from pg_class as c
    where c.relnamespace::regnamespace::text in ('restock', 'staging', 'mart') and not c.relispartition
    order by 1, 2
"""
PARTS = """
    select c.oid::regclass::text from pg_class as c
    where c.relispartition and c.relnamespace::regnamespace::text in ('restock', 'staging', 'mart')
"""


@pytest.fixture(scope="module")
def old(postgres_url: str) -> Iterator[Old]:
    """A warehouse as the pipeline of the version OLD_VERSION left it, to be cloned."""
    with filled_warehouse(postgres_url) as old:
        yield old


@pytest.fixture
def url(postgres_url: str, old: Old) -> Iterator[str]:
    """A clone of it that no test has migrated yet."""
    with own_warehouse(postgres_url, old.database) as url:
        yield url


@pytest.fixture(scope="module")
def migrated_url(postgres_url: str, old: Old) -> Iterator[str]:
    """A clone that was migrated."""
    with own_warehouse(postgres_url, old.database) as url:
        migrate(url)
        yield url


def structure(connection: psycopg.Connection) -> set[tuple]:
    """The facts of the catalogue. Which partitions there are depends on the rows, so these are left out."""
    parts = {name for (name,) in connection.execute(PARTS)}
    return {
        fact
        for fact in without_oids(fingerprint(connection))
        if not any(fact[1] == part or fact[1].startswith(f"{part}.") or f" ON ONLY {part} " in fact[2] or
                   f" ON {part} " in fact[2] or part in fact[1].split() for part in parts)
    }  # fmt: skip


def test_the_old_warehouse_has_rows_in_every_table(old: Old) -> None:
    with connect(old.url, any_version=True) as connection:
        tables = connection.execute(TABLES).fetchall()
        empty = [table for table, rows in rows_of(connection, columns_by_table(connection)).items() if not rows]
    assert len(tables) > 50
    assert empty == []


def test_every_row_stays(old: Old, migrated_url: str) -> None:
    with connect(migrated_url) as connection:
        rows = rows_of(connection, old.columns)
    assert {table: old.rows[table] - rows[table] for table in rows if old.rows[table] - rows[table]} == {}
    assert {table for table in rows if rows[table] - old.rows[table]} <= SEEDED


@pytest.mark.parametrize("version", [version for version in FILLED_VERSIONS if version != OLD_VERSION])
def test_every_row_of_another_version_stays(postgres_url: str, version: str) -> None:
    with filled_warehouse(postgres_url, version) as other:
        assert not [table for table, rows in other.rows.items() if not rows]
        migrate(other.url)
        with connect(other.url) as connection:
            rows = rows_of(connection, other.columns)
            suppressed = connection.execute("select count(*) from restock.suppression").fetchone()
    assert {table: other.rows[table] - rows[table] for table in rows if other.rows[table] - rows[table]} == {}
    assert suppressed > (0,)


SUPPRESSED_BEFORE = """
    select channel, contact, restock.hash_name('contact:' || lower(contact)), null, reason
    from restock.suppression
    union all
    select channel, contact, restock.hash_name('contact:' || lower(contact)), store_id, 'unsubscribe'
    from restock.store_suppression
    union all
    select channel, null, contact_hash, store_id, reason from restock.suppressed_hash
"""
SUPPRESSED_AFTER = """
    select channel, contact_hash, null, reason from restock.suppression
    union all
    select channel, contact_hash, store_id, 'unsubscribe' from restock.store_suppression
"""


def test_who_was_suppressed_stays_so_under_the_hash_of_the_address(old: Old, migrated_url: str) -> None:
    with connect(old.url, any_version=True) as connection:
        before = connection.execute(SUPPRESSED_BEFORE).fetchall()
    assert {address is None for _, address, *_ in before} == {True, False}
    reasons: dict[tuple, set[str]] = {}
    for channel, _, contact_hash, store_id, reason in before:
        reasons.setdefault((channel, contact_hash, store_id), set()).add(reason)
    # One of the filled warehouse unsubscribed, and had bounced and been erased before: that does not end by asking.
    assert {"unsubscribe", "bounce"} in reasons.values()
    with connect(migrated_url) as connection:
        after = connection.execute(SUPPRESSED_AFTER).fetchall()
        assert {tuple(key): {reason} for *key, reason in after} == {
            key: found if len(found) == 1 else found - {"unsubscribe"} for key, found in reasons.items()
        }
        for _, address, contact_hash, *_ in before:
            if address:
                found = connection.execute("select restock.hash_contact(%s)", [address.upper()]).fetchone()
                assert found == (contact_hash,)


def test_the_address_of_a_request_that_joined_another_is_known_still(old: Old, migrated_url: str) -> None:
    with connect(old.url, any_version=True) as connection:
        before = connection.execute("select request_id, contact from restock.joined_request order by 1").fetchall()
    with connect(migrated_url) as connection:
        known = (
            "select j.request_id, restock.joined_contact(r, j.request_id) from restock.joined_request as j"
            " inner join restock.request as r using (request_key) order by 1"
        )
        assert connection.execute(known).fetchall() == before
        # Kept apart are only those that are not the address of the request that was joined.
        [(noted,)] = connection.execute("select count(*) from restock.request where joined_contacts is not null")
        assert 0 < noted < len(before)
    assert {contact is None for _, contact in before} == {True, False}


def test_what_was_noted_as_accepted_is_settled_with_the_time_of_its_answer(postgres_url: str) -> None:
    times = "select unnest(request_keys), unnest(answered_at) from restock.acceptance order by 1"
    with filled_warehouse(postgres_url, "0020") as other:
        with connect(other.url, any_version=True) as connection:
            noted = connection.execute(times).fetchall()
        migrate(other.url)
        with connect(other.url) as connection:
            settle_noted(connection)
            closed = "select request_key, closed_at from restock.request_outcome where request_key = any(%s) order by 1"
            assert noted
            assert connection.execute(closed, [[request for request, _ in noted]]).fetchall() == noted


def test_the_structure_is_that_of_a_new_warehouse(migrated_url: str, warehouse: psycopg.Connection) -> None:
    with connect(migrated_url) as connection:
        found, owners = structure(connection), connection.execute(OWNERS).fetchall()
        for (view,) in connection.execute(VIEWS).fetchall():
            connection.execute(f"select * from {view} limit 1")
    assert found ^ structure(warehouse) == set()
    assert owners == warehouse.execute(OWNERS).fetchall()


def in_state(shop: Shop, status: str) -> set[str]:
    """Ids of the requests in a status."""
    return {request for request, found in shop.states().items() if found == status}


async def send_everything(url: str, policy_id: int, clock: datetime) -> list[str]:
    """Send what is due to a provider that takes it all; the id of each request that was told."""
    told: list[str] = []
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True, options="-c timezone=UTC")
    async with connection:
        with connect(url) as warehouse:
            settings = load_policy(warehouse, policy_id)
        while claim := await claim_batch(connection, "email", settings, clock, size=100, leased_by="after"):
            told += [item.request_id for items in claim.messages.values() for item in items]
            results = [Result(key, "accepted", "250", "ok", clock) for key in claim.messages]
            await note_part(
                connection, "email", claim, results, settings,
                claimed_at=clock, settled_at=clock, sender="after", forgiving=False, part_number=len(told),
            )  # fmt: skip
            await settle_sent(connection, "after")
    return told


def test_the_pipeline_goes_on_and_tells_nobody_twice(migrated_url: str) -> None:
    with connect(migrated_url) as warehouse:
        shop = Shop(warehouse, settings={"quiet_hours": "", "cooldown_hours": "0", "daily_cap": "0"})
        told_before, waiting = in_state(shop, "notified"), in_state(shop, "waiting")
        shop.clock = shop.rows(FILLED_AT)[0][0] + timedelta(hours=1)
        assert load_waiting(warehouse, "after")
        # Who must not be written to asks again: suppressed as of before, erased and suppressed, and for one store.
        stopped = [
            shop.request("back-12", "desk", contact="Shopper-12@Example.com"),
            shop.request("back-08", "desk", contact="SHOPPER-08@example.com"),
            shop.request("back-09", "desk", contact="shopper-09@example.com", store_id="berlin"),
            shop.request("back-11", "desk", contact="shopper-11@example.com", store_id="oslo"),
        ]
        elsewhere = shop.request("back-11", "desk", contact="shopper-11@example.com")
        shop.stock("desk", 9)
        shop.look_at("desk")
        for store in ("berlin", "oslo"):
            shop.run("insert into restock.availability values (%s, 'desk', 9, %s)", store, shop.clock)
            shop.run("insert into restock.plan_queue values (%s, 'desk', %s)", store, shop.clock)
        shop.plan()
        assert {shop.states()[request] for request in stopped} == {"suppressed"}
        shop.clock += timedelta(days=1)
        policy_id = resolve_policy(warehouse, shop.settings).policy_id
        recover_leases(warehouse, load_policy(warehouse, policy_id), shop.clock)
        told = asyncio.run(send_everything(migrated_url, policy_id, shop.clock))
        assert len(told) > 5
        assert len(set(told)) == len(told)
        assert told_before.isdisjoint(told)
        # What was asked before the upgrade, and came back after it.
        assert waiting.intersection(told)
        assert set(told) <= in_state(shop, "notified")
        assert elsewhere in told
        assert refresh(warehouse)
        results = [result for result in check_warehouse(warehouse) if not result.is_valid]
        # The stock of this test has no inventory.
        assert {result.name for result in results if result.severity == "fail"} <= {"availability_is_sum_of_inventory"}


def test_each_version_keeps_the_rows_of_the_ones_before(old: Old, empty_database_url: str) -> None:
    """One warehouse goes through all versions, and is filled at each: so each step is taken with rows everywhere."""
    with connect(old.url, any_version=True) as filled, connect(empty_database_url, any_version=True) as connection:
        for version in [version for version in ALL_VERSIONS if version <= OLD_VERSION]:
            columns = columns_by_table(connection)
            rows = rows_of(connection, columns)
            upgrade_to(empty_database_url, version)
            after = rows_of(connection, columns)
            lost = {table: rows[table] - after[table] for table in rows if rows[table] - after[table]}
            assert (version, lost) == (version, {})
            copy_rows(filled, connection)
            empty = [table for table, rows in rows_of(connection, columns_by_table(connection)).items() if not rows]
            assert (version, empty) == (version, [])


def test_this_code_leaves_an_older_warehouse_alone_and_says_what_to_run(old: Old, url: str, tmp_path: Path) -> None:
    newest = newest_version()
    sentence = rf"The warehouse is of version {OLD_VERSION} and this release of Restock stands on {newest}: run make up"
    with pytest.raises(WarehouseVersionError, match=sentence):
        send_due(url, lambda _: None, "run")
    with pytest.raises(WarehouseVersionError, match=sentence):
        load_files(url, tmp_path, [], "run")
    with connect(url, any_version=True) as connection:
        assert rows_of(connection, old.columns) == old.rows


def test_a_backup_of_an_older_version_comes_back_as_the_newest(postgres_url: str, old: Old, tmp_path: Path) -> None:
    """The way back of an upgrade, and an old backup after it."""
    name = f"{old.database}_restored"
    create_backup(old.url, tmp_path / "backup", 1)
    with connect(postgres_url) as server:
        try:
            restore_backup(tmp_path / "backup", postgres_url, name, 1)
            with connect(database_url(postgres_url, name)) as connection:
                rows = rows_of(connection, old.columns)
        finally:
            drop_database(server, name)
    assert {table: old.rows[table] - rows[table] for table in rows if old.rows[table] - rows[table]} == {}


def test_this_code_leaves_a_newer_warehouse_alone(warehouse: psycopg.Connection, warehouse_url: str) -> None:
    warehouse.execute("update restock.migration set version_num = '9999'")
    before = fingerprint(warehouse)
    for attempt in (migrate, connect):
        with pytest.raises(WarehouseVersionError, match=r"of version 9999 .* newer release migrated it, so start that"):
            attempt(warehouse_url)
    assert fingerprint(warehouse) == before


def test_a_login_that_may_not_migrate_is_told_in_a_sentence(url: str) -> None:
    with login_in("restock_pipeline", url) as pipeline:
        environment = os.environ | {"PYTHONPATH": str(ROOT / "include"), "RESTOCK_WAREHOUSE_OWNER_URL": pipeline}
        done = subprocess.run(
            [sys.executable, "-m", "restock.warehouse.migrate"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("PostgreSQL refused the migration: permission denied")
    assert done.stderr.count("\n") == 1
    with connect(url, any_version=True) as connection:
        assert read_version(connection) == OLD_VERSION
