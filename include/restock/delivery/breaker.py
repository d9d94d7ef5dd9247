"""The breaker of a channel: while its provider is down nothing is sent, and from time to time a few messages try."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg

from restock.channels import Result
from restock.feeds.masking import mask_addresses
from restock.warehouse import read_sql

# After the first, second … failure in a row.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 900))
# So many messages try whether the provider is back; the others wait for them at most so long.
PROBE_SIZE = 5
_PROBE_TIME = timedelta(minutes=4)
# So many failures without a success between them, and the provider counts as down.
_FAILURES_IN_A_ROW = 20


class Breaker(NamedTuple):
    """An open breaker: a row of `restock.breaker`."""

    channel: str
    trip_count: int
    tripped_at: datetime
    probe_at: datetime
    reason: str


class FailureCounter:
    """Counts failures in a row, over all batches of a sending task."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, results: Iterable[Result]) -> str | None:
        """The last failure, in words, once there are too many in a row; else None."""
        last = ""
        for result in results:
            if result.outcome in {"accepted", "permanent"}:
                self._count = 0
            else:
                self._count += 1
                last = mask_addresses(f"{result.code or ''} {result.text}".strip())
        if last and self._count >= _FAILURES_IN_A_ROW:
            return f"{self._count} messages in a row failed, the last with: {last}"
        return None


def read_breakers(connection: psycopg.Connection) -> dict[str, Breaker]:
    """The open breakers, by channel."""
    rows = connection.execute(read_sql("notify/read_breakers.sql")).fetchall()
    return {row[0]: Breaker(*row) for row in rows}


async def start_probe(connection: psycopg.AsyncConnection, channel: str, clock: datetime) -> tuple[bool, bool]:
    """Is the breaker open, and if so, may this sender try the provider all the same? Commits."""
    binds = {"channel": channel, "clock": clock, "hold_until": clock + _PROBE_TIME}
    row = await (await connection.execute(read_sql("notify/start_probe.sql"), binds)).fetchone()
    assert row is not None
    is_open, may_probe = row
    return is_open, may_probe


async def trip_breaker(
    connection: psycopg.AsyncConnection, channel: str, reason: str, *, began_at: datetime, clock: datetime
) -> None:
    """Nothing is sent on the channel for a while. Commits.

    Args:
        connection: Warehouse.
        channel: Channel.
        reason: What went wrong, in words.
        began_at: When the sender began; of senders that fail at the same time one counts.
        clock: Now.
    """
    binds = {
        "channel": channel,
        "reason": reason[:500],
        "began_at": began_at,
        "clock": clock,
        "probe_at": [clock + wait for wait in WAITS],
    }
    await connection.execute(read_sql("notify/trip_breaker.sql"), binds)


async def close_breaker(connection: psycopg.AsyncConnection, channel: str) -> None:
    """The provider answers again. Commits."""
    await connection.execute(read_sql("notify/close_breaker.sql"), {"channel": channel})
