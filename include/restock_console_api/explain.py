"""The section Explain."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from restock.console import explain
from restock_console_api.access import Reader
from restock_console_api.inputs import NO_NUL, Key

router = APIRouter(prefix="/explain")


@router.get("")
def find(
    warehouse: Reader,
    name: Annotated[str, Query(min_length=1, max_length=500), NO_NUL],
    before_at: datetime | None = None,
    before_key: Key | None = None,
) -> dict[str, Any]:
    """What became of a request, or of those of a shopper or for a product; a page from a place on."""
    before = None if before_at is None or before_key is None else (before_at, before_key)
    return explain.find(warehouse, name.strip(), before)


@router.get("/timeline")
def read_timeline(warehouse: Reader, request_key: Key) -> dict[str, Any]:
    """What happened to one request."""
    return {"events": explain.read_timeline(warehouse, request_key)}
