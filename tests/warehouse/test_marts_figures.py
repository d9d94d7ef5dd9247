"""The figures of the marts against cases counted by hand, formulas written anew, and published examples."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from restock.marts import refresh
from tests.warehouse.mart_facts import Facts
from tests.warehouse.own_warehouse import connected

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
Z = 1.959964

# Deleting a few rows is quicker than a new database.
TABLES = [
    *("click", "purchase", "delivery_attempt", "outbox", "decision", "notification", "open_request"),
    *("request_outcome", "request", "episode", "policy", "product", "availability", "suppression"),
    "store_suppression",
]


@pytest.fixture(scope="module")
def shared(postgres_url: str, warehouse_template: str) -> Iterator[psycopg.Connection]:
    with connected(postgres_url, warehouse_template) as warehouse:
        yield warehouse


def empty(warehouse: psycopg.Connection) -> Facts:
    """An empty warehouse with policy 1."""
    warehouse.execute("; ".join(f"delete from restock.{table}" for table in TABLES))
    warehouse.execute("alter table restock.policy alter column policy_id restart")
    facts = Facts(warehouse)
    facts.policy(NOON - timedelta(days=30))
    return facts


@pytest.fixture
def facts(shared: psycopg.Connection) -> Facts:
    return empty(shared)


def rows(facts: Facts, query: str) -> list[dict[str, Any]]:
    with facts.warehouse.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """The score interval as the textbooks write it."""
    rate, z2 = successes / trials, Z * Z
    centre = (successes + z2 / 2) / (trials + z2)
    half = Z / (trials + z2) * sqrt(trials * rate * (1 - rate) + z2 / 4)
    return centre - half, centre + half


def credited(facts: Facts) -> list[tuple[str, int, int]]:
    """Channel, clicks and orders of each message, in the order of sending."""
    found = rows(facts, "select channel, click_count, order_count from mart.attribution order by sent_at")
    return [tuple(fact.values()) for fact in found]


def test_a_purchase_counts_for_the_last_message_before_it_and_for_no_other(facts: Facts) -> None:
    facts.message("ann", "lamp", NOON)
    facts.message("ann", "lamp", NOON + 24 * HOUR, channel="sms")
    facts.purchase("ann", "lamp", NOON + HOUR)
    facts.purchase("ann", "lamp", NOON + 25 * HOUR)
    facts.purchase("ann", "lamp", NOON + 26 * HOUR)
    assert credited(facts) == [("email", 0, 1), ("sms", 0, 2)]
    assert rows(facts, "select sum(unit_count) as units, sum(amount) as amount from mart.attribution") == [
        {"units": 3, "amount": Decimal(30)}
    ]


def test_of_two_messages_of_one_moment_one_is_credited(facts: Facts) -> None:
    facts.message("ann", "lamp", NOON)
    facts.message("ann", "lamp", NOON, channel="sms")
    facts.purchase("ann", "lamp", NOON + HOUR)
    assert sum(orders for _, _, orders in credited(facts)) == 1


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (timedelta(hours=72), 1),
        (timedelta(hours=72, microseconds=1), 0),
        (-HOUR, 0),
    ],
)
def test_a_purchase_counts_within_72_hours_after_the_message(facts: Facts, after: timedelta, counts: int) -> None:
    facts.message("ann", "lamp", NOON)
    facts.purchase("ann", "lamp", NOON + after)
    assert credited(facts) == [("email", 0, counts)]


def test_a_purchase_of_something_or_somebody_else_does_not_count(facts: Facts) -> None:
    facts.message("ann", "lamp", NOON)
    facts.message("cid", "lamp", NOON + HOUR, dropped=True)
    facts.message("dee", "lamp", NOON + HOUR, status="scheduled")
    facts.purchase("ann", "desk", NOON + HOUR)
    facts.purchase("ann", "lamp", NOON + HOUR, store_id="berlin")
    for stranger in ("bob", "cid", "dee"):
        facts.purchase(stranger, "lamp", NOON + 2 * HOUR)
    assert credited(facts) == [("email", 0, 0)]


def test_clicks_count_for_the_product_that_was_clicked_in_that_message(facts: Facts) -> None:
    first = facts.message("ann", "lamp", NOON)
    facts.message("ann", "lamp", NOON + 24 * HOUR)
    facts.click(first, "lamp", NOON + HOUR)
    facts.click(first, "lamp", NOON + 2 * HOUR)
    facts.click(first, "desk", NOON + 2 * HOUR)
    found = rows(facts, "select click_count, first_clicked_at from mart.attribution order by sent_at")
    assert [tuple(fact.values()) for fact in found] == [(2, NOON + HOUR), (0, None)]


EVENTS = st.lists(
    st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from(["lamp", "desk"]), st.integers(0, 30)), max_size=8
)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(messages=EVENTS, purchases=EVENTS)
def test_attribution_agrees_with_a_count_in_python(
    shared: psycopg.Connection,
    messages: list[tuple[str, str, int]],
    purchases: list[tuple[str, str, int]],
) -> None:
    facts = empty(shared)
    for user, product, step in messages:
        facts.message(user, product, NOON + 6 * HOUR * step)
    for user, product, step in purchases:
        facts.purchase(user, product, NOON + 6 * HOUR * step + HOUR)
    expected: Counter[tuple[str, str, datetime]] = Counter()
    for user, product, step in purchases:
        before = [s for u, p, s in messages if (u, p) == (user, product) and s <= step]
        if before and 6 * (step - max(before)) + 1 <= 72:
            expected[user, product, NOON + 6 * HOUR * max(before)] += 1
    found = rows(
        facts,
        "select user_id, product_id, sent_at, sum(order_count)::integer as orders from mart.attribution"
        " group by user_id, product_id, sent_at having sum(order_count) > 0",
    )
    assert {(row["user_id"], row["product_id"], row["sent_at"]): row["orders"] for row in found} == expected


def buyers(facts: Facts, asked: int, bought: int, *, held_out: bool, at: datetime = NOON) -> None:
    """Shoppers of one restock, of whom the first few buy an hour after the decision."""
    episode = facts.episode("lamp", at)
    for number in range(asked):
        user = f"{episode}-{number}"
        if held_out:
            facts.hold_out(user, "lamp", at, episode)
        else:
            facts.message(user, "lamp", at, episode_id=episode)
        if number < bought:
            facts.purchase(user, "lamp", at + HOUR)


def effect(facts: Facts) -> dict[str, Any]:
    assert refresh(facts.warehouse)
    [found] = rows(facts, "select * from mart.policy_effect")
    return found


def test_the_lift_has_the_interval_of_newcombes_published_example(facts: Facts) -> None:
    # Newcombe 1998, table II: 56/70 - 48/80 is 0.2000, by method 10 from 0.0524 to 0.3339.
    buyers(facts, 70, 56, held_out=False)
    buyers(facts, 80, 48, held_out=True)
    found = effect(facts)
    assert (found["told_count"], found["told_bought_count"]) == (70, 56)
    assert (found["held_out_count"], found["held_out_bought_count"]) == (80, 48)
    assert [found["lift"], found["lift_low"], found["lift_high"]] == [
        Decimal("0.2000"),
        Decimal("0.0524"),
        Decimal("0.3339"),
    ]


@pytest.mark.parametrize(("a", "m", "b", "n"), [(9, 10, 3, 10), (0, 30, 0, 45), (1, 400, 40, 50), (50, 50, 0, 50)])
def test_the_interval_of_a_difference_is_that_of_the_formula(facts: Facts, a: int, m: int, b: int, n: int) -> None:
    [found] = rows(
        facts,
        f"select restock.difference_bound({a} / {m}.0, {m}, {b} / {n}.0, {n}, -1) as low,"
        f" restock.difference_bound({a} / {m}.0, {m}, {b} / {n}.0, {n}, 1) as high",
    )
    (l1, u1), (l2, u2) = wilson(a, m), wilson(b, n)
    difference = a / m - b / n
    assert float(found["low"]) == pytest.approx(difference - sqrt((a / m - l1) ** 2 + (u2 - b / n) ** 2), abs=1e-6)
    assert float(found["high"]) == pytest.approx(difference + sqrt((u1 - a / m) ** 2 + (b / n - l2) ** 2), abs=1e-6)


def test_a_lift_of_few_shoppers_is_not_told(facts: Facts) -> None:
    buyers(facts, 30, 3, held_out=False)
    buyers(facts, 29, 1, held_out=True)
    found = effect(facts)
    assert (found["told_rate"], found["held_out_rate"]) == (Decimal("0.1000"), Decimal("0.0345"))
    assert (found["lift"], found["lift_low"], found["lift_high"]) == (None, None, None)


def test_who_fell_out_of_a_message_still_counts_as_told_and_who_has_time_left_not_yet(facts: Facts) -> None:
    facts.message("ann", "lamp", NOON, dropped=True)
    facts.purchase("ann", "lamp", NOON + 7 * 24 * HOUR)
    facts.message("bob", "lamp", NOON)
    facts.purchase("bob", "lamp", NOON + 7 * 24 * HOUR + HOUR)
    facts.message("cid", "lamp", datetime.now(UTC) - 6 * 24 * HOUR)
    facts.purchase("cid", "lamp", datetime.now(UTC))
    found = effect(facts)
    assert (found["decided_count"], found["sent_count"], found["pending_count"]) == (3, 2, 1)
    assert (found["told_count"], found["told_bought_count"]) == (2, 1)


def test_two_requests_of_one_shopper_in_one_restock_are_one_shopper(facts: Facts) -> None:
    episode = facts.episode("lamp", NOON)
    facts.message("ann", "lamp", NOON, episode_id=episode)
    facts.message("ann", "lamp", NOON, episode_id=episode, channel="sms")
    facts.purchase("ann", "lamp", NOON + HOUR)
    found = effect(facts)
    assert (found["told_count"], found["told_bought_count"], found["sent_count"]) == (1, 1, 2)


def test_the_funnel_counts_each_request_up_to_the_furthest_step(facts: Facts) -> None:
    facts.message("ann", "lamp", NOON)
    facts.purchase("ann", "lamp", NOON + HOUR)
    facts.click(facts.message("bob", "lamp", NOON), "lamp", NOON + HOUR)
    facts.purchase("bob", "lamp", NOON + 2 * HOUR)
    facts.click(facts.message("cid", "lamp", NOON), "lamp", NOON + HOUR)
    facts.message("dee", "lamp", NOON)
    facts.message("eve", "lamp", NOON, dropped=True)
    facts.message("fay", "lamp", NOON, status="scheduled")
    facts.open_request("gus", "lamp", NOON - 24 * HOUR)
    refresh(facts.warehouse)
    [day] = rows(facts, "select * from mart.funnel_daily")
    assert list(day.values()) == ["main", (NOON - 24 * HOUR).date(), 7, 6, 6, 4, 3, 2, 1]
    assert list(day)[2:] == [
        *("request_count", "available_count", "scheduled_count", "sent_count", "clicked_count", "bought_count"),
        "bought_without_click_count",
    ]


def test_the_worth_of_demand_is_units_times_price_times_conversion_with_its_interval(facts: Facts) -> None:
    facts.warehouse.execute(
        "insert into restock.product (store_id, product_id, name, price, currency, category)"
        " values ('main', 'lamp', 'Lamp', 20, 'EUR', 'lights')"
    )
    for user in range(60):
        facts.message(str(user), "lamp", datetime.now(UTC) - timedelta(days=20))
    for user in range(30):
        facts.purchase(str(user), "lamp", datetime.now(UTC) - timedelta(days=19))
    facts.open_request("ann", "lamp", datetime.now(UTC) - timedelta(days=5), quantity=2)
    facts.open_request("ann", "lamp", datetime.now(UTC) - timedelta(days=3), quantity=3, channel="sms")
    facts.open_request("bob", "lamp", datetime.now(UTC) - timedelta(days=1), quantity=1)
    facts.warehouse.execute(
        "insert into restock.request_outcome (request_key, status, reason, closed_at)"
        " values (%s, 'expired', 'expired', now())",
        [facts.request("cid", "lamp", NOON, quantity=7)],
    )
    refresh(facts.warehouse)
    [demand] = rows(facts, "select * from mart.product_demand")
    # The category has nothing else, so its conversion is the general one: 2 in 40, with the weight of 40 messages.
    conversion = (30 + 40 * 0.05) / (60 + 40)
    low, high = wilson(conversion * 100, 100)
    assert (demand["waiting_requests"], demand["waiting_shoppers"], demand["waiting_units"]) == (3, 2, 6)
    assert (demand["expired_requests"], demand["expired_units"], demand["measured_messages"]) == (1, 7, 60)
    assert float(demand["median_wait_days"]) == pytest.approx(3, abs=0.02)
    assert float(demand["conversion"]) == pytest.approx(conversion, abs=1e-4)
    assert float(demand["revenue_at_stake"]) == pytest.approx(6 * 20 * conversion, abs=0.01)
    assert float(demand["revenue_low"]) == pytest.approx(6 * 20 * low, abs=0.01)
    assert float(demand["revenue_high"]) == pytest.approx(6 * 20 * high, abs=0.01)
    assert demand["revenue_if_all_buy"] == 120


def test_demand_that_nothing_is_known_of_has_no_worth_and_is_listed_all_the_same(facts: Facts) -> None:
    facts.open_request("ann", "unheard-of", NOON)
    refresh(facts.warehouse)
    [demand] = rows(
        facts, "select product_name, waiting_units, revenue_high, available_quantity from mart.product_demand"
    )
    assert list(demand.values()) == [None, 1, None, 0]


def test_delivery_health_counts_attempts_by_channel_and_hour(facts: Facts) -> None:
    facts.policy(NOON, '{"rate_per_minute": {"email": 4}}')
    for number, (outcome, minutes) in enumerate(
        [("accepted", 0), ("accepted", 0), ("accepted", 59), ("retryable", 1), ("in_doubt", 2), ("permanent", 60)]
    ):
        status = "dead" if outcome == "permanent" else "sent"
        key = facts.message(f"u{number}", "lamp", NOON + HOUR if status == "dead" else NOON, status=status)
        facts.attempt(key, 1, outcome, NOON + timedelta(minutes=minutes))
    facts.warehouse.execute(
        "insert into restock.suppression values ('email', restock.hash_contact('a'), 'bounce', %s)",
        [NOON],
    )
    facts.warehouse.execute(
        "insert into restock.store_suppression select 'email', restock.hash_contact('b'), store_id, %(at)s"
        " from unnest(array['oslo', 'rome']) as store_id",
        {"at": NOON},
    )
    refresh(facts.warehouse)
    found = rows(facts, "select * from mart.delivery_health where hour < now() - interval '1 hour' order by hour")
    columns = [
        *("hour", "sent_count", "attempt_count", "retryable_count", "permanent_count", "in_doubt_count", "dead_count"),
        *("suppression_count", "busiest_minute_count", "busiest_minute_share"),
    ]
    assert [[row[name] for name in columns] for row in found] == [
        [NOON, 3, 5, 1, 0, 1, 0, 3, 2, Decimal("0.500")],
        [NOON + HOUR, 0, 1, 0, 1, 0, 1, 0, 0, Decimal("0.000")],
    ]


def test_delivery_health_shows_what_is_due_now_on_every_channel(facts: Facts) -> None:
    key = facts.message("ann", "lamp", NOON, status="scheduled")
    facts.warehouse.execute(
        "insert into restock.outbox (notification_key, channel, due_at) values (%s, 'sms', %s)", [key, NOON]
    )
    refresh(facts.warehouse)
    found = rows(
        facts,
        "select channel, due_count, oldest_due_at, attempt_count from mart.delivery_health"
        " where hour = date_trunc('hour', now()) order by channel",
    )
    waiting = {row["channel"]: (row["due_count"], row["oldest_due_at"], row["attempt_count"]) for row in found}
    assert waiting["sms"] == (1, NOON, 0)
    assert waiting["email"] == waiting["webhook"] == (0, None, 0)


def test_latency_runs_from_the_snapshot(facts: Facts) -> None:
    for number in range(3):
        facts.message(f"u{number}", "lamp", NOON)
    refresh(facts.warehouse)
    [found] = rows(facts, "select * from mart.restock_latency")
    assert (found["item_count"], found["snapshot_count"]) == (3, 3)
    assert found["snapshot_to_decision_p50_seconds"] == found["snapshot_to_acceptance_p99_seconds"] == 60
    assert found["decision_to_acceptance_p95_seconds"] == 0


def test_latency_of_who_asked_while_the_product_was_there_runs_from_the_request(facts: Facts) -> None:
    facts.message("ann", "lamp", NOON, episode_id=facts.episode("lamp", NOON - 24 * HOUR))
    unknown = facts.episode("desk", NOON - 24 * HOUR)
    facts.message("bob", "desk", NOON, episode_id=unknown)
    facts.warehouse.execute("update restock.request set requested_at = %s", [NOON - timedelta(seconds=20)])
    facts.warehouse.execute("update restock.episode set snapshot_at = null where episode_id = %s", [unknown])
    refresh(facts.warehouse)
    [found] = rows(facts, "select * from mart.restock_latency")
    assert (found["item_count"], found["snapshot_count"]) == (2, 1)
    for span in ("snapshot_to_decision", "snapshot_to_acceptance", "opening_to_decision", "opening_to_acceptance"):
        assert found[f"{span}_p50_seconds"] == found[f"{span}_p99_seconds"] == 20
