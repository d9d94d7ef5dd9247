"""Feed gates: what is late or implausible holds what depends on it, until it is right again or somebody lets it go."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.gates import judge_feeds, log_gates, release_gate
from restock.gates.judge import feed_gates
from restock.warehouse import SQL_ROOT, connect
from tests.warehouse.landing import CLOCK, Landing, stock, subscribe
from tests.warehouse.shop import Shop


def standing(landing: Landing) -> dict[str, str]:
    """What each gate that stands says."""
    return dict(landing.rows("select gate, debug_value from restock.gate where released_at is null"))


def holding(landing: Landing) -> list[str]:
    return [gate for (gate,) in landing.rows("select gate from restock.holding_gate")]


def history(landing: Landing) -> list[tuple]:
    return landing.rows("select gate, feed, severity, clears, released_by from restock.gate order by gate_id")


def shop_today(warehouse: psycopg.Connection) -> Shop:
    shop = Shop(warehouse)
    shop.clock = CLOCK
    return shop


def bad_drop(landing: Landing, good: int, bad: int, feed: str = "inventory") -> str:
    rows = [stock(f"p{number}", "x" if number < bad else number, len(landing.files())) for number in range(good + bad)]
    if feed == "requests":
        rows = [subscribe(f"r{n}-{len(landing.files())}", quantity="x" if n < bad else 1) for n in range(good + bad)]
    path = landing.put(feed, rows)
    landing.load()
    return path


def test_every_gate_is_judged_on_its_own_file_or_on_the_feed():
    names = {gate.check.name for gate in feed_gates()}
    assert names == {path.stem for path in (SQL_ROOT / "checks" / "feeds").glob("*.sql")}
    assert {gate.check.name for gate in feed_gates() if not gate.judges_files} == {"feed_arrives_on_time"}


def test_the_documentation_names_every_gate_with_its_severity_and_how_it_clears():
    text = (SQL_ROOT.parent / "docs" / "ingestion.md").read_text(encoding="utf-8")
    for gate in feed_gates():
        [line] = [line for line in text.splitlines() if line.startswith(f"| `{gate.check.name}`")]
        feeds = gate.check.header["Feeds"]
        assert line.endswith(f"| {feeds} | {gate.check.header['Severity']} | {gate.clears} |")


def test_a_stock_file_with_many_rejected_rows_holds_until_the_next_good_one(landing):
    path = bad_drop(landing, good=40, bad=11)
    assert standing(landing) == {"most_rows_are_accepted": f"{path}: 11 of its 51 rows were rejected"}
    assert holding(landing) == ["most_rows_are_accepted"]
    bad_drop(landing, good=51, bad=0)
    assert holding(landing) == []
    assert history(landing) == [("most_rows_are_accepted", "inventory", "fail", "by itself", "check")]


@pytest.mark.parametrize(("good", "bad"), [(40, 10), (0, 9)])
def test_a_fifth_of_the_rows_and_a_handful_are_let_pass(landing, good, bad):
    bad_drop(landing, good, bad)
    assert standing(landing) == {}


def test_other_feeds_only_warn(landing, caplog):
    path = bad_drop(landing, good=1, bad=11, feed="requests")
    assert list(standing(landing)) == ["most_rows_are_accepted"]
    assert holding(landing) == []
    assert f"does not let pass: {path}: 11 of its 12 rows were rejected" in caplog.text


def test_while_a_gate_of_the_stock_holds_no_episode_opens_and_afterwards_all_do(landing, warehouse):
    shop = shop_today(warehouse)
    bad_drop(landing, good=10, bad=11)
    assert shop.update_episodes().opened == 0
    bad_drop(landing, good=21, bad=0)
    assert shop.update_episodes().opened == 20


def test_what_somebody_released_stays_released_until_the_check_says_something_else(landing):
    bad_drop(landing, good=0, bad=10)
    with connect(landing.url) as connection:
        assert release_gate(connection, "most_rows_are_accepted", "vera") == 1
        assert release_gate(connection, "most_rows_are_accepted", "vera") == 0
    assert history(landing) == [("most_rows_are_accepted", "inventory", "fail", "by itself", "vera")]
    bad_drop(landing, good=0, bad=11)
    assert holding(landing) == ["most_rows_are_accepted"]


def arrivals(landing: Landing, feed: str, hours: list[int]) -> None:
    """Record files of a feed that came so many hours before the clock."""
    for hour in hours:
        landing.warehouse.execute(
            "insert into restock.feed_file (feed, path, byte_size, modified_at, status, recorded_at)"
            " values (%s, %s, 1, now(), 'loaded', %s)",
            [feed, f"{feed}/{hour}", CLOCK - timedelta(hours=hour)],
        )


def test_a_feed_is_late_after_twice_its_longest_wait_and_clears_when_it_comes(landing):
    arrivals(landing, "inventory", [60, 48, 36, 24, 13])
    judge_feeds(landing.warehouse, CLOCK + timedelta(hours=11))
    assert standing(landing) == {}
    judge_feeds(landing.warehouse, CLOCK + timedelta(hours=12))
    assert standing(landing) == {
        "feed_arrives_on_time": "the feed inventory: nothing came since 2026-05-31 23:00:00+00, "
        "and the longest wait before was 12:00:00"
    }
    assert holding(landing) == ["feed_arrives_on_time"]
    arrivals(landing, "inventory", [-12])
    judge_feeds(landing.warehouse, CLOCK + timedelta(hours=13))
    assert holding(landing) == []


def test_a_late_feed_that_somebody_released_stays_released_until_it_is_late_anew(landing):
    arrivals(landing, "inventory", [60, 48, 36, 24, 13])
    judge_feeds(landing.warehouse, CLOCK + timedelta(hours=20))
    release_gate(landing.warehouse, "feed_arrives_on_time", "vera")
    judge_feeds(landing.warehouse, CLOCK + timedelta(hours=40))
    assert holding(landing) == []
    arrivals(landing, "inventory", [-41])
    judge_feeds(landing.warehouse, CLOCK + timedelta(hours=42))
    judge_feeds(landing.warehouse, CLOCK + timedelta(hours=500))
    assert holding(landing) == ["feed_arrives_on_time"]


def test_what_comes_seldom_in_bursts_is_judged_by_its_bursts(landing):
    """Many files within one hour are one arrival: five of them say nothing about how often they come."""
    landing.warehouse.execute(
        "insert into restock.feed_file (feed, path, byte_size, modified_at, status, recorded_at) select"
        " 'orders', 'orders/' || n, 1, now(), 'loaded', %s + n * interval '1 second' from generate_series(1, 50) as n",
        [CLOCK],
    )
    judge_feeds(landing.warehouse, CLOCK + timedelta(days=30))
    assert standing(landing) == {}


def earlier_files(landing: Landing, feed: str, sizes: list[int]) -> None:
    for number, size in enumerate(sizes):
        landing.warehouse.execute(
            "insert into restock.feed_file (feed, path, byte_size, modified_at, status, recorded_at, read_count,"
            " loaded_count) values (%s, %s, 1, now(), 'loaded', now() - %s * interval '1 hour', %s, %s)",
            [feed, f"{feed}/{number}", number + 1, size, size],
        )


def test_a_stock_file_far_smaller_than_usual_is_warned_of(landing):
    earlier_files(landing, "inventory", [5000, 6000, 1000, 9000, 5000])
    bad_drop(landing, good=499, bad=0)
    said = standing(landing)["file_is_not_far_smaller"]
    assert said == "inventory/001.csv: it has 499 rows, and none of those before had fewer than 1000"
    assert holding(landing) == []
    bad_drop(landing, good=500, bad=0)
    # By now one of 499 is among those before.
    assert standing(landing) == {}


def test_where_small_stock_files_are_usual_none_is_too_small(landing):
    earlier_files(landing, "inventory", [5000, 6000, 3, 9000, 5000])
    bad_drop(landing, good=1, bad=0)
    assert standing(landing) == {}


def test_a_flood_of_requests_is_warned_of(landing):
    earlier_files(landing, "requests", [900, 1000, 3, 9, 5])
    header = "request_id,user_id,product_id,requested_at\n"
    lines = [f"r{number},u{number},lamp,2026-05-01T00:00:00Z\n" for number in range(10_001)]
    landing.send("requests", header + "".join(lines))
    assert list(standing(landing)) == ["file_is_not_far_larger"]
    assert holding(landing) == []


def test_stock_that_vanishes_at_once_holds_until_somebody_releases_it(landing, warehouse):
    shop = shop_today(warehouse)
    landing.send("inventory", [stock(f"p{number}", 5) for number in range(120)])
    assert shop.update_episodes().opened == 120
    path = landing.put("inventory", [stock(f"p{number}", 0, at=1) for number in range(61)])
    landing.load()
    assert standing(landing) == {
        "stock_does_not_vanish_at_once": f"{path}: after it 61 of the 120 products being sold are sold out"
    }
    shop.update_episodes()
    landing.send("inventory", [stock(f"p{number}", 5, at=2) for number in range(120)])
    assert holding(landing) == ["stock_does_not_vanish_at_once"]
    assert shop.update_episodes().opened == 0
    release_gate(landing.warehouse, "stock_does_not_vanish_at_once", "vera")
    assert shop.update_episodes().opened == 61


def test_half_of_the_stock_may_sell_out(landing, warehouse):
    shop = shop_today(warehouse)
    landing.send("inventory", [stock(f"p{number}", 5) for number in range(120)])
    shop.update_episodes()
    landing.send("inventory", [stock(f"p{number}", 0, at=1) for number in range(60)])
    assert standing(landing) == {}


def test_the_log_says_which_gates_stand_and_how_they_clear(landing, caplog):
    bad_drop(landing, good=0, bad=10)
    landing.warehouse.execute("update restock.gate set since = '2026-06-01 12:00Z'")
    caplog.clear()
    with connect(landing.url) as connection:
        [gate] = log_gates(connection, datetime(2026, 6, 1, 13, tzinfo=UTC))
    assert caplog.messages == [
        "The gate most_rows_are_accepted of the feed inventory holds what depends on it since 2026-06-01 12:00 UTC: "
        "inventory/001.csv: 10 of its 10 rows were rejected. It clears by itself, once its check passes."
    ]
    assert str(gate) == caplog.messages[0]


def test_a_gate_that_does_not_stand_cannot_be_released(landing, caplog):
    assert release_gate(landing.warehouse, "no_such_gate", "vera") == 0
    assert "No feed gate no_such_gate stands" in caplog.text
