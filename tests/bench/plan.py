"""Planning: the rules beside the leanest pandas, the planning step beside bare COPY, the search beside one join."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa

from restock.episodes import has_work, update_episodes
from restock.policy import load_policy, resolve_policy
from restock.schedule.plan import (
    PLANNED,
    SHARD_SIZE,
    Shard,
    build_schedule,
    list_shards,
    plan_candidates,
    rank_requests,
)
from restock.schedule.rules import build
from restock.schedule.search import find_candidates
from restock.schedule.second_writer import second_writer
from restock.schedule.store import Run
from restock.warehouse import connect
from restock.warehouse.frames import read_frame
from restock.warehouse.statistics import refresh_statistics
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.plan_candidates import CLOCK, PRODUCTS, make_candidates, no_messages, policy
from tests.bench.plan_warehouse import fill_warehouse

RUNS = 3
# As many shards are planned at once as the machine has CPUs here; Airflow does as many as its parallelism allows.
WORKERS = 2


def measure(folder: Path, candidates: int = 200_000, waiting: int = 2_000_000) -> list[Measurement]:
    """All of planning.

    Args:
        folder: Scratch folder.
        candidates: Candidates of the rules and of the planning step; each shopper has five.
        waiting: Requests among which candidates are searched; a tenth of them are found.
    """
    results = measure_rules(candidates)
    lean = results[0].limit_seconds
    with scratch_warehouse(folder / "step") as url:
        results += measure_step(url, candidates, lean)
    return results + measure_search(folder, waiting)


def measure_large(folder: Path) -> list[Measurement]:
    """The same at the size of a large shop: a million candidates, found among ten million requests."""
    return measure(folder, candidates=1_000_000, waiting=10_000_000)


def plan(url: str, shoppers: int) -> Measurement:
    """Plan everything that waits, beside nothing: the start of the benchmark of sending."""
    with connect(url) as warehouse:
        policy_id = resolve_policy(warehouse, {"quiet_hours": ""}).policy_id
        seconds = timed(lambda: plan_all(warehouse, policy_id, datetime.now(UTC)))
    return Measurement("plan", shoppers, seconds, "", seconds)


def plan_all(warehouse: psycopg.Connection, policy_id: int, clock: datetime) -> None:
    update_episodes(warehouse, policy_id, clock)
    rank_requests(warehouse, policy_id, {"email"}, clock)
    for shard in list_shards(warehouse):
        build_schedule(warehouse, policy_id, shard, clock)


# ---------------------------------------------------------------------------------------------
# The rules
# ---------------------------------------------------------------------------------------------


def measure_rules(count: int) -> list[Measurement]:
    """Rules 3 to 8 on frames, without and with overrides of settings."""
    candidates, earlier = make_candidates(count, count // 5), no_messages()
    limit = median(timed(partial(lean_schedule, candidates)) for _ in range(RUNS))
    return [
        Measurement(
            step,
            count,
            median(
                timed(partial(build, candidates, earlier, policy(overrides=overrides), {"email"}, CLOCK))
                for _ in range(RUNS)
            ),
            "lean pandas: quiet hours, ranks, digest",
            limit,
        )
        for step, overrides in (("plan: rules", False), ("plan: overrides", True))
    ]


def lean_schedule(candidates: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Quiet hours, ranks and digest as a script would do them: no caps, tiers, ties, traces, settings or earlier mail.

    Returns what it decides: the rows with position, wave, due time and number of the message, and the message times.
    """
    rows = candidates[["user_id", "timezone", "episode_id", "requested_at", "opened_at", "quantity"]]
    rows = rows.sort_values(["episode_id", "requested_at"])
    position = rows.groupby("episode_id").cumcount()
    due = rows["opened_at"] + pd.to_timedelta(position // (rows["quantity"] * 2) * 60, unit="min")
    zone, zones = pd.factorize(rows["timezone"])
    instant, distinct = pd.factorize(due)
    instants = pd.DatetimeIndex(distinct)
    awake = np.empty((len(zones), len(instants)), "datetime64[us]")
    for number, name in enumerate(zones):
        wall = instants.tz_convert(name).tz_localize(None)
        hour = wall.hour
        end = wall.normalize() + pd.to_timedelta(np.where(hour >= 21, 32, 8), unit="h")
        end = end.tz_localize(name, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")
        awake[number] = np.where((hour >= 21) | (hour < 8), end.tz_localize(None), instants.tz_localize(None))
    rows["due_at"] = awake[zone, instant]
    rows["user"] = pd.factorize(rows["user_id"])[0]
    rows = rows.sort_values(["user", "due_at"])
    # A message an hour: the window starts anew where the shopper changes or the last item is an hour ago.
    apart = rows["due_at"].diff() > pd.Timedelta(minutes=60)
    rows["message"] = (apart | (rows["user"] != rows["user"].shift())).cumsum()
    return rows, rows.groupby("message")["due_at"].last()


# ---------------------------------------------------------------------------------------------
# The planning step
# ---------------------------------------------------------------------------------------------


def measure_step(url: str, count: int, lean: float) -> list[Measurement]:
    """From candidates to stored decisions and messages, beside a COPY of the same rows: at once, and by shards."""
    limit = "COPY of the same rows as ready CSV + lean pandas"
    seconds: dict[str, list[float]] = {"plan: step": [], "plan: step, shards": []}
    bare = []
    with connect(url) as warehouse, ProcessPoolExecutor(WORKERS, get_context("spawn")) as workers:
        policy_id = fill_warehouse(warehouse, count, products=PRODUCTS, restocked=PRODUCTS)
        run = Run(load_policy(warehouse, policy_id), policy_id, CLOCK)
        warehouse.execute("create temporary table taken_product as select store_id, product_id from restock.plan_queue")
        warehouse.execute("analyze taken_product")
        candidates = find_candidates(warehouse, run.settings, CLOCK)
        # Airflow's own time to start a task is not planning's.
        list(workers.map(partial(plan_shard, url, policy_id), [Shard(0, 63)] * WORKERS))

        def plan_all_candidates(shard_size: int) -> None:
            with second_writer(warehouse) as second, warehouse.transaction():
                figures = plan_candidates(warehouse, candidates, run, {"email"}, second, shard_size=shard_size)
            refresh_statistics(warehouse, figures["placed"], PLANNED)
            shards = list_shards(warehouse, shard_size=shard_size)
            list(workers.map(partial(plan_shard, url, policy_id), shards))

        for _ in range(RUNS):
            for step, shard_size in (("plan: step", SHARD_SIZE), ("plan: step, shards", count // WORKERS // 2)):
                warehouse.execute("truncate restock.decision, restock.notification, restock.outbox cascade")
                warehouse.execute("vacuum analyze restock.candidate")
                warehouse.execute("checkpoint")
                seconds[step].append(timed(partial(plan_all_candidates, shard_size)))
            bare.append(copy_bare(warehouse) + lean)
    return [Measurement(step, len(candidates), median(its), limit, median(bare)) for step, its in seconds.items()]


def plan_shard(url: str, policy_id: int, shard: Shard) -> dict[str, int]:
    """What one task does."""
    with connect(url) as warehouse:
        return build_schedule(warehouse, policy_id, shard, CLOCK)


def copy_bare(warehouse: psycopg.Connection) -> float:
    """Seconds to copy the decisions and messages just made, in order, into tables with the same checks and indexes."""
    seconds = 0.0
    for table, order in (
        ("notification", "notification_key"),
        ("outbox", "notification_key"),
        ("decision", "episode_id, request_key"),
    ):
        warehouse.execute(f"create table bare (like restock.{table} including all excluding identity)")
        columns = ", ".join(
            name
            for (name,) in warehouse.execute(
                "select attname::text from pg_attribute where attrelid = 'bare'::regclass and attnum > 0"
                " and attgenerated = '' order by attnum"
            )
        )
        query = f"copy (select {columns} from restock.{table} order by {order}) to stdout with (format csv)"
        with warehouse.cursor().copy(query.encode()) as copy:
            rows = b"".join(copy)
        warehouse.execute("checkpoint")
        seconds += timed(partial(copy_in, warehouse, f"copy bare ({columns}) from stdin with (format csv)", rows))
        warehouse.execute("drop table bare")
    return seconds


def copy_in(warehouse: psycopg.Connection, statement: str, rows: bytes) -> None:
    with warehouse.cursor().copy(statement.encode()) as copy:
        copy.write(rows)


# ---------------------------------------------------------------------------------------------
# The search
# ---------------------------------------------------------------------------------------------

BARE_JOIN = """
    select o.request_key, r.request_id, o.user_id, o.store_id, o.product_id, o.channel, r.contact, r.requested_at,
        r.timezone, r.locale, c.email, c.tier
    from taken_product as t
    inner join restock.open_request as o on t.store_id = o.store_id and t.product_id = o.product_id
    inner join restock.request as r on o.request_key = r.request_key
    left join restock.customer as c on o.user_id = c.user_id
"""


def measure_search(folder: Path, waiting: int) -> list[Measurement]:
    """Candidates among waiting requests, and a run in which nothing changed, at a tenth of the requests and at all."""
    blocks = {}
    for count in (waiting // 10, waiting):
        with scratch_warehouse(folder / str(count)) as url, connect(url) as warehouse:
            # A tenth of the products is back, which a tenth of the requests wait for.
            policy_id = fill_warehouse(warehouse, count, products=waiting // 5, restocked=waiting // 50)
            if count == waiting:
                seconds, limit, found = search(warehouse, policy_id)
            warehouse.execute("truncate restock.plan_queue")
            blocks[count] = blocks_of_idle_run(warehouse, policy_id)
    return [
        Measurement("plan: search", found, seconds, f"one bare join, read alike ({waiting:,} wait)", limit),
        Measurement(
            "plan: idle, blocks", waiting, blocks[waiting], "blocks read where a tenth waits", blocks[waiting // 10]
        ),
    ]


def search(warehouse: psycopg.Connection, policy_id: int) -> tuple[float, float, int]:
    """Seconds of the search, those of the bare join, and how many candidates there are."""
    settings = load_policy(warehouse, policy_id)
    warehouse.execute("create temporary table taken_product as select store_id, product_id from restock.plan_queue")
    warehouse.execute("analyze taken_product")
    columns = {name: pa.string() for name in ("request_key", "request_id", "user_id", "requested_at", "email")}
    found = find_candidates(warehouse, settings, CLOCK)
    seconds, limits = [], []
    # By turns, because the machine may be slower at one time than at another.
    for _ in range(RUNS):
        seconds.append(timed(partial(find_candidates, warehouse, settings, CLOCK)))
        limits.append(timed(partial(read_frame, warehouse, BARE_JOIN, {}, columns)))
    warehouse.execute("drop table taken_product")
    return median(seconds), median(limits), len(found)


def blocks_of_idle_run(warehouse: psycopg.Connection, policy_id: int) -> int:
    """Blocks that all steps of a run read when nothing changed, from memory or disk."""
    settings = load_policy(warehouse, policy_id)

    def read_so_far() -> int:
        warehouse.execute("select pg_stat_force_next_flush()")
        query = "select blks_read + blks_hit from pg_stat_database where datname = current_database()"
        return int(warehouse.execute(query).fetchone()[0])  # type: ignore[index]

    def run() -> None:
        has_work(warehouse, settings, CLOCK)
        plan_all(warehouse, policy_id, CLOCK)

    # The first time fills the caches of the catalogue.
    run()
    before = read_so_far()
    run()
    return read_so_far() - before
