"""Connections of the intake service: a small pool that outlives a restart of PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import psycopg
from fastapi import Depends, Request
from psycopg_pool import AsyncConnectionPool

from restock.intake.problem import Problem
from restock.warehouse import read_sql

POOL_SIZE = 8
# An answer of PostgreSQL that takes longer is no answer to a shopper any more.
TIMEOUT_SECONDS = 5
RETRY_AFTER_SECONDS = 2

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class Database:
    """The warehouse, as the role restock_intake sees it."""

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(
            url,
            min_size=2,
            max_size=POOL_SIZE,
            timeout=TIMEOUT_SECONDS,
            open=False,
            name="restock intake",
            kwargs={
                "autocommit": True,
                "application_name": "restock intake",
                "connect_timeout": TIMEOUT_SECONDS,
                "options": f"-c timezone=UTC -c statement_timeout={TIMEOUT_SECONDS}s",
            },
        )

    async def open(self) -> None:
        """Start to connect; PostgreSQL may come later."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit; `connection.transaction()` holds together what belongs together.

        Raises:
            Problem: 503 where PostgreSQL does not answer, now or in the middle. What was being written may have been
                committed or not.
        """
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            # The others are likely to be broken as well: let go of them, so that the next calls get new ones.
            await self._pool.check()
            raise Problem(
                503,
                "The database does not answer. Send the same call again, with the same Idempotency-Key or request_id.",
                retry_after=RETRY_AFTER_SECONDS,
            ) from error


async def rows(connection: Connection, name: str, binds: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
    """Rows of a SQL file below sql/."""
    return await (await connection.execute(read_sql(name), binds)).fetchall()


# A plain function would be run in a thread, which takes longer than all it does.
async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(_database)]
