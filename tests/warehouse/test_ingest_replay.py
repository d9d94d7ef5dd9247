"""Replaying rejected rows: corrected or as they came, once, with their history kept."""

import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest

from restock.feeds import replay
from restock.feeds.contract import FEEDS
from restock.feeds.replay import ReplayCounts, replay_rejects
from restock.warehouse import connect
from tests.warehouse.landing import CLOCK, Landing, stock, subscribe


def replay_all(landing: Landing, path: str | None = None, reason: str | None = None, run_id: str = "again"):
    return replay_rejects(landing.url, run_id, path, reason, CLOCK)


def correct(landing: Landing, row_id: int, text: str) -> None:
    landing.warehouse.execute("select restock.correct_rejected_row(%s, %s)", [row_id, text])


def history(landing: Landing) -> list[tuple]:
    return landing.rows("select reason_code, state from restock.rejected_row_history order by rejected_row_id")


def test_a_corrected_row_loads_as_a_row_of_its_file(landing):
    text = "surface,product_id,user_id,request_id,requested_at\napp,lamp,ada,r1,yesterday\nweb,lamp,bob,r2,2026-06-01\n"
    landing.send("requests", text, "a.csv")
    ids = [row_id for (row_id,) in landing.rows("select rejected_row_id from restock.rejected_row order by 1")]
    correct(landing, ids[0], "app,lamp,ada,r1,2026-05-31T10:00:00Z")
    assert history(landing) == [("not_a_time", "corrected"), ("no_offset", "rejected")]
    assert replay_all(landing, "requests/a.csv", "not_a_time") == ReplayCounts(1, 0, 0)
    assert landing.states() == {"r1": "waiting"}
    assert landing.rows("select surface, user_id from restock.request") == [("app", "ada")]
    assert history(landing) == [("not_a_time", "accepted"), ("no_offset", "rejected")]
    path = f"replay/again/requests/a.csv#{ids[0]}"
    assert landing.counts(path) == {"read": 1, "loaded": 1}
    assert landing.rows("select origin, run_id from restock.feed_file where path = %s", path) == [("replay", "again")]
    [signed] = landing.rows(
        "select corrected_by = session_user, replay_path from restock.rejected_row_history where state = 'accepted'"
    )
    assert signed == (True, path)


def test_a_row_as_it_came_loads_once_the_contract_allows_it(landing, monkeypatch):
    landing.send("requests", [subscribe("r1", timezone="Mars/Olympus")], "a.jsonl")
    assert landing.rejected()[0][1] == "unknown_time_zone"
    known = replay.load_rows.__globals__["reject_broken_rows"].__globals__["available_timezones"]
    landing.warehouse.execute("create schema mars")
    landing.warehouse.execute(
        "create view mars.pg_timezone_names as"
        " select name from pg_catalog.pg_timezone_names union select 'Mars/Olympus'"
    )
    monkeypatch.setattr("restock.feeds.checks.available_timezones", lambda: known() | {"Mars/Olympus"})
    monkeypatch.setattr("restock.feeds.replay.connect", lambda url, application: mars(url))
    assert replay_all(landing, reason="unknown_time_zone") == ReplayCounts(1, 0, 0)
    assert landing.rows("select request_id, timezone from restock.request") == [("r1", "Mars/Olympus")]


def mars(url: str) -> psycopg.Connection:
    connection = connect(url)
    connection.execute("set search_path = mars, pg_catalog, public")
    return connection


def test_a_row_that_is_rejected_again_waits_as_a_new_one_that_names_the_first(landing):
    landing.send("inventory", [stock("lamp", "many"), stock("desk", 4)], "a.csv")
    [(first,)] = landing.rows("select rejected_row_id from restock.rejected_row")
    correct(landing, first, "lamp,few,2026-06-01T00:00:00Z")
    assert replay_all(landing) == ReplayCounts(1, 1, 0)
    assert history(landing) == [("not_a_whole_number", "rejected_again"), ("not_a_whole_number", "rejected")]
    [(second, before, raw)] = landing.rows(
        "select rejected_row_id, rejected_before_id, raw_text from restock.rejected_row where replayed_at is null"
    )
    assert (before, raw) == (first, "lamp,few,2026-06-01T00:00:00Z")
    correct(landing, second, "lamp,3,2026-06-01T00:00:00Z")
    assert replay_all(landing, path="inventory/a.csv", run_id="third") == ReplayCounts(1, 0, 0)
    assert landing.rows("select product_id, quantity from restock.availability order by 1") == [
        ("desk", 4),
        ("lamp", 3),
    ]


def test_replaying_again_replays_nothing(landing):
    landing.send("orders", "order_id,user_id,product_id,ordered_at\no1,ada,lamp,never\n")
    correct(landing, 1, "o1,ada,lamp,2026-05-01T00:00:00Z")
    assert replay_all(landing) == ReplayCounts(1, 0, 0)
    files = landing.files()
    assert replay_all(landing, path="orders/001.csv") == ReplayCounts(0, 0, 0)
    assert landing.files() == files


def test_a_row_of_which_only_an_escaped_text_was_kept_waits_for_its_correction(landing):
    landing.send("products", b"product_id,name\nlamp,La\xffmp\ndesk,De\x00sk\nbed," + b"B" * 4_000_000 + b"\n")
    assert replay_all(landing) == ReplayCounts(0, 0, 3)
    assert landing.rows("select * from restock.product") == []
    [(row_id,)] = landing.rows("select rejected_row_id from restock.rejected_row where reason_code = 'invalid_utf8'")
    correct(landing, row_id, "lamp,Lämp")
    assert replay_all(landing) == ReplayCounts(1, 0, 2)
    assert landing.rows("select product_id, name from restock.product") == [("lamp", "Lämp")]


def test_a_broken_row_spoils_no_other_of_the_replay(landing):
    text = 'product_id,name\nlamp,"La"mp\nbed,Bed,one too many\ndesk,"Desk\nchair,Chair\n'
    landing.send("products", text)
    rows = landing.rows("select rejected_row_id, raw_text from restock.rejected_row order by 1")
    assert len(rows) == 3
    for row_id, raw in rows:
        correct(landing, row_id, {"l": 'lamp,"La', "b": "bed,Bed\nsofa,Sofa", "d": 'desk,"De\nsk"'}[raw[0]])
    assert replay_all(landing) == ReplayCounts(3, 3, 0)
    last = landing.rows("select reason_code, raw_text from restock.rejected_row where replayed_at is null order by 1")
    assert last == [
        ("broken_quoting", 'lamp,"La'),
        ("control_character", 'desk,"De\nsk"'),
        ("wrong_field_count", "bed,Bed\nsofa,Sofa"),
    ]


def test_a_replay_does_not_undo_what_a_later_file_said(landing):
    landing.send("customers", "user_id,email\nada,ada@old.example@\nbob,bob@old.example@\n", "1.csv")
    landing.send("customers", "user_id,email\nada,ada@new.example\n", "2.csv")
    for row_id, raw in landing.rows("select rejected_row_id, raw_text from restock.rejected_row"):
        correct(landing, row_id, raw.rstrip("@"))
    replay_all(landing)
    assert landing.rows("select user_id, email from restock.customer order by 1") == [
        ("ada", "ada@new.example"),
        ("bob", "bob@old.example"),
    ]
    [counts] = landing.rows("select loaded_count, stale_count from restock.feed_file where origin = 'replay'")
    assert counts == (1, 1)


def test_a_row_cannot_be_corrected_once_it_was_replayed(landing):
    landing.send("inventory", [stock("lamp", "many")])
    replay_all(landing)
    with pytest.raises(psycopg.errors.RaiseException, match="No rejected row 1 waits to be replayed"):
        correct(landing, 1, "lamp,3,2026-06-01T00:00:00Z")


def test_many_rejected_rows_are_replayed_part_by_part(landing, monkeypatch):
    monkeypatch.setattr(replay, "MAX_ROWS", 3)
    landing.send("inventory", [stock(f"p{number}", "x") for number in range(8)])
    landing.warehouse.execute(
        "update restock.rejected_row"
        " set corrected_text = replace(raw_text, 'x', '5'), corrected_at = now(), corrected_by = 'test'"
    )
    assert replay_all(landing) == ReplayCounts(8, 0, 0)
    assert landing.rows("select read_count from restock.feed_file where origin = 'replay' order by 1") == [
        (2,),
        (3,),
        (3,),
    ]
    assert landing.rows("select count(*) from restock.inventory") == [(8,)]


def test_two_replays_at_once_replay_each_row_once(landing):
    for file in range(5):
        landing.put("inventory", [stock(f"p{file}-{number}", "x") for number in range(20)])
    landing.load()
    # Put right, so that no row is rejected again by one replay and found anew by the other.
    landing.warehouse.execute(
        "update restock.rejected_row"
        " set corrected_text = replace(raw_text, 'x', '5'), corrected_at = now(), corrected_by = 'test'"
    )
    results: list[ReplayCounts] = []
    threads = [
        threading.Thread(target=lambda name=name: results.append(replay_all(landing, run_id=name))) for name in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sum(result.replayed for result in results) == 100
    read = "select sum(read_count), sum(loaded_count) from restock.feed_file where origin = 'replay'"
    assert landing.rows(read) == [(100, 100)]
    assert landing.rows("select count(*) from restock.inventory") == [(100,)]


KILLED = """
import sys
from datetime import UTC, datetime
import restock.feeds.replay as replay
load_rows = replay.load_rows
def stuck(*arguments, **named):
    loaded = load_rows(*arguments, **named)
    print("loaded", flush=True)
    sys.stdin.read()
    return loaded
replay.load_rows = stuck
replay.replay_rejects(sys.argv[1], "killed", None, None, datetime(2026, 6, 1, 12, tzinfo=UTC))
"""


def test_a_replay_that_is_killed_before_its_commit_is_done_by_the_next_one_and_doubles_nothing(landing):
    landing.send("orders", "order_id,user_id,product_id,ordered_at\no1,ada,lamp,never\no2,bob,lamp,never\n")
    landing.warehouse.execute(
        "update restock.rejected_row set corrected_at = now(), corrected_by = 'test',"
        " corrected_text = replace(raw_text, 'never', '2026-05-01T00:00:00Z')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, landing.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout.readline() == b"loaded\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert landing.rows("select count(*) from restock.purchase") == [(0,)]
    wait_until_alone(landing)
    assert replay_all(landing) == ReplayCounts(2, 0, 0)
    assert replay_all(landing) == ReplayCounts(0, 0, 0)
    assert landing.rows("select count(*) from restock.purchase") == [(2,)]


def wait_until_alone(landing: Landing) -> None:
    """Until the server has noticed that a killed client is gone."""
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 60
    while landing.rows(others + " and backend_type = 'client backend'") != [(0,)]:
        assert time.monotonic() < deadline, "the killed client is still connected"
        time.sleep(0.05)


@pytest.mark.parametrize("feed", FEEDS)
def test_the_rejected_rows_of_every_feed_can_be_replayed(landing, feed):
    header = ",".join(column.name for column in FEEDS[feed].columns)
    landing.send(feed, f"{header}\n{',' * header.count(',')}\n")
    assert replay_all(landing) == ReplayCounts(1, 1, 0)


def test_the_ledger_of_each_run_adds_up(landing):
    landing.put(
        "inventory", [stock("lamp", 5, 9), stock("desk", "x"), stock("lamp", 5, 9), stock("lamp", 4, 1)], "a.csv"
    )
    landing.put("inventory", "no header", "b.csv")
    landing.load("first")
    landing.put("inventory", (landing.folder / "inventory/a.csv").read_bytes(), "c.csv")
    landing.load("second")
    correct(landing, 1, "desk,1,2026-06-01T00:00:00Z")
    replay_all(landing, run_id="third")
    figures = "file_count, failed_file_count, duplicate_file_count, read_count, loaded_count, rejected_count"
    assert landing.rows(
        f"select run_id, feed, origin, {figures}, stale_count, waiting_reject_count from mart.feed_run order by run_id"
    ) == [
        ("first", "inventory", "file", 2, 1, 0, 4, 1, 1, 2, 0),
        ("second", "inventory", "file", 1, 0, 1, 0, 0, 0, 0, 0),
        ("third", "inventory", "replay", 1, 0, 0, 1, 1, 0, 0, 0),
    ]
    [(agrees,)] = landing.rows(
        "select bool_and(read_count = loaded_count + rejected_count + duplicate_count + stale_count + unchanged_count)"
        " from mart.feed_run"
    )
    assert agrees
