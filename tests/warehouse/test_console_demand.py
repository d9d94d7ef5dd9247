"""The console's section Demand: what shoppers wait for, and the buyer's report."""

import csv
import io

import psycopg
import pytest

from restock.console import read_only
from restock.console.demand import COLUMNS, Filter, Order, read_demand, write_report
from restock.marts import refresh

ALL = Filter()


@pytest.fixture
def demand(sample: psycopg.Connection) -> psycopg.Connection:
    """The sample: two wait for the lamp (4 units), one for the chair (2 units), two for the desk (2 units)."""
    sample.execute(
        "insert into restock.product (store_id, product_id, name, category, price, currency)"
        " values ('berlin', 'p-1', '=cmd|''/c calc''!A1', 'lights', 5, 'EUR')"
    )
    sample.execute(
        "with one as (insert into restock.request (request_key, request_id, user_id, store_id, product_id, channel,"
        " requested_at) overriding system value"
        " values (100, 'b1', 'dee', 'berlin', 'p-1', 'email', '2026-08-01T10:00Z') returning *)"
        " insert into restock.open_request select store_id, product_id, user_id, channel, request_key from one"
    )
    sample.execute(
        "insert into restock.request (request_key, request_id, user_id, store_id, product_id, channel, requested_at)"
        " overriding system value values (101, 'd1', 'dee', 'main', 'chair', 'email', '2026-01-01T10:00Z')"
    )
    sample.execute("insert into restock.request_outcome values (101, 'expired', 'expired', null, '2026-04-01T10:00Z')")
    assert refresh(sample)
    return sample


def read(connection: psycopg.Connection, chosen: Filter = ALL, order: Order | None = None) -> list[tuple[str, int]]:
    page = read_demand(connection, chosen, order or Order(), 0)
    return [(product["product_id"], product["waiting_units"]) for product in page["products"]]


def test_what_most_wait_for_comes_first(demand: psycopg.Connection) -> None:
    assert read(demand) == [("lamp", 4), ("chair", 2), ("desk", 2), ("p-1", 1)]
    assert read(demand, order=Order("product_name", descending=False))[0][0] == "p-1"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_sorts_both_ways(demand: psycopg.Connection, column: str) -> None:
    down = [product for product, _ in read(demand, order=Order(column, descending=True))]
    up = [product for product, _ in read(demand, order=Order(column, descending=False))]
    assert sorted(down) == sorted(up)
    assert down != up


def test_a_filter_narrows_rows_and_totals_alike(demand: psycopg.Connection) -> None:
    assert read(demand, Filter(store="berlin")) == [("p-1", 1)]
    assert read(demand, Filter(category="lights")) == [("lamp", 4), ("p-1", 1)]
    assert read(demand, Filter(wanted="OAK")) == [("chair", 2), ("desk", 2)]
    page = read_demand(demand, Filter(wanted="oak"), Order(), 0)
    assert page["product_count"] == 2
    (total,) = page["totals"]
    assert (total["currency"], total["waiting_units"]) == ("EUR", 4)
    assert total["revenue_low"] < total["revenue_at_stake"] < total["revenue_high"]
    assert page["stores"] == ["berlin", "main"]
    assert page["categories"] == ["lights", "seats", "tables"]


def test_nothing_found_is_an_empty_page_and_not_an_error(demand: psycopg.Connection) -> None:
    page = read_demand(demand, Filter(wanted="%_'"), Order(), 0)
    assert (page["products"], page["product_count"], page["totals"]) == ([], 0, [])


def test_before_the_first_refresh_the_page_says_so(warehouse: psycopg.Connection) -> None:
    page = read_demand(warehouse, ALL, Order(), 0)
    assert (page["products"], page["refreshed_at"]) == ([], None)


def report(connection: psycopg.Connection, chosen: Filter) -> list[dict[str, str]]:
    with read_only(connection):
        text = b"".join(write_report(connection, chosen, Order())).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(text[1:].splitlines()))


def test_the_report_has_every_product_of_the_filter_and_no_formula(demand: psycopg.Connection) -> None:
    rows = report(demand, ALL)
    assert [row["product_id"] for row in rows] == ["lamp", "chair", "desk", "p-1"]
    assert rows[0]["waiting_units"] == "4"
    assert rows[3]["product_name"] == "'=cmd|'/c calc'!A1"
    assert [row["product_id"] for row in report(demand, Filter(store="berlin"))] == ["p-1"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("＝1+1", "'＝1+1"),  # noqa: RUF001
        ("＋1", "'＋1"),  # noqa: RUF001
        ("－1", "'－1"),  # noqa: RUF001
        ("＠SUM(1)", "'＠SUM(1)"),  # noqa: RUF001
        ("\t=1", "'\t'=1"),
        ("\rlamp", "'\rlamp"),
        (' "=1', "' \"=1"),
        ("Lamp;=1", "Lamp;'=1"),
        ('Lamp; "@SUM(1)";-1', "Lamp;' \"@SUM(1)\";'-1"),
        ("Lamp\n=1", "Lamp\n'=1"),
        ("Lamp; brass = gold, +1 shade - 5 %", "Lamp; brass = gold, +1 shade - 5 %"),
    ],
)
def test_no_cell_of_the_report_begins_as_a_formula_wherever_a_spreadsheet_splits_it(
    demand: psycopg.Connection, name: str, written: str
) -> None:
    demand.execute("update restock.product set name = %s where product_id = 'p-1'", [name])
    with read_only(demand):
        text = b"".join(write_report(demand, Filter(store="berlin"), Order())).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert row[header.index("product_name")] == written


def test_the_report_goes_on_past_the_first_part(demand: psycopg.Connection) -> None:
    demand.execute(
        "insert into restock.mart_demand select 'main', 'x' || n, 1, 1, 1, now(), now(), 0, 0, 0, 0.05"
        " from generate_series(1, 1200) as n"
    )
    assert len(report(demand, ALL)) == 1204
