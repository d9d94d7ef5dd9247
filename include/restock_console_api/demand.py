"""The section Demand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from restock.console import demand, read_only
from restock.warehouse import connect
from restock_console_api.access import Reader, console_url
from restock_console_api.inputs import NO_NUL

router = APIRouter(prefix="/demand")

Text = Annotated[Annotated[str, NO_NUL] | None, Query(max_length=500)]


def _filter(
    store: Text = None,
    category: Text = None,
    wanted: Text = None,
) -> demand.Filter:
    return demand.Filter(store, category, wanted)


def _order(by: demand.Column = "waiting_units", descending: bool = True) -> demand.Order:
    return demand.Order(by, descending)


Chosen = Annotated[demand.Filter, Depends(_filter)]
Ordered = Annotated[demand.Order, Depends(_order)]


@router.get("")
def read_demand(
    warehouse: Reader, chosen: Chosen, order: Ordered, first: Annotated[int, Query(ge=0, le=10_000_000)] = 0
) -> dict[str, Any]:
    """A page of what shoppers wait for."""
    return demand.read_demand(warehouse, chosen, order, first)


@router.get("/report.csv")
def read_report(chosen: Chosen, order: Ordered) -> StreamingResponse:
    """The buyer's report."""
    parts = _report(chosen, order)
    # The first part before the answer begins, so that a fault of the warehouse is still answered as one.
    first = next(parts)
    name = f"restock-demand-{datetime.now(UTC):%Y-%m-%d}.csv"
    return StreamingResponse(
        chain([first], parts),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _report(chosen: demand.Filter, order: demand.Order) -> Iterator[bytes]:
    with connect(console_url(), application="restock console") as connection, read_only(connection):
        yield from demand.write_report(connection, chosen, order)
