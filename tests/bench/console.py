"""The pages of the console on a warehouse of a million requests and a million decisions: each call beside its limit."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg

from restock.console import demand, explain, history, now, read_only, schedule, tune
from restock.marts import refresh
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.marts_warehouse import CLOCK, fill_warehouse

REQUESTS = 1_000_000
PRODUCTS = 20_000
LIMIT_SECONDS = 0.3

# What the page asks for, as its endpoints ask it.
CALLS: dict[str, Callable[[psycopg.Connection, datetime], object]] = {
    "now": now.read_now,
    "funnel": lambda warehouse, clock: now.read_funnel(warehouse, clock, 3_650),
    "episodes": now.read_episodes,
    "troubles": lambda warehouse, _: now.read_troubles(warehouse),
    "schedule": lambda warehouse, clock: schedule.read_schedule(warehouse, clock, 168),
    "schedule of a store": lambda warehouse, clock: schedule.read_schedule(warehouse, clock, 168, "main"),
    "settings": lambda warehouse, _: tune.read_settings(warehouse, None),
    "versions": lambda warehouse, _: history.read_history(warehouse, None, 20, lambda *_: []),
    "explain a request": lambda warehouse, _: explain.find(warehouse, "r70"),
    "explain a shopper": lambda warehouse, _: explain.find(warehouse, "u14"),
    "explain a product": lambda warehouse, _: explain.find(warehouse, "main/p98"),
    "explain, nothing found": lambda warehouse, _: explain.find(warehouse, "nobody"),
    "timeline": lambda warehouse, _: explain.read_timeline(warehouse, 71),
    "demand": lambda warehouse, _: demand.read_demand(warehouse, demand.Filter(), demand.Order(), 0),
}


def measure(folder: Path) -> list[Measurement]:
    """Fill a warehouse and ask as the page does, each call the best of three.

    Args:
        folder: For the server.
    """
    with scratch_warehouse(folder) as url, connect(url) as warehouse:
        fill_warehouse(warehouse, REQUESTS, PRODUCTS)
        refresh(warehouse)
        return measure_calls(url)


def measure_calls(url: str) -> list[Measurement]:
    """Ask as the page does, each time over a connection of its own.

    Args:
        url: A warehouse with what measure fills in.
    """

    clock = datetime.fromisoformat(CLOCK)
    found = []
    for name, call in CALLS.items():

        def ask(call: Callable[[psycopg.Connection, datetime], object] = call) -> None:
            with connect(url) as warehouse, read_only(warehouse):
                call(warehouse, clock)

        seconds = min(timed(ask) for _ in range(3))
        found.append(Measurement(f"console {name}", REQUESTS, seconds, "300 ms", LIMIT_SECONDS))
    return found
