"""What people may set off in the console. Each is recorded in restock.console_action with who did it.

None needs Airflow to run anything: the warehouse has the effect at once, and the next run takes it up.
"""

from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from restock import episodes, gates
from restock.console.now import read_gates
from restock.delivery import replay_dead
from restock.feeds.replay import replay_rejects
from restock.warehouse import connect, read_sql


class NothingToDoError(LookupError):
    """What was to be released or replayed is not there any more; the message says it in a sentence."""


def record_action(connection: psycopg.Connection, user: str, action: str, subject: str, detail: dict[str, Any]) -> int:
    """Write down what somebody does; call it in the transaction that does it. Returns the key of the record.

    Args:
        connection: Warehouse.
        user: Login in Airflow.
        action: One that restock.console_action knows.
        subject: To what.
        detail: Old and new values, or how much it concerns.
    """
    binds = {"user_name": user, "action": action, "subject": subject, "detail": Jsonb(detail)}
    row = connection.execute(read_sql("console/record_action.sql"), binds).fetchone()
    assert row is not None
    key: int = row[0]
    return key


def release_gate(connection: psycopg.Connection, user: str, gate: str, scope: str) -> dict[str, Any]:
    """Release a gate by hand; the next run opens and plans what it held. Commits.

    Args:
        connection: Warehouse.
        user: Login in Airflow.
        gate: Name of the gate.
        scope: `feed` or `episodes`.

    Returns:
        gate, and how many products and about how many requests it held.

    Raises:
        NothingToDoError: It does not stand.
    """
    with connection.transaction():
        standing = [one for one in read_gates(connection) if (one["gate"], one["scope"]) == (gate, scope)]
        if scope == "episodes":
            released = bool(episodes.release_gates(connection, gate, user))
        else:
            released = bool(gates.release_gate(connection, gate, user))
        if not standing or not released:
            raise NothingToDoError(f"The gate {gate} does not stand any more: it was released, or its check passes.")
        held = {name: standing[0][name] for name in ("product_count", "request_count")}
        record_action(connection, user, "release_gate", gate, held | {"found": standing[0]["debug_value"]})
    return {"gate": gate, **held}


def replay_dead_group(
    connection: psycopg.Connection, user: str, clock: datetime, channel: str, outcome: str, provider_code: str | None
) -> dict[str, Any]:
    """Try the messages that were given up for one reason once more. Commits.

    Args:
        connection: Warehouse.
        user: Login in Airflow.
        clock: The time now.
        channel: Channel.
        outcome: How their last attempt ended: permanent, retryable or in_doubt.
        provider_code: What the provider said; None where it said nothing.

    Returns:
        message_count.

    Raises:
        NothingToDoError: There is none.
    """
    with connection.transaction():
        binds = {"channel": channel, "outcome": outcome, "provider_code": provider_code}
        ids = [row[0] for row in connection.execute(read_sql("console/find_dead.sql"), binds)]
        count = replay_dead(connection, clock, ids=ids) if ids else 0
        if not count:
            raise NothingToDoError("These messages are not dead any more: somebody replayed them.")
        detail = {"outcome": outcome, "provider_code": provider_code, "message_count": count}
        record_action(connection, user, "replay_dead", channel, detail)
    return {"message_count": count}


def replay_rejected_group(warehouse_url: str, user: str, clock: datetime, path: str, reason: str) -> dict[str, Any]:
    """Load the rejected rows of one file and reason again. Commits part by part; what is not replayed still waits.

    Args:
        warehouse_url: Warehouse.
        user: Login in Airflow.
        clock: The time now.
        path: Path of the file, as in feed_file.
        reason: Reason code.

    Returns:
        replayed, rejected_again and left: rows.

    Raises:
        NothingToDoError: There is none.
        restock.feeds.load.LoadError: The warehouse met a fault in the middle.
    """
    with connect(warehouse_url, application="restock console") as connection:
        binds = {"path": path, "reason": reason}
        row = connection.execute(read_sql("console/count_rejected.sql"), binds).fetchone()
        if not row or not row[0]:
            raise NothingToDoError("These rows do not wait any more: somebody replayed them.")
        # Before, as the parts of a replay commit by themselves: one that breaks off is on record all the same.
        detail = {"reason": reason, "waiting": row[0]}
        key = record_action(connection, user, "replay_rejected", path, detail)
        counts = replay_rejects(warehouse_url, f"console-{key}", path, reason, clock)._asdict()
        connection.execute(read_sql("console/add_to_action.sql"), {"console_action_id": key, "detail": Jsonb(counts)})
    return counts


def probe_breaker(connection: psycopg.Connection, user: str, clock: datetime, channel: str) -> dict[str, Any]:
    """Let the next run try the provider of a channel at once. Commits.

    Args:
        connection: Warehouse.
        user: Login in Airflow.
        clock: The time now.
        channel: Channel.

    Returns:
        channel.

    Raises:
        NothingToDoError: Its breaker is not open.
    """
    with connection.transaction():
        binds = {"channel": channel, "clock": clock}
        if connection.execute(read_sql("console/probe_breaker.sql"), binds).fetchone() is None:
            raise NothingToDoError(f"The provider of {channel} takes messages again.")
        record_action(connection, user, "probe_breaker", channel, {})
    return {"channel": channel}
