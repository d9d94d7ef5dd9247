"""Noticing stock that arrived over HTTP: PostgreSQL's notices wake, the queue of the inbox says what is true."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg

from restock.warehouse import read_sql

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_SECONDS = 10
# A connection that broke without a word is noticed by the next question; it asks for what a lost notice missed as well.
ASK_SECONDS = 30.0
# How often to look whether what was told of is loaded, and how long to wait for that before telling again.
LOOK_SECONDS = 0.5
TELL_AGAIN_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
# How long a question may stay without an answer of the network before the connection counts as broken; else the system
# would send it again for a quarter of an hour.
SILENCE_MILLISECONDS = 15_000


async def watch_stock(find_url: Callable[[], Awaitable[str]]) -> AsyncIterator[int]:
    """Tell that stock waits in the inbox: at once when it arrives, and first of all what waits already.

    Not told again before what was told of is loaded: however fast stock arrives, whoever starts a run each time has at
    most one that waits. Goes on for ever; while the warehouse is out of reach it tries again, more and more rarely.

    Args:
        find_url: Gives the URL of the warehouse; asked before each connection.

    Yields:
        The number of the newest row that waits.
    """
    failures = 0
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                await find_url(),
                autocommit=True,
                application_name="restock_inbox",
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                tcp_user_timeout=SILENCE_MILLISECONDS,
            )
            async with connection:
                await connection.execute("listen restock_inbox")
                failures = 0
                async for newest in _tell(connection):
                    yield newest
        except psycopg.Error as error:
            pause = min(2.0**failures, LONGEST_PAUSE_SECONDS)
            failures += 1
            log.warning("The inbox cannot be watched (%s); trying again in %.0f s", " ".join(str(error).split()), pause)
            await asyncio.sleep(pause)


async def _tell(connection: psycopg.AsyncConnection) -> AsyncIterator[int]:
    while True:
        cursor = await connection.execute(read_sql("ingest/newest_waiting_stock.sql"))
        row = await cursor.fetchone()
        assert row is not None
        if row[0] is None:
            # What is noticed between the question and here is kept by the connection.
            async for _ in connection.notifies(timeout=ASK_SECONDS, stop_after=1):
                pass
        else:
            yield row[0]
            await _until_loaded(connection, row[0])


async def _until_loaded(connection: psycopg.AsyncConnection, newest: int) -> None:
    until = time.monotonic() + TELL_AGAIN_SECONDS
    while time.monotonic() < until:
        await asyncio.sleep(LOOK_SECONDS)
        cursor = await connection.execute(read_sql("ingest/row_still_waits.sql"), {"inbox_id": newest})
        if (await cursor.fetchone()) == (False,):
            return
