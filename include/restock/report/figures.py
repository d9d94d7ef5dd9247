"""The figures of a report, read from the marts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from restock.warehouse import read_sql

# Longer periods would make the file large and its curves unreadable.
MOST_DAYS = 366
# A curve of more days than these is drawn by the day.
_DAYS_BY_HOUR = 8
# Waves from this one on are shown as one.
LAST_WAVE = 6
_MOST_PRODUCTS = 12
_MOST_RESTOCKS = 10
_MOST_POLICIES = 8

Row = dict[str, Any]


@dataclass(frozen=True)
class Period:
    """Whole days in UTC, both ends among them.

    Raises:
        ValueError: The last day is before the first, or there are too many of them.
    """

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError(f"The period ends on {self.last_day}, before it begins on {self.first_day}: swap them.")
        if self.day_count > MOST_DAYS:
            raise ValueError(
                f"The period from {self.first_day} to {self.last_day} has {self.day_count:,} days: "
                f"choose at most {MOST_DAYS}."
            )

    @property
    def day_count(self) -> int:
        return (self.last_day - self.first_day).days + 1

    @property
    def first_at(self) -> datetime:
        return datetime.combine(self.first_day, time(), UTC)

    @property
    def end_at(self) -> datetime:
        return self.first_at + timedelta(days=self.day_count)

    @property
    def step(self) -> timedelta:
        """How finely its curve is drawn."""
        return timedelta(hours=1) if self.day_count <= _DAYS_BY_HOUR else timedelta(days=1)

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=number) for number in range(self.day_count)]


def read_figures(connection: psycopg.Connection, period: Period) -> dict[str, Any]:
    """All figures, of one state of the warehouse. Writes nothing.

    Args:
        connection: As a role that may read schema mart, in autocommit.
        period: Which days.

    Returns:
        standing, funnel, sold: as the files of those names in sql/report; latency: its row of all waves and, in
        `waves`, the others; curve: messages of each step by channel; by_day: the same for each day; clock_counts:
        messages in each of the 24 hours of the shoppers' clocks; demand and demand_totals; endings: restock_count,
        asked_count, sent_count and bought_count of each of ENDINGS; restocks: the largest, each with its `ending`;
        delivery; effect.
    """
    binds = {
        "first_day": period.first_day,
        "last_day": period.last_day,
        "first_at": period.first_at,
        "end_at": period.end_at,
        "step": "hour" if period.step < timedelta(days=1) else "day",
        "last_wave": LAST_WAVE,
    }

    def read(file: str, most: int | None = None) -> list[Row]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(read_sql(file), binds | {"most": most}).fetchall()

    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local jit = off")
        every_wave, *waves = read("report/latency.sql")
        sent = read("report/send_curve.sql")
        return {
            "standing": read("report/standing.sql")[0],
            "funnel": read("report/funnel.sql")[0],
            "curve": _make_curve(sent, period, period.step),
            "by_day": _make_curve(sent, period, timedelta(days=1)),
            "clock_counts": _make_clock(read("report/send_clock.sql")),
            "latency": every_wave | {"waves": waves},
            "sold": read("report/sold.sql")[0],
            "demand": read("report/demand.sql", _MOST_PRODUCTS),
            "demand_totals": read("report/demand_totals.sql"),
            "endings": _sum_endings(read("report/restocks.sql")),
            "restocks": [
                row | {"ending": _find_ending(row)} for row in read("report/largest_restocks.sql", _MOST_RESTOCKS)
            ],
            "delivery": read("report/delivery.sql"),
            "effect": read("report/effect.sql", _MOST_POLICIES),
        }


def _make_curve(sent: list[Row], period: Period, step: timedelta) -> dict[str, list[int]]:
    """Messages in each step of the period, by channel."""
    steps = timedelta(days=period.day_count) // step
    curve: dict[str, list[int]] = {}
    for row in sent:
        curve.setdefault(row["channel"], [0] * steps)[(row["step_at"] - period.first_at) // step] += row["sent_count"]
    return curve


def _make_clock(rows: list[Row]) -> list[int]:
    counts = {row["local_hour"]: row["sent_count"] for row in rows}
    return [counts.get(hour, 0) for hour in range(24)]


# How a restock can stand, and what the report says of it.
ENDINGS = {
    "told": "Sold out, after all messages had left",
    "missed": "Sold out before all were told",
    "open": "Still available",
    "held": "Held by a gate",
    "unasked": "Nobody waited for it",
}


def _find_ending(row: Mapping[str, Any]) -> str:
    """The key in ENDINGS of a row of restocks.sql or largest_restocks.sql."""
    if row["is_held"]:
        return "held"
    if not row["was_asked"]:
        return "unasked"
    if not row["is_closed"]:
        return "open"
    return "missed" if row["missed_some"] else "told"


def _sum_endings(rows: list[Row]) -> dict[str, Counter[str]]:
    sums: dict[str, Counter[str]] = {ending: Counter() for ending in ENDINGS}
    for row in rows:
        sums[_find_ending(row)].update({name: count for name, count in row.items() if name.endswith("_count")})
    return sums
