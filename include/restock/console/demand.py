"""Demand: what shoppers wait for, and the buyer's report as a CSV file."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import psycopg
from psycopg.rows import dict_row

from restock.console import read_rows
from restock.warehouse import read_sql

Column = Literal[
    "waiting_units",
    "waiting_shoppers",
    "median_wait_days",
    "revenue_at_stake",
    "expired_units",
    "available_quantity",
    "product_name",
]
COLUMNS: tuple[str, ...] = get_args(Column)
PAGE = 25

# A spreadsheet takes a cell that begins so for a formula, which may call on the network; quotes and space before it may
# get lost. One that splits at semicolons or tabs, as where the comma is the decimal point, has cells begin within a
# text, and as quotes do not hold such a cell together, after its line breaks too.
_FORMULA = re.compile(r"""(?:^|(?<=[;\t\r\n]))(?=["\s]*[=+\-@|%＝＋－＠])|^(?=[\t\r\n])""")  # noqa: RUF001
_ROWS_AT_A_TIME = 500


@dataclass(frozen=True)
class Filter:
    """Which products; None for all.

    Attributes:
        store: Store.
        category: Category.
        wanted: Part of a product's name, id or brand.
    """

    store: str | None = None
    category: str | None = None
    wanted: str | None = None


@dataclass(frozen=True)
class Order:
    """In which order."""

    by: Column = "waiting_units"
    descending: bool = True


def read_demand(connection: psycopg.Connection, chosen: Filter, order: Order, first: int) -> dict[str, Any]:
    """A page of products, and what all of them add up to.

    Args:
        connection: Warehouse.
        chosen: Which products.
        order: In which order.
        first: Products to pass over.

    Returns:
        products: as mart.product_demand; product_count of all pages; totals: for each currency (None for products
        without one) waiting_requests, waiting_units, expired_units, revenue_at_stake, revenue_low and revenue_high;
        stores and categories to choose from; refreshed_at: as of when (None: never).
    """
    (choices,) = read_rows(connection, "console/demand_choices.sql", {})
    totals = read_rows(connection, "console/demand_totals.sql", asdict(chosen))
    return {
        "products": read_rows(connection, "console/demand.sql", _binds(chosen, order, first, PAGE)),
        "product_count": sum(total.pop("product_count") for total in totals),
        "totals": totals,
        **choices,
    }


def write_report(connection: psycopg.Connection, chosen: Filter, order: Order) -> Iterator[bytes]:
    """The buyer's report: all products of a filter as CSV, part by part.

    UTF-8 with a byte order mark, without which spreadsheets misread it; text that a spreadsheet would take for a
    formula stands behind an apostrophe, also within a cell where one that splits at semicolons would begin another.

    Args:
        connection: Warehouse, in a transaction.
        chosen: Which products.
        order: In which order.
    """
    with connection.cursor("buyers_report", row_factory=dict_row) as cursor:
        cursor.itersize = _ROWS_AT_A_TIME
        cursor.execute(read_sql("console/demand.sql"), _binds(chosen, order, 0, None))
        names = [column.name for column in cursor.description or ()]
        yield "\ufeff".encode() + _lines([names])
        while rows := cursor.fetchmany(_ROWS_AT_A_TIME):
            yield _lines([[_cell(row[name]) for name in names] for row in rows])


def _binds(chosen: Filter, order: Order, first: int, most: int | None) -> Mapping[str, object]:
    return {**asdict(chosen), **asdict(order), "first": first, "most": most}


def _cell(value: object) -> object:
    if isinstance(value, str):
        return _FORMULA.sub("'", value)
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
