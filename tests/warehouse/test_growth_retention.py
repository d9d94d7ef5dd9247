"""Retention: the archive holds what was removed, nothing that is still needed goes, and figures stay."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from restock.delivery import replay_dead
from restock.erasure import Person, erase_person
from restock.marts import refresh
from restock.policy import Settings
from restock.retention import RetentionError, read_days, remove_old
from tests.warehouse.aged_facts import (
    DAYS,
    FAMILY_TABLES,
    NOW,
    ago,
    archive,
    counts,
    end,
    failing,
    make_aged_facts,
    marts,
    rows,
)
from tests.warehouse.mart_facts import Facts
from tests.warehouse.shop import Shop


@pytest.fixture
def facts(warehouse: psycopg.Connection) -> Facts:
    return make_aged_facts(warehouse)


def test_the_archive_holds_what_was_removed_and_the_warehouse_the_rest(facts: Facts, tmp_path: Path) -> None:
    before = counts(facts.warehouse)
    decided = rows(
        facts.warehouse,
        "select request_key, rule, decided_at from restock.decision where decided_at < now() - interval '400 days'"
        " order by request_key",
    )
    sent = rows(
        facts.warehouse,
        "select notification_key, attempt_number, outcome, finished_at from restock.delivery_attempt"
        " where finished_at < now() - interval '400 days' order by 1, 2",
    )

    removed = remove_old(facts.warehouse, tmp_path, NOW, DAYS)

    after = counts(facts.warehouse)
    files = {table: archive(tmp_path, table) for table in FAMILY_TABLES}
    assert {table: len(files[table]) + after[table] for table in FAMILY_TABLES} == before
    assert after["notification"] == 6
    assert sum(removed.values()) == sum(len(file) for file in files.values())
    found = files["decision"].sort_values("request_key")
    assert list(zip(found["request_key"], found["rule"], found["decided_at"], strict=True)) == decided
    found = files["delivery_attempt"].sort_values(["notification_key", "attempt_number"])
    columns = ["notification_key", "attempt_number", "outcome", "finished_at"]
    assert list(found[columns].itertuples(index=False, name=None)) == sent
    assert failing(facts.warehouse) == set()
    assert set(remove_old(facts.warehouse, tmp_path, NOW, DAYS).values()) == {0}


def test_the_ledger_says_what_each_file_holds(facts: Facts, tmp_path: Path) -> None:
    remove_old(facts.warehouse, tmp_path, NOW, DAYS, range_keys=3)
    ledger = rows(
        facts.warehouse,
        "select path, row_count, file_hash, table_name, from_key, to_key from restock.archive_file"
        " where removed_at is not null",
    )
    assert len(ledger) > len(FAMILY_TABLES)
    for path, row_count, file_hash, _, _, _ in ledger:
        assert pq.read_metadata(tmp_path / path).num_rows == row_count
        assert hashlib.sha256((tmp_path / path).read_bytes()).hexdigest() == file_hash
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet*")} == {row[0] for row in ledger}
    # Without a gap or an overlap.
    for table in ("request", "notification"):
        ranges = sorted((first, end) for *_, name, first, end in ledger if name == table)
        assert [first for first, _ in ranges[1:]] == [end for _, end in ranges[:-1]]


def test_the_marts_go_on_counting_what_was_removed(facts: Facts, tmp_path: Path) -> None:
    episode = rows(facts.warehouse, "select min(episode_id) from restock.episode")[0][0]
    facts.hold_out("eve", "lamp", ago(1100), episode)
    end(facts, "eve", 1000, "expired")
    before = marts(facts.warehouse)
    remove_old(facts.warehouse, tmp_path, NOW, DAYS, range_keys=5)
    assert counts(facts.warehouse)["notification"] == 6
    assert marts(facts.warehouse) == before
    # What comes after that counts on top.
    key = facts.message("zoe", "lamp", ago(1))
    facts.attempt(key, 1, "accepted", ago(1))
    sent = "select sum(sent_count) from mart.funnel_daily"
    [(total,)] = rows(facts.warehouse, sent)
    refresh(facts.warehouse)
    assert rows(facts.warehouse, sent) == [(total + 1,)]


def test_no_name_and_no_address_is_in_the_archive(facts: Facts, tmp_path: Path) -> None:
    facts.warehouse.execute(
        "update restock.delivery_attempt set provider_message = 'no such user bob@example.com';"
        "update restock.notification set last_error = '550 bob@example.com';"
        "update restock.request set contact = 'bob@example.com', request_id = 'bob@example.com/' || request_key"
        " where user_id = 'bob@example.com'"
    )
    remove_old(facts.warehouse, tmp_path, NOW, DAYS)
    content = " ".join(archive(tmp_path, table).to_csv() for table in FAMILY_TABLES)
    assert "bob" not in content
    assert "@" not in content.replace("; @", "")
    ids = rows(facts.warehouse, "select notification_id::text from restock.notification")
    assert not any(each in content for (each,) in ids)
    # The same shopper is told from others within a file.
    requests = archive(tmp_path, "request")
    assert requests["shopper"].nunique() == 3
    assert requests["shopper"].str.len().eq(16).all()


def test_an_erasure_after_the_archive_was_written_finds_nothing_to_do_there(facts: Facts, tmp_path: Path) -> None:
    remove_old(facts.warehouse, tmp_path, NOW, DAYS)
    erase_person(facts.warehouse, Person(user_id="bob@example.com"), asked_by="test", secret="secret")
    assert "bob" not in " ".join(archive(tmp_path, table).to_csv() for table in FAMILY_TABLES)
    assert failing(facts.warehouse) == set()


@pytest.mark.parametrize(
    "needed",
    [
        # A request that waits, one that ended lately, and one that joined.
        "update restock.request_outcome set closed_at = now() where request_key = 1",
        "insert into restock.open_request select store_id, product_id, user_id, channel, request_key"
        " from restock.request where request_key = 1; delete from restock.request_outcome where request_key = 1",
        "insert into restock.joined_request (request_id, request_key, requested_at) values ('j', 1, now())",
        # An old request whose message was sent lately: cooldown, daily cap, waves by evidence.
        "update restock.notification set status_at = now() where notification_key = 1",
        "update restock.notification set status = 'failed' where notification_key = 1",
        "update restock.notification set status = 'held' where notification_key = 1",
        # Somebody asked with a date to come.
        "update restock.request set requested_at = now() where request_key = 1",
    ],
)
def test_what_is_needed_stays_with_all_that_came_after_it(facts: Facts, tmp_path: Path, needed: str) -> None:
    facts.warehouse.execute(needed)
    before = counts(facts.warehouse)
    remove_old(facts.warehouse, tmp_path, NOW, DAYS)
    assert {k: v for k, v in counts(facts.warehouse).items() if k != "purchase"} == {
        k: v for k, v in before.items() if k != "purchase"
    }


def test_a_message_whose_requests_may_be_gone_is_not_replayed(facts: Facts) -> None:
    young = facts.message("ann", "lamp", ago(190), status="dead")
    facts.message("ann", "lamp", ago(210), status="dead")
    assert replay_dead(facts.warehouse, NOW) == 1
    assert rows(facts.warehouse, "select notification_key from restock.outbox") == [(young,)]


def test_a_purchase_after_a_waiting_request_stays(facts: Facts, tmp_path: Path) -> None:
    facts.open_request("ann", "lamp", ago(1150))
    purchases = counts(facts.warehouse)["purchase"]
    remove_old(facts.warehouse, tmp_path, NOW, DAYS)
    assert counts(facts.warehouse)["purchase"] == purchases


def test_an_old_request_that_is_landed_again_tells_nobody(shop: Shop, tmp_path: Path) -> None:
    shop.clock = datetime.now(UTC)
    shop.settings["quiet_hours"] = ""
    shop.customer("ann")
    shop.request("ann", "lamp", request_id="once", requested_at=ago(500))
    shop.stock("lamp", 9)
    shop.plan()
    assert shop.states() == {"once": "expired"}
    shop.run("update restock.request_outcome set closed_at = now() - interval '410 days'")
    shop.run("update restock.decision set decided_at = now() - interval '410 days'")
    remove_old(shop.warehouse, tmp_path, NOW, DAYS)
    assert shop.states() == {}

    shop.request("ann", "lamp", request_id="once", requested_at=ago(500))
    shop.plan()
    assert shop.states() == {"once": "expired"}
    assert shop.rows("select count(*) from restock.notification") == [(0,)]


def test_old_withdrawals_go_and_younger_ones_stay(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    for days in (500, 10):
        warehouse.execute(
            "insert into restock.cancellation (request_id, user_id, store_id, product_id, cancelled_at)"
            " values ('r', 'ann', 'main', 'lamp', %s)",
            [ago(days)],
        )
    assert remove_old(warehouse, tmp_path, NOW, DAYS)["cancellation"] == 1
    assert rows(warehouse, "select cancelled_at from restock.cancellation") == [(ago(10),)]


def test_a_partition_is_dropped_once_all_of_it_is_removed(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    facts = Facts(warehouse)
    facts.policy(ago(500))
    for start in (1, 10_000_000):
        warehouse.execute(f"alter table restock.notification alter column notification_key restart with {start}")
        warehouse.execute(f"alter table restock.request alter column request_key restart with {start}")
        key = facts.message("ann", "lamp", ago(450))
        facts.attempt(key, 1, "accepted", ago(450))
        end(facts, "ann", 450, "notified", key)
    # Ranges end where the first key is that stays.
    facts.open_request("bob", "lamp", ago(5))
    remove_old(warehouse, tmp_path, NOW, DAYS)
    left = {name for (name,) in rows(warehouse, "select partition_name from restock.partition")}
    assert left.isdisjoint({"notification_1", "delivery_attempt_1", "decision_1", "request_outcome_1"})
    assert {"notification_2", "decision_2", "inbox_1"} <= left
    assert failing(warehouse) == set()


@pytest.mark.parametrize(
    ("text", "settings", "sentence"),
    [
        ("soon", {}, "a whole number of days from 210"),
        ("30", {}, "a whole number of days from 210"),
        ("300", {"request_ttl_days": 365}, "give more than 365"),
        ("300", {"overrides": {"store": {"main": {"request_ttl_days": 350}}}}, "give more than 350"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(text: str, settings: dict, sentence: str) -> None:
    with pytest.raises(RetentionError, match=sentence):
        read_days(text, Settings.model_validate(settings))


def test_a_number_of_days_is_read() -> None:
    assert read_days("400", Settings()) == 400


def test_orders_of_days_that_are_archived_come_into_a_file_of_their_own(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    facts = Facts(warehouse)
    facts.policy(ago(500))
    for order in ("first", "late"):
        facts.purchase("ann", "lamp", ago(450))
        assert remove_old(warehouse, tmp_path, NOW, DAYS)["purchase"] == 1, order
    assert len(archive(tmp_path, "purchase")) == 2
    assert len(list((tmp_path / "purchase").iterdir())) == 2


def test_what_is_known_of_removed_messages_ends_after_two_years_and_with_an_erasure(
    warehouse: psycopg.Connection, tmp_path: Path
) -> None:
    erase_person(warehouse, Person(channel="email", contact="ann@example.com"), asked_by="test", secret="secret")
    for contact, days in (("ann", 500), ("bob", 500), ("cid", 732)):
        warehouse.execute(
            "insert into restock.removed_message (notification_id, channel, store_id, contact_hash, created_at)"
            " values (gen_random_uuid(), 'email', 'main', restock.hash_name('contact:' || %s || '@example.com'), %s)",
            [contact, ago(days)],
        )
    remove_old(warehouse, tmp_path, NOW, DAYS)
    left = "select contact_hash = restock.hash_name('contact:bob@example.com') from restock.removed_message"
    assert rows(warehouse, left) == [(True,)]
