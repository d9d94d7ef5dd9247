"""Now: how far requests have come, what is due and leaves, what is held, and what went wrong."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from restock.console import read_rows
from restock.feeds.replay import NEEDS_CORRECTION
from restock.policy import Settings
from restock.warehouse import read_sql

STEPS = ("waiting", "available", "scheduled", "sent", "clicked", "bought")
# The minutes of the curve of what was sent.
MINUTES = 30
# Messages whose channel is looked up for that curve, products that are looked at behind a gate, rows of a table; and
# episodes that are shown, of so many of the longest queues and of the newest.
_MOST_MESSAGES = 50_000
_MOST_PRODUCTS = 500
_MOST_ROWS = 50
_MOST_EPISODES = 12
_EPISODES_LOOKED_AT = 40


def read_now(connection: psycopg.Connection, clock: datetime) -> dict[str, Any]:
    """The state of delivery, and the gates.

    Args:
        connection: Warehouse.
        clock: The time now.

    Returns:
        clock, waiting_count, is_paused; channels (as sql/console/backlog.sql, with `sent`: messages accepted in each of
        the last whole minutes, the oldest first); minutes: the beginning of each; and gates.
    """
    first = clock.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES)
    minutes = [first + timedelta(minutes=number) for number in range(MINUTES)]
    sent: dict[tuple[str, datetime], int] = {
        (channel, minute): count
        for channel, minute, count in connection.execute(
            read_sql("console/sent_by_minute.sql"), {"since": first, "most": _MOST_MESSAGES}
        )
    }
    (standing,) = read_rows(connection, "console/standing.sql", {})
    return {
        "clock": clock.isoformat(),
        **standing,
        "minutes": [minute.isoformat() for minute in minutes],
        "channels": [
            row | {"sent": [sent.get((row["channel"], minute), 0) for minute in minutes]}
            for row in read_rows(connection, "console/backlog.sql", {"clock": clock})
        ],
        "gates": read_gates(connection),
    }


def read_gates(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """The gates that do not let pass, each with what it holds and with `will`: what its release does, in a sentence."""
    row = connection.execute(read_sql("notify/latest_policy.sql")).fetchone()
    least = Settings.model_validate(row[1]).min_quantity if row else 1
    binds = {"most": _MOST_PRODUCTS, "min_quantity": least}
    gates = read_rows(connection, "console/standing_gates.sql", binds)
    holding = [gate["gate"] for gate in gates if gate["severity"] == "fail" and "inventory" in gate["feeds"]]
    return [gate | {"will": _say_release(gate, [name for name in holding if name != gate["gate"]])} for gate in gates]


def _say_release(gate: dict[str, Any], others: list[str]) -> str:
    products, requests = gate["product_count"], gate["request_count"]
    if not products:
        said = "Nothing is held by it now: only the warning ends."
    else:
        said = (
            f"Release {products:,} product{'s' * (products != 1)}; about {requests:,} "
            f"request{'s' * (requests != 1)} will be planned at the next run."
        )
    if gate["scope"] == "feed":
        if products and others:
            said += f" They stay held by {' and '.join(others)} until that is released too."
        said += " The gate stands again when its check finds something else than it says now."
    return said


def read_funnel(connection: psycopg.Connection, clock: datetime, days: int) -> dict[str, Any]:
    """How far the requests of the last days have come.

    Args:
        connection: Warehouse.
        clock: The time now.
        days: So many days, today among them (UTC).

    Returns:
        steps: name and count, each part of the one before (empty without requests); refreshed_at: as of when; None
        where the marts were never refreshed.
    """
    first_day = (clock - timedelta(days=days - 1)).date()
    (row,) = read_rows(connection, "console/funnel.sql", {"first_day": first_day})
    steps = [{"name": name, "count": row[name]} for name in STEPS] if row["waiting"] else []
    return {"days": days, "steps": steps, "refreshed_at": row["refreshed_at"]}


def read_episodes(connection: psycopg.Connection, clock: datetime) -> dict[str, Any]:
    """The open episodes with the most still to reach, as sql/console/open_episodes.sql, and how many are open."""
    binds = {"clock": clock, "looked_at": _EPISODES_LOOKED_AT, "most": _MOST_EPISODES}
    rows = read_rows(connection, "console/open_episodes.sql", binds)
    return {"open_count": rows[0]["open_count"] if rows else 0, "episodes": rows}


def read_troubles(connection: psycopg.Connection) -> dict[str, Any]:
    """Dead messages and rejected rows, in groups that can be replayed, each with what a replay `will` do.

    Returns:
        dead: as sql/console/dead_messages.sql; rejected: as sql/console/rejected_rows.sql, at most 50 groups;
        rejected_count: rows of all groups; actions: the latest ones of the console.
    """
    dead = read_rows(connection, "console/dead_messages.sql", {})
    binds = {"needs_correction": list(NEEDS_CORRECTION), "most": _MOST_ROWS}
    rejected = read_rows(connection, "console/rejected_rows.sql", binds)
    return {
        "dead": [group | {"will": _say_dead(group)} for group in dead],
        "rejected": [group | {"will": _say_rejected(group)} for group in rejected],
        "rejected_count": rejected[0]["row_count"] if rejected else 0,
        "actions": read_rows(connection, "console/recent_actions.sql", {"most": 8}),
    }


def _say_dead(group: dict[str, Any]) -> str:
    count = group["message_count"]
    said = f"Try {count:,} dead message{'s' * (count != 1)} once more on {group['channel']}, at the next run."
    if group["outcome"] == "in_doubt":
        said += " The provider may have taken them the first time: some shoppers may then be told twice."
    return said


def _say_rejected(group: dict[str, Any]) -> str:
    ready = group["waiting_count"] - group["stuck_count"]
    said = f"Load {ready:,} rejected row{'s' * (ready != 1)} of {group['path']} again, now."
    if group["stuck_count"]:
        said += f" {group['stuck_count']:,} stay: they need a correction first."
    return said
