"""What arrives over HTTP is loaded like a file: whole or not at all, once, and nothing is passed over."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.feeds import inbox
from restock.feeds.inbox import load_inbox, load_waiting
from restock.feeds.load import LoadError
from restock.feeds.replay import ReplayCounts, replay_rejects
from restock.maintenance import forget_calls
from tests.warehouse.landing import CLOCK, Landing, cancel, stock, subscribe
from tests.warehouse.test_ingest_crashes import ROOT, begin, everything

KILLS = 6

LOAD_INBOX = """
import sys
from restock.feeds import inbox
from restock.warehouse import connect
from tests.warehouse.landing import CLOCK

inbox.MAX_ROWS = 40
print("ready", flush=True)
sys.stdin.readline()
with connect(sys.argv[1]) as connection:
    feeds = inbox.find_inbox(connection)
for feed in feeds:
    inbox.load_inbox(sys.argv[1], feed, "crash", CLOCK)
"""


def post(connection: psycopg.Connection, feed: str, rows: Sequence[dict[str, object] | str]) -> None:
    """Put rows into the inbox, as the intake service does: one statement."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    connection.execute(
        "insert into restock.inbox (feed, line, client) select %s, unnest(%s::text[]), 'test'", [feed, lines]
    )


def waiting(landing: Landing) -> list[tuple]:
    return landing.rows("select feed, count(*) from restock.inbox_pending group by feed order by feed")


def load(landing: Landing) -> dict[str, int]:
    return load_waiting(landing.warehouse, "run", CLOCK)


def test_rows_of_the_inbox_load_as_rows_of_a_file(landing: Landing):
    post(landing.warehouse, "requests", [subscribe("r1"), subscribe("r2", user="bob"), cancel("r1", 5)])
    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    post(landing.warehouse, "suppressions", [{"channel": "email", "contact": "bob@example.com", "reason": "bounce"}])
    assert load(landing) == {"suppressions": 1, "inventory": 1, "requests": 3}
    assert waiting(landing) == []
    assert landing.states() == {"r1": "cancelled", "r2": "waiting"}
    assert landing.rows("select path, origin, run_id, read_count, loaded_count from restock.feed_file order by 1") == [
        ("inbox/inventory/4-4", "inbox", "run", 1, 1),
        ("inbox/requests/1-3", "inbox", "run", 3, 3),
        ("inbox/suppressions/5-5", "inbox", "run", 1, 1),
    ]
    assert landing.rows("select count(*) from restock.inbox") == [(5,)]
    assert not load(landing)


def test_lines_go_a_week_after_they_were_loaded_and_what_waits_stays(landing: Landing):
    post(landing.warehouse, "requests", [subscribe("r1"), "broken"])
    load(landing)
    post(landing.warehouse, "requests", [subscribe("r2", user="bob")])
    now = datetime.now(UTC)
    forget_calls(landing.warehouse, now + timedelta(days=6))
    assert landing.rows("select count(*) from restock.inbox") == [(3,)]
    forget_calls(landing.warehouse, now + timedelta(days=8))
    assert landing.rows("select line::json ->> 'request_id' from restock.inbox") == [("r2",)]
    load(landing)
    assert landing.states() == {"r1": "waiting", "r2": "waiting"}
    # What was rejected is still there to be put right.
    assert landing.rows("select raw_text from restock.rejected_row") == [("broken",)]


def test_what_arrives_twice_changes_nothing_the_second_time(landing: Landing):
    for _ in range(2):
        post(landing.warehouse, "inventory", [stock("lamp", 5)])
        post(landing.warehouse, "requests", [subscribe("r1")])
    assert load(landing)
    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    assert not load(landing)
    assert landing.counts("inbox/inventory/5-5") == {"read": 1, "unchanged": 1}


def test_a_row_that_breaks_the_contract_is_kept_with_its_number_and_replayed_corrected(landing: Landing):
    post(landing.warehouse, "requests", [subscribe("r1"), "{broken", subscribe("r2", quantity=0), " "])
    load(landing)
    bad = json.dumps(subscribe("r2", quantity=0))
    assert landing.rejected() == [(2, "broken_json", "{broken"), (3, "out_of_range", bad), (4, "broken_json", " ")]
    landing.warehouse.execute(
        "select restock.correct_rejected_row(rejected_row_id, %s) from restock.rejected_row where line_number = 3",
        [json.dumps(subscribe("r2", user="bob"))],
    )
    assert replay_rejects(landing.url, "again", "inbox/requests/1-4", "out_of_range", CLOCK) == ReplayCounts(1, 0, 0)
    assert landing.states() == {"r1": "waiting", "r2": "waiting"}


def test_many_rows_load_in_parts_and_a_run_comes_to_an_end(landing: Landing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inbox, "MAX_ROWS", 10)
    post(landing.warehouse, "inventory", [stock(f"p{n}", n) for n in range(25)])
    load(landing)
    assert waiting(landing) == [("inventory", 15)]
    load_inbox(landing.url, "inventory", "run", CLOCK)
    assert waiting(landing) == []
    assert landing.rows("select read_count from restock.feed_file order by 1 desc") == [(10,), (10,), (5,)]


def test_a_row_that_commits_late_is_not_passed_over(landing: Landing):
    with psycopg.connect(landing.url) as late:
        post(late, "requests", [subscribe("late")])
        post(landing.warehouse, "requests", [subscribe("early", user="bob")])
        load(landing)
        assert landing.states() == {"early": "waiting"}
    load(landing)
    assert landing.states() == {"early": "waiting", "late": "waiting"}


def test_what_another_run_is_loading_is_left_to_it_and_waits_again_when_that_fails(landing: Landing):
    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    with psycopg.connect(landing.url) as other:
        other.execute("delete from restock.inbox_pending")
        post(landing.warehouse, "inventory", [stock("desk", 5)])
        assert load(landing)
        assert landing.counts("inbox/inventory/2-2") == {"read": 1, "loaded": 1}
        other.rollback()
    assert load(landing)
    assert landing.counts("inbox/inventory/1-1") == {"read": 1, "loaded": 1}


def test_a_feed_that_cannot_be_loaded_holds_up_no_other_and_says_so(landing: Landing, caplog):
    post(landing.warehouse, "suppressions", [{"channel": "email", "contact": "a@example.com", "reason": "bounce"}])
    post(landing.warehouse, "inventory", [stock("lamp", 5)])
    landing.warehouse.execute("alter table restock.suppression add constraint full_up check (false)")
    assert load(landing)
    assert waiting(landing) == [("suppressions", 1)]
    assert "inbox of the feed suppressions could not be loaded at once" in caplog.text
    with pytest.raises(LoadError, match=r"suppressions could not all be loaded: .*full_up"):
        load_inbox(landing.url, "suppressions", "run", CLOCK)
    landing.warehouse.execute("alter table restock.suppression drop constraint full_up")
    load_inbox(landing.url, "suppressions", "run", CLOCK)
    assert waiting(landing) == []


def test_messages_about_stock_are_kept_whatever_they_hold_and_load_or_are_rejected(landing: Landing):
    rows = [stock("lamp", 5), stock("desk", 0)]
    for content in [
        json.dumps(rows[0], indent=1).encode(),
        json.dumps({"items": rows[1:]}).encode(),
        json.dumps({"items": [stock("\ud800", 1), 7]}).encode(),
        b"\xff\0",
        b'{"items": "none"}',
        json.dumps({"items": []}).encode(),
    ]:
        inbox.keep_stock(landing.url, content, "kafka:stock")
    assert load(landing) == {"inventory": 2}
    assert landing.rows("select product_id, quantity from restock.availability order by 1") == [
        ("desk", 0),
        ("lamp", 5),
    ]
    assert [(line, reason) for line, reason, _ in landing.rejected()] == [
        (3, "invalid_utf8"),
        (4, "broken_json"),
        (5, "broken_json"),
        (6, "missing_value"),
    ]
    assert landing.rows("select distinct client from restock.inbox") == [("kafka:stock",)]


def test_the_size_of_a_load_from_the_inbox_is_never_unusual(landing: Landing, monkeypatch: pytest.MonkeyPatch):
    for number in range(6):
        post(landing.warehouse, "inventory", [stock(f"p{n}", number, number) for n in range(1_000)])
        load(landing)
    post(landing.warehouse, "inventory", [stock("p1", 9, 9)])
    load(landing)
    assert landing.rows("select gate from restock.gate") == []


@contextmanager
def loading(landing: Landing) -> Iterator[subprocess.Popen[str]]:
    """A process that is about to load the inbox: write a line to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD_INBOX, landing.url],
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


def post_a_day(landing: Landing) -> None:
    """Rows of which some load, some are rejected, some join, end or are stale."""
    people = range(120)
    requests = [subscribe(f"a{n}", n % 50, user=f"u{n}", product=f"p{n % 9}") for n in people]
    post(landing.warehouse, "requests", [*requests, subscribe("", user="x"), "nothing"])
    post(landing.warehouse, "requests", [cancel(f"c{n}", 30, user=f"u{n}", product=f"p{n % 9}") for n in people[::3]])
    post(landing.warehouse, "inventory", [stock(f"p{n}", n, 9) for n in range(90)])
    post(landing.warehouse, "inventory", [stock(f"p{n}", n + 1, n % 18) for n in range(90)])


def outcome(landing: Landing) -> list[list[tuple]]:
    """What the inbox became, however it was cut into loads."""
    ledger = "sum(read_count), sum(rejected_count), sum(loaded_count + duplicate_count + stale_count + unchanged_count)"
    rejected = "select line_number - (select min(inbox_id) from restock.inbox), reason_code, raw_text"
    return [
        waiting(landing),
        landing.rows(f"select feed, {ledger} from restock.feed_file group by feed order by feed"),
        landing.rows(f"{rejected} from restock.rejected_row order by 1"),
        *everything(landing)[2:],
    ]


def test_loads_killed_at_any_moment_or_run_side_by_side_lose_and_double_nothing(landing: Landing):
    post_a_day(landing)
    with loading(landing) as process:
        started = time.monotonic()
        begin(process)
        assert process.wait(60) == 0
        seconds = time.monotonic() - started
    undisturbed = outcome(landing)
    assert undisturbed[0] == []
    assert [(feed, read) for feed, read, *_ in undisturbed[1]] == [("inventory", 180), ("requests", 162)]

    landing.forget()
    landing.warehouse.execute("delete from restock.inbox")
    post_a_day(landing)
    moments = random.Random(7)
    killed = 0
    for _ in range(KILLS):
        with loading(landing) as process:
            begin(process)
            time.sleep(moments.uniform(0, seconds / 2))
            killed += process.poll() is None
    assert killed, "every load came to its end before it was killed"
    with loading(landing) as one, loading(landing) as other:
        begin(one)
        begin(other)
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert outcome(landing) == undisturbed
