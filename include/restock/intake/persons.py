"""Erasure and export of one person, for operators."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from restock.erasure import Item, Person, confirmation_hashes, document_parts
from restock.intake.body import read_body
from restock.intake.check import is_text
from restock.intake.database import Connection, Database, DatabaseDep, rows
from restock.intake.document import ERASURE_ANSWER, EXPORT_ANSWER, PERSON_BODY, describe
from restock.intake.keys import Operator, hash_key
from restock.intake.problem import FieldError, Problem
from restock.intake.settings import IntakeSettings
from restock.warehouse import read_sql

# Both read tables from end to end, and an erasure waits for loads.
PATIENCE_SECONDS = 60
RETRY_AFTER_SECONDS = 60
# An export is in memory as a whole here.
MAX_ITEMS = 20_000
MAX_LENGTHS = {"user_id": 200, "channel": 200, "contact": 2_048}

router = APIRouter(tags=["persons"])


def _described(answer: dict[str, Any]) -> dict[str, Any]:
    described = describe(PERSON_BODY, answer, status=200)
    # Again, an erasure finds nothing, and an export changes nothing: neither needs an Idempotency-Key.
    del described["openapi_extra"]["parameters"]
    return described


@router.post("/v1/erasures", status_code=200, **_described(ERASURE_ANSWER))
async def erase(request: Request, _: Operator, database: DatabaseDep) -> dict[str, object]:
    """Erase one person, all at once: contacts go, figures stay, suppressions stay as keyed hashes."""
    settings: IntakeSettings = request.app.state.settings
    binds = await _binds(request)
    async with _patient(database) as connection:
        found = await rows(connection, "erasure/for_operator/find_addresses.sql", binds)
        binds["confirmation_hashes"] = confirmation_hashes(settings.link_secret, [address for (address,) in found])
        erased = await rows(connection, "erasure/for_operator/erase.sql", binds)
    answer: dict[str, object] = erased[0][0]
    return answer


@router.post("/v1/exports", status_code=200, **_described(EXPORT_ANSWER))
async def export(request: Request, _: Operator, database: DatabaseDep) -> Response:
    """Everything that is known of one person, as one document. POST, because addresses do not belong in URLs."""
    binds = await _binds(request)
    async with _patient(database) as connection:
        found = await rows(connection, "erasure/for_operator/export.sql", binds | {"most": MAX_ITEMS + 1})
    if len(found) > MAX_ITEMS:
        raise Problem(
            413, f"The export has more than {MAX_ITEMS:,} items: take the parameter export_user of restock_maintenance."
        )
    text = "".join(document_parts((Item(*row) for row in found), datetime.now(UTC)))
    return Response(text, media_type="application/json")


async def _binds(request: Request) -> dict[str, object]:
    """The person that a body names, and the key that asks."""
    values = (await read_body(request)).values
    given = {name: value for name, value in values.items() if value is not None}
    detail = "Name one person: user_id alone, or channel and contact."
    if set(given) not in ({"user_id"}, {"channel", "contact"}):
        raise Problem(422, detail, errors=[FieldError("user_id", "not_one_person", detail)])
    for name, value in given.items():
        if not isinstance(value, str) or not 0 < len(value) <= MAX_LENGTHS[name] or not is_text(value):
            detail = f"{name} is a text of 1 to {MAX_LENGTHS[name]:,} characters."
            raise Problem(422, detail, errors=[FieldError(name, "not_a_text", detail)])
    key = request.headers["authorization"].partition(" ")[2].strip()
    return {**Person()._asdict(), **given, "key_hash": hash_key(key)}


@asynccontextmanager
async def _patient(database: Database) -> AsyncIterator[Connection]:
    """A transaction whose statements may take longer; what goes wrong in it, as a problem."""
    async with database.connection() as connection:
        try:
            async with connection.transaction():
                binds = {"milliseconds": PATIENCE_SECONDS * 1000}
                await connection.execute(read_sql("erasure/for_operator/wait_longer.sql"), binds)
                yield connection
        except psycopg.errors.InvalidParameterValue as error:
            detail = error.diag.message_primary or "This names no one person."
            raise Problem(422, detail, errors=[FieldError("contact", "not_one_person", detail)]) from None
        except psycopg.errors.InsufficientPrivilege:
            raise Problem(403, "The key was revoked a moment ago.") from None
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            raise Problem(
                503,
                "A message to this person is leaving at this moment, so nothing was erased: call again in a minute.",
                retry_after=RETRY_AFTER_SECONDS,
            ) from None
        except psycopg.errors.QueryCanceled:
            raise Problem(
                503,
                "A large load runs, or this takes long here; nothing was changed. Call again in a minute, or trigger "
                "restock_maintenance with its parameter for this.",
                retry_after=RETRY_AFTER_SECONDS,
            ) from None
