"""Planning beside COPY."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg

from restock.episodes import update_episodes
from restock.policy import resolve_policy
from restock.schedule.plan import build_schedule, list_shards, rank_requests
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.shop_feeds import load_feeds


def measure(folder: Path, shoppers: int) -> list[Measurement]:
    """Plan, beside a bare COPY of what planning writes."""
    with scratch_warehouse(folder) as url:
        load_feeds(url, folder / "landing", shoppers)
        return [plan(url, shoppers)]


def plan(url: str, shoppers: int) -> Measurement:
    """Plan everything that waits."""
    clock = datetime.now(UTC)
    with connect(url) as warehouse:
        policy = resolve_policy(warehouse, {"quiet_hours": ""})

        def plan_all() -> None:
            update_episodes(warehouse, policy.policy_id, clock)
            rank_requests(warehouse, policy.policy_id, {"email"}, clock)
            for shard in list_shards(warehouse):
                build_schedule(warehouse, policy.policy_id, shard, clock)

        seconds = timed(plan_all)
        limit = timed(lambda: copy_out_and_in(warehouse))
    return Measurement("plan", shoppers, seconds, "COPY the decisions and messages out and in", limit)


def copy_out_and_in(warehouse: psycopg.Connection) -> None:
    for table in ("notification", "decision"):
        with warehouse.cursor().copy(f"copy (select * from restock.{table}) to stdout") as source:
            blocks = [bytes(block) for block in source]
        warehouse.execute(f"create unlogged table bare as table restock.{table} with no data")
        with warehouse.cursor().copy("copy bare from stdin") as target:
            for block in blocks:
                target.write(block)
        warehouse.execute("drop table bare")
