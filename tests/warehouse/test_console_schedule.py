"""The console's section Schedule: the messages to come, and where it is quiet."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from restock.console.schedule import STEPS, read_choices, read_schedule
from tests.warehouse.shop import NOON, Shop


def series(schedule: dict, by: str) -> dict[str, dict[int, int]]:
    """The steps in which something falls due, by name of the series."""
    return {one["name"]: {step: value for step, value in enumerate(one["values"]) if value} for one in schedule[by]}


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """Five wait for one lamp, two at a time every half hour; two of them for the mug as well, one on sms."""
    shop.settings |= {"notify_per_unit": "2", "wave_interval_minutes": "30", "digest_window_minutes": "0"}
    shop.channels.add("sms")
    shop.run(
        "insert into restock.product (store_id, product_id, name, category) values ('main', 'lamp', 'Lamp', 'light')"
    )
    for number in range(5):
        shop.customer(f"u{number}", timezone="Asia/Tokyo" if number == 4 else "UTC", phone="+491")
        shop.request(f"u{number}", "lamp")
    shop.request("u0", "mug", channel="sms")
    shop.stock("lamp", 1)
    shop.stock("mug", 1)
    shop.plan()
    return shop


def test_the_curve_counts_each_message_once_by_channel_and_by_wave(busy: Shop) -> None:
    schedule = read_schedule(busy.warehouse, busy.clock + timedelta(minutes=1), 12)
    # u4 sleeps until 8:00 in Tokyo, 11 hours later.
    assert series(schedule, "by_channel") == {"email": {0: 2, 3: 2, 66: 1}, "sms": {0: 1}}
    assert series(schedule, "by_wave") == {"Wave 1": {0: 3}, "Wave 2": {3: 2}, "Wave 3": {66: 1}}
    assert (schedule["total"], schedule["later"]) == (6, 0)
    assert schedule["starts"][0] == NOON.isoformat()
    assert len(schedule["starts"]) == 72


def test_what_is_overdue_counts_in_the_first_step_and_what_is_beyond_the_last_as_later(busy: Shop) -> None:
    schedule = read_schedule(busy.warehouse, NOON + timedelta(hours=3), 12)
    assert series(schedule, "by_channel") == {"email": {0: 4, 48: 1}, "sms": {0: 1}}
    busy.run("update restock.outbox set due_at = %s", NOON + timedelta(days=9))
    schedule = read_schedule(busy.warehouse, NOON, 168)
    assert (schedule["total"], schedule["later"], schedule["by_channel"]) == (6, 6, [])


@pytest.mark.parametrize(
    ("narrowed", "messages"),
    [
        ({"store_id": "main"}, 6),
        ({"store_id": "berlin"}, 0),
        ({"category": "light"}, 5),
        ({"product_id": "mug"}, 1),
        ({"product_id": "mug", "category": "light"}, 0),
        ({"product_id": "lamp", "store_id": "main", "category": "light"}, 5),
    ],
)
def test_the_schedule_is_narrowed_to_store_category_and_product(
    busy: Shop, narrowed: dict[str, str], messages: int
) -> None:
    assert read_schedule(busy.warehouse, NOON, 24, **narrowed)["total"] == messages


def test_the_choices_are_what_is_back(busy: Shop) -> None:
    assert read_choices(busy.warehouse) == {
        "stores": ["main"],
        "categories": ["light"],
        "products": [["lamp", "Lamp"], ["mug", "mug"]],
    }


def test_quiet_hours_are_those_of_the_shoppers_who_are_written_to(busy: Shop) -> None:
    quiet = read_schedule(busy.warehouse, NOON, 24)["quiet"]
    assert quiet["hours"] == "21:00-08:00"
    assert [(zone["name"], zone["share"]) for zone in quiet["zones"]] == [("UTC", 0.8333), ("Asia/Tokyo", 0.1667)]
    assert quiet["zones"][0]["quiet"] == [
        ((NOON + timedelta(hours=9)).isoformat(), (NOON + timedelta(hours=20)).isoformat())
    ]
    by_hour = dict(zip(range(24), quiet["share"][::4], strict=True))
    # Noon in UTC is 21:00 in Tokyo.
    assert (by_hour[0], by_hour[8], by_hour[9], by_hour[10], by_hour[11]) == (0.1667, 0.1667, 1.0, 1.0, 0.8333)


def test_quiet_hours_of_a_store_or_product_hold_for_what_is_narrowed_to_it(busy: Shop) -> None:
    own = {"store": {"main": {"quiet_hours": ""}}, "product": {"main/mug": {"quiet_hours": "09:00-10:00"}}}
    busy.settings["overrides"] = json.dumps(own)
    busy.plan()
    whole = read_schedule(busy.warehouse, NOON, 24)["quiet"]
    store = read_schedule(busy.warehouse, NOON, 24, store_id="main")["quiet"]
    product = read_schedule(busy.warehouse, NOON, 24, store_id="main", product_id="mug")["quiet"]
    assert (whole["hours"], store["hours"], product["hours"]) == ("21:00-08:00", "", "09:00-10:00")
    assert (set(store["share"]), store["zones"]) == ({0.0}, [])


def test_where_messages_are_very_many_some_stand_for_all(busy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_schedule(busy.warehouse, NOON, 24)["is_exact"]
    monkeypatch.setattr("restock.console.schedule._MOST_MESSAGES", 3)
    schedule = read_schedule(busy.warehouse, NOON, 24)
    # Every second of six.
    assert (schedule["total"], schedule["is_exact"]) == (6, False)


def test_an_empty_schedule_has_its_axis_and_no_curve(shop: Shop) -> None:
    for hours, step in STEPS.items():
        schedule = read_schedule(shop.warehouse, datetime(2026, 6, 10, 12, 34, tzinfo=UTC), hours)
        assert (schedule["total"], schedule["by_channel"], schedule["by_wave"]) == (0, [], [])
        assert len(schedule["starts"]) * step == timedelta(hours=hours)
