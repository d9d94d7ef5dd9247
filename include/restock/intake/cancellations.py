"""Shoppers withdraw what they asked for."""

from datetime import UTC, datetime
from uuid import uuid4

from fastapi import APIRouter, Request

from restock.feeds.contract import REQUESTS, Reason
from restock.intake.body import Body, read_body
from restock.intake.check import present, read_record, to_line
from restock.intake.database import Connection, DatabaseDep
from restock.intake.document import CANCELLATION_ANSWER, CANCELLATION_BODY, describe
from restock.intake.identity import stand_in_user
from restock.intake.inbox import Answer, accept_once, earlier_answer, read_call
from restock.intake.keys import Shop
from restock.intake.problem import FieldError, Problem
from restock.intake.settings import IntakeSettings
from restock.intake.state import ENDED, read_state

router = APIRouter(tags=["requests"])
_NAMES = ({"request_id"}, {"user_id", "contact", "product_id", "store_id", "channel"})


@router.post("/v1/cancellations", status_code=202, **describe(CANCELLATION_BODY, CANCELLATION_ANSWER, also=(404,)))
async def cancel(request: Request, client: Shop, database: DatabaseDep) -> Answer:
    """Withdraw one request, or all that a shopper asked for a product. In force before anything more is sent."""
    settings: IntakeSettings = request.app.state.settings
    body = await read_body(request)
    call = read_call(request, client, body)
    async with database.connection() as connection:
        if earlier := await earlier_answer(connection, call):
            return earlier
        record = await _withdrawal(connection, body, settings.link_secret)
        if record.pop("status", None) in ENDED:
            return {"status": "ended"}
        clock = datetime.now(UTC)
        complete = {"request_id": str(uuid4()), "requested_at": clock.isoformat(), "action": "cancel", **record}
        values, errors = read_record(REQUESTS, complete, frozenset(), clock)
        if errors:
            raise Problem(422, "The cancellation breaks a rule; see errors.", errors=errors)
        return await accept_once(connection, call, "requests", [to_line(values)], {"status": "accepted"})


async def _withdrawal(connection: Connection, body: Body, secret: str) -> dict[str, object]:
    """What is withdrawn, as columns of the feed; with the status of a request that is named by its id."""
    given = present(body.values)
    one, many = _NAMES
    if "request_id" in given and not given.keys() - one:
        found = await read_state(connection, given["request_id"])
        names = ("request_id", "user_id", "store_id", "product_id", "channel", "status")
        return {name: found[name] for name in names if found[name] is not None}
    if "request_id" in given or given.keys() - many:
        detail = "Give request_id alone, or user_id (or contact) and product_id, and perhaps store_id and channel."
        name = "request_id" if "request_id" in given else "user_id"
        raise Problem(422, detail, errors=[FieldError(name, "not_this_way", detail)])
    contact = given.pop("contact", None)
    if "user_id" not in given and contact is not None:
        channel = given.setdefault("channel", "email")
        given["user_id"] = stand_in_user(secret, *(str(text).strip(" \t") for text in (channel, contact)))
    elif "user_id" not in given:
        detail = "Who withdraws is missing: give request_id, user_id or contact."
        raise Problem(422, detail, errors=[FieldError("user_id", Reason.MISSING_VALUE, detail)])
    return given
