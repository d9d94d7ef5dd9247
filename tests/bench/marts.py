"""The marts on a warehouse of a million requests and a million decisions: what the console reads, and their refresh."""

from pathlib import Path

import psycopg

from restock.marts import refresh
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.marts_warehouse import fill_warehouse

REQUESTS = 1_000_000
PRODUCTS = 20_000

# What a page asks for; the slowest allowed is 0.3 s.
READS = {
    "funnel": "select * from mart.funnel_daily",
    "latency": "select * from mart.restock_latency",
    "delivery": "select * from mart.delivery_health order by hour desc limit 500",
    "effect": "select * from mart.policy_effect",
    "demand": "select * from mart.product_demand order by revenue_at_stake desc limit 100",
    "episodes": "select * from mart.episode_outcome where closed_at is null order by opened_at desc limit 100",
    "explained": "select * from restock.decision_explained where request_id = 'r77777'",
}
SCAN = """
select (select count(*) from restock.request), (select count(*) from restock.decision),
    (select count(*) from restock.notification), (select count(*) from restock.delivery_attempt),
    (select count(*) from restock.open_request), (select count(*) from restock.request_outcome),
    (select count(*) from restock.purchase), (select count(*) from restock.click)
"""


def measure(folder: Path) -> list[Measurement]:
    """Fill a warehouse, refresh the summaries, then read as the console does.

    Args:
        folder: For the server.
    """
    with scratch_warehouse(folder) as url, connect(url) as warehouse:
        fill_warehouse(warehouse, REQUESTS, PRODUCTS)
        scan = best(warehouse, SCAN)
        refreshed = timed(lambda: refresh(warehouse))
        return [
            Measurement("marts refresh", REQUESTS, refreshed, "counting the rows that are summed up", scan),
            *(
                Measurement(f"marts {name}", REQUESTS, best(warehouse, query), "0.3 s a question", 0.3)
                for name, query in READS.items()
            ),
        ]


def best(warehouse: psycopg.Connection, query: str) -> float:
    """Seconds of a query: of three times the quickest, so that it finds its pages in memory."""
    return min(timed(lambda: warehouse.execute(query).fetchall()) for _ in range(3))
