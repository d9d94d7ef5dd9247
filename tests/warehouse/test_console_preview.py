"""What changed settings would do, as the console shows it: worked out in another process, and shaped for the page."""

from datetime import UTC, datetime, timedelta

import pytest

from restock.console import try_changes
from restock.console.try_changes import PreviewFailedError, run, shape
from restock.preview import preview
from tests.warehouse.shop import Shop


@pytest.fixture
def waiting(shop: Shop) -> Shop:
    """Three wait for two lamps that are back, and everybody is in quiet hours."""
    shop.clock = datetime(2026, 6, 10, 22, 0, tzinfo=UTC)
    for user in ("ada", "bob", "cid"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 2)
    return shop


def test_both_sides_are_counted_and_curved_over_the_same_hours(waiting: Shop) -> None:
    changes = {"quiet_hours": "", "notify_per_unit": 1, "wave_interval_minutes": 60}
    shown = shape(preview(waiting.warehouse, changes, waiting.clock))
    assert shown["changed"]["quiet_hours"] == ["21:00-08:00", ""]
    assert (shown["in_force"]["told"], shown["proposed"]["told"]) == (3, 3)
    assert (shown["in_force"]["waves"], shown["proposed"]["waves"]) == (1, 2)
    assert shown["difference"]["earlier"] == 3
    curve = shown["curve"]
    first = datetime.fromisoformat(curve["hours"][0])
    assert [datetime.fromisoformat(hour) - first for hour in curve["hours"]] == [timedelta(hours=n) for n in range(11)]
    # Two at once and one an hour later, against all at eight in the morning.
    assert curve["proposed"] == [2, 1] + [0] * 9
    assert curve["in_force"] == [0] * 10 + [3]
    assert shown["later"] == [0, 0]


def test_who_is_not_told_is_counted_by_rule(waiting: Shop) -> None:
    waiting.run("update restock.customer set email = null where user_id = 'ada'")
    shown = shape(preview(waiting.warehouse, {"min_quantity": 5}, waiting.clock))
    assert shown["in_force"]["not_told"] == {"no_address": 1}
    assert shown["proposed"]["told"] == 0
    assert sum(shown["difference"]["no_longer_told"].values()) == 2


def test_what_lies_beyond_the_curve_is_not_lost(waiting: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_changes, "MOST_HOURS", 3)
    shown = shape(preview(waiting.warehouse, {"quiet_hours": ""}, waiting.clock))
    assert (len(shown["curve"]["hours"]), shown["later"]) == (3, [3, 0])


def test_a_preview_comes_from_a_process_of_its_own(shop: Shop, warehouse_url: str) -> None:
    shop.clock = datetime.now(UTC)
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 2)
    shown = run(warehouse_url, {"daily_cap": 1}, {"email"})
    assert (shown["in_force"]["told"], shown["changed"]) == (1, {"daily_cap": ["3", "1"]})
    assert shop.messages() == []


def test_a_preview_that_fails_says_why_in_a_sentence(
    waiting: Shop, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PreviewFailedError, match="There is no setting no_such"):
        run(warehouse_url, {"no_such": 1}, {"email"})
    monkeypatch.setattr(try_changes, "SECONDS", 0.01)
    with pytest.raises(PreviewFailedError, match=r"took longer than 0\.01 seconds and was ended"):
        run(warehouse_url, {"daily_cap": 1}, {"email"})
