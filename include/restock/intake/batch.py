"""Stock, bounces and complaints: batches of rows of one feed, taken whole or not at all."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request

from restock.feeds.contract import INVENTORY, SUPPRESSIONS, Feed
from restock.intake.body import Body, read_body, read_list
from restock.intake.check import read_record, to_line
from restock.intake.database import Database, DatabaseDep
from restock.intake.document import BATCH_ANSWER, describe, feed_schema
from restock.intake.inbox import Answer, accept_once, earlier_answer, read_call
from restock.intake.keys import Client, Operator
from restock.intake.problem import FieldError, Problem

MAX_ITEMS = 10_000
MAX_ERRORS = 20
# For bodies of so many items.
BODY_LIMITS: Mapping[str, int] = {"/v1/stock": 4 << 20, "/v1/suppressions": 4 << 20}

router = APIRouter()


@router.post(
    "/v1/stock",
    status_code=202,
    tags=["stock"],
    **describe(feed_schema(INVENTORY, many="items", most=MAX_ITEMS), BATCH_ANSWER),
)
async def report_stock(request: Request, client: Operator, database: DatabaseDep) -> Answer:
    """Say what can be sold now. restock_ingest is woken at once."""
    return await _take(request, client, database, INVENTORY)


@router.post(
    "/v1/suppressions",
    status_code=202,
    tags=["suppressions"],
    **describe(feed_schema(SUPPRESSIONS, many="items", most=MAX_ITEMS), BATCH_ANSWER),
)
async def report_suppressions(request: Request, client: Operator, database: DatabaseDep) -> Answer:
    """Say which addresses must not be written to any more: what bounced, who complained or unsubscribed."""
    return await _take(request, client, database, SUPPRESSIONS)


async def _take(request: Request, client: Client, database: Database, feed: Feed) -> Answer:
    body = await read_body(request)
    call = read_call(request, client, body)
    async with database.connection() as connection:
        if earlier := await earlier_answer(connection, call):
            return earlier
    # In a thread, so that others are served meanwhile.
    lines = await asyncio.to_thread(_lines, body, feed)
    async with database.connection() as connection:
        return await accept_once(connection, call, feed.name, lines, {"accepted": len(lines)})


def _lines(body: Body, feed: Feed) -> list[str]:
    clock = datetime.now(UTC)
    lines: list[str] = []
    errors: list[FieldError] = []
    for place, item in enumerate(read_list(body, "items", MAX_ITEMS)):
        values, broken = read_record(feed, item, frozenset(), clock)
        lines.append(to_line(values))
        errors += [error._replace(field=f"items[{place}].{error.field}") for error in broken]
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise Problem(
            422, "Nothing was taken, because some items break a rule; see errors.", errors=errors[:MAX_ERRORS]
        )
    return lines
