"""The section Schedule."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from restock.console import schedule
from restock_console_api.access import Reader
from restock_console_api.inputs import NO_NUL

router = APIRouter(prefix="/schedule")

Filter = Annotated[Annotated[str, NO_NUL] | None, Query(min_length=1, max_length=500)]


@router.get("")
def read_schedule(
    warehouse: Reader,
    hours: Literal["12", "24", "48", "168"] = "24",
    store_id: Filter = None,
    category: Filter = None,
    product_id: Filter = None,
) -> dict[str, Any]:
    """When the messages to come fall due."""
    return schedule.read_schedule(warehouse, datetime.now(UTC), int(hours), store_id, category, product_id)


@router.get("/choices")
def read_choices(warehouse: Reader) -> dict[str, Any]:
    """What the schedule can be narrowed to."""
    return schedule.read_choices(warehouse)
