"""The outbox: claiming due messages, the last look (rule 9), and what became of each attempt.

A micro-batch is claimed and looked at in one transaction right before it leaves, and settled in one right after.
So what a killed sender leaves in doubt is one micro-batch of its own, never more; a lease says until when it may
still be sending.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

import pandas as pd
import psycopg
from psycopg.rows import class_row

from restock.channels import Result
from restock.delivery.message import BatchRow
from restock.policy import Settings
from restock.schedule.wall_clock import after_quiet_hours, local_day
from restock.warehouse import read_sql

BATCH_SIZE = 200
# A batch must be over well before its lease is, or another task would take it for lost.
BATCH_TIMEOUT_SECONDS = 240.0
LEASE = timedelta(minutes=10)

# After the first, second … failed attempt; then the message is dead.
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
)


def recover_leases(connection: psycopg.Connection, settings: Settings, clock: datetime) -> int:
    """Take over messages whose lease ran out: their sender died. Commits. Returns how many are in doubt."""
    with connection.transaction():
        return connection.execute(
            read_sql("notify/recover_leases.sql"), {"clock": clock, "in_doubt": settings.in_doubt}
        ).rowcount


def count_due(connection: psycopg.Connection, clock: datetime) -> dict[str, int]:
    """How many messages are due on each channel."""
    rows = connection.execute(read_sql("notify/count_due.sql"), {"clock": clock})
    return {channel: count for channel, count, _ in rows}


def claim_batch(
    connection: psycopg.Connection, channel: str, settings: Settings, clock: datetime
) -> list[list[BatchRow]] | None:
    """Claim the oldest due messages and take the last look at them. Commits.

    Returns:
        The items of each message that may leave now, or None when nothing is due any more. May be empty.
    """
    with connection.transaction():
        leased = connection.execute(
            read_sql("notify/lease_due.sql"),
            {"clock": clock, "channel": channel, "batch_size": BATCH_SIZE, "lease_until": clock + LEASE},
        ).fetchall()
        if not leased:
            return None
        keys = _give_back_sleepers(connection, leased, settings, clock)
        binds = {"clock": clock, "notification_keys": keys}
        connection.execute(read_sql("notify/close_sold_out.sql"), binds)
        connection.execute(read_sql("notify/drop_items.sql"), binds)
        connection.execute(read_sql("notify/cancel_empty.sql"), binds)
        cursor = connection.cursor(row_factory=class_row(BatchRow))
        items = cursor.execute(read_sql("notify/read_batch.sql"), binds).fetchall()
    return [list(group) for _, group in groupby(items, key=lambda item: item.notification_key)]


def _give_back_sleepers(
    connection: psycopg.Connection, leased: Sequence[tuple[int, str]], settings: Settings, clock: datetime
) -> list[int]:
    """Give back the messages of shoppers who are in quiet hours now; the keys of the others."""
    keys = [key for key, _ in leased]
    zones = pd.Series([zone for _, zone in leased], dtype="str")
    now = pd.Series(pd.Timestamp(clock).tz_convert("UTC"), index=zones.index)
    awake_at = after_quiet_hours(now, zones, settings.parsed_quiet_hours())
    asleep = awake_at > now
    if asleep.any():
        days = local_day(awake_at[asleep], zones[asleep])
        give_back(
            connection,
            [key for key, sleeps in zip(keys, asleep, strict=True) if sleeps],
            clock,
            due_at=[moment.to_pydatetime() for moment in awake_at[asleep]],
            local_days=[day.date() for day in days],
        )
    return [key for key, sleeps in zip(keys, asleep, strict=True) if not sleeps]


def give_back(
    connection: psycopg.Connection,
    keys: Sequence[int],
    clock: datetime,
    *,
    due_at: Sequence[object] | None = None,
    local_days: Sequence[object] | None = None,
) -> None:
    """Give back claimed messages that were not touched; the attempt does not count."""
    with connection.transaction():
        connection.execute(
            read_sql("notify/give_back.sql"),
            {
                "clock": clock,
                "notification_keys": list(keys),
                "due_at": list(due_at or [None] * len(keys)),
                "local_day": list(local_days or [None] * len(keys)),
            },
        )


def settle_batch(
    connection: psycopg.Connection,
    batch: Sequence[Sequence[BatchRow]],
    results: Sequence[Result],
    settings: Settings,
    *,
    claimed_at: datetime,
    settled_at: datetime,
    sender: str,
) -> None:
    """Record how each attempt of a batch ended, and give back what was not touched. Commits.

    Args:
        connection: Warehouse.
        batch: The messages claimed, as `claim_batch` returned them.
        results: One for each message that was begun.
        settings: Policy; `in_doubt` says what becomes of attempts without an answer.
        claimed_at: When they were claimed.
        settled_at: Now.
        sender: Run and task, for the record.
    """
    attempts = {items[0].notification_key: items[0].attempt_count for items in batch}
    untouched = attempts.keys() - {result.notification_key for result in results}
    accepted = [result for result in results if result.outcome == "accepted"]
    refused = [result for result in results if result.outcome != "accepted"]
    with connection.transaction():
        connection.execute(
            read_sql("notify/write_attempts.sql"),
            {
                "notification_keys": [result.notification_key for result in results],
                "attempt_numbers": [attempts[result.notification_key] for result in results],
                "outcomes": [result.outcome for result in results],
                "provider_codes": [result.code for result in results],
                "provider_messages": [result.text for result in results],
                "finished_at": [result.finished_at for result in results],
                "started_at": claimed_at,
                "sender": sender,
            },
        )
        connection.execute(
            read_sql("notify/settle_sent.sql"),
            {
                "notification_keys": [result.notification_key for result in accepted],
                "sent_at": [result.finished_at for result in accepted],
            },
        )
        connection.execute(
            read_sql("notify/settle_refused.sql"),
            {
                "clock": settled_at,
                "notification_keys": [result.notification_key for result in refused],
                "errors": [f"{result.code or ''} {result.text}".strip() for result in refused],
                "retry_at": [
                    _retry_at(result, attempts[result.notification_key], settings, settled_at) for result in refused
                ],
            },
        )
        if untouched:
            give_back(connection, sorted(untouched), settled_at)


def _retry_at(result: Result, attempt: int, settings: Settings, clock: datetime) -> datetime | None:
    """When to try again; None for never."""
    if result.outcome == "permanent" or (result.outcome == "in_doubt" and settings.in_doubt == "drop"):
        return None
    return clock + RETRY_AFTER[attempt - 1] if attempt <= len(RETRY_AFTER) else None
