"""Knowing at once that a sender died: it holds a lock in the warehouse, which goes with its connection.

A lease alone says it minutes later: it has to outlast whatever a living sender may wait for. The lock says it in
seconds, and never of a sender that is only slow: its connection stays. One whose connection breaks (a restart of the
server, say) notices, and takes the lock again well within the time for which others watch before they believe it dead.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Collection
from datetime import datetime
from typing import Self

import psycopg

from restock.delivery.warehouse import SenderConnection
from restock.warehouse import read_sql

# So long a sender without its lock is watched before it counts as dead. Taking the lock again takes about a second.
SURE_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_TOKEN_BYTES = 8


class SenderLock:
    """What shows that a sending task lives, from entry to exit.

    Attributes:
        token: Stands in the names under which the sender leases messages, before their last part.
    """

    def __init__(self, warehouse_url: str) -> None:
        self.token = secrets.token_hex(_TOKEN_BYTES)
        self._key = int.from_bytes(bytes.fromhex(self.token), signed=True)
        self._warehouse = SenderConnection(warehouse_url)
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Take the lock.

        Raises:
            psycopg.OperationalError: The warehouse stayed away.
        """
        await self._warehouse.run(self._take)
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._warehouse.close()

    async def _take(self, connection: psycopg.AsyncConnection) -> None:
        await connection.execute(read_sql("notify/hold_sender_lock.sql"), {"key": self._key})

    async def _take_and_wait(self, connection: psycopg.AsyncConnection) -> None:
        await self._take(connection)
        # Nobody notifies: this ends when the connection does.
        async for _ in connection.notifies():
            pass

    async def _keep(self) -> None:
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                await self._warehouse.run(self._take_and_wait)


def end_leases_of_the_dead(connection: psycopg.Connection, clock: datetime) -> None:
    """Let the leases of senders that died run out now instead of minutes later. Commits.

    Takes SURE_SECONDS where there are any.

    Args:
        connection: Warehouse.
        clock: Now.
    """
    dead = _find_dead(connection, clock)
    deadline = time.monotonic() + SURE_SECONDS
    while dead and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        dead &= _find_dead(connection, clock)
    if dead:
        _end_leases(connection, dead, clock)


def _find_dead(connection: psycopg.Connection, clock: datetime) -> set[str]:
    return {name for (name,) in connection.execute(read_sql("notify/find_dead_senders.sql"), {"clock": clock})}


def _end_leases(connection: psycopg.Connection, senders: Collection[str], clock: datetime) -> None:
    connection.execute(read_sql("notify/end_leases.sql"), {"senders": sorted(senders), "clock": clock})
