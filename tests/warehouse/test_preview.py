"""Preview on a real warehouse: what a changed policy would do, now and in a past stretch of time."""

import json
from datetime import timedelta

import psycopg
import pytest

from restock.preview import PreviewResult, WrongChangeError, preview
from restock.preview.__main__ import parse_arguments, run
from restock.preview.text import render
from restock.warehouse import connect
from tests.warehouse.shop import NOON, Shop


@pytest.fixture
def shop(warehouse: psycopg.Connection) -> Shop:
    return Shop(warehouse)


def queue_of(shop: Shop, count: int, product: str = "lamp") -> list[str]:
    requests = []
    for number in range(count):
        shop.customer(f"u{number}")
        asked = NOON - timedelta(hours=count - number)
        requests.append(shop.request(f"u{number}", product, requested_at=asked))
    return requests


def test_waves_spread_the_curve_and_the_preview_says_who_is_told_later(shop: Shop) -> None:
    requests = queue_of(shop, 6)
    shop.stock("lamp", 2)
    result = preview(
        shop.warehouse, {"notify_per_unit": "1", "wave_interval_minutes": 60}, NOON, with_ids=True, channels={"email"}
    )
    assert (result.in_force.waves, result.proposed.waves, result.proposed.largest_wave) == (1, 3, 2)
    assert [(point.hour, point.wave, point.requests) for point in result.proposed.curve] == [
        (NOON + timedelta(hours=wave), wave, 2) for wave in range(3)
    ]
    assert result.difference.request_ids["later"] == requests[2:]
    assert result.difference.median_shift_minutes == 90
    assert result.changed == {"notify_per_unit": (0.0, 1.0), "wave_interval_minutes": (30, 60)}


def test_the_preview_is_what_the_next_run_then_does(shop: Shop) -> None:
    for number in range(12):
        shop.customer(f"u{number}", timezone=["UTC", "Asia/Seoul", "America/New_York"][number % 3])
        for product in ("lamp", "chair", "desk"):
            shop.request(f"u{number}", product, requested_at=NOON - timedelta(minutes=7 * number))
    for product, quantity in (("lamp", 4), ("chair", 1), ("desk", 2)):
        shop.stock(product, quantity)
    changes = {"notify_per_unit": "1.5", "daily_cap": "1", "min_quantity": "2", "digest_window_minutes": "20"}
    result = preview(shop.warehouse, changes, NOON, channels={"email"})

    shop.settings = changes
    shop.plan()
    curve = shop.rows(
        "select date_trunc('hour', n.due_at), d.wave, count(*) from restock.decision d"
        " join restock.notification n using (notification_key) group by 1, 2 order by 1, 2"
    )
    assert curve
    assert [(point.hour, point.wave, point.requests) for point in result.proposed.curve] == curve
    assert result.proposed.requests["told"] == sum(count for *_, count in curve)
    assert result.proposed.messages == shop.rows("select count(*) from restock.notification")[0][0]


def test_a_preview_writes_nothing_and_waits_for_nobody(shop: Shop, warehouse_url: str) -> None:
    queue_of(shop, 3)
    shop.stock("lamp", 2)
    # Whatever writes takes a number of its own, on whichever connection.
    newest = "select pg_snapshot_xmax(pg_current_snapshot())"
    with connect(warehouse_url) as busy, busy.transaction():
        # What a run of the pipeline holds while it plans.
        for key in (7_370_002, 7_370_003):
            busy.execute("select pg_advisory_xact_lock(%s)", (key,))
        busy.execute("lock table restock.candidate, restock.outbox, restock.decision in row exclusive mode")
        busy.execute("select * from restock.plan_queue for update")
        shop.run("set statement_timeout = '60s'")
        seen = []
        for _ in range(3):
            seen.append(busy.execute(newest).fetchone())
            preview(shop.warehouse, {"daily_cap": 1}, NOON)
            preview(shop.warehouse, {"min_quantity": 3}, NOON)
            seen.append(busy.execute(newest).fetchone())
        # The server's own upkeep may have taken one meanwhile, but not each time.
        assert any(before == after for before, after in zip(seen[::2], seen[1::2], strict=True))


def test_a_lower_threshold_shows_who_becomes_eligible_and_a_higher_one_who_drops_out(shop: Shop) -> None:
    shop.settings["min_quantity"] = "3"
    (request,) = queue_of(shop, 1)
    shop.stock("lamp", 2)
    shop.plan()
    lower = preview(shop.warehouse, {"min_quantity": 2}, shop.clock, with_ids=True).difference
    assert lower.newly_told == {"below_threshold": 1}
    assert lower.request_ids["newly_told"] == [request]

    shop.settings["min_quantity"] = "1"
    shop.plan()
    shop.stock("chair", 1)
    shop.request("u0", "chair")
    assert preview(shop.warehouse, {"min_quantity": 2}, shop.clock).difference.no_longer_told == {"below_threshold": 1}


def test_a_longer_life_of_requests_and_a_shorter_cooldown_show_whom_they_let_in(shop: Shop) -> None:
    shop.settings["request_ttl_days"] = "10"
    shop.customer("old")
    shop.request("old", "lamp", requested_at=NOON - timedelta(days=20))
    shop.stock("lamp", 5)
    result = preview(shop.warehouse, {"request_ttl_days": 30}, NOON)
    # No policy stands in the warehouse yet: the defaults are in force, under which the request lives.
    assert result.difference.newly_told == {}
    shop.update_episodes()
    assert preview(shop.warehouse, {"request_ttl_days": 30}, NOON).difference.newly_told == {"expired": 1}


def test_what_is_scheduled_stays_and_the_preview_says_so(shop: Shop) -> None:
    queue_of(shop, 4)
    shop.stock("lamp", 2)
    shop.plan()
    result = preview(shop.warehouse, {"quiet_hours": "00:00-23:00"}, NOON)
    assert (result.unsent_messages, result.unsent_requests) == (4, 4)
    assert result.in_force.requests == result.proposed.requests == {}
    assert result.notes[0].startswith("What is scheduled already and has not left (4 messages)")


def test_held_restocks_and_expected_sell_outs_are_counted(shop: Shop) -> None:
    queue_of(shop, 30)
    shop.stock("lamp", 1)
    shop.stock("chair", 1)
    shop.run("update restock.availability set snapshot_at = %s where product_id = 'chair'", NOON - timedelta(days=9))
    result = preview(shop.warehouse, {"notify_per_unit": 10}, NOON)
    assert (result.in_force.episodes, result.in_force.held_episodes) == (1, 1)
    # 30 shoppers, of whom 5 % buy: the 20th buys the only one.
    (everyone,), (in_waves,) = result.in_force.sell_outs, result.proposed.sell_outs
    assert (everyone.units, everyone.told_after, everyone.at) == (1, 0, NOON)
    assert (in_waves.told_after, in_waves.at) == (10, NOON + timedelta(minutes=30))


def test_a_rate_spreads_the_messages_over_the_minutes(shop: Shop) -> None:
    queue_of(shop, 6)
    shop.stock("lamp", 9)
    result = preview(shop.warehouse, {"rate_per_minute": {"email": 2}}, NOON)
    assert result.in_force.last_at == NOON
    assert result.proposed.last_at == NOON + timedelta(minutes=2, seconds=30)


def test_a_wrong_change_is_refused_in_words(shop: Shop) -> None:
    with pytest.raises(WrongChangeError, match="restock_daily_cap is 'many', but must be a whole number"):
        preview(shop.warehouse, {"daily_cap": "many"}, NOON)
    with pytest.raises(WrongChangeError, match="There is no setting colour; the settings are min_quantity"):
        preview(shop.warehouse, {"colour": "red"}, NOON)
    with pytest.raises(LookupError, match="Nothing was decided from"):
        preview(shop.warehouse, {}, NOON, since=NOON - timedelta(days=1))


def test_the_command_line_gives_the_same_as_a_table_and_as_json(shop: Shop, warehouse_url: str) -> None:
    queue_of(shop, 3)
    shop.stock("lamp", 2)
    given = parse_arguments(["--set", "restock_notify_per_unit=1", "--at", "2026-06-10T12:00", "--ids"])
    result = run(given, warehouse_url)
    assert isinstance(result, PreviewResult)
    assert json.loads(json.dumps(result.as_json()))["difference"]["request_ids"]["later"] == ["r0003"]
    table = render(result)
    assert "notify_per_unit: 0.0 → 1.0" in table
    assert "largest wave                               3             2" in table


def test_a_past_stretch_shows_what_another_policy_would_have_done(shop: Shop) -> None:
    requests = queue_of(shop, 6)
    shop.stock("lamp", 2)
    shop.plan()
    shop.clock += timedelta(minutes=45)
    shop.stock("lamp", 0)
    shop.update_episodes()

    result = preview(shop.warehouse, {"notify_per_unit": 1}, shop.clock, since=NOON, with_ids=True)
    assert result.in_force.requests == {"told": 6}
    # Two waves of two left before it sold out after 45 minutes.
    assert result.proposed.requests == {"told": 4, "sold_out": 2}
    assert result.difference.request_ids["no_longer_told"] == requests[4:]
