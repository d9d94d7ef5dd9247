"""Expiry: of requests whose product never came back, and of those that nobody confirmed."""

from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from restock.policy.store import settings_in_force
from restock.warehouse import read_sql

CHUNK_SIZE = 50_000


def expire_requests(connection: psycopg.Connection, clock: datetime, chunk_size: int = CHUNK_SIZE) -> int:
    """End the open requests that are older than `request_ttl_days` of the policy in force, chunk by chunk.

    They are looked for once; each chunk is one commit, so a killed run leaves whole requests and the next one goes on.

    Args:
        connection: Warehouse, in autocommit and outside a transaction.
        clock: The moment that ages are measured at.
        chunk_size: Requests a chunk.

    Returns:
        How many requests expired.
    """
    binds = {"clock": clock, "settings": Jsonb(settings_in_force(connection).model_dump())}
    found = connection.execute(read_sql("maintenance/find_overdue.sql"), binds).rowcount
    connection.execute("analyze overdue_request")
    try:
        return sum(
            _expire_chunk(connection, clock, first, first + chunk_size - 1) for first in range(1, found + 1, chunk_size)
        )
    finally:
        connection.execute("drop table overdue_request")


def _expire_chunk(connection: psycopg.Connection, clock: datetime, first_place: int, last_place: int) -> int:
    with connection.transaction():
        # Everything that a chunk needs is found by a key. The planner would rather read each table whole: what is cheap
        # once is not for each of many chunks.
        connection.execute("set local enable_hashjoin = off; set local enable_mergejoin = off")
        row = connection.execute(
            read_sql("maintenance/expire_requests.sql"),
            {"clock": clock, "first_place": first_place, "last_place": last_place},
        ).fetchone()
    assert row is not None
    expired: int = row[0]
    return expired


def remove_expired_links(connection: psycopg.Connection, clock: datetime) -> int:
    """Remove confirmations that expired, with the requests that waited for them, and visits of yesterday. Commits.

    Returns:
        How many requests were never confirmed.
    """
    row = connection.execute(read_sql("maintenance/remove_expired_links.sql"), {"clock": clock}).fetchone()
    assert row is not None
    unconfirmed: int = row[0]
    return unconfirmed


def forget_calls(connection: psycopg.Connection, clock: datetime) -> int:
    """Forget the answers of the intake service that nobody asks for again, its old counts, and lines loaded long ago.

    Returns:
        How many answers.
    """
    row = connection.execute(read_sql("maintenance/forget_calls.sql"), {"clock": clock}).fetchone()
    assert row is not None
    forgotten: int = row[0]
    return forgotten


def forget_replayed(connection: psycopg.Connection, clock: datetime) -> int:
    """Forget the text of rejected rows that were replayed long ago. Commits.

    Returns:
        Of how many rows.
    """
    return connection.execute(read_sql("maintenance/forget_replayed.sql"), {"clock": clock}).rowcount
