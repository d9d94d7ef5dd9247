"""How the cost of each step grows with the warehouse: the same steps where 1, 3 and 10 million requests wait.

Two kinds of steps. What changes is as large in every warehouse (`fixed`): a file, a restock of a thousand products, a
request to look up; its cost should stay the same. Or it grows with the warehouse (`grows`): all requests, a tenth of
the products, what reads everything; its cost should grow no faster than that. A warehouse has a product for every 50
requests, a shopper for every five, and two told requests for every ten that wait.

`RESTOCK_GROWTH=30` adds 30 million; `RESTOCK_GROWTH=0.01,0.03` takes other sizes instead, in millions.
"""

import multiprocessing
import multiprocessing.pool
import os
import resource
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from restock import marts
from restock.episodes import has_work, update_episodes
from restock.feeds.landing import list_landing
from restock.feeds.load import load_files
from restock.maintenance import check_warehouse, expire_requests, require_valid
from restock.policy import load_policy, resolve_policy
from restock.schedule.plan import build_schedule, list_shards, rank_requests
from restock.schedule.search import find_candidates
from restock.warehouse import connect
from tests.bench import chain
from tests.bench.common import scratch_warehouse, timed
from tests.bench.growth_warehouse import PRODUCTS_SHARE, TableSize, fill_past, read_sizes
from tests.bench.ingest_files import write_rows
from tests.bench.sink import SmtpSink, serve

MILLION = 1_000_000
SIZES = (MILLION, 3 * MILLION, 10 * MILLION)
FILE_ROWS = MILLION
# How fast the machine itself is at that time: the same work whatever there is beside it.
YARDSTICK = "fill, index and drop a table of its own"
YARDSTICK_ROWS = 500_000
# Of ten products one is back with so few that most who wait are told later.
SCARCE, PLENTY = 5, 1_000
SETTINGS = {
    "quiet_hours": "",
    "notify_per_unit": "1",
    "wave_interval_minutes": "600",
    "max_restock_share": "1",
}
# A twentieth of the requests is older than that.
SHORT_LIFE = {"request_ttl_days": "76"}


class Cost(NamedTuple):
    """One step in one warehouse; `rows` is what changed or was read."""

    step: str
    kind: str
    rows: int
    seconds: float
    wal_bytes: int


class Grown(NamedTuple):
    """One warehouse: its waiting requests, what the steps cost, how large its tables are, memory of planning."""

    requests: int
    costs: list[Cost]
    tables: dict[str, TableSize]
    plan_rows: int
    plan_bytes: int


def sizes_wanted() -> tuple[int, ...]:
    """Numbers of waiting requests, the smallest first."""
    wanted = os.environ.get("RESTOCK_GROWTH", "")
    numbers = tuple(int(float(text) * MILLION) for text in wanted.split(",") if text)
    return (*SIZES, *numbers) if numbers == (30 * MILLION,) else numbers or SIZES


def measure(folder: Path) -> list[Grown]:
    """A warehouse after the other, each on a server of its own that is gone before the next."""
    os.environ.update(RESTOCK_PUBLIC_URL="https://shop.example", RESTOCK_LINK_SECRET="secret")
    grown = []
    smallest = min(sizes_wanted())
    for requests in sizes_wanted():
        place = folder / str(requests)
        with multiprocessing.get_context("spawn").Pool(chain.WORKERS) as pool, scratch_warehouse(place) as url:
            pool.map(chain.warm_up, range(chain.WORKERS * 4))
            grown.append(_Warehouse(url, place, requests, smallest, pool).run())
        shutil.rmtree(place, ignore_errors=True)
    return grown


class _Warehouse:
    def __init__(self, url: str, folder: Path, requests: int, smallest: int, pool: multiprocessing.pool.Pool) -> None:
        self._url = url
        self._landing = folder / "landing"
        self._requests = requests
        self._products = requests // PRODUCTS_SHARE
        # What is the same in each warehouse.
        self._fixed_requests = smallest // 10
        self._fixed_products = smallest // 1_000
        self._pool = pool
        self._costs: list[Cost] = []
        self._files = 0

    def run(self) -> Grown:
        """All steps, in an order in which one prepares the next."""
        with connect(self._url) as warehouse:
            self._warehouse = warehouse
            self._policy_id = resolve_policy(warehouse, SETTINGS).policy_id
            fill_past(warehouse, self._policy_id, self._requests)
            self._measure_machine()
            self._fill_and_load()
            self._idle()
            self._restock("a tenth of the products", "grows", scarce=True)
            self._restock("some products", "fixed", scarce=False)
            self._look_up()
            tables = read_sizes(warehouse)
            self._daily()
            self._measure_machine()
        return Grown(self._requests, self._costs, tables, self._plan_rows, self._plan_bytes)

    def _time(self, step: str, kind: str, rows: int, work: Callable[[], object], times: int = 1) -> None:
        """Measure a step; what earlier ones left to be written is written before."""
        self._warehouse.execute("checkpoint")
        before = self._wal()
        seconds = timed(lambda: [work() for _ in range(times)]) / times
        self._costs.append(Cost(step, kind, rows, seconds, (self._wal() - before) // times))
        print(f"{self._requests:>12,}  {step:42}{rows:>12,}{seconds:>10.2f} s", file=sys.stderr, flush=True)

    def _measure_machine(self) -> None:
        """At the beginning and at the end; what counts is the mean."""
        self._time(YARDSTICK, "fixed", YARDSTICK_ROWS, self._work_apart)
        last = self._costs.pop()
        first = next((cost for cost in self._costs if cost.step == YARDSTICK), None)
        if first is None:
            self._costs.append(last)
        else:
            mean = (first.seconds + last.seconds) / 2
            self._costs[self._costs.index(first)] = first._replace(seconds=mean)

    def _work_apart(self) -> None:
        rows = f"select n, md5(n::text) as text from generate_series(1, {YARDSTICK_ROWS}) as n"
        self._warehouse.execute(f"create table yardstick as {rows}")
        self._warehouse.execute("create index on yardstick (text)")
        self._warehouse.execute("drop table yardstick")

    def _wal(self) -> int:
        row = self._warehouse.execute("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint").fetchone()
        return int(row[0]) if row else 0

    def _write(self, feed: str, **binds: int) -> Path:
        self._files += 1
        path = self._landing / feed / f"{self._files}.csv"
        return write_rows(self._url, path, f"growth_{feed}.sql", **binds)

    def _load(self, path: Path) -> None:
        files = [file for file in list_landing(self._landing).files if file.path.endswith(f"/{path.name}")]
        load_files(self._url, self._landing, files, "growth")

    def _load_requests(self, first: int, last: int) -> None:
        path = self._write("requests", first=first, last=last, requests=self._requests)
        self._load(path)
        path.unlink()

    def _fill_and_load(self) -> None:
        """All requests, a million a file, and the first snapshot; then a file into the full warehouse."""
        parts, seconds, wal = -(-self._requests // FILE_ROWS), 0.0, 0
        for part in range(parts):
            first, last = part * self._requests // parts, (part + 1) * self._requests // parts - 1
            path = self._write("requests", first=first, last=last, requests=self._requests)
            self._time("load", "grows", last - first + 1, partial(self._load, path))
            path.unlink()
            cost = self._costs.pop()
            seconds, wal = seconds + cost.seconds, wal + cost.wal_bytes
        self._costs.append(Cost("load all requests, file by file", "grows", self._requests, seconds, wal))
        everything = self._write("inventory", first=0, last=self._products - 1, step=1, rest=-1, quantity=0)
        self._time("load the first snapshot of all products", "grows", self._products, partial(self._load, everything))
        self._plan_nothing()
        self._warehouse.execute("vacuum analyze")
        # A fifth of the file is there already.
        first = self._requests - self._fixed_requests // 5
        more = self._write("requests", first=first, last=first + self._fixed_requests - 1, requests=self._requests)
        self._time("load a file of requests", "fixed", self._fixed_requests, partial(self._load, more))
        self._time("plan what is sold out", "fixed", self._fixed_requests, self._plan_nothing)

    def _plan_nothing(self) -> None:
        rank_requests(self._warehouse, self._policy_id, {"email"}, datetime.now(UTC))

    def _idle(self) -> None:
        settings = load_policy(self._warehouse, self._policy_id)
        clock = datetime.now(UTC)
        if has_work(self._warehouse, settings, clock):
            sys.exit("A warehouse in which nothing changed has work: the benchmark means nothing.")
        self._time(
            "find that there is nothing to do", "fixed", 0, partial(has_work, self._warehouse, settings, clock), 5
        )

    def _restock(self, what: str, kind: str, *, scarce: bool) -> None:
        """A snapshot, the episodes, the search, the plan and the send of a restock."""
        warehouse, policy_id = self._warehouse, self._policy_id
        if scarce:
            binds, back = {"last": self._products - 1, "first": 0, "step": 1, "rest": 0}, self._products // 10
        else:
            back = self._fixed_products
            binds = {"first": 5, "last": 10 * back - 1, "step": 10, "rest": 5}
        path = self._write("inventory", quantity=SCARCE if scarce else PLENTY, **binds)
        rows = self._products if scarce else back
        name = "all products" if scarce else "some products"
        self._time(f"load a snapshot of {name}", kind, rows, partial(self._load, path))
        clock = datetime.now(UTC)
        self._time(f"find what came back: {what}", kind, back, partial(update_episodes, warehouse, policy_id, clock))
        found = self._search(what, kind)
        with multiprocessing.get_context("spawn").Pool(1) as planner:
            idle_bytes = planner.apply(peak_bytes)
            self._time(f"plan: {what}", kind, found, partial(planner.apply, plan, (self._url, policy_id, clock)))
            if scarce:
                self._plan_rows, self._plan_bytes = found, planner.apply(peak_bytes) - idle_bytes
        due = self._count("select count(*) from restock.outbox where due_at <= now()")
        with serve(SmtpSink) as sink:
            find_connection = partial(chain.connection_of, "email", sink.port)
            self._time(
                f"send what is due: {what}", kind, due, partial(chain.send, self._url, self._pool, find_connection)
            )
        if self._count("select count(*) from restock.outbox where due_at <= now()"):
            sys.exit("Messages that were due are not sent: the benchmark means nothing.")

    def _search(self, what: str, kind: str) -> int:
        """The search alone, on what the plan takes afterwards; how many it finds."""
        warehouse = self._warehouse
        warehouse.execute("create temporary table taken_product as select store_id, product_id from restock.plan_queue")
        warehouse.execute("analyze taken_product")
        settings, clock = load_policy(warehouse, self._policy_id), datetime.now(UTC)
        found: list[int] = []
        self._time(
            f"search who waits: {what}", kind, 0, lambda: found.append(len(find_candidates(warehouse, settings, clock)))
        )
        self._costs[-1] = self._costs[-1]._replace(rows=found[0])
        warehouse.execute("drop table taken_product")
        return found[0]

    def _count(self, query: str) -> int:
        row = self._warehouse.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _look_up(self) -> None:
        keys = [row[0] for row in self._warehouse.execute("select request_id from restock.request limit 100")]
        self._time(
            "look up the state of a request",
            "fixed",
            1,
            lambda: [
                self._warehouse.execute("select * from restock.request_state where request_id = %s", [key]).fetchall()
                for key in keys[:20]
            ],
        )
        self._costs[-1] = self._costs[-1]._replace(seconds=self._costs[-1].seconds / 20)

    def _daily(self) -> None:
        """What reads everything: the summaries, the checks, expiry."""
        warehouse = self._warehouse
        everything = self._count("select count(*) from restock.request")
        self._time("write the summaries of the marts", "grows", everything, partial(marts.refresh, warehouse))
        self._time("check the warehouse", "grows", everything, lambda: require_valid(check_warehouse(warehouse)))
        resolve_policy(warehouse, SETTINGS | SHORT_LIFE)
        expired: list[int] = []
        self._time(
            "expire a twentieth of the requests",
            "grows",
            0,
            lambda: expired.append(expire_requests(warehouse, datetime.now(UTC))),
        )
        self._costs[-1] = self._costs[-1]._replace(rows=expired[0])
        self._time(
            "look for more to expire", "grows", everything, lambda: expire_requests(warehouse, datetime.now(UTC))
        )


def plan(url: str, policy_id: int, clock: datetime) -> None:
    """What plan_messages and build_schedule do, in a process of its own."""
    with connect(url) as warehouse:
        rank_requests(warehouse, policy_id, {"email"}, clock)
        for shard in list_shards(warehouse):
            build_schedule(warehouse, policy_id, shard, clock)


def peak_bytes() -> int:
    """The most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
