"""Restock episodes: stretches of availability of a product in a store (rule 1)."""

from datetime import datetime
from typing import NamedTuple

import psycopg

from restock.policy import Settings, load_policy
from restock.warehouse import read_sql

# Any number will do that nothing else on the server uses.
EPISODE_LOCK = 7_370_002


class EpisodeCounts(NamedTuple):
    """How many episodes closed and opened."""

    closed: int
    opened: int


def has_work(connection: psycopg.Connection, settings: Settings, clock: datetime) -> bool:
    """Whether a run at this moment would change or send anything. Reads no waiting request."""
    row = connection.execute(
        read_sql("notify/find_work.sql"), {"clock": clock, "min_quantity": settings.min_quantity}
    ).fetchone()
    return bool(row and row[0])


def update_episodes(connection: psycopg.Connection, policy_id: int, clock: datetime) -> EpisodeCounts:
    """Close the episodes of what sold out and open those of what came back. Commits; running it again does nothing.

    Args:
        connection: Warehouse.
        policy_id: Policy in force; its `min_quantity` is the threshold.
        clock: The moment of this run, with a time zone.
    """
    settings = load_policy(connection, policy_id)
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (EPISODE_LOCK,))
        closed = connection.execute(read_sql("notify/close_episodes.sql"), {"clock": clock}).rowcount
        row = connection.execute(
            read_sql("notify/open_episodes.sql"),
            {"clock": clock, "min_quantity": settings.min_quantity, "policy_id": policy_id},
        ).fetchone()
    assert row is not None
    return EpisodeCounts(closed, row[0])
