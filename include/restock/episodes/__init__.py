"""Restock episodes: stretches of availability of a product in a store (rule 1), and the gate before them (rule 2).

Only what a run sees counts: a product that sold out and came back between two runs has not been away.
"""

from datetime import datetime
from typing import NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from restock.policy import Settings, load_policy
from restock.warehouse import read_sql

# Any number will do that nothing else on the server uses.
EPISODE_LOCK = 7_370_002


class EpisodeCounts(NamedTuple):
    """How many episodes closed and opened, how many of the opened are held, and how many were released from a gate."""

    closed: int
    opened: int
    held: int = 0
    released: int = 0


class HeldGate(NamedTuple):
    """A gate that stands before the episodes.

    Attributes:
        gate: Name of the gate.
        reason: What it found, in words.
        since: Since when.
        held: How many open episodes it holds; None for a gate of the feed, which lets none open.
    """

    gate: str
    reason: str
    since: datetime
    held: int | None

    @property
    def sentence(self) -> str:
        """What stands there, why, and how to let it go."""
        if self.held is None:
            what, how = "lets no product open", "It is released in restock_ingest"
        else:
            what = f"holds {self.held} products that came back"
            how = "Release it by the parameter release_gate of restock_notify, or by python -m restock.episodes"
        return f"The gate {self.gate} {what}, since {self.since:%Y-%m-%d %H:%M} UTC: {self.reason}. {how}."


def has_work(connection: psycopg.Connection, settings: Settings, clock: datetime) -> bool:
    """Whether a run at this moment would change or send anything. Reads no waiting request."""
    row = connection.execute(
        read_sql("notify/find_work.sql"), {"clock": clock, "settings": Jsonb(settings.model_dump())}
    ).fetchone()
    return bool(row and row[0])


def update_episodes(connection: psycopg.Connection, policy_id: int, clock: datetime) -> EpisodeCounts:
    """Close the episodes of what sold out, let go what was released, and open those of what came back.

    Commits; running it again does nothing.

    Args:
        connection: Warehouse.
        policy_id: Policy in force.
        clock: The moment of this run, with a time zone.
    """
    settings = load_policy(connection, policy_id)
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (EPISODE_LOCK,))
        closed = connection.execute(read_sql("notify/close_episodes.sql"), {"clock": clock}).rowcount
        released = connection.execute(read_sql("notify/release_episodes.sql"), {"clock": clock}).rowcount
        opened = connection.execute(
            read_sql("notify/open_episodes.sql"),
            {
                "clock": clock,
                "settings": Jsonb(settings.model_dump()),
                "policy_id": policy_id,
            },
        ).fetchone()
        connection.execute(read_sql("notify/clear_gates.sql"), {"clock": clock})
    assert opened is not None
    return EpisodeCounts(closed, opened[0], opened[1], released)


def find_held(connection: psycopg.Connection) -> list[HeldGate]:
    """The gates that hold episodes, or keep them from opening, the oldest first."""
    return [HeldGate(*row) for row in connection.execute(read_sql("notify/held_episodes.sql"))]


def release_gates(
    connection: psycopg.Connection, gate: str, released_by: str, stood_at: datetime | None = None
) -> list[str]:
    """Release what a gate of rule 2 holds; the next run plans its requests. Commits.

    Args:
        connection: Warehouse.
        gate: Name of the gate, or all.
        released_by: Who answers for it; kept with the gate and the episodes.
        stood_at: Only what stood by then: the same wish, heard again, lets nothing go that came later.

    Returns:
        The gates that were released: none where none of them stood.
    """
    binds = {"gate": None if gate == "all" else gate, "released_by": released_by, "stood_at": stood_at}
    return [row[0] for row in connection.execute(read_sql("notify/release_gates.sql"), binds)]
