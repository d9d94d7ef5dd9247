"""Health: how the pipeline is, in figures, and which alerts stand. Read now; nothing is written and nothing is sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from restock.warehouse import read_sql
from restock.watch.catalogue import BY_NAME
from restock.watch.look import FRESH, Findings, Standing, read_conditions
from restock.watch.text import say_duration


@dataclass(frozen=True)
class Part:
    """One line of the table: what it is about, `ok`, `wait` (somebody should look by day) or `bad`, and the facts."""

    name: str
    state: str
    facts: str


@dataclass(frozen=True)
class Health:
    """How the pipeline is.

    Attributes:
        clock: As of when.
        parts: The table.
        alerts: The conditions that hold now: name, severity, title, subject, detail, since, runbook.
    """

    clock: datetime
    parts: list[Part]
    alerts: list[dict[str, Any]]

    @property
    def is_well(self) -> bool:
        """Whether nobody has to be woken."""
        return not any(part.state == "bad" for part in self.parts)

    def as_json(self) -> dict[str, Any]:
        """The same for machines; times in ISO 8601."""
        return {
            "status": "ok" if self.is_well else "failing",
            "clock": self.clock.isoformat(),
            "parts": [vars(part) for part in self.parts],
            "alerts": [alert | {"since": alert["since"].isoformat()} for alert in self.alerts],
        }


def read_health(connection: psycopg.Connection, clock: datetime, *, can_tell: bool) -> Health:
    """Read how the pipeline is, and every condition of the alerts.

    Args:
        connection: Warehouse.
        clock: Now.
        can_tell: Whether there is a connection to the people on call.
    """
    row = connection.execute(read_sql("watch/read_watch.sql")).fetchone()
    return sum_up(connection, clock, read_conditions(connection, clock, row[2] if row else clock), can_tell=can_tell)


def read_known_health(connection: psycopg.Connection, clock: datetime) -> Health:
    """Read how the pipeline is, with the alerts of the latest look: for whom may not read every table."""
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        standing = cursor.execute(read_sql("watch/standing_alerts.sql")).fetchall()
    known = [one for one in standing if one.name in BY_NAME]
    return sum_up(connection, clock, Findings(known, {}), can_tell=True)


def sum_up(connection: psycopg.Connection, clock: datetime, found: Findings, *, can_tell: bool) -> Health:
    """Health out of what was found. Arguments as for `read_health`."""
    row = connection.execute(read_sql("watch/read_watch.sql")).fetchone()
    alerts: list[dict[str, Any]] = [
        {
            "name": one.name,
            "severity": BY_NAME[one.name].severity,
            "title": BY_NAME[one.name].title,
            "subject": one.subject,
            "detail": one.detail,
            "since": one.since,
            "runbook": BY_NAME[one.name].runbook,
        }
        for one in found.standing
    ]
    of = {name: {one["subject"] for one in alerts if one["name"] == name} for name in BY_NAME}
    parts = [
        Part("warehouse", "ok", "answers"),
        _watching(row, clock),
        _telling(connection, can_tell),
        *_runs(connection, clock, of),
        *_channels(connection, clock, of),
        *_feeds(connection, clock, of),
        *_gates(connection, clock),
        *(Part(name, "bad", f"its condition could not be read: {reason}") for name, reason in found.unread.items()),
        *(Part(f"alert {one['name']}", _state(one["severity"]), one["detail"]) for one in alerts),
    ]
    return Health(clock, parts, alerts)


def _state(severity: str) -> str:
    return "bad" if severity == "page" else "wait"


def _age(moment: datetime | None, clock: datetime) -> str:
    return "never" if moment is None else f"{say_duration(clock - moment)} ago"


def _watching(row: tuple[Any, ...] | None, clock: datetime) -> Part:
    is_fresh = row is not None and row[0] > clock - FRESH
    facts = f"looked {_age(row[0], clock)} ({row[1]})" if row else "nobody has looked yet"
    return Part("watch", "ok" if is_fresh else "bad", facts)


def _telling(connection: psycopg.Connection, can_tell: bool) -> Part:
    row = connection.execute(read_sql("watch/unsent_problem.sql")).fetchone()
    assert row is not None
    count, problem = row
    if count:
        return Part("alerts", "bad", f"{count} could not be sent. {problem}")
    if not can_tell:
        return Part("alerts", "wait", "nobody is told: there is no Airflow connection restock_alerts (docs/oncall.md)")
    return Part("alerts", "ok", "none waits to be sent")


def _read(connection: psycopg.Connection, name: str, clock: datetime) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(read_sql(name), {"clock": clock}).fetchall()


def _runs(connection: psycopg.Connection, clock: datetime, of: dict[str, set[str]]) -> list[Part]:
    late = of["no_notify_run"] | of["ingest_stands_still"]
    parts = []
    for row in _read(connection, "watch/health/beats.sql", clock):
        name = row["name"]
        state = "bad" if name in late else "wait" if name in of["maintenance_late"] else "ok"
        facts = (
            f"a run came to its end {_age(row['beat_at'], clock)}" if row["beat_at"] else "no run has come to its end"
        )
        parts.append(Part(name, state, facts))
    return parts


def _channels(connection: psycopg.Connection, clock: datetime, of: dict[str, set[str]]) -> list[Part]:
    late = of["messages_overdue"] | of["provider_down"]
    parts = []
    for row in _read(connection, "watch/health/channels.sql", clock):
        facts = f"{row['due_count']:,} due of {row['unsent_count']:,} that have still to leave"
        if row["oldest_due_at"]:
            facts += f", the oldest {_age(row['oldest_due_at'], clock)}"
        if row["down_since"]:
            facts += f"; its provider is down since {say_duration(clock - row['down_since'])}"
        parts.append(Part(f"channel {row['channel']}", "bad" if row["channel"] in late else "ok", facts))
    return parts


def _feeds(connection: psycopg.Connection, clock: datetime, of: dict[str, set[str]]) -> list[Part]:
    parts = []
    for row in _read(connection, "watch/health/feeds.sql", clock):
        facts = f"loaded {_age(row['loaded_at'], clock)}"
        if row["pending_count"]:
            facts += (
                f"; {row['pending_count']:,} wait in the inbox, the oldest since {row['oldest_pending_at']:%H:%M} UTC"
            )
        state = "bad" if row["feed"] in of["inbox_backlog"] else "wait" if row["feed"] in of["file_failed"] else "ok"
        parts.append(Part(f"feed {row['feed']}", state, facts))
    return parts


def _gates(connection: psycopg.Connection, clock: datetime) -> list[Part]:
    parts = []
    for row in _read(connection, "watch/health/gates.sql", clock):
        effect = "holds products back" if row["severity"] == "fail" else "warns"
        facts = f"{effect} since {say_duration(clock - row['since'])}"
        parts.append(Part(f"gate {row['gate']} of {row['feed']}", "wait", facts))
    return parts


def render_health(health: Health) -> str:
    """The table for people."""
    width = max(len(part.name) for part in health.parts)
    lines = [f"{part.state:<5} {part.name:<{width}}  {part.facts}" for part in health.parts]
    runbooks = sorted({alert["runbook"] for alert in health.alerts})
    verdict = "The pipeline is well." if health.is_well else "Something is wrong."
    return "\n".join([*lines, "", " ".join([verdict, *(f"See {path}." for path in runbooks)])])
