"""A connection to the warehouse that is made anew when it breaks: what is known about sent messages must get there."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

from restock.warehouse.connection import CONNECT_TIMEOUT_SECONDS, mask_error

# Well below a lease: what has been settled by then is not in doubt.
_PATIENCE_SECONDS = 90.0
_PAUSE_SECONDS = 0.5

T = TypeVar("T")


class SenderConnection:
    """One connection of a sending task, opened when it is needed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection | None = None

    async def run(
        self,
        work: Callable[[psycopg.AsyncConnection], Awaitable[T]],
        before_retry: Callable[[psycopg.AsyncConnection], Awaitable[object]] | None = None,
    ) -> T:
        """Do the work; again after a connection that broke, a restart of the server or a deadlock.

        Also where another wrote the same row at the same moment: the next try sees it.

        Args:
            work: Leaves the same behind when it is done twice.
            before_retry: Puts right what the failed try may have left, where it is not known whether it committed.

        Raises:
            psycopg.Error: The server stayed away, or the work is wrong.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        failed = False
        while True:
            try:
                connection = await self._open()
                if failed and before_retry is not None:
                    await before_retry(connection)
                return await work(connection)
            except psycopg.Error as error:
                failed = True
                passes = isinstance(error, (psycopg.OperationalError, psycopg.errors.UniqueViolation))
                if not passes or time.monotonic() > deadline:
                    mask_error(error)
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _open(self) -> psycopg.AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                application_name="restock_notify send",
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                # A server or network that vanished without a word shows within half a minute, not within hours.
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=25_000,
                # The same statements come again and again with other keys: planning them anew only costs. They read by
                # key; the plan must not take a table that is empty yet, and grows while it is sent, for one to scan.
                # No request of a batch is looked for twice, so there is nothing to remember.
                options="-c timezone=UTC -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
                " -c enable_memoize=off -c jit=off",
            )
        return self._connection
