"""Replay: past decisions follow to the row from what planning saw, whatever has changed since."""

import json
import random
from datetime import datetime, timedelta

import psycopg
import pytest

from restock.policy import resolve_policy
from restock.preview import preview
from restock.preview.__main__ import parse_arguments, run
from restock.preview.replay import Replay, replay
from restock.preview.text import render_replay
from restock.schedule.plan import rank_requests
from tests.warehouse.shop import NOON, Shop

PRODUCTS = [f"p{number}" for number in range(8)]
ZONES = ["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe", None]
POLICIES = [
    {"notify_per_unit": "0.5", "wave_interval_minutes": "45", "daily_cap": "1", "max_delay_hours": "9"},
    {"quiet_hours": "22:00-09:30", "daily_cap": "2", "holdout_percent": "20", "default_timezone": "Asia/Kathmandu"},
    {"notify_per_unit": "1", "priority": "tier", "cooldown_hours": "6", "digest_window_minutes": "600"},
    {
        "daily_cap": "1",
        "max_delay_hours": "20",
        "overrides": '{"category": {"shoes": {"daily_cap": 3, "quiet_hours": ""}}, "store": {"main": {"daily_cap": 2}}}',  # noqa: E501
    },
]
# What delivery does, by the shop's own clock: what is due leaves, but for what sold out or ended meanwhile.
DROP = """
    update restock.decision d set outcome = 'skipped', rule = 'sold_out', dropped_at = %(clock)s
    from restock.episode e, restock.notification n
    where d.notification_key = n.notification_key and d.episode_id = e.episode_id and d.dropped_at is null
        and n.status = 'scheduled' and n.due_at <= %(clock)s
        and (e.closed_at is not null or exists (
            select 1 from restock.request_outcome o where o.request_key = d.request_key))
"""
SEND = """
    with left_now as (
        update restock.notification n set status_at = %(clock)s, status = case when exists (
            select 1 from restock.decision d where d.notification_key = n.notification_key and d.dropped_at is null
        ) then 'sent' else 'cancelled' end
        where status = 'scheduled' and due_at <= %(clock)s returning notification_key
    ), unqueued as (
        delete from restock.outbox o using left_now l where o.notification_key = l.notification_key
    ), told as (
        insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)
        select d.request_key, 'notified', 'notified', d.notification_key, %(clock)s
        from restock.decision d join left_now using (notification_key) where d.dropped_at is null
        on conflict do nothing returning request_key
    )
    delete from restock.open_request o using told t where o.request_key = t.request_key
"""


class Days:
    """A shop that lives for some days, the same for the same seed."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.random = shop, random.Random(seed)
        for number in range(25):
            shop.customer(f"u{number}", timezone=self.random.choice(ZONES), tier=self.random.randint(0, 2))
        for product in PRODUCTS:
            category = self.random.choice(["shoes", "lamps"])
            shop.run("insert into restock.product (store_id, product_id, name, category) values ('main', %s, %s, %s)",
                     product, product, category)  # fmt: skip

    def step(self) -> None:
        """A few hours: something is asked for, comes, goes, changes; runs plan and send."""
        shop = self.shop
        for _ in range(self.random.randint(3, 12)):
            self.ask()
        for product in self.random.sample(PRODUCTS, 3):
            shop.stock(product, self.random.choice([0, 0, 1, 3, 8]))
            shop.look_at(product)
        if self.random.random() < 0.4:
            shop.settings = self.random.choice(POLICIES)
        # New requests have their product looked at by the next run.
        shop.run("update restock.plan_queue set plan_after = least(plan_after, %s)", shop.clock)
        self.change()
        self.live_until(shop.clock + timedelta(minutes=self.random.choice([1, 20, 61, 300, 700])))

    def live_until(self, until: datetime) -> None:
        """Runs whenever one has something to do, as the run of every minute would."""
        shop = self.shop
        while shop.clock < until:
            shop.plan()
            for statement in (DROP, SEND):
                shop.warehouse.execute(statement, {"clock": shop.clock})
            (due,) = shop.rows(
                "select least((select min(due_at) from restock.outbox),"
                " (select min(plan_after) from restock.plan_queue))"
            )[0]
            shop.clock = min(max(due, shop.clock + timedelta(minutes=1)), until) if due else until

    def ask(self) -> None:
        user, product = f"u{self.random.randrange(25)}", self.random.choice(PRODUCTS)
        known = self.shop.warehouse.execute(
            "select 1 from restock.open_request where user_id = %s and product_id = %s", (user, product)
        ).fetchone()
        if not known:
            contact = self.random.choice([None, None, None, f"{user}@work.example"])
            asked = self.shop.clock - timedelta(minutes=self.random.randint(0, 300))
            self.shop.request(user, product, contact=contact, requested_at=asked, recorded_at=self.shop.clock)

    def change(self) -> None:
        """Shoppers move, change their address, tier and mind; some buy."""
        shop, user = self.shop, f"u{self.random.randrange(25)}"
        shop.run(
            "update restock.customer set timezone = %s, email = %s, tier = %s where user_id = %s",
            self.random.choice(ZONES),
            self.random.choice([None, f"{user}@{self.random.randint(1, 3)}.example"]),
            self.random.randint(0, 2),
            user,
        )
        shop.run(
            "with gone as ("
            "delete from restock.open_request where user_id = %s and product_id = %s returning request_key)"
            " insert into restock.request_outcome (request_key, status, reason, closed_at)"
            " select request_key, 'cancelled', 'cancelled', %s from gone on conflict do nothing",
            f"u{self.random.randrange(25)}",
            self.random.choice(PRODUCTS),
            shop.clock,
        )
        shop.run(
            "insert into restock.purchase (order_id, user_id, store_id, product_id, ordered_at)"
            " values (%s, %s, 'main', %s, %s)",
            f"o{shop.clock.isoformat()}",
            f"u{self.random.randrange(25)}",
            self.random.choice(PRODUCTS),
            shop.clock,
        )


@pytest.fixture
def shop(warehouse: psycopg.Connection) -> Shop:
    return Shop(warehouse)


@pytest.mark.parametrize("seed", [1, 2])
def test_days_of_changing_policies_stock_and_shoppers_replay_to_the_row(shop: Shop, seed: int) -> None:
    days = Days(shop, seed)
    for _ in range(18):
        days.step()
    outcomes = {outcome for (outcome,) in shop.rows("select distinct outcome from restock.decision")}
    assert outcomes >= {"told", "delayed", "merged", "capped", "skipped"}
    (count,) = shop.rows("select count(*) from restock.decision")[0]

    whole = replay(shop.warehouse, NOON, shop.clock)
    assert (whole.decisions, whole.deviations) == (count, [])
    middle = NOON + (shop.clock - NOON) / 2
    parts = [replay(shop.warehouse, NOON, middle), replay(shop.warehouse, middle, shop.clock)]
    assert [part.deviations for part in parts] == [[], []]
    assert sum(part.decisions for part in parts) == count


def test_a_preview_of_the_past_without_a_change_tells_whom_the_runs_told(shop: Shop) -> None:
    """Run by run, without the last look's later drops."""
    days = Days(shop, 4)
    shop.settings = {"cooldown_hours": "0"}
    for _ in range(12):
        days.step()
    result = preview(shop.warehouse, {}, shop.clock, since=NOON, channels={"email"})
    assert result.changed == {}
    assert result.in_force == result.proposed
    assert result.difference.newly_told == result.difference.no_longer_told == {}
    (told,) = shop.rows(
        "select count(distinct request_key) from restock.decision where outcome in ('told', 'delayed', 'merged')"
    )[0]
    assert result.in_force.requests["told"] == told


def test_a_cooldown_that_ends_within_the_horizon_is_followed(shop: Shop) -> None:
    shop.settings = {"quiet_hours": ""}
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 2)
    shop.plan()
    shop.warehouse.execute(SEND, {"clock": NOON})
    shop.stock("lamp", 0)
    shop.plan()
    shop.clock += timedelta(hours=10)
    shop.request("ada", "lamp")
    shop.stock("lamp", 2)

    change = preview(shop.warehouse, {"cooldown_hours": 6}, shop.clock).difference
    assert (change.newly_told, change.earlier, change.median_shift_minutes) == ({}, 1, -14 * 60)
    soon = preview(shop.warehouse, {"cooldown_hours": 6}, shop.clock, timedelta(hours=12)).difference
    assert soon.newly_told == {"cooldown": 1}


@pytest.mark.parametrize(("seed", "number"), [(5, 0), (7, 3)])
def test_the_preview_of_a_living_shop_is_what_its_next_run_then_does(shop: Shop, seed: int, number: int) -> None:
    days = Days(shop, seed)
    for _ in range(5):
        days.step()
    for _ in range(12):
        days.ask()
    shop.stock("p0", 3)
    shop.stock("p1", 1)
    result = preview(shop.warehouse, POLICIES[number], shop.clock, timedelta(0), channels={"email"})

    # The policy in force with these changes, as the preview takes it.
    (in_force,) = shop.rows("select settings from restock.policy order by policy_id desc limit 1")[0]
    shop.settings = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in in_force.items()
    } | POLICIES[number]
    shop.run("update restock.plan_queue set plan_after = least(plan_after, %s)", shop.clock)
    shop.plan()
    made = dict(
        shop.warehouse.execute(
            # Who is passed over once more for the same reason keeps the decision of the first time.
            "select case when notification_key is null then 'capped' else 'told' end, count(*)"
            " from restock.decision where decided_at = %s and position is not null group by 1",
            (shop.clock,),
        ).fetchall()
    )
    assert made["told"] > 0
    assert {name: result.proposed.requests.get(name, 0) for name in made} == made
    curve = shop.warehouse.execute(
        "select date_trunc('hour', n.due_at), d.wave, count(*)"
        " from restock.decision d join restock.notification n using (notification_key)"
        " where d.decided_at = %s group by 1, 2 order by 1, 2",
        (shop.clock,),
    ).fetchall()
    assert [(point.hour, point.wave, point.requests) for point in result.proposed.curve] == curve


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("position = position + 1", "position"),
        ("scheduled_at = scheduled_at + interval '1 minute'", "scheduled_at"),
        ("trace = trace || ' digest'", "trace"),
        ("seen_tier = 2", "position"),
    ],
)
def test_what_does_not_follow_from_what_planning_saw_is_named(shop: Shop, change: str, what: str) -> None:
    shop.settings = {"priority": "tier", "quiet_hours": ""}
    for user in ("ada", "bob"):
        shop.customer(user)
        request = shop.request(user, "lamp", requested_at=NOON - timedelta(hours=3 if user == "ada" else 2))
    shop.stock("lamp", 4)
    shop.plan()
    assert replay(shop.warehouse, NOON, NOON + timedelta(hours=1)).deviations == []
    shop.run(f"update restock.decision set {change} where request_key = 2")
    deviations = replay(shop.warehouse, NOON, NOON + timedelta(hours=1)).deviations
    assert (request, what) in {(deviation.request_id, deviation.what) for deviation in deviations}


def test_places_that_a_broken_run_gave_replay_under_its_policy(shop: Shop) -> None:
    shop.settings = {"quiet_hours": "", "notify_per_unit": "1", "wave_interval_minutes": "90"}
    for user in ("ada", "bob", "cleo"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 1)
    shop.update_episodes()
    first = resolve_policy(shop.warehouse, shop.settings).policy_id
    rank_requests(shop.warehouse, first, shop.channels, shop.clock, shard_size=0)
    # Here it breaks off. The next run goes by another policy.
    shop.clock += timedelta(hours=1)
    shop.settings = {"quiet_hours": "", "wave_interval_minutes": "10", "priority": "tier"}
    shop.plan()
    shop.run("update restock.policy set valid_from = case policy_id when %s then %s else %s end",
             first, NOON - timedelta(hours=1), shop.clock)  # fmt: skip
    result = replay(shop.warehouse, NOON, shop.clock + timedelta(hours=1))
    assert (result.decisions, result.deviations) == (3, [])
    waves = shop.rows("select wave, due_at from restock.decision order by wave")
    assert waves[2] == (2, NOON + timedelta(hours=3))


def test_the_command_line_replays_and_says_what_deviates(shop: Shop, warehouse_url: str) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 4)
    shop.plan()
    given = parse_arguments(["--replay", "--since", "2026-06-10T12:00", "--at", "2026-06-11"])
    assert render_replay(run(given, warehouse_url)) == "1 decisions of 1 runs made again: 0 deviations."
    shop.run("update restock.decision set wave = 3")
    assert render_replay(run(given, warehouse_url)).endswith("r0001 in episode 1: wave was 3, now 0")


def test_an_empty_stretch_has_nothing_to_replay(shop: Shop) -> None:
    assert replay(shop.warehouse, NOON, NOON + timedelta(days=1)) == Replay(0, 0, [])
