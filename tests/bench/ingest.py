"""Ingestion beside `psql \\copy` of the same file straight into a table with the same final indexes and keys.

For requests these are what `restock.request` and `restock.open_request` have between them, all on one table: the
primary key, the unique request_id, the unique (store, product, shopper, channel) and the index on the shopper. For
stock they are what `restock.inventory` and `restock.availability` have: the primary keys (store, product, location) and
(store, product), and the room that their pages keep.

What updates a full table is set beside the best plain upsert: COPY into an unlogged table, analyze, and one statement.
Each run has a new copy of the warehouse, and the runs of the two sides take turns.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from restock.feeds.landing import list_landing
from restock.feeds.ledger import count_run
from restock.feeds.load import MERGE_WORK_MEM, load_files
from restock.local.postgres import EmbeddedPostgres
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse, timed
from tests.bench.ingest_files import DIRTY_EVERY, fill_requests, write_dirty, write_rows
from tests.conftest import database_url

REQUESTS = 1_000_000
PRODUCTS = 200_000
STANDING = 10_000_000
# So many rows of the file for a warehouse that holds requests repeat some that it holds.
REPEATED = 400_000
RUNS = 3

BARE_REQUEST = (
    "create table bare (like restock.request including all, unique (store_id, product_id, user_id, channel));"
    " create index on bare (user_id)"
)
BARE_INVENTORY = (
    "create table bare (like restock.inventory including all, unique (store_id, product_id)) with (fillfactor = 70)"
)
UPSERTS_OF_REQUESTS = {
    "anti-join": "insert into bare ({columns}) select {columns} from stage as s"
    " where not exists (select from bare as b where b.request_id = s.request_id)",
    "on conflict": "insert into bare ({columns}) select {columns} from stage on conflict do nothing",
    "merge": "merge into bare as b using stage as s on b.request_id = s.request_id"
    " when not matched then insert ({columns}) values ({columns})",
}
UPSERT_OF_INVENTORY = (
    "insert into bare ({columns}) select {columns} from stage on conflict (store_id, product_id, location_id) do update"
    " set available_quantity = excluded.available_quantity, snapshot_at = excluded.snapshot_at"
)

Work = Callable[[str], object]


class Side(NamedTuple):
    """What is timed, and on a copy of which database of the server."""

    template: str
    work: Work


def measure(folder: Path, requests: int = REQUESTS, products: int = PRODUCTS) -> list[Measurement]:
    """Into an empty warehouse: requests, clean and dirty; a snapshot of the inventory, and a second one after it."""
    with scratch_warehouse(folder) as url:
        clean = write_rows(url, folder / "clean/requests/all.csv", "request_rows.sql", first=0, last=requests - 1)
        dirty = write_dirty(clean, folder / "dirty/requests/all.csv")
        first, second = (
            write_rows(url, folder / f"{n}/inventory/all.csv", "inventory_rows.sql", products=products, snapshot=n)
            for n in (0, 1)
        )
        for name, statement in (("bare_requests", BARE_REQUEST), ("bare_inventory", BARE_INVENTORY)):
            _make(url, name, "restock", partial(_run, statement=statement))
        _make(url, "stock", "restock", partial(load, path=first))
        _make(url, "bare_stock", "bare_inventory", partial(copy_in, path=first))
        load_clean = Side("restock", partial(load, path=clean))
        clean_seconds, copy_seconds, dirty_seconds = _alternate(
            url,
            load_clean,
            Side("bare_requests", partial(copy_in, path=clean)),
            Side("restock", partial(load, path=dirty, rejected=requests // DIRTY_EVERY)),
        )
        stock_seconds, copy_stock_seconds, update_seconds, upsert_seconds = _alternate(
            url,
            Side("restock", partial(load, path=first)),
            Side("bare_inventory", partial(copy_in, path=first)),
            Side("stock", partial(load, path=second)),
            Side("bare_stock", partial(upsert, path=second, statement=UPSERT_OF_INVENTORY)),
        )
    return [
        Measurement("requests", requests, clean_seconds, "psql \\copy into one table", copy_seconds),
        Measurement("requests, 1 % bad", requests, dirty_seconds, "the same without bad rows", clean_seconds),
        Measurement("inventory", products, stock_seconds, "psql \\copy into one table", copy_stock_seconds),
        Measurement("inventory again", products, update_seconds, "plain upsert, on conflict", upsert_seconds),
    ]


def measure_large(folder: Path, requests: int = REQUESTS, standing: int = STANDING) -> list[Measurement]:
    """Into a warehouse that holds many requests, some of which the file repeats."""
    repeated = REPEATED * requests // REQUESTS
    with scratch_warehouse(folder) as url:
        path = write_rows(
            url,
            folder / "landing/requests/all.csv",
            "request_rows.sql",
            first=standing - repeated,
            last=standing - repeated + requests - 1,
        )
        _make(url, "bare", "restock", partial(_run, statement=BARE_REQUEST))
        _make(url, "standing_bare", "bare", partial(fill_requests, tables=["bare"], count=standing))
        _make(
            url,
            "standing",
            "restock",
            partial(fill_requests, tables=["restock.request", "restock.open_request"], count=standing),
        )
        ways = {
            name: Side("standing_bare", partial(upsert, path=path, statement=statement))
            for name, statement in UPSERTS_OF_REQUESTS.items()
        }
        tried = dict(zip(ways, _alternate(url, *ways.values(), runs=1), strict=True))
        best = min(tried, key=lambda name: tried[name])
        seconds, limit = _alternate(url, Side("standing", partial(load, path=path)), ways[best])
    step = f"requests into {standing // 1_000_000} M"
    return [Measurement(step, requests, seconds, f"plain upsert, {best}", limit)]


def load(url: str, path: Path, rejected: int = 0) -> None:
    """Load a file, of which so many rows are bad, as the pipeline does. The landing area is two folders above it."""
    load_files(url, path.parents[1], list_landing(path.parents[1]).files, str(path))
    with connect(url) as connection:
        (counts,) = count_run(connection, str(path))
    if counts.failed_files or not counts.loaded or counts.rejected != rejected:
        sys.exit(f"{path} did not load: the benchmark means nothing.")


def copy_in(url: str, path: Path, table: str = "bare") -> None:
    """Copy a file in by the psql that comes with the server."""
    psql = EmbeddedPostgres(path.parent, 0, "").binaries / "psql"
    command = rf"\copy {table} ({_columns(path)}) from '{path}' with (format csv, header)"
    subprocess.run([psql, url, "--no-psqlrc", "--quiet", "--command", command], check=True)


def upsert(url: str, path: Path, statement: str) -> None:
    """COPY into an unlogged table, analyze it, and merge it in one statement."""
    columns = _columns(path)
    with connect(url) as connection:
        connection.execute(f"create unlogged table stage as select {columns} from bare with no data")
        copy_in(url, path, "stage")
        connection.execute("analyze stage")
        connection.execute(f"set work_mem = '{MERGE_WORK_MEM}'")
        connection.execute(statement.format(columns=columns))


def _columns(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip()


def _run(url: str, statement: str) -> None:
    with connect(url) as connection:
        connection.execute(statement)


def _alternate(url: str, *sides: Side, runs: int = RUNS) -> list[float]:
    """Median seconds of each side, run by turns."""
    seconds = [[_time_once(url, side) for side in sides] for _ in range(runs)]
    return [median(times) for times in zip(*seconds, strict=True)]


def _time_once(url: str, side: Side) -> float:
    with _copied(url, side.template, "run") as copy_url:
        return timed(lambda: side.work(copy_url))


def _make(url: str, name: str, template: str, work: Work) -> None:
    """Make a database that runs start from."""
    _run(url, f"create database {name} template {template} strategy file_copy")
    work(database_url(url, name))
    _run(database_url(url, name), "vacuum analyze")


@contextmanager
def _copied(url: str, template: str, name: str) -> Iterator[str]:
    _run(url, f"create database {name} template {template} strategy file_copy")
    try:
        # What earlier work left to be written is not for this run to wait for.
        _run(url, "checkpoint")
        yield database_url(url, name)
    finally:
        _run(url, f"drop database {name} with (force)")
