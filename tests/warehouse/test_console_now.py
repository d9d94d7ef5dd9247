"""The console's section Now: its figures against hand-counted cases, and what its buttons do."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.console import actions, read_only
from restock.console.now import MINUTES, STEPS, read_episodes, read_funnel, read_now, read_troubles
from tests.warehouse.landing import CLOCK, Landing, subscribe
from tests.warehouse.shop import NOON, Shop


def channel(connection: psycopg.Connection, name: str, clock: datetime) -> dict:
    return next(one for one in read_now(connection, clock)["channels"] if one["channel"] == name)


def restock_many(shop: Shop, known: int, back: int) -> None:
    shop.run(
        "insert into restock.availability select 'main', 'p' || n, case when n <= %s then 5 else 0 end, %s"
        " from generate_series(1, %s) as n",
        back,
        shop.clock,
        known,
    )


def recorded(connection: psycopg.Connection) -> list[tuple]:
    return connection.execute(
        "select user_name, action, subject, detail from restock.console_action order by console_action_id"
    ).fetchall()


def kill(shop: Shop, user: str, code: str | None, outcome: str, attempts: int = 1) -> None:
    """The message of a shopper is given up."""
    key = shop.rows(f"select notification_key from restock.notification where user_id = '{user}'")[0][0]
    shop.run(
        "update restock.notification set status = 'dead', attempt_count = %s, last_error = %s"
        " where notification_key = %s",
        attempts,
        f"{code} of {user}@example.com",
        key,
    )
    shop.run("delete from restock.outbox where notification_key = %s", key)
    shop.run(
        "insert into restock.delivery_attempt values (%s, %s, %s, %s, null, %s, %s, 'sender')",
        key,
        attempts,
        outcome,
        code,
        shop.clock,
        shop.clock,
    )


# ---- Figures ---------------------------------------------------------------------------------


def test_an_empty_warehouse_has_an_answer_to_everything(warehouse: psycopg.Connection) -> None:
    with read_only(warehouse):
        now = read_now(warehouse, NOON)
        assert (now["waiting_count"], now["is_paused"], now["gates"]) == (0, False, [])
        assert {one["unsent_count"] for one in now["channels"]} == {0}
        assert read_funnel(warehouse, NOON, 30) == {"days": 30, "steps": [], "refreshed_at": None}
        assert read_episodes(warehouse, NOON) == {"open_count": 0, "episodes": []}
        assert read_troubles(warehouse) == {"dead": [], "rejected": [], "rejected_count": 0, "actions": []}


def test_what_is_read_for_the_page_cannot_change_the_warehouse(warehouse: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), read_only(warehouse):
        warehouse.execute("delete from restock.outbox")
    with pytest.raises(psycopg.errors.QueryCanceled), read_only(warehouse):
        warehouse.execute("set local statement_timeout = '20ms'; select pg_sleep(1)")


def test_due_messages_are_told_from_later_ones_and_from_those_on_their_way(shop: Shop) -> None:
    shop.settings |= {"notify_per_unit": "1", "wave_interval_minutes": "30", "rate_per_minute": '{"email": 60}'}
    for user in ("ada", "bob", "cid", "dee"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    shop.run("update restock.outbox set lease_until = %s, leased_by = 'x' where notification_key = 2", shop.clock)
    clock = shop.clock + timedelta(minutes=45)
    email = channel(shop.warehouse, "email", clock)
    assert (email["unsent_count"], email["due_count"], email["leased_count"]) == (4, 1, 1)
    assert email["oldest_due_at"] == shop.clock.isoformat()
    assert email["next_due_at"] == (shop.clock + timedelta(minutes=60)).isoformat()
    assert email["rate_per_minute"] == 60
    assert read_now(shop.warehouse, clock)["waiting_count"] == 4


@pytest.mark.parametrize("most", [50_000, 3])
def test_messages_a_minute_are_counted_by_channel_also_where_only_some_are_looked_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("restock.console.now._MOST_MESSAGES", most)
    for number in range(12):
        shop.customer(f"u{number}")
        shop.request(f"u{number}", "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    shop.run(
        "insert into restock.delivery_attempt select notification_key, 1, 'accepted', '250', null, %s, %s, 'x'"
        " from restock.notification",
        NOON,
        NOON,
    )
    shop.run(
        "insert into restock.delivery_attempt select notification_key, 2, 'retryable', '451', null, %s, %s, 'x'"
        " from restock.notification",
        NOON,
        NOON,
    )
    clock = NOON + timedelta(minutes=2, seconds=10)
    sent = channel(shop.warehouse, "email", clock)["sent"]
    assert len(sent) == MINUTES
    assert sent == [0] * (MINUTES - 2) + [12, 0]
    assert read_now(shop.warehouse, clock)["minutes"][-2] == NOON.isoformat()


def test_the_funnel_adds_up_the_days_of_the_marts_and_never_grows(shop: Shop) -> None:
    shop.run(
        "insert into restock.mart_funnel values ('main', '2026-06-10', 9, 8, 7, 6, 5, 4, 0),"
        " ('berlin', '2026-06-09', 10, 5, 5, 5, 1, 0, 0), ('main', '2026-05-01', 99, 0, 0, 0, 0, 0, 0)"
    )
    shop.run("insert into restock.mart_refresh values (true, %s, 1, 1)", NOON)
    week = read_funnel(shop.warehouse, NOON, 7)
    assert [(step["name"], step["count"]) for step in week["steps"]] == list(
        zip(STEPS, [19, 13, 12, 11, 6, 4], strict=True)
    )
    assert week["refreshed_at"] == NOON.isoformat()
    assert read_funnel(shop.warehouse, NOON, 90)["steps"][0]["count"] == 118
    assert [step["count"] for step in read_funnel(shop.warehouse, NOON, 1)["steps"]] == [9, 8, 7, 6, 5, 4]


def test_an_open_episode_shows_stock_left_and_how_far_its_waves_have_come(shop: Shop) -> None:
    shop.settings |= {"notify_per_unit": "1", "wave_interval_minutes": "30"}
    for number in range(5):
        shop.customer(f"u{number}")
        shop.request(f"u{number}", "lamp")
    shop.stock("lamp", 2)
    shop.stock("mug", 7)
    shop.plan()
    shop.stock("lamp", 1)
    found = read_episodes(shop.warehouse, shop.clock + timedelta(minutes=31))
    assert found["open_count"] == 2
    lamp, mug = found["episodes"]
    expected = {"product_name": "lamp", "quantity": 2, "stock_left": 1, "queue_length": 5, "wave_count": 3}
    reached = {"reached_count": 4, "wave_reached": 1}
    assert lamp.items() >= (expected | reached).items()
    assert lamp["next_due_at"] == (shop.clock + timedelta(minutes=60)).isoformat()
    assert (mug["product_id"], mug["queue_length"], mug["is_held"]) == ("mug", 0, False)


# ---- Gates -----------------------------------------------------------------------------------


def test_releasing_a_gate_says_what_it_holds_lets_it_go_and_is_recorded(shop: Shop) -> None:
    # A release counts from the moment at which somebody makes it.
    shop.clock = datetime.now(UTC) - timedelta(hours=1)
    shop.settings["quiet_hours"] = ""
    for user in ("ada", "bob"):
        shop.customer(user)
        shop.request(user, "p1")
    shop.request("ada", "p2")
    restock_many(shop, 1000, 600)
    shop.plan()
    (gate,) = read_now(shop.warehouse, shop.clock)["gates"]
    assert (gate["gate"], gate["scope"], gate["severity"]) == ("restock_share", "episodes", "fail")
    # Of the 600 products 500 are looked at.
    assert gate["product_count"] == 600
    assert 0 <= gate["request_count"] <= 4
    assert gate["will"].startswith("Release 600 products; about ")
    assert gate["will"].endswith("will be planned at the next run.")

    done = actions.release_gate(shop.warehouse, "vera", "restock_share", "episodes")
    assert done["product_count"] == 600
    assert shop.rows("select released_by from restock.gate") == [("vera",)]
    [(user, action, subject, detail)] = recorded(shop.warehouse)
    assert (user, action, subject, detail["product_count"]) == ("vera", "release_gate", "restock_share", 600)
    shop.clock = datetime.now(UTC)
    shop.plan()
    assert [user for user, _, _ in shop.messages()] == ["ada", "bob"]
    with pytest.raises(actions.NothingToDoError, match="does not stand any more"):
        actions.release_gate(shop.warehouse, "vera", "restock_share", "episodes")
    assert len(recorded(shop.warehouse)) == 1


def test_a_gate_of_a_feed_counts_the_products_that_it_keeps_from_opening(shop: Shop) -> None:
    for feed, severity in (("inventory", "fail"), ("requests", "warn")):
        shop.run(
            "insert into restock.gate (gate, feed, scope, severity, clears, debug_value, since, checked_at)"
            " values (%s, %s, 'feed', %s, 'by itself', 'it is late', %s, %s)",
            f"late_{feed}",
            feed,
            severity,
            shop.clock,
            shop.clock,
        )
    shop.stock("lamp", 3)
    shop.stock("mug", 0)
    shop.request("ada", "lamp")
    late, warning = read_now(shop.warehouse, shop.clock)["gates"]
    assert (late["product_count"], late["request_count"]) == (1, 1)
    assert late["will"].startswith("Release 1 product; about 1 request will be planned at the next run.")
    assert (warning["gate"], warning["product_count"]) == ("late_requests", 0)
    assert warning["will"].startswith("Nothing is held by it now")
    actions.release_gate(shop.warehouse, "vera", "late_inventory", "feed")
    assert [gate["gate"] for gate in read_now(shop.warehouse, shop.clock)["gates"]] == ["late_requests"]
    shop.plan()
    assert read_episodes(shop.warehouse, shop.clock)["open_count"] == 1


# ---- Dead messages, rejected rows, breakers --------------------------------------------------


def test_dead_messages_stand_in_groups_without_addresses_and_a_group_is_replayed_by_itself(shop: Shop) -> None:
    for user in ("ada", "bob", "cid"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 1)
    shop.plan()
    kill(shop, "ada", "550 5.7.1", "permanent")
    kill(shop, "bob", "550", "permanent")
    kill(shop, "cid", None, "in_doubt", attempts=2)
    dead = read_troubles(shop.warehouse)["dead"]
    assert "example.com" not in str(dead)
    assert {(group["outcome"], group["provider_code"], group["message_count"]) for group in dead} == {
        ("permanent", "550 5.7.1", 1),
        ("permanent", "550", 1),
        ("in_doubt", None, 1),
    }
    told = {group["provider_code"]: group["meaning"] for group in dead}
    assert told["550 5.7.1"] == "refused by policy: relaying, reputation or content"
    [in_doubt] = [group for group in dead if group["outcome"] == "in_doubt"]
    assert in_doubt["will"].endswith("some shoppers may then be told twice.")

    # 550 is how the other's code begins as well.
    done = actions.replay_dead_group(shop.warehouse, "vera", shop.clock, "email", "permanent", "550")
    assert done == {"message_count": 1}
    assert shop.rows("select user_id from restock.outbox join restock.notification using (notification_key)") == [
        ("bob",)
    ]
    assert (
        actions.replay_dead_group(shop.warehouse, "vera", shop.clock, "email", "in_doubt", None)["message_count"] == 1
    )
    with pytest.raises(actions.NothingToDoError, match="not dead any more"):
        actions.replay_dead_group(shop.warehouse, "vera", shop.clock, "email", "permanent", "550")
    assert [(one[1], one[2], one[3]["message_count"]) for one in recorded(shop.warehouse)] == [
        ("replay_dead", "email", 1)
    ] * 2


def test_rejected_rows_are_replayed_by_file_and_reason_and_the_record_says_how_it_went(landing: Landing) -> None:
    good = subscribe("r1", user="ada", product="lamp")
    rows = [good | {"timezone": "Mars/Olympus"}, good | {"request_id": "r2", "requested_at": "yesterday"}]
    path = landing.put("requests", rows, "monday.csv")
    landing.load()
    groups = {group["reason_code"]: group for group in read_troubles(landing.warehouse)["rejected"]}
    assert {reason: group["waiting_count"] for reason, group in groups.items()} == {
        "unknown_time_zone": 1,
        "not_a_time": 1,
    }
    assert groups["not_a_time"]["will"] == f"Load 1 rejected row of {path} again, now."
    done = actions.replay_rejected_group(landing.url, "vera", CLOCK, path, "not_a_time")
    assert done == {"replayed": 1, "rejected_again": 1, "left": 0}
    [(user, action, subject, detail)] = recorded(landing.warehouse)
    assert (user, action, subject) == ("vera", "replay_rejected", path)
    assert detail == {"reason": "not_a_time", "waiting": 1, "replayed": 1, "rejected_again": 1, "left": 0}
    with pytest.raises(actions.NothingToDoError, match="do not wait any more"):
        actions.replay_rejected_group(landing.url, "vera", CLOCK, path, "not_a_time")
    # What was rejected again waits under the name of its replay, and can be replayed from there.
    again = read_troubles(landing.warehouse)["rejected"]
    assert {group["path"] for group in again} == {path, f"replay/console-1/{path}#2"}


def test_rows_that_cannot_be_read_again_as_they_came_are_counted_apart(landing: Landing) -> None:
    landing.send("requests", b"request_id,user_id,product_id,requested_at\nr1,\xff,lamp,2026-05-31T10:00Z\n", "a.csv")
    (group,) = read_troubles(landing.warehouse)["rejected"]
    assert (group["waiting_count"], group["stuck_count"]) == (1, 1)
    assert group["will"].endswith("1 stay: they need a correction first.")


def test_a_provider_that_is_down_can_be_tried_before_its_time(shop: Shop) -> None:
    later = shop.clock + timedelta(minutes=15)
    said = "450 <ann@example.com>, https://hooks.example/ann?x=1 or +49 (170) 123-4567: go away in 4.2.0"
    shop.run("insert into restock.breaker values ('email', 6, %s, %s, %s)", shop.clock, later, said)
    email = channel(shop.warehouse, "email", shop.clock)
    assert (email["down_reason"], email["probe_at"]) == ("450 <…>, … or …: go away in 4.2.0", later.isoformat())
    actions.probe_breaker(shop.warehouse, "vera", shop.clock, "email")
    assert shop.rows("select probe_at from restock.breaker") == [(shop.clock,)]
    with pytest.raises(actions.NothingToDoError, match="takes messages again"):
        actions.probe_breaker(shop.warehouse, "vera", shop.clock, "sms")
    assert [one[:3] for one in recorded(shop.warehouse)] == [("vera", "probe_breaker", "email")]


def test_the_latest_actions_stand_first(warehouse: psycopg.Connection) -> None:
    for channel_name in ("email", "sms"):
        actions.record_action(warehouse, "vera", "probe_breaker", channel_name, {})
    assert [one["subject"] for one in read_troubles(warehouse)["actions"]] == ["sms", "email"]
