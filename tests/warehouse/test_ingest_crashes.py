"""Loads that are killed, that run twice at once, that find no room: nothing is lost, nothing is doubled."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import psycopg
import pytest
from psycopg import sql

from restock.feeds import load, parquet
from restock.feeds.load import LoadError
from tests.warehouse.landing import Landing, cancel, stock, subscribe

ROOT = Path(__file__).parents[2]
KILLS = 8

# Waits for a word before it begins, so that a kill meets the load and not the start of Python.
LOAD_ALL = """
import sys
from pathlib import Path
from typing import BinaryIO
from restock.feeds.landing import list_landing, plan_batches
from restock.feeds.ledger import find_unrecorded
from restock.feeds.load import load_files
from restock.warehouse import connect
from tests.warehouse.landing import CLOCK

url, landing = sys.argv[1], Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
with connect(url) as connection:
    new = find_unrecorded(connection, list_landing(landing).files)
for batch in plan_batches(new):
    load_files(url, landing, batch, "crash", CLOCK)
"""


@contextmanager
def loading(landing: Landing) -> Iterator[subprocess.Popen[str]]:
    """A process that is about to load everything: write a line to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD_ALL, landing.url, str(landing.folder)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "include"), str(ROOT)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def begin(process: subprocess.Popen[str]) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def put_a_drop(landing: Landing) -> None:
    """Files of which several load, one fails, one is a duplicate, and rows join, end, are stale or rejected."""
    people = range(300)
    requests = [subscribe(f"a{n}", n % 50, user=f"u{n}", product=f"p{n % 9}") for n in people]
    landing.put("requests", [*requests, subscribe("", user="x")])
    landing.put("requests", [subscribe(f"b{n}", n % 40, user=f"u{n}", product=f"p{n % 7}") for n in people])
    landing.put("requests", [cancel(f"c{n}", 30, user=f"u{n}", product=f"p{n % 9}") for n in people[::3]])
    landing.put("requests", requests[:50], "again.parquet")
    landing.put("requests", [*requests, subscribe("", user="x")], "renamed.csv")
    landing.put("inventory", [stock(f"p{n}", n, 9) for n in range(200)])
    landing.put("inventory", [stock(f"p{n}", n + 1, n % 18) for n in range(200)])
    landing.put("customers", [{"user_id": f"u{n}", "email": f"u{n}@example.com"} for n in people])
    landing.put("orders", b"not parquet", "broken.parquet")


def everything(landing: Landing) -> list[list[tuple]]:
    """What was loaded, without numbers that differ from load to load."""
    return [
        landing.rows(f"select {query}")
        for query in (
            "path, status, reason, read_count, loaded_count, rejected_count, duplicate_count, stale_count,"
            " unchanged_count from restock.feed_file order by 1",
            "path, line_number, reason_code, raw_text from restock.rejected_row"
            " join restock.feed_file using (feed_file_id) order by 1, 2",
            "request_id, user_id, store_id, product_id, channel, requested_at from restock.request order by 1",
            "j.request_id, r.request_id from restock.joined_request as j"
            " join restock.request as r using (request_key) order by 1",
            "r.request_id from restock.open_request join restock.request as r using (request_key) order by 1",
            "r.request_id, o.status, o.closed_at from restock.request_outcome as o"
            " join restock.request as r using (request_key) order by 1",
            "request_id, cancelled_at from restock.cancellation order by 1",
            "product_id, available_quantity, snapshot_at from restock.inventory order by 1",
            "product_id, quantity, snapshot_at from restock.availability order by 1",
            "user_id, email from restock.customer order by 1",
            "product_id, plan_after from restock.plan_queue order by 1",
            "count(*) from pg_class where relnamespace = 'staging'::regnamespace",
        )
    ]


@pytest.fixture
def undisturbed(landing: Landing) -> list[list[tuple]]:
    """What a drop becomes that nothing disturbs; the drop lies there, to be loaded once more."""
    put_a_drop(landing)
    landing.load()
    whole = everything(landing)
    landing.forget()
    return whole


def test_loads_killed_at_any_moment_and_run_again_lose_and_double_nothing(landing: Landing, undisturbed):
    with loading(landing) as process:
        started = time.monotonic()
        begin(process)
        assert process.wait(60) == 0
        seconds = time.monotonic() - started
    assert everything(landing) == undisturbed
    landing.forget()

    moments = random.Random(7)
    killed = 0
    for _ in range(KILLS):
        with loading(landing) as process:
            begin(process)
            time.sleep(moments.uniform(0, seconds / 2))
            killed += process.poll() is None
    assert killed, "every load came to its end before it was killed"
    landing.load()
    assert everything(landing) == undisturbed


def test_two_processes_that_load_the_same_files_at_once_load_them_once(landing: Landing, undisturbed):
    with loading(landing) as one, loading(landing) as other:
        begin(one)
        begin(other)
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert everything(landing) == undisturbed


def test_a_warehouse_without_room_fails_in_words_and_loads_once_there_is(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
):
    database = sql.Identifier(landing.warehouse.info.dbname)
    try:
        landing.warehouse.execute(sql.SQL("alter database {} set temp_file_limit = '64kB'").format(database))
    except psycopg.errors.InsufficientPrivilege:
        pytest.skip("only a superuser may limit the room for temporary files")
    monkeypatch.setattr(load, "MERGE_WORK_MEM", "64kB")
    path = landing.put("inventory", [stock(f"p{number}", number) for number in range(20_000)])
    with pytest.raises(LoadError, match=rf"{path}: temporary file size exceeds .* has it room"):
        landing.load()
    assert everything(landing) == [[]] * 11 + [[(0,)]]
    landing.warehouse.execute(sql.SQL("alter database {} reset temp_file_limit").format(database))
    landing.load()
    assert landing.counts(path) == {"read": 20_000, "loaded": 20_000}


def full_disk() -> BinaryIO:
    return Path("/dev/full").open("r+b", buffering=0)


def test_a_full_disk_on_this_machine_is_no_fault_of_the_file(landing: Landing, monkeypatch: pytest.MonkeyPatch):
    path = landing.put("inventory", [stock("lamp", 1)], "x.parquet")
    with monkeypatch.context() as full:
        full.setattr(parquet.tempfile, "TemporaryFile", full_disk)
        with pytest.raises(LoadError, match=rf"{path}: .*No space left on device"):
            landing.load()
    assert landing.files() == {}
    landing.load()
    assert landing.counts(path) == {"read": 1, "loaded": 1}
