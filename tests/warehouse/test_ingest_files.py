"""The ledger of files: loaded once, whole or not at all, whatever fails."""

import gzip
import hashlib
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from restock.feeds.landing import MAX_BATCHES, plan_batches
from restock.feeds.ledger import count_run, find_unrecorded
from restock.feeds.load import LoadError, load_files
from restock.warehouse import WarehouseUnreachableError, connect, read_sql
from tests.warehouse.landing import CLOCK, Landing, as_csv, as_jsonl, as_parquet, stock, subscribe


def test_a_file_is_recorded_with_what_it_is_and_what_became_of_its_rows(landing: Landing):
    rows = [subscribe("r1"), subscribe("r2"), subscribe("", user="x"), subscribe("r4", user="bob", colour="red")]
    path = landing.put("requests", rows)
    landing.load("run 7")
    (record,) = landing.records("select * from restock.feed_file")
    data = (landing.folder / path).read_bytes()
    assert (record["feed"], record["path"], record["byte_size"]) == ("requests", path, len(data))
    assert record["content_hash"] == hashlib.sha256(data).hexdigest()
    assert (record["status"], record["reason"], record["run_id"]) == ("loaded", None, "run 7")
    assert record["unknown_columns"] == ["colour"]
    assert landing.counts(path) == {"read": 4, "loaded": 2, "rejected": 1, "duplicate": 1}


def test_a_file_without_rows_is_loaded_with_none(landing: Landing):
    assert landing.send("customers", "user_id,email\n") == {}
    assert landing.files() == {"customers/001.csv": ("loaded", None)}


def test_loading_again_reads_nothing_again(landing: Landing):
    path = landing.put("requests", [subscribe("r1")])
    landing.load()
    listed = landing.listed()
    with connect(landing.url) as connection:
        assert find_unrecorded(connection, listed) == []
    before = landing.sizes()
    (landing.folder / path).unlink()
    load_files(landing.url, landing.folder, listed, "again", CLOCK)
    assert landing.sizes() == before


def test_the_same_content_under_another_name_is_a_duplicate_without_effect(landing: Landing):
    content = as_csv([subscribe("r1"), subscribe("r2", user="bob"), subscribe("")])
    landing.put("requests", content, "a.csv")
    landing.load()
    landing.warehouse.execute("truncate restock.plan_queue")
    before = landing.sizes()
    landing.put("requests", content, "b.csv")
    landing.load()
    assert landing.files()["requests/b.csv"] == ("duplicate", "The same content was loaded as requests/a.csv.")
    assert landing.counts("requests/b.csv") == {}
    assert landing.sizes() == before | {"feed_file": 2}


def test_the_same_bytes_in_another_feed_are_another_file(landing: Landing):
    content = "user_id,product_id,name\nada,lamp,Lamp\n"
    landing.put("customers", content)
    landing.put("products", content)
    landing.load()
    assert [status for status, _ in landing.files().values()] == ["loaded", "loaded"]


def test_a_file_written_anew_under_its_name_is_a_new_version(landing: Landing):
    landing.send("requests", [subscribe("r1")], "a.csv")
    assert landing.send("requests", [subscribe("r1"), subscribe("r2", user="bob")], "a.csv") == {
        "read": 2,
        "loaded": 1,
        "duplicate": 1,
    }


def test_a_file_beyond_reading_is_recorded_with_its_reason_and_the_others_load(landing: Landing):
    landing.put("requests", "", "empty.csv")
    cut = gzip.compress(as_csv([subscribe(f"r{number}") for number in range(9999)]).encode())[:-9]
    landing.put("requests", cut, "cut.csv.gz")
    landing.put("requests", "request_id,user_id\nr1,ada\n", "lacking.csv")
    landing.put("requests", b"PK\x03\x04", "sheet.xlsx")
    landing.put("requests", b"PK\x03\x04", "no.parquet")
    landing.put("requests", "", "empty.parquet")
    landing.put("requests", as_parquet([subscribe(f"r{number}") for number in range(999)])[:-9], "cut.parquet")
    landing.put("requests", [subscribe("r1")], "good.csv")
    landing.load()
    files = landing.files()
    assert {path: status for path, (status, _) in files.items()} == {
        "requests/empty.csv": "failed",
        "requests/cut.csv.gz": "failed",
        "requests/lacking.csv": "failed",
        "requests/sheet.xlsx": "failed",
        "requests/no.parquet": "failed",
        "requests/empty.parquet": "failed",
        "requests/cut.parquet": "failed",
        "requests/good.csv": "loaded",
    }
    assert files["requests/empty.csv"][1] == "The file is empty: it needs at least a header line."
    assert "breaks off in the middle" in files["requests/cut.csv.gz"][1]
    assert "lacks the required column product_id" in files["requests/lacking.csv"][1]
    assert "is not of a known format" in files["requests/sheet.xlsx"][1]
    assert "cannot be read as Parquet" in files["requests/no.parquet"][1]
    assert "The file is empty" in files["requests/empty.parquet"][1]
    assert "cannot be read as Parquet" in files["requests/cut.parquet"][1]
    assert landing.states() == {"r1": "waiting"}
    before = landing.sizes()
    landing.load()
    assert landing.sizes() == before


def test_a_failed_file_that_is_delivered_whole_loads(landing: Landing):
    data = gzip.compress(as_csv([subscribe("r1")]).encode())
    landing.put("requests", data[:-9], "a.csv.gz")
    landing.load()
    assert landing.send("requests", data, "a.csv.gz") == {"read": 1, "loaded": 1}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read_fails_the_task_and_loads_once_it_may(landing: Landing):
    path = landing.put("requests", [subscribe("r1")])
    landing.put("requests", [subscribe("r2", user="bob")])
    (landing.folder / path).chmod(0)
    with pytest.raises(LoadError, match=rf"{path}: .*Permission denied"):
        landing.load()
    assert landing.states() == {"r2": "waiting"}
    (landing.folder / path).chmod(0o644)
    landing.load()
    assert landing.states() == {"r1": "waiting", "r2": "waiting"}


def test_a_file_that_vanished_fails_the_task_in_one_sentence_after_the_others_are_loaded(landing: Landing):
    landing.put("requests", [subscribe("r1")])
    gone = landing.put("requests", [subscribe("r2", user="bob")])
    landing.put("requests", [subscribe("r3", user="cem")])
    listed = landing.listed()
    (landing.folder / gone).unlink()
    with pytest.raises(LoadError, match=f"1 of the files could not be loaded.*The first is {gone}"):
        load_files(landing.url, landing.folder, listed, "run", CLOCK)
    assert landing.states() == {"r1": "waiting", "r3": "waiting"}
    assert gone not in landing.files()


def test_staging_is_empty_after_every_end(landing: Landing):
    content = as_csv([subscribe("r1")])
    landing.put("requests", content, "good.csv")
    landing.put("requests", content, "twin.csv")
    landing.put("requests", content + '"', "broken.csv")
    landing.put("requests", "", "empty.csv")
    landing.load()
    assert landing.rows("select relname from pg_class where relnamespace = 'staging'::regnamespace") == []


def test_a_fault_of_the_database_leaves_nothing_of_the_file_and_says_so(landing: Landing):
    landing.warehouse.execute("alter table restock.open_request add constraint full_disk check (user_id <> 'bob')")
    landing.put("requests", [subscribe("r1", user="bob")])
    landing.put("requests", [subscribe("r2")])
    with pytest.raises(LoadError, match=r"nothing of them is in the warehouse.*requests/001.csv: .*full_disk"):
        landing.load()
    assert landing.states() == {"r2": "waiting"}
    landing.warehouse.execute("alter table restock.open_request drop constraint full_disk")
    landing.load()
    assert landing.states() == {"r1": "waiting", "r2": "waiting"}


def test_an_unreachable_warehouse_is_one_sentence(landing: Landing):
    landing.put("requests", [subscribe("r1")])
    with pytest.raises(WarehouseUnreachableError, match="cannot be reached"):
        load_files("postgresql://nobody@127.0.0.1:1/none", landing.folder, landing.listed(), "run", CLOCK)


def test_the_counts_of_a_run_cover_its_earlier_tries_and_no_other_run(landing: Landing):
    landing.put("requests", [subscribe("r1")])
    landing.load("first")
    landing.put("requests", [subscribe("r2"), subscribe("")])
    landing.load("second")
    landing.put("requests", "")
    landing.put("inventory", [stock("lamp", 1), stock("lamp", 2)])
    landing.load("second")
    with connect(landing.url) as connection:
        counts = {row.feed: row for row in count_run(connection, "second")}
    requests, inventory = counts["requests"], counts["inventory"]
    assert (requests.files, requests.failed_files, requests.read, requests.rejected, requests.duplicate) == (
        2,
        1,
        2,
        1,
        1,
    )
    assert (inventory.files, inventory.read, inventory.loaded, inventory.stale) == (1, 2, 1, 1)


def test_the_ledger_refuses_counts_that_do_not_add_up(landing: Landing):
    landing.send("requests", [subscribe("r1")])
    with pytest.raises(psycopg.errors.CheckViolation):
        landing.warehouse.execute("update restock.feed_file set rejected_count = 1")


MANY_FILES = 3_000


def test_thousands_of_small_files_are_a_handful_of_batches_and_each_is_found_by_its_key(landing: Landing):
    for number in range(MANY_FILES):
        landing.put("requests", [subscribe(f"r{number}", user=f"u{number}")], f"{number}.csv")
    listed = landing.listed()
    with connect(landing.url) as connection:
        batches = plan_batches(find_unrecorded(connection, listed))
        assert sum(map(len, batches)) == MANY_FILES
        assert len(batches) == MAX_BATCHES
        connection.execute(
            "insert into restock.feed_file (feed, path, byte_size, modified_at, status, content_hash)"
            " select 'requests', 'requests/old' || n, n, now(), 'loaded', 'old' || n"
            " from generate_series(1, 100000) as n; analyze restock.feed_file"
        )
        binds = {
            "paths": [file.path for file in listed[:10]],
            "sizes": [file.byte_size for file in listed[:10]],
            "times": [file.modified_at for file in listed[:10]],
        }
        plan = connection.execute("explain " + read_sql("ingest/find_unrecorded.sql"), binds).fetchall()
    assert any("feed_file_version_key" in line for (line,) in plan)


def test_a_name_that_is_not_utf8_fails_its_file_and_the_others_load(landing: Landing):
    landing.put("requests", [subscribe("r1")], "good.csv")
    name = os.fsencode(landing.folder / "requests") + b"/b\xffd.csv"
    Path(os.fsdecode(name)).write_text(as_csv([subscribe("r2", user="bob")]))
    landing.load()
    assert landing.files() == {
        "requests/good.csv": ("loaded", None),
        "requests/b\\udcffd.csv": ("failed", "The name of the file is not UTF-8: rename it."),
    }


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"])
def test_every_feed_loads_in_every_format(landing: Landing, suffix: str):
    drops = {
        "suppressions": [{"channel": "email", "contact": "ADA@example.com", "reason": "bounce"}],
        "customers": [{"user_id": "ada", "tier": 2, "consent": True}],
        "products": [{"product_id": "lamp", "name": "Lamp", "price": 12.5}],
        "orders": [{"order_id": "o1", "user_id": "ada", "product_id": "lamp", "ordered_at": "2026-06-01T09:00:00Z"}],
        "inventory": [stock("lamp", 3)],
        "requests": [subscribe("r1", note="one\ntwo")],
    }
    for feed, rows in drops.items():
        plain = {"csv": as_csv, "jsonl": as_jsonl, "parquet": as_parquet}[suffix.removesuffix(".gz")](rows)
        data = plain.encode() if isinstance(plain, str) else plain
        landing.put(feed, gzip.compress(data) if suffix.endswith(".gz") else data, f"a.{suffix}")
    landing.load()
    for feed in drops:
        assert landing.counts(f"{feed}/a.{suffix}") == {"read": 1, "loaded": 1}
    assert landing.rows("select tier, consent from restock.customer") == [(2, True)]
    assert landing.rows("select price::text from restock.product") == [("12.50",)]
    suppressed = "select contact_hash = restock.hash_contact('ada@example.com') from restock.suppression"
    assert landing.rows(suppressed) == [(True,)]


def test_typed_parquet_goes_through_the_same_rules(landing: Landing):
    moment = datetime(2026, 6, 1, 10, tzinfo=UTC)
    rows = {
        "product_id": pa.array([1, 2, 3, 4, 5, None], pa.int32()),
        "available_quantity": pa.array([1.0, 2.5, -1.0, 4.0, 3e9, 6.0]),
        "snapshot_at": pa.array([moment] * 6, pa.timestamp("us", "Europe/Zurich")),
        "orderable": pa.array([True, True, True, None, True, True]),
    }
    file = io.BytesIO()
    pq.write_table(pa.table(rows), file)
    counts = landing.send("inventory", file.getvalue(), "typed.parquet")
    assert counts == {"read": 6, "loaded": 2, "rejected": 4}
    assert [(line, reason) for line, reason, _ in landing.rejected()] == [
        (2, "not_a_whole_number"),
        (3, "out_of_range"),
        (5, "out_of_range"),
        (6, "missing_value"),
    ]
    assert landing.rejected()[0][2] == (
        '{"product_id": "2", "available_quantity": "2.5", "snapshot_at": "2026-06-01 10:00:00.000000+00:00",'
        ' "orderable": "true"}'
    )
    rows["snapshot_at"] = pa.array([moment.replace(tzinfo=None)] * 6, pa.timestamp("us"))
    file = io.BytesIO()
    pq.write_table(pa.table(rows).slice(0, 1), file)
    assert landing.send("inventory", file.getvalue(), "naive.parquet") == {"read": 1, "rejected": 1}
    assert landing.rejected()[-1][1] == "no_offset"
    assert landing.rows("select product_id, snapshot_at from restock.inventory order by 1") == [
        ("1", moment),
        ("4", moment),
    ]
