"""Each question of sql/analysis on a slice of the demo's data, its answer counted again in Python.

What is counted is what was landed (the raw files), what the provider took, and what was clicked and bought; of the
warehouse only what no file says: which requests joined another, and what was decided.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any

import numpy as np
import pytest
from psycopg.rows import dict_row

from restock.warehouse import SQL_ROOT, connect, read_sql
from tests.warehouse.demo_slice import DAY, START, DemoSlice, Order, Sent
from tests.warehouse.own_warehouse import own_warehouse

Row = dict[str, Any]


class Shop:
    """The slice, counted in Python.

    Attributes:
        requests: By request_id, without those that joined another.
        stock: By product at each of the two landings.
        decisions: One of each request and restock.
        credited: The orders of each item that was sent.
        clicked: The items that were clicked.
    """

    def __init__(self, demo: DemoSlice) -> None:
        self.demo = demo
        joined = {row["request_id"] for row in self.rows("select request_id from restock.joined_request")}
        self.requests = {row["request_id"]: row for row in demo.raw("requests") if row["request_id"] not in joined}
        self.products = {str(row["product_id"]): row for row in demo.raw("products")}
        self.stock: list[dict[str, int]] = [{}, {}]
        for row in demo.raw("inventory"):
            if (at := datetime.fromisoformat(row["snapshot_at"])) >= START:
                self.stock[(at - START).days][row["product_id"]] = int(row["available_quantity"])
        self.decisions = self.rows(
            "select r.request_id, r.user_id, r.product_id, d.* from restock.decision as d"
            " inner join restock.request as r using (request_key)"
        )
        self.clicked = [item for item in demo.sent if (item.notification_key, item.product_id) in demo.clicked]
        self.credited: dict[Sent, list[Order]] = defaultdict(list)
        items: dict[tuple[str, str], list[Sent]] = defaultdict(list)
        for item in demo.sent:
            items[item.user_id, item.product_id].append(item)
        for order in demo.orders:
            followed = items[order.user_id, order.product_id]
            before = [item for item in followed if timedelta(0) < order.ordered_at - item.sent_at <= 3 * DAY]
            if before:
                self.credited[max(before, key=lambda item: item.sent_at)].append(order)

    def rows(self, query: str) -> list[Row]:
        with self.demo.warehouse.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query).fetchall()
        return [{k: float(v) if isinstance(v, Decimal) else v for k, v in row.items()} for row in rows]

    def ask(self, question: str) -> list[Row]:
        return self.rows(read_sql(f"analysis/{question}.sql"))

    def still_open(self) -> list[Row]:
        """The requests that nothing was sent for."""
        told = {item.request_id for item in self.demo.sent}
        return [row for request_id, row in self.requests.items() if request_id not in told]

    def expired(self) -> list[Row]:
        """Those of them that are old, unless their message has still to leave."""
        leaving = {
            row["request_id"]
            for row in self.rows(
                "select r.request_id from restock.outbox inner join restock.decision as d using (notification_key)"
                " inner join restock.request as r using (request_key) where d.dropped_at is null"
            )
        }
        return [
            row
            for row in self.still_open()
            if datetime.fromisoformat(row["requested_at"]) < self.demo.expired_before
            and row["request_id"] not in leaving
        ]

    def waited_from(self, item: Sent) -> datetime:
        """When the product of a message was back (at the first landing, unless it was sold out then) and asked for."""
        opened_at = START if self.stock[0][item.product_id] > 0 else START + DAY
        return max(opened_at, datetime.fromisoformat(self.requests[item.request_id]["requested_at"]))


def percentile(share: float, durations: Iterable[timedelta], unit: timedelta) -> Any:
    return pytest.approx(float(np.percentile([each / unit for each in durations], 100 * share)), abs=0.051)


def percent(part: int, whole: int) -> Any:
    return pytest.approx(100 * part / whole, abs=0.051)


def units(requests: Iterable[Row]) -> int:
    return sum(int(row["quantity"]) for row in requests)


@pytest.fixture(scope="module")
def shop(postgres_url: str, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with own_warehouse(postgres_url, warehouse_template) as url, connect(url) as warehouse:
        demo = DemoSlice(warehouse, url, tmp_path_factory.mktemp("demo"))
        demo.happen()
        yield Shop(demo)


def test_there_are_ten_questions_and_each_is_asked_here() -> None:
    questions = {path.stem for path in (SQL_ROOT / "analysis").glob("*.sql")}
    assert len(questions) == 10
    assert {f"test_{question}" for question in questions} <= globals().keys()


def test_every_question_says_how_to_read_its_answer_and_reads_the_marts_only() -> None:
    for path in (SQL_ROOT / "analysis").glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("-- Purpose: ")
        assert "\n-- Grain: " in text
        assert "\n-- Read it: " in text
        assert " mart." in text
        assert " restock." not in text


def test_analysts_may_ask_every_question(shop: Shop) -> None:
    warehouse = shop.demo.warehouse
    with warehouse.transaction(force_rollback=True):
        warehouse.execute("grant restock_analyst to current_user with set true")
        warehouse.execute("set local role restock_analyst")
        for path in (SQL_ROOT / "analysis").glob("*.sql"):
            assert shop.ask(path.stem)


def test_funnel_by_week(shop: Shop) -> None:
    [week] = shop.ask("funnel_by_week")
    available = {
        request_id
        for request_id, row in shop.requests.items()
        for number, stock in enumerate(shop.stock)
        if stock[row["product_id"]] > 0 and datetime.fromisoformat(row["requested_at"]) <= START + number * DAY
    }
    scheduled = {row["request_id"] for row in shop.decisions if row["notification_key"] is not None}
    bought = {item.request_id for item in shop.credited}
    clicked = bought | {item.request_id for item in shop.clicked}
    whole = len(shop.requests)
    assert week == {
        "store_id": "main",
        "week_start": START.date(),
        "request_count": whole,
        "available_percent": percent(len(available), whole),
        "scheduled_percent": percent(len(scheduled), whole),
        "sent_percent": percent(len({item.request_id for item in shop.demo.sent}), whole),
        "clicked_percent": percent(len(clicked), whole),
        "bought_percent": percent(len(bought), whole),
    }
    assert whole > 8_000


def test_wait_until_told(shop: Shop) -> None:
    [week] = shop.ask("wait_until_told")
    waits = [item.sent_at - item.requested_at for item in shop.demo.sent]
    assert week == {
        "store_id": "main",
        "week_start": START.date(),
        "told_count": len(shop.demo.sent),
        "median_hours_waited": percentile(0.5, waits, timedelta(hours=1)),
        "p95_hours_waited": percentile(0.95, waits, timedelta(hours=1)),
        "median_minutes_after_restock": percentile(
            0.5, [item.sent_at - shop.waited_from(item) for item in shop.demo.sent], timedelta(minutes=1)
        ),
    }


def test_why_not_told(shop: Shop) -> None:
    answer = shop.ask("why_not_told")
    untold = [row for row in shop.decisions if row["notification_key"] is None or row["dropped_at"] is not None]
    counted = Counter((row["outcome"], row["rule"]) for row in untold)
    assert {(row["outcome"], row["rule"]): row["request_count"] for row in answer} == counted
    assert {"holdout", "sold_out"} <= {row["rule"] for row in answer}
    assert [row["request_count"] for row in answer] == sorted(counted.values(), reverse=True)
    gone = {item.request_id for item in shop.demo.sent} | {row["request_id"] for row in shop.expired()}
    for row in answer:
        of_rule = [each for each in untold if each["rule"] == row["rule"]]
        assert row["still_open_count"] == sum(each["request_id"] not in gone for each in of_rule)
        assert row["product_count"] == len({each["product_id"] for each in of_rule})
        assert row["percent_of_untold"] == percent(len(of_rule), len(untold))


def test_most_wanted_sold_out(shop: Shop) -> None:
    answer = shop.ask("most_wanted_sold_out")
    expired = {row["request_id"] for row in shop.expired()}
    waiting = defaultdict(list)
    for row in shop.still_open():
        if row["request_id"] not in expired and shop.stock[1][row["product_id"]] == 0:
            waiting[row["product_id"]].append(row)
    first = sorted(
        waiting, key=lambda each: (-units(waiting[each]), min(r["requested_at"] for r in waiting[each]), each)
    )
    assert [row["product_id"] for row in answer] == first[:50]
    for row in answer:
        requests, product = waiting[row["product_id"]], shop.products[row["product_id"]]
        assert row["product_name"] == product["name"]
        assert row["waiting_units"] == units(requests)
        assert row["waiting_shoppers"] == len({each["user_id"] for each in requests})
        assert row["revenue_low"] < row["revenue_at_stake"] < row["revenue_high"]
        assert row["revenue_high"] < units(requests) * float(product["price"])


def test_restocks_too_small(shop: Shop) -> None:
    answer = shop.ask("restocks_too_small")
    asked = defaultdict(list)
    for row in shop.requests.values():
        if datetime.fromisoformat(row["requested_at"]) < START:
            asked[row["product_id"]].append(row)
    sent = Counter(item.product_id for item in shop.demo.sent if item.sent_at < START + DAY)
    expected = {
        product: (shop.stock[0][product], units(requests), len(requests), sent[product])
        for product, requests in asked.items()
        if shop.stock[0][product] > 0 and shop.stock[1][product] == 0
        if units(requests) > shop.stock[0][product] and sent[product] < len(requests)
    }
    columns = ("quantity", "asked_units", "asked_count", "sent_count")
    assert len(answer) == min(len(expected), 50) > 10
    for row in answer:
        assert tuple(row[name] for name in columns) == expected[row["product_id"]]
        assert (row["opened_at"], row["hours_open"]) == (START, 24)
    missing = sorted((asked_units - quantity for quantity, asked_units, _, _ in expected.values()), reverse=True)
    assert [row["missing_units"] for row in answer] == missing[:50]


def test_expired_demand(shop: Shop) -> None:
    answer = shop.ask("expired_demand")
    by_category = defaultdict(list)
    for row in shop.expired():
        by_category[shop.products[row["product_id"]]["category"]].append(row)
    assert {row["category"] for row in answer} == by_category.keys()
    for row in answer:
        requests = by_category[row["category"]]
        worth = sum(int(each["quantity"]) * float(shop.products[each["product_id"]]["price"]) for each in requests)
        assert (row["expired_requests"], row["expired_units"]) == (len(requests), units(requests))
        assert row["product_count"] == len({each["product_id"] for each in requests})
        assert row["expired_value"] == pytest.approx(worth)
    values = [row["expired_value"] for row in answer]
    assert values == sorted(values, reverse=True)


def test_what_messages_sold(shop: Shop) -> None:
    [channel] = shop.ask("what_messages_sold")
    orders = sum(len(orders) for orders in shop.credited.values())
    assert channel == {
        "channel": "email",
        "product_count": len(shop.demo.sent),
        "message_count": len({item.notification_key for item in shop.demo.sent}),
        "clicked_percent": percent(len(shop.clicked), len(shop.demo.sent)),
        "bought_percent": percent(len(shop.credited), len(shop.demo.sent)),
        "order_count": orders,
        "unit_count": orders,
        "amount": 3 * orders,
    }
    assert 0 < orders < len(shop.demo.orders)


def test_effect_of_messages(shop: Shop) -> None:
    [version] = shop.ask("effect_of_messages")
    ordered = defaultdict(list)
    for order in shop.demo.orders:
        ordered[order.user_id, order.product_id].append(order.ordered_at)
    groups: dict[bool, dict[tuple[int, str], bool]] = {True: {}, False: {}}
    for row in shop.decisions:
        if row["rule"] == "holdout" or row["position"] is not None:
            bought = any(
                timedelta(0) < at - row["decided_at"] <= 7 * DAY for at in ordered[row["user_id"], row["product_id"]]
            )
            groups[row["rule"] == "holdout"][row["episode_id"], row["user_id"]] = bought
    told, held = list(groups[False].values()), list(groups[True].values())
    (m, a), (n, b) = (len(told), sum(told)), (len(held), sum(held))
    lift = a / m - b / n
    (l1, u1), (l2, u2) = wilson(a, m), wilson(b, n)
    assert (version["told_count"], version["held_out_count"], version["pending_count"]) == (m, n, 0)
    assert version["told_percent"] == pytest.approx(100 * a / m, abs=0.011)
    assert version["held_out_percent"] == pytest.approx(100 * b / n, abs=0.011)
    # The rates are rounded to four digits.
    assert version["extra_buyers"] == pytest.approx(m * lift, abs=1)
    low = lift - sqrt((a / m - l1) ** 2 + (u2 - b / n) ** 2)
    high = lift + sqrt((u1 - a / m) ** 2 + (b / n - l2) ** 2)
    assert version["extra_buyers_low"] == pytest.approx(m * low, abs=1)
    assert version["extra_buyers_high"] == pytest.approx(m * high, abs=1)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    rate, z2 = successes / trials, 1.959964**2
    half = sqrt(z2) / (trials + z2) * sqrt(trials * rate * (1 - rate) + z2 / 4)
    return (successes + z2 / 2) / (trials + z2) - half, (successes + z2 / 2) / (trials + z2) + half


def test_delivery_trouble(shop: Shop) -> None:
    answer = shop.ask("delivery_trouble")
    counted = Counter((at.date(), outcome) for outcome, at in shop.demo.attempts)
    assert [row["day"] for row in answer] == sorted({day for day, _ in counted}, reverse=True)
    for row in answer:
        of_day = {outcome: counted[row["day"], outcome] for outcome in ("accepted", "retryable", "permanent")}
        assert (row["retryable_count"], row["permanent_count"]) == (of_day["retryable"], of_day["permanent"])
        assert row["attempt_count"] == sum(of_day.values())
        assert row["failed_percent"] == percent(sum(of_day.values()) - of_day["accepted"], sum(of_day.values()))
    # Who was refused for good is given up.
    assert sum(row["dead_count"] for row in answer) == sum(row["permanent_count"] for row in answer)


def test_speed_by_wave(shop: Shop) -> None:
    answer = shop.ask("speed_by_wave")
    wave = {(row["request_id"], row["notification_key"]): row["wave"] for row in shop.decisions}
    by_wave = defaultdict(list)
    for item in shop.demo.sent:
        by_wave[wave[item.request_id, item.notification_key]].append(item.sent_at - shop.waited_from(item))
    assert [row["wave"] for row in answer] == sorted(by_wave)
    assert len(answer) > 3
    for row in answer:
        durations = by_wave[row["wave"]]
        assert row["item_count"] == len(durations)
        assert row["snapshot_to_provider"] == percentile(0.5, durations, timedelta(minutes=1))
        assert row["p95_snapshot_to_provider"] == percentile(0.95, durations, timedelta(minutes=1))


def test_the_marts_agree_with_each_other(shop: Shop) -> None:
    [sums] = shop.rows(
        "select"
        " (select sum(sent_count) from mart.funnel_daily) as funnel,"
        " (select count(distinct request_id) from mart.attribution) as told_requests,"
        " (select count(*) from mart.attribution) as attribution,"
        " (select count(*) from mart.decision_fact where accepted_at is not null) as decisions,"
        " (select sum(sent_count) from mart.episode_outcome) as episodes,"
        " (select sum(item_count) from mart.restock_latency) as latency,"
        " (select sum(sent_count) from mart.policy_effect) as policies,"
        " (select sum(item_count) from mart.notification_fact where status = 'sent') as items,"
        " (select count(*) from mart.notification_fact where accepted_at is not null) as messages,"
        " (select sum(sent_count) from mart.delivery_health) as delivered,"
        " (select count(*) from mart.notification_fact where status = 'dead') as dead,"
        " (select count(*) from mart.dead_message) as dead_messages,"
        " (select sum(dead_count) from mart.delivery_health) as given_up,"
        " (select sum(decided_count) from mart.policy_effect) as decided,"
        " (select sum(asked_count) from mart.episode_outcome) as asked,"
        " (select sum(told_count + held_back_count) from mart.episode_outcome) as told_or_not,"
        " (select count(*) from mart.decision_fact) as all_decisions"
    )
    sent = len(shop.demo.sent)
    assert [sums[name] for name in ("attribution", "decisions", "episodes", "latency", "policies", "items")] == 6 * [
        sent
    ]
    assert sums["funnel"] == sums["told_requests"]
    assert sums["messages"] == sums["delivered"] == len({item.notification_key for item in shop.demo.sent})
    assert sums["dead"] == sums["dead_messages"] == sums["given_up"]
    assert sums["decided"] == sums["asked"] == sums["told_or_not"] == sums["all_decisions"]


def test_every_request_is_in_the_funnel_and_waits_expired_or_was_told(shop: Shop) -> None:
    [sums] = shop.rows(
        "select (select sum(request_count) from mart.funnel_daily) as requests,"
        " (select sum(waiting_requests) from mart.product_demand) as waiting,"
        " (select sum(expired_requests) from mart.product_demand) as expired,"
        " (select sum(sent_count) from mart.funnel_daily) as told"
    )
    assert sums["requests"] == sums["waiting"] + sums["expired"] + sums["told"] == len(shop.requests)


def test_no_fact_names_a_product_shopper_or_day_that_its_dimension_lacks(shop: Shop) -> None:
    for query in (
        "select product_id from mart.decision_fact except select product_id from mart.product",
        "select user_id from mart.decision_fact except select user_id from mart.shopper",
        "select request_day from mart.funnel_daily except select day from mart.day",
    ):
        assert shop.rows(query) == []
