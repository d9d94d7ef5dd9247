"""Rules 1 and 2 on a real warehouse: when an episode opens and closes, and what the gate holds."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.episodes import EpisodeCounts, find_held, has_work, release_gates, update_episodes
from restock.episodes.__main__ import main
from restock.policy import Settings, load_policy, resolve_policy
from tests.warehouse.landing import Landing, stock
from tests.warehouse.shop import NOON, Shop


def episodes(connection: psycopg.Connection) -> list[tuple]:
    """Product (with its store where that is not main), quantity and whether it is open; in the order of opening."""
    return connection.execute(
        "select case store_id when 'main' then product_id else store_id || '/' || product_id end,"
        " quantity, closed_at is null from restock.episode order by opened_at, store_id, product_id"
    ).fetchall()


def run(landing: Landing, clock: datetime, **settings: str) -> EpisodeCounts:
    policy = resolve_policy(landing.warehouse, settings)
    return update_episodes(landing.warehouse, policy.policy_id, clock)


def at(minute: int) -> datetime:
    return datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(minutes=minute)


def held(shop: Shop) -> list[tuple]:
    return shop.rows(
        "select product_id, held_reason from restock.episode where held_since is not null order by product_id"
    )


# ---- Rule 1: threshold -----------------------------------------------------------------------


def test_flapping_stock_opens_an_episode_each_time_that_a_run_sees_it_back(landing: Landing) -> None:
    for minute, quantity in enumerate([0, 5, 0, 5, 5, 0]):
        landing.send("inventory", [stock("lamp", quantity, minute)])
        run(landing, at(minute))
    assert episodes(landing.warehouse) == [("lamp", 5, False), ("lamp", 5, False)]


def test_what_flaps_between_two_runs_has_not_been_away_and_what_was_back_has_not_been_back(landing: Landing) -> None:
    landing.send("inventory", [stock("lamp", 5, 0), stock("mug", 0, 0)])
    run(landing, at(0))
    for minute, (lamp, mug) in enumerate([(0, 7), (9, 0)], start=1):
        landing.send("inventory", [stock("lamp", lamp, minute), stock("mug", mug, minute)])
    assert run(landing, at(3)) == EpisodeCounts(closed=0, opened=0)
    assert episodes(landing.warehouse) == [("lamp", 5, True)]


def test_an_episode_counts_all_locations_of_its_store_and_no_other_store(landing: Landing) -> None:
    rows = [
        stock("lamp", 2, location_id="hall"),
        stock("lamp", 1, location_id="attic"),
        stock("lamp", 9, location_id="repair", orderable="false"),
        stock("lamp", 2, store_id="berlin"),
    ]
    landing.send("inventory", rows)
    run(landing, at(0), min_quantity="3")
    assert episodes(landing.warehouse) == [("lamp", 3, True)]

    landing.send("inventory", [stock("lamp", 0, 1, location_id="hall"), stock("lamp", 4, 1, store_id="berlin")])
    run(landing, at(1), min_quantity="3")
    assert episodes(landing.warehouse) == [("lamp", 3, True), ("berlin/lamp", 4, True)]

    landing.send("inventory", [stock("lamp", 0, 2, location_id="attic")])
    assert run(landing, at(2), min_quantity="3") == EpisodeCounts(closed=1, opened=0)
    assert episodes(landing.warehouse) == [("lamp", 3, False), ("berlin/lamp", 4, True)]


def test_an_older_snapshot_that_arrives_late_neither_closes_nor_opens(landing: Landing) -> None:
    landing.send("inventory", [stock("lamp", 5, 10), stock("mug", 0, 10)])
    run(landing, at(10))
    landing.send("inventory", [stock("lamp", 0, 9), stock("mug", 5, 9)])
    assert run(landing, at(11)) == EpisodeCounts(closed=0, opened=0)
    assert episodes(landing.warehouse) == [("lamp", 5, True)]


def test_a_threshold_that_rises_in_mid_episode_closes_nothing_and_one_that_falls_opens(shop: Shop) -> None:
    shop.settings["min_quantity"] = "3"
    shop.stock("lamp", 3)
    shop.stock("mug", 2)
    shop.update_episodes()
    shop.settings["min_quantity"] = "10"
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=0)
    shop.settings["min_quantity"] = "2"
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=1)
    assert episodes(shop.warehouse) == [("lamp", 3, True), ("mug", 2, True)]


def test_the_threshold_of_a_product_goes_before_that_of_its_category_and_that_of_its_store(landing: Landing) -> None:
    products = [
        {"product_id": name, "name": name, "category": category, "store_id": store}
        for store in ("main", "berlin")
        for name, category in (("lamp", "lights"), ("bulb", "lights"), ("mug", "kitchen"))
    ]
    landing.send("products", products)
    rows = [stock(name, 4, store_id=store) for store in ("main", "berlin") for name in ("lamp", "bulb", "mug", "new")]
    landing.send("inventory", rows)
    overrides = (
        '{"store": {"berlin": {"min_quantity": 4}}, "category": {"lights": {"min_quantity": 5}},'
        ' "product": {"main/lamp": {"min_quantity": 1}}}'
    )
    run(landing, at(0), min_quantity="9", overrides=overrides)
    assert episodes(landing.warehouse) == [("berlin/mug", 4, True), ("berlin/new", 4, True), ("lamp", 4, True)]
    landing.warehouse.execute("delete from restock.plan_queue")
    assert not has_work(landing.warehouse, load_policy(landing.warehouse, 1), at(0))


def test_sold_out_in_mid_wave_the_rest_wait_again_and_are_first_next_time(shop: Shop) -> None:
    shop.settings |= {"notify_per_unit": "1", "wave_interval_minutes": "30", "quiet_hours": "", "cooldown_hours": "0"}
    for user in ("a", "b", "c"):
        shop.customer(user)
    first, second, third = (
        shop.request(user, "lamp", requested_at=NOON - timedelta(hours=3 - number))
        for number, user in enumerate(("a", "b", "c"))
    )
    shop.stock("lamp", 1)
    shop.plan()
    # the first wave buys the only unit; the others are sold out before theirs
    shop.run("update restock.notification set status = 'sent', status_at = %s where user_id = 'a'", NOON)
    shop.run("delete from restock.open_request where user_id = 'a'")
    shop.stock("lamp", 0)
    shop.clock += timedelta(minutes=10)
    shop.plan()
    assert shop.states()[second] == shop.states()[third] == "waiting"

    shop.customer("d")
    late = shop.request("d", "lamp")
    shop.stock("lamp", 2)
    shop.clock += timedelta(minutes=10)
    shop.plan()
    rows = shop.rows(
        "select request_id, position, wave from restock.decision join restock.request using (request_key)"
        " join restock.episode using (episode_id) order by episode_id, position"
    )
    assert rows == [(first, 1, 0), (second, 2, 1), (third, 3, 2), (second, 1, 0), (third, 2, 0), (late, 3, 1)]


def test_an_episode_that_closed_before_its_requests_were_ranked_tells_nobody(shop: Shop) -> None:
    shop.customer("ada")
    request = shop.request("ada", "lamp")
    shop.stock("lamp", 1)
    shop.update_episodes()
    shop.stock("lamp", 0)
    shop.clock += timedelta(minutes=1)
    shop.plan()
    assert (shop.messages(), shop.states()) == ([], {request: "waiting"})


def test_an_episode_keeps_the_wave_size_that_was_in_force_at_its_opening(shop: Shop) -> None:
    shop.settings |= {"notify_per_unit": "2", "overrides": '{"product": {"main/mug": {"notify_per_unit": 0.5}}}'}
    shop.stock("lamp", 1)
    shop.stock("mug", 1)
    shop.update_episodes()
    shop.settings["notify_per_unit"] = "7"
    shop.update_episodes()
    assert shop.rows(
        "select product_id, notify_per_unit::text, wave_evidence from restock.episode order by product_id"
    ) == [("lamp", "2.0", None), ("mug", "0.5", None)]


# ---- Rule 2: gate ----------------------------------------------------------------------------


def restock_many(shop: Shop, known: int, back: int) -> None:
    shop.run(
        "insert into restock.availability select 'main', 'p' || n, case when n <= %s then 5 else 0 end, %s"
        " from generate_series(1, %s) as n",
        back,
        shop.clock,
        known,
    )


@pytest.mark.parametrize(
    ("known", "back", "counts"),
    [
        (1000, 501, EpisodeCounts(closed=0, opened=501, held=501)),
        (1000, 500, EpisodeCounts(closed=0, opened=500)),
        (999, 999, EpisodeCounts(closed=0, opened=999)),
    ],
)
def test_when_more_than_the_share_of_a_thousand_products_comes_back_at_once_they_are_held(
    shop: Shop, known: int, back: int, counts: EpisodeCounts
) -> None:
    restock_many(shop, known, back)
    assert shop.update_episodes() == counts


def test_what_is_held_is_not_planned_until_someone_releases_it_and_the_episode_says_who(shop: Shop) -> None:
    shop.clock = datetime.now(UTC) - timedelta(hours=1)
    shop.settings |= {"quiet_hours": "", "notify_per_unit": "0.2"}
    since = shop.clock
    shop.customer("ada")
    shop.customer("bob")
    request, other = shop.request("ada", "p1"), shop.request("bob", "p1")
    restock_many(shop, 1000, 600)
    shop.plan()
    reason = "600 of 1000 products came back at once, more than the share of 0.5 that restock_max_restock_share allows"
    assert (shop.messages(), shop.states()) == ([], {request: "available", other: "available"})
    assert shop.rows("select distinct reason from restock.request_state") == [("gate",)]
    assert held(shop)[0] == ("p1", reason)
    [gate] = find_held(shop.warehouse)
    assert gate == ("restock_share", reason, since, 600)
    assert gate.sentence == (
        f"The gate restock_share holds 600 products that came back, since {since:%Y-%m-%d %H:%M} UTC: {reason}. "
        "Release it by the parameter release_gate of restock_notify, or by python -m restock.episodes."
    )
    assert not has_work(shop.warehouse, Settings(), shop.clock)

    assert release_gates(shop.warehouse, "restock_share", "vera") == ["restock_share"]
    assert has_work(shop.warehouse, Settings(), shop.clock)
    shop.clock = datetime.now(UTC)
    shop.plan()
    # the waves count from the release
    assert shop.messages() == [
        ("ada", shop.clock, [request]),
        ("bob", shop.clock + timedelta(minutes=30), [other]),
    ]
    assert shop.rows(
        "select distinct released_by, released_hold_since, released_hold_reason, held_since from restock.episode"
    ) == [("vera", since, reason, None)]
    assert find_held(shop.warehouse) == []
    assert release_gates(shop.warehouse, "all", "vera") == []


def test_while_a_gate_holds_others_open_as_always(shop: Shop) -> None:
    restock_many(shop, 1000, 600)
    shop.update_episodes()
    shop.stock("lamp", 1)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=1)
    assert len(held(shop)) == 600


def test_what_comes_back_by_an_old_count_is_held_by_itself(shop: Shop) -> None:
    shop.settings["overrides"] = '{"product": {"main/mug": {"max_snapshot_age_hours": 100}}}'
    for product in ("lamp", "mug"):
        shop.stock(product, 5)
    shop.clock += timedelta(hours=49)
    shop.stock("vase", 5)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=3, held=1)
    assert held(shop) == [
        (
            "lamp",
            "its stock was last counted on 10 June 2026 12:00 UTC, longer ago than the 48 hours of "
            "restock_max_snapshot_age_hours",
        )
    ]


def test_a_gate_clears_by_itself_once_all_that_it_holds_is_sold_out(shop: Shop) -> None:
    shop.stock("lamp", 5)
    shop.clock += timedelta(hours=49)
    shop.update_episodes()
    shop.stock("lamp", 0)
    shop.clock += timedelta(hours=1)
    assert shop.update_episodes() == EpisodeCounts(closed=1, opened=0)
    assert shop.rows("select gate, released_by, released_at from restock.gate") == [
        ("snapshot_age", "check", shop.clock)
    ]


def test_while_a_gate_of_the_inventory_feed_holds_none_opens_and_some_still_close(shop: Shop) -> None:
    shop.stock("lamp", 5)
    shop.update_episodes()
    shop.run(
        "insert into restock.gate (gate, feed, scope, severity, clears, debug_value, since, checked_at)"
        " values ('inventory_is_fresh', 'inventory', 'feed', 'fail', 'by itself', 'too old', %s, %s)",
        NOON,
        NOON,
    )
    shop.stock("lamp", 0)
    shop.stock("mug", 5)
    assert shop.update_episodes() == EpisodeCounts(closed=1, opened=0)
    shop.run("delete from restock.plan_queue")
    assert not has_work(shop.warehouse, Settings(), shop.clock)
    assert find_held(shop.warehouse)[0].sentence == (
        "The gate inventory_is_fresh lets no product open, since 2026-06-10 12:00 UTC: too old. "
        "It is released in restock_ingest."
    )
    shop.run("update restock.gate set released_at = checked_at, released_by = 'check'")
    assert has_work(shop.warehouse, Settings(), shop.clock)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=1)


def test_updating_again_changes_nothing(shop: Shop) -> None:
    restock_many(shop, 1000, 600)
    shop.update_episodes()
    before = shop.rows("select * from restock.episode order by 1"), shop.rows("select * from restock.gate")
    shop.clock += timedelta(minutes=1)
    assert shop.update_episodes() == EpisodeCounts(closed=0, opened=0)
    assert (shop.rows("select * from restock.episode order by 1"), shop.rows("select * from restock.gate")) == before


def test_the_command_shows_what_is_held_and_releases_it(
    shop: Shop, warehouse_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    restock_many(shop, 1000, 600)
    shop.update_episodes()
    monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", warehouse_url)
    monkeypatch.setattr("sys.argv", ["episodes"])
    main()
    assert capsys.readouterr().out == find_held(shop.warehouse)[0].sentence + "\n"
    monkeypatch.setattr("sys.argv", ["episodes", "release", "all", "--by", "vera"])
    main()
    assert capsys.readouterr().out == (
        "Released: restock_share. The next run of restock_notify plans what they held.\n"
    )
    assert shop.rows("select released_by from restock.gate") == [("vera",)]
    with pytest.raises(SystemExit, match="No gate called all holds episodes"):
        main()
