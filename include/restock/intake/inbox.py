"""Into the inbox, once: what was accepted, and the answer that is kept for a call that comes again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from fastapi import Request
from psycopg.types.json import Jsonb

from restock.intake.body import Body
from restock.intake.database import Connection, rows
from restock.intake.keys import Client
from restock.intake.problem import FieldError, Problem
from restock.warehouse import read_sql

Answer = dict[str, object]
MAX_KEY_LENGTH = 255


class Call(NamedTuple):
    """One call that may come again: whose, of what, under which Idempotency-Key, if any, with which body."""

    client: Client
    route: str
    idempotency_key: str | None
    body_hash: bytes


def read_call(request: Request, client: Client, body: Body) -> Call:
    """The call that a request is.

    Raises:
        Problem: 422 for an Idempotency-Key that cannot be kept.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        error = FieldError(
            "Idempotency-Key", "not_a_key", f"Idempotency-Key is 1 to {MAX_KEY_LENGTH} characters of ASCII."
        )
        raise Problem(422, error.detail, errors=[error])
    return Call(client, request.url.path, key, body.hash)


async def earlier_answer(connection: Connection, call: Call) -> Answer | None:
    """The answer that the same call got before; None where there was none.

    Raises:
        Problem: 422 where the key was another call's.
    """
    if call.idempotency_key is None:
        return None
    found = await rows(connection, "intake/read_answer.sql", _binds(call))
    if not found:
        return None
    body_hash, answer = found[0]
    if body_hash != call.body_hash:
        error = FieldError(
            "Idempotency-Key", "reused_key", "This Idempotency-Key came with another body before: take a new one."
        )
        raise Problem(422, error.detail, errors=[error])
    earlier: Answer = answer
    return earlier


async def accept(connection: Connection, client: Client, feed: str, lines: Sequence[str]) -> None:
    """Add lines to the inbox, in their order."""
    if lines:
        binds = {"feed": feed, "client": client.name, "lines": list(lines)}
        await connection.execute(read_sql("intake/accept_lines.sql"), binds)


@asynccontextmanager
async def answering(connection: Connection, call: Call, answer: Answer) -> AsyncIterator[Answer | None]:
    """Around what a call asks: that and its answer are kept both or neither, and durable afterwards.

    Yields:
        None where the work is to be done; else the answer that the same call got a moment ago, somewhere else.
    """
    async with connection.transaction():
        yield None if call.idempotency_key is None else await _keep_answer(connection, call, answer)


async def accept_once(connection: Connection, call: Call, feed: str, lines: Sequence[str], answer: Answer) -> Answer:
    """Add lines to the inbox: durable when this returns.

    Returns:
        The answer, or that of the same call before.
    """
    if call.idempotency_key is None:
        # One statement is a transaction by itself.
        await accept(connection, call.client, feed, lines)
        return answer
    async with answering(connection, call, answer) as earlier:
        if earlier is None:
            await accept(connection, call.client, feed, lines)
    return earlier or answer


async def _keep_answer(connection: Connection, call: Call, answer: Answer) -> Answer | None:
    """Keep the answer, unless the same call has one, which is returned."""
    kept = await rows(connection, "intake/keep_answer.sql", {**_binds(call), "answer": Jsonb(answer)})
    return None if kept else await earlier_answer(connection, call)


def _binds(call: Call) -> dict[str, object]:
    return {
        "api_key_id": call.client.api_key_id,
        "route": call.route,
        "idempotency_key": call.idempotency_key,
        "body_hash": call.body_hash,
    }
