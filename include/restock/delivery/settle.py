"""What became of each attempt: sent, to be tried again and when, dead; and what leaves next."""

import random
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import psycopg

from restock.channels import Result
from restock.delivery.arrays import write_keys, write_texts, write_times
from restock.delivery.events import log_refused
from restock.delivery.outbox import Claim, give_back_binds
from restock.feeds.masking import mask_recipient
from restock.policy import Settings
from restock.warehouse import read_sql

# Wait up to a minute after the first failed try, three times as long after each further one; give up after the last.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
MOST_TRIES = 10


async def note_part(
    connection: psycopg.AsyncConnection,
    channel: str,
    claim: Claim,
    results: Sequence[Result],
    settings: Settings,
    *,
    claimed_at: datetime,
    settled_at: datetime,
    sender: str,
    forgiving: bool,
    part_number: int,
    departing: Collection[int] = (),
    untouched: Collection[int] = (),
) -> set[int]:
    """Record how the attempts of a part ended, and what leaves next, in one transaction. Commits; may be done again.

    What was accepted is noted, and in the tables once `settle_sent` was called.

    Args:
        connection: Warehouse, in autocommit.
        channel: Channel.
        claim: What was claimed.
        results: One for each message that ended; they were departing before. Addresses that the provider quoted are
            left out.
        settings: Policy; `in_doubt` says what becomes of attempts without an answer.
        claimed_at: When it was claimed.
        settled_at: Now.
        sender: Run and task, for the record; the holder of the lease.
        forgiving: The provider is down: attempts that may be made again do not count.
        part_number: Another one for each part that the sender notes.
        departing: Keys of messages that may leave once this has committed; after a crash they are in doubt.
        untouched: Keys of messages to give back.

    Returns:
        Which of the departing may leave: those that the sender still leases.
    """
    results = [_without_address(result, claim.messages[result.notification_key][0].contact) for result in results]
    accepted = [result for result in results if result.outcome == "accepted"]
    refused = [result for result in results if result.outcome != "accepted"]
    bad = sorted(result.notification_key for result in refused if result.suppress)
    statements: list[tuple[str, Mapping[str, object]]] = []
    if refused:
        # The table knows what an attempt means for its message, not whether it counts.
        outcomes = ["retryable" if result.outcome == "unavailable" else result.outcome for result in refused]
        columns = _attempt_columns(claim, refused, claimed_at)
        statements.append(("notify/write_attempts.sql", columns | {"outcomes": outcomes, "sender": sender}))
        refusals = _refusals(claim, refused, settings, settled_at, sender, forgiving=forgiving)
        statements.append(("notify/settle_refused.sql", refusals))
    if bad:
        keys = {"notification_keys": write_keys(bad), "contacts": [claim.messages[key][0].contact for key in bad]}
        statements.append(("notify/suppress_refused.sql", {"clock": settled_at, "channel": channel} | keys))
    if untouched:
        statements.append(("notify/give_back.sql", give_back_binds(sorted(untouched), sender)))
    step = {"leased_by": sender, "part_number": part_number, "clock": settled_at, "departing": write_keys(departing)}
    noted = _attempt_columns(claim, accepted, claimed_at) | _answered_columns(claim, accepted)
    statements.append(("notify/note_part.sql", step | noted))
    # Nearly always it is one statement, which needs neither.
    async with AsyncExitStack() as stack:
        if len(statements) > 1:
            await stack.enter_async_context(connection.pipeline())
            await stack.enter_async_context(connection.transaction())
        for name, binds in statements:
            last = await connection.execute(read_sql(name), binds)
    if refused:
        log_refused(channel, sender, claim, refused, refusals["retry_at"])
    [(may_leave,)] = await last.fetchall()
    return set(may_leave)


async def settle_sent(connection: psycopg.AsyncConnection, sender: str) -> None:
    """Record as sent what a sender noted as accepted. Commits; may be done again."""
    await connection.execute(read_sql("notify/settle_sent.sql"), {"leased_by": sender})


def _without_address(result: Result, contact: str) -> Result:
    said = mask_recipient(result.text, contact)
    return result if said == result.text else result._replace(text=said)


def _attempt_columns(claim: Claim, results: Sequence[Result], claimed_at: datetime) -> dict[str, object]:
    return {
        "notification_keys": write_keys(result.notification_key for result in results),
        "attempt_numbers": write_keys(claim.messages[result.notification_key][0].attempt_number for result in results),
        "provider_codes": write_texts(result.code for result in results),
        "provider_messages": write_texts(result.text for result in results),
        "finished_at": write_times(result.finished_at for result in results),
        "started_at": claimed_at,
    }


def _answered_columns(claim: Claim, accepted: Sequence[Result]) -> dict[str, str]:
    """The requests that accepted messages answer, and which message answers each."""
    items = [item for result in accepted for item in claim.messages[result.notification_key]]
    return {
        "request_keys": write_keys(item.request_key for item in items),
        "answering_keys": write_keys(item.notification_key for item in items),
    }


def _refusals(
    claim: Claim, refused: Sequence[Result], settings: Settings, clock: datetime, sender: str, *, forgiving: bool
) -> dict[str, Any]:
    forgiven = [result.outcome == "unavailable" or (forgiving and _may_retry(result)) for result in refused]
    return {
        "clock": clock,
        "leased_by": sender,
        "notification_keys": write_keys(result.notification_key for result in refused),
        "attempt_numbers": write_keys(claim.messages[result.notification_key][0].attempt_number for result in refused),
        "errors": [f"{result.code or ''} {result.text}".strip() for result in refused],
        "retry_at": [
            retry_at(result, _tries(claim, result) - free, settings, clock)
            for result, free in zip(refused, forgiven, strict=True)
        ],
        "forgiven": forgiven,
    }


def _tries(claim: Claim, result: Result) -> int:
    """How many tries the message has used up with this one."""
    head = claim.messages[result.notification_key][0]
    return head.attempt_number - head.forgiven_count


def _may_retry(result: Result) -> bool:
    return result.outcome in {"retryable", "unavailable"}


def retry_at(result: Result, tries: int, settings: Settings, clock: datetime) -> datetime | None:
    """When to try again; None for never.

    Args:
        result: How the attempt ended.
        tries: How many count by now.
        settings: Policy.
        clock: Now.
    """
    if result.outcome == "permanent" or (result.outcome == "in_doubt" and settings.in_doubt == "drop"):
        return None
    if tries >= MOST_TRIES:
        return None
    # Full jitter: what failed together does not come back together.
    longest = min(_FIRST_WAIT * int(3 ** max(tries - 1, 0)), _LONGEST_WAIT)
    wait = longest * random.random()  # noqa: S311 (nobody gains by guessing it)
    return clock + max(wait, result.retry_after or timedelta(0))
