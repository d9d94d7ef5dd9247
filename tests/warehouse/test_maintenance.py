"""Daily upkeep, on real PostgreSQL: what expires and what does not, and that each check finds what it is for."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

from restock.maintenance import WarehouseCheckError, check_warehouse, expire_requests, require_valid
from restock.policy import resolve_policy
from restock.warehouse import SQL_ROOT, connect, read_sql

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def statuses(connection: psycopg.Connection, request_ids: Iterable[str]) -> dict[str, str]:
    rows = connection.execute(
        "select request_id, status from restock.request_state where request_id = any(%(ids)s)",
        {"ids": list(request_ids)},
    )
    return dict(rows.fetchall())


def open_ids(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "select request_id from restock.open_request inner join restock.request using (request_key)"
    )
    return {row[0] for row in rows}


def test_a_request_expires_once_it_is_older_than_the_policy_in_force_allows(sample):
    asked = datetime(2026, 8, 1, 10, tzinfo=UTC)
    assert expire_requests(sample, asked + timedelta(days=90)) == 0
    assert expire_requests(sample, asked + timedelta(days=90, seconds=1)) == 1
    assert statuses(sample, ["cid-lamp", "ann-lamp"]) == {"cid-lamp": "expired", "ann-lamp": "waiting"}
    assert "cid-lamp" not in open_ids(sample)


def test_the_newest_policy_decides_how_old_a_request_may_be(sample):
    sample.execute(
        "insert into restock.policy (settings, changed) values ('{\"request_ttl_days\": 10}', '{request_ttl_days}')"
    )
    assert expire_requests(sample, NOW) == 1
    assert statuses(sample, ["cid-lamp"]) == {"cid-lamp": "expired"}


@pytest.mark.parametrize(
    ("overrides", "days"),
    [
        ('{"store": {"main": {"request_ttl_days": 10}}, "category": {"lights": {"daily_cap": 1}}}', 10),
        ('{"store": {"main": {"request_ttl_days": 10}}, "category": {"lights": {"request_ttl_days": 100}}}', 100),
        ('{"category": {"lights": {"request_ttl_days": 100}}, "product": {"main/lamp": {"request_ttl_days": 5}}}', 5),
    ],
)
def test_a_store_category_or_product_can_have_its_own_age(sample, overrides, days):
    resolve_policy(sample, {"overrides": overrides})
    [(asked,)] = sample.execute("select requested_at from restock.request where request_id = 'cid-lamp'").fetchall()
    expire_requests(sample, asked + timedelta(days=days))
    assert statuses(sample, ["cid-lamp"]) == {"cid-lamp": "waiting"}
    expire_requests(sample, asked + timedelta(days=days, seconds=1))
    assert statuses(sample, ["cid-lamp"]) == {"cid-lamp": "expired"}


def test_without_any_policy_a_request_expires_after_ninety_days(warehouse):
    warehouse.execute(
        "insert into restock.request (request_id, user_id, store_id, product_id, channel, requested_at) values "
        "('old', 'ann', 'main', 'lamp', 'email', %(old)s), ('young', 'bob', 'main', 'lamp', 'email', %(young)s)",
        {"old": NOW - timedelta(days=91), "young": NOW - timedelta(days=89)},
    )
    warehouse.execute(
        "insert into restock.open_request "
        "select store_id, product_id, user_id, channel, request_key from restock.request"
    )
    assert expire_requests(warehouse, NOW) == 1
    assert open_ids(warehouse) == {"young"}


def test_a_request_whose_message_has_still_to_leave_does_not_expire(sample):
    expire_requests(sample, LATER)
    assert statuses(sample, ["bob-chair", "bob-desk"]) == {"bob-chair": "scheduled", "bob-desk": "scheduled"}


def test_a_request_whose_message_is_dead_expires(sample):
    sample.execute("update restock.notification set status = 'dead' where notification_key = 2")
    sample.execute("delete from restock.outbox")
    expire_requests(sample, LATER)
    assert statuses(sample, ["bob-chair", "bob-desk"]) == {"bob-chair": "expired", "bob-desk": "expired"}


def test_a_request_that_was_passed_over_in_a_restock_which_still_lasts_expires(sample):
    expire_requests(sample, LATER)
    assert statuses(sample, ["dee-desk"]) == {"dee-desk": "expired"}


def test_a_request_that_the_planner_has_yet_to_look_at_is_left_to_it(sample):
    sample.execute("delete from restock.decision where request_key = 7")
    expire_requests(sample, LATER)
    assert statuses(sample, ["dee-desk"]) == {"dee-desk": "available"}


def test_a_request_for_a_held_restock_expires(sample):
    sample.execute("delete from restock.decision where request_key = 7")
    sample.execute("update restock.episode set held_since = opened_at, held_reason = 'too many' where episode_id = 2")
    expire_requests(sample, LATER)
    assert statuses(sample, ["dee-desk"]) == {"dee-desk": "expired"}


def test_small_chunks_expire_the_same_requests(sample):
    assert expire_requests(sample, LATER, chunk_size=1) == 3
    assert open_ids(sample) == {"bob-chair", "bob-desk"}


def test_expiring_again_changes_nothing(sample):
    expire_requests(sample, LATER)
    before = sample.execute("select * from restock.request_outcome order by 1").fetchall()
    assert expire_requests(sample, LATER + timedelta(days=1)) == 0
    assert sample.execute("select * from restock.request_outcome order by 1").fetchall() == before


def test_two_runs_at_once_neither_wait_for_each_other_nor_expire_a_request_twice(sample, warehouse_url):
    settings = Jsonb({"request_ttl_days": 90})
    with sample.transaction(), connect(warehouse_url) as other:
        sample.execute(read_sql("maintenance/find_overdue.sql"), {"clock": LATER, "settings": settings})
        sample.execute(read_sql("maintenance/expire_requests.sql"), {"clock": LATER, "first_place": 1, "last_place": 4})
        sample.execute("drop table overdue_request")
        other.execute("set lock_timeout = '60s'")
        assert expire_requests(other, LATER) == 1
    assert expire_requests(sample, LATER) == 0
    assert open_ids(sample) == {"bob-chair", "bob-desk"}


def test_after_expiry_the_warehouse_still_agrees(sample):
    expire_requests(sample, LATER)
    require_valid(check_warehouse(sample))


BREAKS = {
    "availability_is_sum_of_inventory": "update restock.inventory set orderable = true where location_id = 'south'",
    "default_partition_is_empty": "insert into restock.inbox (inbox_id, feed, line, client) overriding system value "
    "values (990000000, 'requests', '{}', 'shop')",
    "episode_is_open_once": "drop index restock.episode_open_key; "
    "update restock.episode set closed_at = null, product_id = 'chair' where episode_id = 3",
    "feed_file_sums_agree": "delete from restock.rejected_row",
    "message_is_accepted_once": "update restock.delivery_attempt set outcome = 'accepted'",
    "message_id_follows_from_its_opening": "update restock.notification set notification_id = gen_random_uuid() "
    "where notification_key = 1",
    "message_id_is_unique": "insert into restock.notification (notification_key, notification_id, opening_episode_id, "
    "opening_request_key, user_id, channel, store_id, timezone, local_day, first_due_at, due_at, status, status_at, "
    "policy_id, created_at) overriding system value select 15000000, notification_id, opening_episode_id, "
    "opening_request_key, user_id, channel, store_id, timezone, local_day, first_due_at, due_at, 'cancelled', "
    "status_at, policy_id, created_at from restock.notification where notification_key = 1",
    "no_message_is_overdue": "update restock.outbox set due_at = now() - interval '2 hours'",
    "notified_names_sent_message": "update restock.request_outcome set notification_key = 2 where request_key = 1",
    "outbox_is_unsent": "insert into restock.outbox (notification_key, channel, due_at) "
    "values (3, 'email', '2999-01-01')",
    "plan_is_anchored": "update restock.decision set policy_id = 999 where request_key = 5",
    "replay_answers_each_row": "insert into restock.feed_file (feed, path, byte_size, modified_at, status, origin, "
    "read_count, loaded_count) values ('requests', 'replay/x', 1, '2026-01-01', 'loaded', 'replay', 1, 1)",
    "request_ends_once": "insert into restock.request_outcome (request_key, status, reason, closed_at) "
    "values (6, 'purchased', 'purchased', now())",
    "request_is_open_or_ended": "delete from restock.open_request where request_key = 6",
    "request_is_told_once": "update restock.decision set outcome = 'told', dropped_at = null where request_key = 5; "
    "update restock.decision set request_key = 1 where request_key = 5; "
    "update restock.notification set status = 'sent' where notification_key = 3; "
    "insert into restock.delivery_attempt "
    "(notification_key, attempt_number, outcome, started_at, finished_at, sender) "
    "values (3, 1, 'accepted', '2026-08-03T09:00Z', '2026-08-03T09:00Z', 'run 1')",
    "sent_item_has_outcome": "delete from restock.request_outcome where request_key = 1; "
    "insert into restock.open_request values ('main', 'chair', 'ann', 'email', 1)",
    "sent_item_was_available": "update restock.episode set closed_at = '2026-09-01T08:10Z' where episode_id = 1",
    "sent_message_was_accepted": "delete from restock.delivery_attempt where outcome = 'accepted'",
    "unsent_is_in_outbox": "delete from restock.outbox",
    "wanted_product_is_known": "delete from restock.product where product_id = 'lamp'",
    "what_names_a_file_or_request_finds_it": "insert into restock.open_request "
    "values ('main', 'chair', 'zoe', 'email', 999)",
    "storage_is_set": "alter table restock.outbox reset (autovacuum_vacuum_threshold)",
}


def test_every_check_holds_where_everything_agrees(sample):
    results = check_warehouse(sample)
    assert [result for result in results if not result.is_valid] == []
    require_valid(results)


def test_every_check_holds_in_an_empty_warehouse(warehouse):
    assert [result for result in check_warehouse(warehouse) if not result.is_valid] == []


def test_every_check_is_tried_on_a_warehouse_that_breaks_it():
    assert set(BREAKS) == {path.stem for path in (SQL_ROOT / "checks").glob("*.sql")}


@pytest.mark.parametrize("name", BREAKS)
def test_a_check_finds_what_it_is_for_and_no_other_check_complains(sample, name):
    sample.execute(BREAKS[name])
    broken = [result for result in check_warehouse(sample) if not result.is_valid]
    assert [result.name for result in broken] == [name]
    assert broken[0].debug_value.endswith("(1 in all)")


@pytest.mark.parametrize(
    ("breaking", "found"),
    [
        ("update restock.request set feed_file_id = 999 where request_key = 6", "request "),
        (
            "insert into restock.open_request values ('main', 'chair', 'zoe', 'email', 999)",
            "open request of zoe for chair",
        ),
        (
            "update restock.inventory set feed_file_id = 999 where location_id = 'south'",
            "inventory of chair at south",
        ),
        (
            "insert into restock.cancellation (request_id, user_id, store_id, product_id, cancelled_at, feed_file_id) "
            "values ('zoe-chair', 'zoe', 'main', 'chair', '2026-08-03', 999)",
            "cancellation zoe-chair",
        ),
        ("insert into restock.customer (user_id, feed_file_id) values ('zed', 999)", "customer zed"),
    ],
)
def test_whatever_names_a_file_or_a_request_that_is_gone_is_found(sample, breaking, found):
    sample.execute(breaking)
    (broken,) = [result for result in check_warehouse(sample) if not result.is_valid]
    assert broken.name == "what_names_a_file_or_request_finds_it"
    assert broken.debug_value.startswith(f"rows such as {found}")
    assert broken.debug_value.endswith("(1 in all)")


@pytest.mark.parametrize(
    ("breaking", "found"),
    [
        ("update restock.decision set episode_id = 999 where request_key = 5", "decision on request 5 in episode 999"),
        ("update restock.notification set opening_request_key = 999 where notification_key = 3", "message 3"),
        ("update restock.notification set opening_episode_id = 999 where notification_key = 3", "message 3"),
        ("update restock.notification set policy_id = 999 where notification_key = 3", "message 3"),
        (
            "insert into restock.outbox (notification_key, channel, due_at) values (999, 'email', now())",
            "outbox row of message 999",
        ),
        (
            "insert into restock.candidate"
            " (bucket, episode_id, request_key, position, wave, due_at, ranked_at, request_id, user_id, channel, tier)"
            " values (0, 1, 999, 9, 0, now(), now(), 'gone', 'zoe', 'email', 0)",
            "place of request 999 in episode 1",
        ),
    ],
)
def test_whatever_planning_names_and_is_gone_is_found(sample, breaking, found):
    sample.execute(breaking)
    (broken,) = [result for result in check_warehouse(sample) if result.name == "plan_is_anchored"]
    assert broken.debug_value == f"rows such as the {found} (1 in all)"


def test_a_failed_check_is_told_in_one_sentence_that_names_the_first_row(sample):
    sample.execute(BREAKS["request_is_open_or_ended"])
    with pytest.raises(WarehouseCheckError) as caught:
        require_valid(check_warehouse(sample))
    assert str(caught.value) == (
        "The warehouse check request_is_open_or_ended does not hold: it should be that each request is open or has an "
        "outcome, but it is not so for requests such as ann-lamp (1 in all); "
        "sql/checks/request_is_open_or_ended.sql finds them."
    )


def test_a_check_that_only_warns_is_logged_and_fails_nothing(sample, caplog):
    sample.execute(BREAKS["wanted_product_is_known"])
    with caplog.at_level(logging.WARNING):
        require_valid(check_warehouse(sample))
    assert [record.message for record in caplog.records if "wanted_product_is_known" in record.message]
