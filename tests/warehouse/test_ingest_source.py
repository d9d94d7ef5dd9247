"""Feeds out of the tables of a source database: read on by a watermark, through the same contract and ledger."""

import json
import os
import signal
import subprocess
import sys
import threading

import psycopg
import pytest

from restock.feeds.replay import ReplayCounts, replay_rejects
from restock.feeds.source import SourceError, list_sources, load_source, parse_source
from tests.warehouse.landing import CLOCK, Landing
from tests.warehouse.test_ingest_replay import wait_until_alone

ORDERS = {
    "feed": "orders",
    "connection": "shop",
    "table": "sales.Order Lines",
    "watermark": "updated_at",
    "columns": {"user_id": "customer", "ordered_at": "created at"},
}


class Shop:
    """A source database, and the warehouse that it is loaded into."""

    def __init__(self, url: str, landing: Landing) -> None:
        self.url = url
        self.landing = landing
        self.database = psycopg.connect(url, autocommit=True)
        self.database.execute("create schema sales")
        self.database.execute(
            'create table sales."Order Lines" (order_id text, customer text, product_id text,'
            ' "created at" timestamptz, quantity integer, note text, updated_at timestamptz)'
        )

    def order(self, order_id: str, updated: str, quantity: int = 1, connection: psycopg.Connection | None = None):
        (connection or self.database).execute(
            """insert into sales."Order Lines" values (%s, 'ada', 'lamp', '2026-05-01Z', %s, 'a "note"', %s)""",
            [order_id, quantity, updated],
        )

    def load(self, run_id: str = "run", **changes: object) -> dict[str, int] | None:
        """Load it; what became of the rows."""
        source = parse_source(ORDERS | changes)
        loaded = load_source(self.landing.url, self.url, source, run_id, CLOCK)
        if loaded is None:
            return None
        return {name: count for name, count in vars(loaded.counts).items() if count}

    def watermark(self) -> str:
        [(watermark,)] = self.landing.rows("select watermark from restock.source_watermark")
        return watermark

    def bought(self) -> list[str]:
        return [order for (order,) in self.landing.rows("select order_id from restock.purchase order by 1")]


@pytest.fixture
def shop(empty_database_url: str, landing: Landing):
    shop = Shop(empty_database_url, landing)
    yield shop
    shop.database.close()


def test_a_table_is_loaded_once_and_then_read_on_from_its_watermark(shop):
    shop.order("o1", "2026-05-01 10:00Z")
    shop.order("o2", "2026-05-02 10:00Z")
    assert shop.load() == {"read": 2, "loaded": 2}
    assert shop.watermark() == "2026-05-02 10:00:00+00"
    shop.order("o3", "2026-05-03 10:00Z")
    assert shop.load() == {"read": 2, "loaded": 1, "duplicate": 1}
    assert shop.bought() == ["o1", "o2", "o3"]
    assert [path for path, _ in sorted(shop.landing.files().items())] == [
        "source/shop/sales.Order Lines/...2026-05-02 10:00:00+00",
        "source/shop/sales.Order Lines/2026-05-02 09:50:00+00...2026-05-03 10:00:00+00",
    ]
    [(origin, size)] = shop.landing.rows("select distinct origin, byte_size > 0 from restock.feed_file")
    assert (origin, size) == ("source", True)


def test_where_nothing_is_new_nothing_is_written(shop):
    assert shop.load() is None
    shop.order("o1", "2026-05-01 10:00Z")
    shop.load()
    assert shop.load() == {"read": 1, "duplicate": 1}
    files = shop.landing.files()
    assert shop.load() is None
    assert shop.landing.files() == files


def test_a_row_that_commits_late_is_read_within_the_overlap(shop):
    with psycopg.connect(shop.url) as slow:
        shop.order("late", "2026-05-01 09:55Z", connection=slow)
        shop.order("o1", "2026-05-01 10:00Z")
        shop.load()
        slow.commit()
    shop.load()
    assert shop.bought() == ["late", "o1"]


def test_a_value_that_goes_there_and_back_is_loaded_each_time(shop):
    shop.database.execute("create table shopper (user_id text, email text, version integer)")
    shop.database.execute("insert into shopper values ('ada', 'a@x.example', 1)")
    customers = {"feed": "customers", "table": "shopper", "watermark": "version", "columns": {}, "overlap": 0}
    for version, email in enumerate(["a@x.example", "b@x.example", "a@x.example"], 1):
        shop.database.execute("update shopper set email = %s, version = %s", [email, version])
        shop.load(**customers)
        assert shop.landing.rows("select email from restock.customer") == [(email,)]


def test_a_row_dated_in_the_future_does_not_carry_the_watermark_away(shop):
    shop.order("o1", "2026-05-01 10:00Z")
    shop.order("future", "2999-01-01 00:00Z")
    shop.load()
    assert shop.watermark() == "2026-05-01 10:00:00+00"
    assert shop.bought() == ["o1"]


def test_rows_without_a_watermark_are_spoken_of(shop, caplog):
    shop.order("o1", "2026-05-01 10:00Z")
    shop.database.execute("insert into sales.\"Order Lines\" (order_id) values ('o2')")
    shop.load()
    assert "has rows whose updated_at is null: they are never read" in caplog.text


@pytest.mark.parametrize(
    ("kind", "first", "second", "begin"),
    [
        ("bigint", "5", "7", "-595"),
        ("smallint", "5", "7", "-595"),
        ("date", "2026-05-01", "2026-05-02", "2026-04-30"),
        ("timestamp", "2026-05-01 10:00:00", "2026-05-02 10:00:00", "2026-05-01 09:50:00"),
    ],
)
def test_a_watermark_may_be_a_number_a_date_or_a_time(shop, kind, first, second, begin):
    shop.database.execute(
        f"create table t (order_id text, user_id text, product_id text, ordered_at text, mark {kind})"
    )
    for mark in (first, second):
        shop.database.execute("insert into t values (%s, 'u', 'p', '2026-05-01T00:00Z', %s)", [mark, mark])
        shop.load(table="t", watermark="mark", columns={})
    assert shop.bought() == [first, second]
    assert f"source/shop/t/{begin}...{second}" in shop.landing.files()


def test_a_query_may_stand_in_place_of_a_table(shop):
    shop.order("o1", "2026-05-01 10:00Z")
    query = "select o.*, 100 % 7 as rest from sales.\"Order Lines\" as o where note like 'a %';"
    assert shop.load(table=None, query=query, name="lines") == {"read": 1, "loaded": 1}
    assert list(shop.landing.files()) == ["source/shop/lines/...2026-05-01 10:00:00+00"]


def test_a_row_that_breaks_the_contract_is_rejected_and_can_be_replayed(shop):
    shop.order("o1", "2026-05-01 10:00Z", quantity=-3)
    shop.order("o2", "2026-05-01 10:00Z")
    assert shop.load() == {"read": 2, "loaded": 1, "rejected": 1}
    [(row_id, raw)] = shop.landing.rows("select rejected_row_id, raw_text from restock.rejected_row")
    shop.landing.warehouse.execute("select restock.correct_rejected_row(%s, %s)", [row_id, raw.replace("-3", "3")])
    assert replay_rejects(shop.landing.url, "again", None, "out_of_range", CLOCK) == ReplayCounts(1, 0, 0)
    assert shop.bought() == ["o1", "o2"]


def test_a_source_out_of_reach_is_named_with_what_to_check(shop):
    source = parse_source(ORDERS)
    with pytest.raises(SourceError, match=r"The source shop/sales.Order Lines of the feed orders cannot be read: .*"
                                          r"Check the Airflow connection shop"):  # fmt: skip
        load_source(shop.landing.url, "postgresql://x@127.0.0.1:1/x", source, "run", CLOCK)
    assert shop.landing.files() == {}
    assert shop.landing.rows("select * from restock.source_watermark") == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table": "nowhere"}, 'cannot be read: relation "nowhere" does not exist'),
        ({"columns": {}}, "has no column user_id, which the feed orders reads as user_id: map it in columns"),
        (
            {"columns": ORDERS["columns"] | {"amount": "total"}},
            "has no column total, which the feed orders reads as am",
        ),
        ({"watermark": "note"}, "is text: it has to be a column with a time, a date or a whole number"),
        ({"watermark": "changed"}, "is not one of its columns"),
    ],
)
def test_what_the_source_does_not_have_is_named_in_words(shop, changes, message):
    shop.order("o1", "2026-05-01 10:00Z")
    with pytest.raises(SourceError) as caught:
        shop.load(**changes)
    assert message in str(caught.value)
    assert shop.landing.files() == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"feed": "sales"}, "feed: sales is no feed: it is one of suppressions, "),
        ({"query": "select 1"}, "it needs either a table or a query"),
        ({"table": None, "query": "select 1"}, "a query needs a name, under which the ledger knows it"),
        ({"columns": {"colour": "c"}}, "columns maps colour, which the feed orders does not have"),
        ({"overlap": -1}, "overlap: Input should be greater than or equal to 0"),
        ({"tabel": "x"}, "tabel: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_configuration_is_named_in_words(changes, message):
    with pytest.raises(SourceError) as caught:
        parse_source(ORDERS | changes)
    assert str(caught.value).startswith("The source ")
    assert message in str(caught.value)


def test_names_from_the_configuration_cannot_become_sql(shop):
    with pytest.raises(SourceError, match="cannot be read: relation"):
        shop.load(table='x"; drop schema sales cascade; --')
    assert shop.load() is None


def test_a_list_of_sources_is_read_one_by_one():
    assert list_sources("[]") == list_sources(" ") == []
    assert list_sources("[1, {}]") == [1, {}]
    for text in ("{", '"x"', "7"):
        [entry] = list_sources(text)
        with pytest.raises(SourceError, match="Give a JSON list of objects such as"):
            parse_source(entry)


def test_two_loads_at_once_load_each_row_once(shop):
    for number in range(50):
        shop.order(f"o{number:02}", f"2026-05-01 10:{number}Z")
    results: list[object] = []
    threads = [threading.Thread(target=lambda: results.append(shop.load(overlap=86400))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == 2
    assert shop.landing.rows("select sum(loaded_count) from restock.feed_file") == [(50,)]
    assert len(shop.bought()) == 50


KILLED = """
import json, sys
from datetime import UTC, datetime
import restock.feeds.source as source
load_rows = source.load_rows
def stuck(*arguments, **named):
    loaded = load_rows(*arguments, **named)
    print("loaded", flush=True)
    sys.stdin.read()
    return loaded
source.load_rows = stuck
source.load_source(sys.argv[1], sys.argv[2], source.parse_source(json.loads(sys.argv[3])), "killed",
    datetime(2026, 6, 1, 12, tzinfo=UTC))
"""


def test_a_load_that_is_killed_before_its_commit_leaves_the_watermark_and_is_done_by_the_next_one(shop):
    shop.order("o1", "2026-05-01 10:00Z")
    entry = json.dumps(ORDERS)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, shop.landing.url, shop.url, entry],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    )
    assert process.stdout.readline() == b"loaded\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    wait_until_alone(shop.landing)
    assert shop.landing.rows("select * from restock.source_watermark") == []
    assert shop.load() == {"read": 1, "loaded": 1}
    assert shop.load() == {"read": 1, "duplicate": 1}
