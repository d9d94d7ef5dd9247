"""The marts on a warehouse of a million requests and a million decisions: what the console reads, and their refresh."""

from pathlib import Path

import psycopg

from restock.marts import refresh
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.marts_warehouse import fill_warehouse

REQUESTS = 1_000_000
PRODUCTS = 20_000

# What the pages of the console ask for.
READS = {
    "funnel": "select * from mart.funnel_daily",
    "latency": "select * from mart.restock_latency",
    "delivery": "select * from mart.delivery_health order by hour desc limit 500",
    "effect": "select * from mart.policy_effect",
    "demand": "select * from mart.product_demand order by revenue_at_stake desc limit 100",
    "episodes": "select * from mart.episode_outcome where closed_at is null order by opened_at desc limit 100",
    "explained": "select * from restock.decision_explained where request_id = 'r77777'",
}
# The least that any sum over all of it takes.
COUNT = """
select (select count(*) from restock.request), (select count(*) from restock.decision),
    (select count(*) from restock.notification), (select count(*) from restock.delivery_attempt),
    (select count(*) from restock.open_request), (select count(*) from restock.request_outcome),
    (select count(*) from restock.purchase), (select count(*) from restock.click)
"""
# The least that the summaries together take: everything joined once. Parallel workers may not write.
JOIN = """
select count(*), count(e.closed_at), count(o.status), count(p.order_id)
from restock.request as r
left join restock.decision as d on r.request_key = d.request_key
left join restock.episode as e on d.episode_id = e.episode_id
left join restock.notification as n on d.notification_key = n.notification_key
left join restock.request_outcome as o on r.request_key = o.request_key
left join restock.purchase as p
    on r.user_id = p.user_id and r.store_id = p.store_id and r.product_id = p.product_id
"""


def measure(folder: Path) -> list[Measurement]:
    """Fill a warehouse, refresh the summaries, then read as the console does.

    Args:
        folder: For the server.
    """
    with scratch_warehouse(folder) as url, connect(url) as warehouse:
        fill_warehouse(warehouse, REQUESTS, PRODUCTS)
        warehouse.execute("set max_parallel_workers_per_gather = 0; set work_mem = '128MB'")
        joined = best(warehouse, JOIN)
        warehouse.execute("reset all")
        count = best(warehouse, COUNT)
        return [
            Measurement("marts refresh", REQUESTS, timed(lambda: refresh(warehouse)), "joining the rows once", joined),
            *(
                Measurement(f"marts {name}", REQUESTS, best(warehouse, query), "counting the rows summed up", count)
                for name, query in READS.items()
            ),
        ]


def best(warehouse: psycopg.Connection, query: str) -> float:
    """Seconds of a query: of three times the quickest, so that it finds its pages in memory."""
    return min(timed(lambda: warehouse.execute(query).fetchall()) for _ in range(3))
