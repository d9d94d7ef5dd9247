"""Loads at the same time, and loads that are killed in the middle: once each, nothing lost, nothing left over."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from restock.feeds.landing import LandingFile
from restock.feeds.ledger import count_run
from restock.feeds.load import LoadError, load_file, load_files
from restock.warehouse import connect, read_sql
from tests.warehouse.landing import CLOCK, Landing, as_csv, cancel, stock, subscribe

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "that never came"
        time.sleep(0.02)


@contextmanager
def merging_stopped(landing: Landing, feed: str) -> Iterator[psycopg.Connection]:
    """Everyone else who wants to merge this feed waits until the end of the block."""
    with connect(landing.url) as holder, holder.transaction():
        holder.execute(read_sql("ingest/lock_feed.sql"), {"feed": feed})
        yield holder


def waiting(landing: Landing) -> list[str]:
    """What the loads that cannot go on wait for."""
    return [
        event
        for (event,) in landing.rows(
            "select wait_event from pg_stat_activity where datname = current_database()"
            " and application_name = 'restock_ingest' and wait_event_type = 'Lock' order by 1"
        )
    ]


def test_two_loads_of_the_same_content_at_once_load_it_once(landing: Landing):
    content = as_csv([subscribe(f"r{number}", user=f"u{number}") for number in range(50)])
    landing.put("requests", content, "a.csv")
    landing.put("requests", content, "b.csv")
    loads = [
        threading.Thread(target=load_files, args=(landing.url, landing.folder, [file], "run", CLOCK))
        for file in landing.listed()
    ]
    with merging_stopped(landing, "requests"):
        for load in loads:
            load.start()
        # One holds the content and waits for its turn to merge, the other waits for the content.
        wait_until(lambda: waiting(landing) == ["advisory", "transactionid"])
    for load in loads:
        load.join(WAIT_SECONDS)
    assert sorted(status for status, _ in landing.files().values()) == ["duplicate", "loaded"]
    assert landing.sizes() | {"plan_queue": 0} == {
        "request": 50,
        "open_request": 50,
        "joined_request": 0,
        "rejected_row": 0,
        "plan_queue": 0,
        "feed_file": 2,
    }


def test_two_loads_of_the_same_file_at_once_record_it_once(landing: Landing):
    landing.put("requests", [subscribe("r1")])
    loads = [
        threading.Thread(target=load_files, args=(landing.url, landing.folder, landing.listed(), "run", CLOCK))
        for _ in range(2)
    ]
    with merging_stopped(landing, "requests"):
        for load in loads:
            load.start()
        wait_until(lambda: len(waiting(landing)) == 2)
    for load in loads:
        load.join(WAIT_SECONDS)
    assert landing.files() == {"requests/001.csv": ("loaded", None)}
    assert landing.states() == {"r1": "waiting"}


def test_when_the_first_of_two_loads_dies_the_second_loads(landing: Landing):
    content = as_csv([subscribe("r1")])
    landing.put("requests", content, "a.csv")
    landing.put("requests", content, "b.csv")
    first, second = sorted(landing.listed(), key=lambda file: file.path)
    died: list[Exception] = []

    def load_first() -> None:
        try:
            load_files(landing.url, landing.folder, [first], "run", CLOCK)
        except LoadError as error:
            died.append(error)

    loads = [
        threading.Thread(target=load_first),
        threading.Thread(target=load_files, args=(landing.url, landing.folder, [second], "run", CLOCK)),
    ]
    with merging_stopped(landing, "requests"):
        loads[0].start()
        wait_until(lambda: waiting(landing) == ["advisory"])
        loads[1].start()
        wait_until(lambda: waiting(landing) == ["advisory", "transactionid"])
        landing.warehouse.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'restock_ingest' and wait_event = 'advisory' and datname = current_database()"
        )
        loads[0].join(WAIT_SECONDS)
    loads[1].join(WAIT_SECONDS)
    assert "requests/a.csv: terminating connection" in str(died[0])
    assert landing.files() == {"requests/b.csv": ("loaded", None)}
    landing.load()
    assert landing.files()["requests/a.csv"] == ("duplicate", "The same content was loaded as requests/b.csv.")


def test_files_of_one_feed_loaded_at_once_in_opposite_order_wait_for_each_other_and_lose_nothing(landing: Landing):
    numbers = list(range(400))
    for name, order in (("a", numbers), ("b", numbers[::-1]), ("c", numbers[200:] + numbers[:200])):
        landing.put(
            "requests", [subscribe(f"{name}{number}", user=f"u{number}", product=f"p{number % 7}") for number in order]
        )
        landing.put("requests", [cancel(f"{name}c{number}", user=f"u{number}", product="p0") for number in order[:50]])
        landing.put("inventory", [stock(f"p{number}", number, number) for number in order])
        landing.put(
            "customers", [{"user_id": f"u{number}", "email": f"{name}{number}@example.com"} for number in order]
        )
    faults: list[Exception] = []

    def load(file: LandingFile) -> None:
        try:
            load_files(landing.url, landing.folder, [file], "run", CLOCK)
        except Exception as error:
            faults.append(error)

    loads = [threading.Thread(target=load, args=(file,)) for file in landing.listed()]
    for thread in loads:
        thread.start()
    for thread in loads:
        thread.join(WAIT_SECONDS)
    assert faults == []
    with connect(landing.url) as connection:
        counts = {feed.feed: feed for feed in count_run(connection, "run")}
    assert {feed: row.read for feed, row in counts.items()} == {"requests": 1350, "inventory": 1200, "customers": 1200}
    assert counts["inventory"].loaded == 400
    # Of the three requests for each thing one stands, or all three are withdrawn.
    assert landing.rows("select count(*) from restock.request_state") == [(1200,)]
    cancelled = {f"u{number}" for number in numbers if number % 7 == 0} & {
        f"u{number}" for order in (numbers, numbers[::-1], numbers[200:] + numbers[:200]) for number in order[:50]
    }
    assert landing.rows("select count(*) from restock.open_request") == [(400 - len(cancelled),)]
    assert landing.rows("select count(*) from restock.request_state where status = 'cancelled'") == [
        (3 * len(cancelled),)
    ]


LOAD_ALL = """
import sys
from pathlib import Path
from restock.feeds.landing import list_landing
from restock.feeds.load import load_files
landing = Path(sys.argv[2])
load_files(sys.argv[1], landing, list_landing(landing).files, "killed")
"""


@pytest.mark.parametrize("feed", ["requests", "inventory"])
def test_a_load_killed_in_the_middle_leaves_nothing_and_the_next_loads_everything(landing: Landing, feed: str):
    rows = {
        "requests": [subscribe(f"r{number}", user=f"u{number}") for number in range(100)] + [subscribe("")],
        "inventory": [stock(f"p{number}", number) for number in range(100)] + [stock("", 1)],
    }[feed]
    path = landing.put(feed, rows)
    before = landing.sizes()
    with merging_stopped(landing, feed):
        killed = subprocess.Popen(
            [sys.executable, "-c", LOAD_ALL, landing.url, str(landing.folder)],
            env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        )
        try:
            wait_until(lambda: waiting(landing) == ["advisory"])
        finally:
            killed.send_signal(signal.SIGKILL)
            killed.wait()
    wait_until(
        lambda: (
            landing.rows(
                "select count(*) from pg_stat_activity where application_name = 'restock_ingest'"
                " and datname = current_database()"
            )
            == [(0,)]
        )
    )
    assert landing.sizes() == before
    assert landing.rows("select count(*) from pg_class where relnamespace = 'staging'::regnamespace") == [(0,)]
    landing.load()
    assert landing.counts(path) == {"read": 101, "loaded": 100, "rejected": 1}


@pytest.mark.parametrize("joins", [True, False])
def test_a_run_that_takes_the_queue_leaves_products_that_are_being_asked_for(landing: Landing, joins: bool):
    """What planning relies on: the mark on a product is locked until the request beside it can be seen."""
    landing.send("requests", [subscribe("r1")])
    with connect(landing.url) as loading, loading.transaction():
        loading.execute(
            "create temporary table arriving on commit drop as select 'main' as store_id, 'lamp' as product_id,"
            " null::timestamptz as withdrawn_at, case when %s then 1 end as standing_key",
            [joins],
        )
        loading.execute("create temporary table withdrawal () on commit drop")
        marked = [
            loading.execute(read_sql(f"ingest/{step}.sql"), {"clock": CLOCK}).rowcount
            for step in ("requests_queue_products", "requests_queue_products_last")
        ]
        skipped = landing.rows("select product_id from restock.plan_queue for update skip locked")
    assert marked == [joins, not joins]
    assert skipped == []
    assert landing.rows("select product_id from restock.plan_queue for update skip locked") == [("lamp",)]


def outcome(landing: Landing) -> dict[str, object]:
    """What two files left: by ids, shoppers and products, and not by keys, which differ from load to load."""
    tables = {
        "state": "select s.request_id, r.user_id, r.product_id, s.status from restock.request_state as s"
        " left join restock.request as r on s.request_id = r.request_id",
        "open": "select user_id, product_id from restock.open_request",
        "joined": "select j.request_id, r.request_id from restock.joined_request as j"
        " inner join restock.request as r on j.request_key = r.request_key",
        "queued": "select product_id from restock.plan_queue",
    }
    found: dict[str, object] = {name: sorted(landing.rows(query)) for name, query in tables.items()}
    return found | {
        "rejected": sorted(landing.rejected()),
        "counts": {path: landing.counts(path) for path in ("requests/a.csv", "requests/b.csv")},
    }


FIRST_ROWS = [
    subscribe("same", user="u1"),
    subscribe("reused", user="u2"),
    subscribe("leads", user="u3"),
    subscribe("joins", user="u3"),
    subscribe("asked", user="u4"),
    cancel("ended", user="u5"),
    subscribe("thrice", user="u7"),
    subscribe("open", user="u8"),
]


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([subscribe("same", user="u1"), subscribe("new", user="u10")], {"loaded": 1, "duplicate": 1}),
        ([subscribe("reused", user="u9")], {"rejected": 1}),
        ([subscribe("joins", user="u3")], {"duplicate": 1}),
        ([subscribe("joins", user="u9")], {"rejected": 1}),
        ([subscribe("a lead", user="u9"), subscribe("same", user="u9", at=9)], {"loaded": 1, "rejected": 1}),
        ([subscribe("asked again", user="u4")], {"duplicate": 1}),
        ([subscribe("withdrawn", user="u5")], {"loaded": 1}),
        ([subscribe("thrice", user=user) for user in ("u6", "u7", "u7")], {"rejected": 1, "duplicate": 2}),
        ([cancel("ends", user="u8"), subscribe("new", user="u10", product="chair")], {"loaded": 2}),
    ],
)
def test_a_load_that_prepared_while_another_merged_leaves_what_it_leaves_after_it(
    landing: Landing, rows: list[dict[str, object]], counts: dict[str, int]
):
    """What stands in the one file is known, somebody else's, joined or withdrawn in the other."""
    landing.put("requests", as_csv(FIRST_ROWS), "a.csv")
    landing.put("requests", as_csv(rows), "b.csv")
    landing.load()
    one_after_the_other = outcome(landing)
    assert landing.counts("requests/b.csv") == {"read": len(rows)} | counts
    landing.forget()
    first, second = sorted(landing.listed(), key=lambda file: file.path)
    load = threading.Thread(target=load_files, args=(landing.url, landing.folder, [second], "run", CLOCK))
    with merging_stopped(landing, "requests") as merging:
        load.start()
        wait_until(lambda: waiting(landing) == ["advisory"])
        load_file(merging, landing.folder, first, "run", CLOCK)
    load.join(WAIT_SECONDS)
    assert outcome(landing) == one_after_the_other


def test_customers_that_load_beside_their_requests_queue_what_these_ask_for(landing: Landing):
    """A shopper who becomes known after the plan looked is looked at again, whenever the requests were committed."""
    landing.put("customers", [{"user_id": "u1", "email": "u1@example.com"}])
    (customers,) = landing.listed()
    loading = threading.Thread(target=load_files, args=(landing.url, landing.folder, [customers], "run", CLOCK))
    with merging_stopped(landing, "customers"):
        loading.start()
        wait_until(lambda: waiting(landing) == ["advisory"])
        landing.put("requests", [subscribe("r1", user="u1")])
        (requests,) = (file for file in landing.listed() if file.feed == "requests")
        load_files(landing.url, landing.folder, [requests], "run", CLOCK)
        landing.warehouse.execute("delete from restock.plan_queue")
    loading.join(WAIT_SECONDS)
    assert landing.rows("select product_id from restock.plan_queue") == [("lamp",)]
