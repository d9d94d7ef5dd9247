"""Judging the feeds by the checks of `sql/checks/feeds`, and keeping `restock.gate` by what they say.

A check that names a file (`%(feed_file_id)s`) is judged in the transaction that loads the file: nothing that reads the
stock sees a file that a gate should hold before the gate stands. The others are judged in every run.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from logging import getLogger

import psycopg
from psycopg.rows import class_row

from restock.feeds.contract import FEEDS
from restock.warehouse import read_sql
from restock.warehouse.checks import Check, read_checks

log = getLogger(__name__)

_SEVERITY = re.compile(r"(?P<usual>fail|warn)(; fail for (?P<others>\w+))?")
_CLEARS = ("by itself", "by hand")


@dataclass(frozen=True)
class FeedGate:
    """One check of the feeds it is for."""

    check: Check
    feeds: tuple[str, ...]
    clears: str

    @property
    def judges_files(self) -> bool:
        """Whether it looks at one file; otherwise at the feed as it is now."""
        return "%(feed_file_id)s" in read_sql(self.check.file)

    def severity(self, feed: str) -> str:
        """`fail` or `warn`."""
        said = _SEVERITY.fullmatch(self.check.header["Severity"])
        assert said is not None
        return "fail" if said["others"] == feed else said["usual"]


@dataclass(frozen=True)
class StandingGate:
    """One gate that does not let pass now."""

    gate: str
    feed: str
    severity: str
    clears: str
    debug_value: str
    since: datetime

    def __str__(self) -> str:
        """One sentence for people."""
        effect = "holds what depends on it" if self.severity == "fail" else "only warns"
        end = "once its check passes" if self.clears == "by itself" else "when somebody releases it"
        return (
            f"The gate {self.gate} of the feed {self.feed} {effect} since {self.since:%Y-%m-%d %H:%M} UTC: "
            f"{self.debug_value}. It clears {self.clears}, {end}."
        )


@cache
def feed_gates() -> tuple[FeedGate, ...]:
    """The gates of `sql/checks/feeds`.

    Raises:
        ValueError: A header names an unknown feed, severity or way to clear.
    """
    gates = []
    for check in read_checks("checks/feeds", "Feeds", "Clears"):
        named = check.header["Feeds"]
        feeds = tuple(FEEDS) if named == "all" else tuple(named.split(", "))
        is_known = set(feeds) <= set(FEEDS) and check.header["Clears"] in _CLEARS
        if not is_known or not _SEVERITY.fullmatch(check.header["Severity"]):
            raise ValueError(
                f"The header of sql/{check.file} has to name feeds (or all), a severity (fail, warn, or "
                "`warn; fail for <feed>`) and how it clears (by itself, by hand)."
            )
        gates.append(FeedGate(check, feeds, check.header["Clears"]))
    return tuple(gates)


def judge_file(connection: psycopg.Connection, feed: str, feed_file_id: int, clock: datetime) -> None:
    """Judge a file that was just loaded. Call it in the transaction that loads it.

    Args:
        connection: In a transaction, in which the counts of the file are written.
        feed: Its feed.
        feed_file_id: The file.
        clock: The time now.
    """
    for gate in feed_gates():
        if gate.judges_files and feed in gate.feeds:
            _judge(connection, gate, feed, {"feed_file_id": feed_file_id}, clock)


def judge_feeds(connection: psycopg.Connection, clock: datetime) -> None:
    """Judge each feed as it is now. Commits; judging again at the same time changes nothing.

    Args:
        connection: Warehouse.
        clock: The time now.
    """
    for gate in feed_gates():
        if not gate.judges_files:
            for feed in gate.feeds:
                with connection.transaction():
                    _judge(connection, gate, feed, {"feed": feed, "clock": clock}, clock)


def _judge(
    connection: psycopg.Connection, gate: FeedGate, feed: str, binds: Mapping[str, object], clock: datetime
) -> None:
    is_valid, debug_value = gate.check.run(connection, binds)
    names: dict[str, object] = {"gate": gate.check.name, "feed": feed, "clock": clock}
    if is_valid:
        connection.execute(read_sql("gates/clear_gate.sql"), names)
        return
    verdict = {
        "scope": "feed",
        "severity": gate.severity(feed),
        "clears": gate.clears,
        "debug_value": debug_value,
    }
    if connection.execute(read_sql("gates/raise_gate.sql"), names | verdict).fetchone():
        log.warning("The gate %s of the feed %s does not let pass: %s.", gate.check.name, feed, debug_value)


def log_gates(connection: psycopg.Connection, clock: datetime) -> list[StandingGate]:
    """Judge each feed, and say in the log which gates do not let pass, the oldest first. Returns these.

    Args:
        connection: Warehouse.
        clock: The time now.
    """
    judge_feeds(connection, clock)
    with connection.cursor(row_factory=class_row(StandingGate)) as cursor:
        gates = cursor.execute(read_sql("gates/standing_gates.sql")).fetchall()
    for gate in gates:
        log.warning("%s", gate)
    return gates


def release_gate(connection: psycopg.Connection, gate: str, released_by: str, stood_at: datetime | None = None) -> int:
    """Release a feed gate by hand, for every feed for which it stands. Returns for how many; says so in the log.

    Args:
        connection: Warehouse.
        gate: Name of the gate.
        released_by: Who releases it.
        stood_at: Only where it stood by then: the same wish, heard again, lets nothing go that came later.
    """
    binds = {"gate": gate, "released_by": released_by, "stood_at": stood_at}
    row = connection.execute(read_sql("gates/release_gate.sql"), binds).fetchone()
    assert row is not None
    released: int = row[0]
    if released:
        log.info("%s released the gate %s for %s feeds.", released_by, gate, released)
    else:
        log.warning("No feed gate %s stands, so none was released; restock.holding_gate shows those that hold.", gate)
    return released
