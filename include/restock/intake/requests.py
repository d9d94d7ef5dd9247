"""Shoppers ask: one request, or many of a surface that hands its own on."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, FastAPI, Request

from restock.feeds.contract import REQUESTS, Reason
from restock.intake.body import read_body, read_list
from restock.intake.check import present, read_record, to_line
from restock.intake.confirm import keep_unconfirmed, needs_confirmation
from restock.intake.database import Connection, DatabaseDep, rows
from restock.intake.document import REQUEST_ANSWER, REQUEST_BODY, RESULTS_ANSWER, describe, many_of
from restock.intake.identity import stand_in_user
from restock.intake.inbox import Answer, Call, accept, accept_once, answering, earlier_answer, read_call
from restock.intake.keys import Client, Shop, allow
from restock.intake.limits import require_within_limits
from restock.intake.problem import FieldError, Problem
from restock.intake.settings import IntakeSettings

MAX_REQUESTS = 1_000
# For bodies of so many requests.
BODY_LIMITS: Mapping[str, int] = {"/v1/requests/bulk": 1 << 20}
MAX_ERRORS = 20
# What a widget may say: it speaks for whoever looks at the page, and for nobody who is known by name.
WIDGET_NAMES = frozenset({"product_id", "store_id", "contact", "channel", "locale", "timezone", "quantity", "surface"})
WIDGET_CHANNELS = ("email", "sms")

router = APIRouter(tags=["requests"])


@router.post("/v1/requests", status_code=202, **describe(REQUEST_BODY, REQUEST_ANSWER, also=(429,)))
async def subscribe(
    request: Request, client: Annotated[Client, Depends(allow("surface", "widget"))], database: DatabaseDep
) -> Answer:
    """Ask to be told when a product is back. The answer says nothing about the address."""
    settings: IntakeSettings = request.app.state.settings
    body = await read_body(request)
    call = read_call(request, client, body)
    async with database.connection() as connection:
        if earlier := await earlier_answer(connection, call):
            return earlier
        time_zones = await known_time_zones(request.app, connection)
        values, errors = read_request(body.values, client, settings.link_secret, time_zones, datetime.now(UTC))
        if errors:
            raise Problem(422, "The request breaks a rule; see errors.", errors=errors[:MAX_ERRORS])
        if client.kind == "widget":
            host = request.client.host if request.client else ""
            await require_within_limits(connection, settings.link_secret, values, host)
        return await _take(connection, call, settings.link_secret, [values], lambda answers: answers[0])


@router.post(
    "/v1/requests/bulk",
    status_code=202,
    **describe(many_of(REQUEST_BODY, "requests", MAX_REQUESTS), RESULTS_ANSWER),
)
async def subscribe_many(request: Request, client: Shop, database: DatabaseDep) -> Answer:
    """Ask for many at once. Each is taken or refused by itself, and answered in its place."""
    settings: IntakeSettings = request.app.state.settings
    body = await read_body(request)
    call = read_call(request, client, body)
    records = read_list(body, "requests", MAX_REQUESTS)
    async with database.connection() as connection:
        if earlier := await earlier_answer(connection, call):
            return earlier
        time_zones = await known_time_zones(request.app, connection)
        # In a thread, so that others are served meanwhile.
        read = await asyncio.to_thread(_read_many, records, client, settings.link_secret, time_zones)
        taken = [values for values, errors in read if not errors]

        def answer(answers: Sequence[Answer]) -> Answer:
            rest = iter(answers)
            results = [_refusal(errors) if errors else next(rest) for _, errors in read]
            return {"accepted": len(taken), "refused": len(read) - len(taken), "results": results}

        return await _take(connection, call, settings.link_secret, taken, answer)


def read_request(
    record: Mapping[str, object], client: Client, secret: str, time_zones: frozenset[str], clock: datetime
) -> tuple[dict[str, str], list[FieldError]]:
    """Complete and check one request.

    Args:
        record: What was sent.
        client: Who sent it.
        secret: Keys the user_id of shoppers of whom only an address is known.
        time_zones: Names that the warehouse knows.
        clock: The time now, at which is asked what says no other time.

    Returns:
        The values of its line in the feed, and what is wrong.
    """
    given = present(record)
    errors = _misplaced(given, client)
    complete: dict[str, object] = {"request_id": str(uuid4()), "requested_at": clock.isoformat()}
    if client.surface:
        complete["surface"] = client.surface
    complete |= given
    if "user_id" not in given and "contact" in given:
        channel = complete.setdefault("channel", "email")
        complete["user_id"] = stand_in_user(secret, *(str(text).strip(" \t") for text in (channel, given["contact"])))
    elif "user_id" not in given:
        # The contract's own words would not say that an address does as well.
        complete["user_id"] = "?"
        wanted = "contact" if client.kind == "widget" else "user_id or contact"
        errors.append(FieldError("contact", Reason.MISSING_VALUE, f"Who asks is missing: give {wanted}."))
    values, broken = read_record(REQUESTS, complete, time_zones, clock)
    return values, errors + broken


async def known_time_zones(app: FastAPI, connection: Connection) -> frozenset[str]:
    """The time zones that both PostgreSQL and Python know, as where files are checked; looked up once."""
    if not hasattr(app.state, "time_zones"):
        names = {name for (name,) in await rows(connection, "intake/read_time_zones.sql")}
        app.state.time_zones = frozenset(names & available_timezones())
    known: frozenset[str] = app.state.time_zones
    return known


def _misplaced(given: Mapping[str, object], client: Client) -> list[FieldError]:
    """What the contract knows, and this key or this address does not take."""
    errors = []
    if "action" in given:
        errors.append(FieldError("action", "not_here", "action is not taken here: POST /v1/cancellations withdraws."))
    if client.kind == "widget":
        known = {column.name for column in REQUESTS.columns} - {"action"}
        errors += [
            FieldError(name, "not_with_this_key", f"{name} is not taken with a widget key: leave it out.")
            for name in sorted((given.keys() & known) - WIDGET_NAMES)
        ]
        if given.get("channel", "email") not in WIDGET_CHANNELS:
            channels = " or ".join(WIDGET_CHANNELS)
            errors.append(FieldError("channel", "not_with_this_key", f"With a widget key channel is {channels}."))
    return errors


def _read_many(
    records: Sequence[Mapping[str, object]], client: Client, secret: str, time_zones: frozenset[str]
) -> list[tuple[dict[str, str], list[FieldError]]]:
    clock = datetime.now(UTC)
    return [read_request(record, client, secret, time_zones, clock) for record in records]


def _refusal(errors: Sequence[FieldError]) -> Answer:
    return {"status": "refused", "errors": [error._asdict() for error in errors[:MAX_ERRORS]]}


async def _take(
    connection: Connection,
    call: Call,
    secret: str,
    requests: Sequence[dict[str, str]],
    answer: Callable[[Sequence[Answer]], Answer],
) -> Answer:
    """Put requests into the inbox, or where they wait until the shopper confirms them.

    Args:
        connection: In autocommit.
        call: The call that they came with.
        secret: Keys the hashes that stand for addresses.
        requests: Values of their lines.
        answer: Makes the answer to the call from those to each.
    """
    waits = await needs_confirmation(connection, requests)
    statuses = ["confirmation_needed" if each else "accepted" for each in waits]
    complete = answer(
        [{"request_id": v["request_id"], "status": status} for v, status in zip(requests, statuses, strict=True)]
    )
    lines = [to_line(values) for values, each in zip(requests, waits, strict=True) if not each]
    if not any(waits):
        return await accept_once(connection, call, "requests", lines, complete)
    async with answering(connection, call, complete) as earlier:
        if earlier is None:
            await accept(connection, call.client, "requests", lines)
            unconfirmed = [values for values, each in zip(requests, waits, strict=True) if each]
            await keep_unconfirmed(connection, secret, call.client.name, unconfirmed)
    return earlier or complete
