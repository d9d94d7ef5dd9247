"""What the growth benchmark prints: the steps by size of the warehouse, what a row takes, and a billion requests."""

import json
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from restock.local.state import State
from restock.schedule.plan import SHARD_SIZE
from tests.bench.growth import YARDSTICK, Cost, Grown

BILLION = 1_000_000_000
# More than that over what the rows grew by, and the machine became slower by, is more than noise.
TOLERANCE = 1.3
REQUEST_TABLES = ("request", "open_request")
MESSAGE_TABLES = ("notification", "decision", "delivery_attempt", "request_outcome")
# Of a billion that wait so many are answered in a day, and as many are new.
SHARE_A_DAY = 100


def report(warehouses: Sequence[Grown]) -> None:
    """Print everything, and write it to growth.json in the state folder."""
    print_steps(warehouses)
    print_tables(warehouses[-1])
    rates = find_rates(warehouses[-1])
    print_billion(rates)
    path = State.from_environment().root / "growth.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    everything = {
        "warehouses": [
            grown._asdict()
            | {
                "costs": [cost._asdict() for cost in grown.costs],
                "tables": {name: size._asdict() for name, size in grown.tables.items()},
            }
            for grown in warehouses
        ],
        "rates": rates._asdict(),
    }
    path.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {path}")


def print_steps(warehouses: Sequence[Grown]) -> None:
    """A line a step: its rows in the smallest warehouse, seconds in each, and how both grew."""
    sizes = "".join(f"{f'{grown.requests / 1e6:g} M':>11}" for grown in warehouses)
    grown_by = warehouses[-1].requests / warehouses[0].requests
    print(f"Waiting requests grow {grown_by:g} times from the first to the last size.\n")
    print(f"{'step':50}{'rows':>12}{sizes}{'rows x':>9}{'cost x':>9}")
    machine = max(1.0, _grown_by([cost for grown in warehouses for cost in grown.costs if cost.step == YARDSTICK]))
    for kind, heading in (("fixed", "as much changes in each"), ("grows", "as much more changes, or is read")):
        print(f"-- {heading}")
        for costs in zip(*(grown.costs for grown in warehouses), strict=True):
            if costs[0].kind == kind:
                print(_line(costs, machine))


def _grown_by(costs: Sequence[Cost]) -> float:
    return costs[-1].seconds / costs[0].seconds


def _line(costs: Sequence[Cost], machine: float) -> str:
    first, last, cost_by = costs[0], costs[-1], _grown_by(costs)
    rows_by = last.rows / first.rows if first.rows else 1.0
    mark = "  grows faster" if cost_by > rows_by * machine * TOLERANCE else ""
    seconds = "".join(f"{_shown(cost.seconds):>11}" for cost in costs)
    return f"{first.step:50}{first.rows or '':>12}{seconds}{rows_by:>9.1f}{cost_by:>9.1f}{mark}"


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1_000:.1f} ms"


def print_tables(grown: Grown) -> None:
    """Bytes a row of the tables that grow, in the largest warehouse."""
    print(f"\n{'table':22}{'rows':>14}{'bytes a row':>14}{'and its indexes':>18}")
    for name in (*REQUEST_TABLES, *MESSAGE_TABLES, "customer", "product", "inventory", "availability", "episode"):
        size = grown.tables[name]
        print(f"{name:22}{size.rows:>14,}{size.table_bytes / size.rows:>14.0f}{size.index_bytes / size.rows:>18.0f}")


class Rates(NamedTuple):
    """What a row takes in the largest warehouse: bytes on disk and of WAL a row, seconds a million rows."""

    requests: int
    request_bytes: float
    request_index_bytes: float
    message_bytes: float
    fill_seconds: float
    load_seconds: float
    plan_seconds: float
    send_seconds: float
    mart_seconds: float
    check_seconds: float
    expire_seconds: float
    idle_seconds: float
    load_wal: float
    plan_wal: float
    send_wal: float
    plan_memory: float


def find_rates(grown: Grown) -> Rates:
    """The rows of both tables above that a larger warehouse is computed from."""
    by_step = {cost.step: cost for cost in grown.costs}

    def a_million(step: str) -> float:
        return by_step[step].seconds / by_step[step].rows * 1_000_000

    def wal(step: str) -> float:
        return by_step[step].wal_bytes / by_step[step].rows

    def bytes_of(names: Sequence[str]) -> float:
        sizes = [grown.tables[name] for name in names]
        return sum((size.table_bytes + size.index_bytes) / size.rows for size in sizes)

    load, planned, sent = (
        "load a file of requests",
        "plan: a tenth of the products",
        "send what is due: some products",
    )
    return Rates(
        requests=grown.requests,
        request_bytes=bytes_of(REQUEST_TABLES),
        request_index_bytes=sum(grown.tables[name].index_bytes / grown.tables[name].rows for name in REQUEST_TABLES),
        message_bytes=bytes_of(MESSAGE_TABLES),
        fill_seconds=a_million("load all requests, file by file"),
        load_seconds=a_million(load),
        plan_seconds=a_million(planned),
        send_seconds=a_million(sent),
        mart_seconds=a_million("write the summaries of the marts"),
        check_seconds=a_million("check the warehouse"),
        expire_seconds=a_million("look for more to expire"),
        idle_seconds=by_step["find that there is nothing to do"].seconds / grown.requests * 1_000_000,
        load_wal=wal(load),
        plan_wal=wal(planned),
        send_wal=wal(sent),
        plan_memory=grown.plan_bytes / grown.plan_rows,
    )


def print_billion(its: Rates) -> None:
    """The same machine with a billion waiting requests, as Markdown: each row with what it is computed from."""
    daily = BILLION // SHARE_A_DAY // 1_000_000
    wal = its.load_wal + its.plan_wal + its.send_wal
    rows = {
        "waiting requests on disk": (
            f"{its.request_bytes:.0f} B each, {its.request_index_bytes:.0f} of them indexes",
            f"{its.request_bytes:,.0f} GB, {its.request_index_bytes:,.0f} GB of them indexes",
        ),
        "messages on disk": (
            f"{its.message_bytes:.0f} B each x {daily} M",
            f"{its.message_bytes * daily / 1e3:,.1f} GB a day, {its.message_bytes * daily * 30 / 1e3:,.0f} GB a month",
        ),
        "WAL": (
            f"({its.load_wal:,.0f} B loading + {its.plan_wal:,.0f} planning + {its.send_wal:,.0f} sending) x {daily} M",
            f"{wal * daily / 1e3:,.0f} GB a day",
        ),
        "loading them all": (f"{its.fill_seconds:.1f} s a million x 1,000", f"{its.fill_seconds / 3.6:,.1f} hours"),
        "loading a day's": (
            f"{its.load_seconds:.1f} s a million x {daily}",
            f"{its.load_seconds * daily / 60:,.1f} minutes",
        ),
        "planning a day's": (
            f"{its.plan_seconds:.1f} s a million x {daily}",
            f"{its.plan_seconds * daily / 60:,.1f} minutes",
        ),
        "sending a day's": (
            f"{its.send_seconds:.0f} s a million, two senders, x {daily}",
            f"{its.send_seconds * daily / 3_600:,.1f} hours",
        ),
        "sending a day's within an hour": (
            f"{its.send_seconds * daily:,.0f} s / 3,600 s",
            f"{2 * its.send_seconds * daily / 3_600:,.1f} senders, and as many cores for PostgreSQL",
        ),
        "memory of planning": (
            f"{its.plan_memory / 1e3:.1f} kB a place x at most {SHARD_SIZE:,} a worker",
            f"{its.plan_memory * SHARD_SIZE / 1e9:,.1f} GB a worker, however many wait",
        ),
        "summaries of the marts": (
            f"{its.mart_seconds:.1f} s a million x 1,000",
            f"{its.mart_seconds / 3.6:,.1f} hours, and so every {its.mart_seconds / 3.6 * 20 / 24:,.1f} days",
        ),
        "daily checks": (f"{its.check_seconds:.1f} s a million x 1,000", f"{its.check_seconds / 3.6:,.1f} hours"),
        "daily look for what expired": (
            f"{its.expire_seconds:.1f} s a million x 1,000",
            f"{its.expire_seconds / 3.6:,.1f} hours",
        ),
        "a run that finds nothing to do": (
            f"{its.idle_seconds * 1e3:.1f} ms a million x 1,000",
            f"{its.idle_seconds * 1e3:,.1f} s a minute",
        ),
        "warehouses, cut by store, that are read whole within an hour": (
            f"({its.mart_seconds:.1f} + {its.check_seconds:.1f} + {its.expire_seconds:.1f} s) x 1,000 / 3,600 s",
            f"{ceil((its.mart_seconds + its.check_seconds + its.expire_seconds) / 3.6)}",
        ),
    }
    print(
        f"\nA billion waiting requests on this machine, at what a row takes where {its.requests:,} wait; "
        f"{daily} million a day are new, and as many are answered:\n"
    )
    print("| what | measured | a billion |\n|---|---|---|")
    for name, (measured, computed) in rows.items():
        print(f"| {name} | {measured} | {computed} |")
