"""Where requests stand, and why."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from restock.feeds.contract import ID
from restock.intake.check import is_text
from restock.intake.database import Connection, DatabaseDep, rows
from restock.intake.document import LIST_ANSWER, STATE_ANSWER, describe
from restock.intake.inbox import Answer
from restock.intake.keys import allow
from restock.intake.problem import FieldError, Problem

MOST_LISTED = 100
COLUMNS = (
    "request_id",
    "user_id",
    "store_id",
    "product_id",
    "channel",
    "requested_at",
    "status",
    "reason",
    "since",
    "sentence",
)
# What nothing more happens to.
ENDED = frozenset({"notified", "cancelled", "expired", "purchased", "suppressed"})

router = APIRouter(tags=["requests"], dependencies=[Depends(allow("surface"))])


@router.get("/v1/requests", **describe(None, LIST_ANSWER, status=200))
async def list_requests(
    database: DatabaseDep,
    user_id: Annotated[str, Query(min_length=1, max_length=ID.max_length, description="Shopper.")],
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED, description="Requests at most.")] = 20,
    after: Annotated[str | None, Query(max_length=2_000, description="`next` of the page before.")] = None,
) -> Answer:
    """What a shopper waits for, the newest first."""
    before_time, before_id = _read_cursor(after) if after else (None, None)
    if not is_text(user_id):
        return {"requests": [], "next": None}
    binds = {"user_id": user_id, "before_time": before_time, "before_id": before_id, "most": limit + 1}
    async with database.connection() as connection:
        found = [_state(row) for row in await rows(connection, "intake/list_requests.sql", binds)]
    page = found[:limit]
    return {"requests": page, "next": _cursor(page[-1]) if len(found) > limit else None}


@router.get("/v1/requests/{request_id:path}", **describe(None, STATE_ANSWER, status=200, also=(404,)))
async def show_request(request_id: str, database: DatabaseDep) -> Answer:
    """Where one request stands, and a sentence that explains it."""
    async with database.connection() as connection:
        return await read_state(connection, request_id)


async def read_state(connection: Connection, request_id: object) -> Answer:
    """Where one request stands.

    Raises:
        Problem: 404.
    """
    # Numbers came as text, so that what is no text names no request.
    named = isinstance(request_id, str) and is_text(request_id) and len(request_id) <= ID.max_length
    found = await rows(connection, "intake/show_request.sql", {"request_id": request_id}) if named else []
    if not found:
        raise Problem(404, "No request has this id. One that was refused when it was loaded is not known either.")
    return _state(found[0])


def _state(row: tuple[Any, ...]) -> Answer:
    return dict(zip(COLUMNS, row, strict=True))


def _cursor(last: Answer) -> str:
    requested_at = last["requested_at"]
    assert isinstance(requested_at, datetime)
    return base64.urlsafe_b64encode(json.dumps([requested_at.isoformat(), last["request_id"]]).encode()).decode()


def _read_cursor(after: str) -> tuple[datetime, str]:
    try:
        time, request_id = json.loads(base64.urlsafe_b64decode(after.encode()))
        moment = datetime.fromisoformat(time)
        if moment.tzinfo is not None and isinstance(request_id, str) and is_text(request_id):
            return moment, request_id
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    error = FieldError("after", "not_a_cursor", "after is not the `next` of a page: begin without it.")
    raise Problem(422, error.detail, errors=[error])
