"""Schedule: when the messages that have still to leave fall due, and where it is night."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from restock.console import read_rows
from restock.policy import QuietHours, Settings
from restock.warehouse import read_sql

# So far one may look ahead, and how finely.
STEPS = {12: timedelta(minutes=10), 24: timedelta(minutes=15), 48: timedelta(minutes=30), 168: timedelta(hours=2)}
# Later waves are shown as one.
_MOST_WAVES = 6
_MOST_ZONES = 5
# Messages that are looked up for the curve, and for the time zones.
_MOST_MESSAGES = 20_000
_SAMPLE = 20_000
_MOST_PRODUCTS = 200


def read_schedule(
    connection: psycopg.Connection,
    clock: datetime,
    hours: int,
    store_id: str | None = None,
    category: str | None = None,
    product_id: str | None = None,
) -> dict[str, Any]:
    """The messages to come.

    Args:
        connection: Warehouse.
        clock: The time now.
        hours: How far to look: a key of STEPS.
        store_id: Only messages with a product of this store.
        category: Only messages with a product of this category.
        product_id: Only messages with this product.

    Returns:
        clock; starts: the beginning of each step; by_channel and by_wave: series of name and values (messages in each
        step); total, and later (beyond the last step); is_exact: False where some messages stand for all; quiet: hours
        (as the setting says, "" for none), share (of the shoppers for whom it is quiet, in each step), and zones: name,
        share of the shoppers, and quiet (beginning and end of each stretch).
    """
    step = STEPS[hours]
    start = _floor(clock, step)
    steps = timedelta(hours=hours) // step
    binds = {
        "most": _MOST_MESSAGES,
        "start": start,
        "step_seconds": step.total_seconds(),
        "steps": steps,
        "store_id": store_id,
        "category": category,
        "product_id": product_id,
    }
    by_channel: dict[str, list[int]] = {}
    by_wave: dict[str, list[int]] = {}
    total = later = 0
    is_exact = True
    for at, channel, wave, count, every in connection.execute(read_sql("console/schedule.sql"), binds):
        total += count
        is_exact = every == 1
        if at == steps:
            later += count
            continue
        by_channel.setdefault(channel, [0] * steps)[at] += count
        by_wave.setdefault(_say_wave(wave), [0] * steps)[at] += count
    starts = [start + step * number for number in range(steps)]
    settings = _find_settings(connection, store_id, category, product_id)
    return {
        "clock": clock.isoformat(),
        "starts": [moment.isoformat() for moment in starts],
        "step_seconds": step.total_seconds(),
        "total": total,
        "is_exact": is_exact,
        "later": later,
        "by_channel": [{"name": name, "values": values} for name, values in sorted(by_channel.items())],
        "by_wave": [{"name": name, "values": by_wave[name]} for name in sorted(by_wave)],
        "quiet": _read_quiet(connection, starts, step, settings),
    }


def read_choices(connection: psycopg.Connection) -> dict[str, Any]:
    """What the schedule can be narrowed to: stores, categories and products (id and name) that are back."""
    (row,) = read_rows(connection, "console/schedule_choices.sql", {"most": _MOST_PRODUCTS})
    return row


def _floor(moment: datetime, step: timedelta) -> datetime:
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (moment - day) // step * step


def _say_wave(wave: int) -> str:
    return f"Wave {wave + 1}" if wave < _MOST_WAVES else f"Wave {_MOST_WAVES + 1} and later"


def _find_settings(
    connection: psycopg.Connection, store_id: str | None, category: str | None, product_id: str | None
) -> Settings:
    """The policy in force, with the quiet hours that hold for what the schedule is narrowed to."""
    row = connection.execute(read_sql("notify/latest_policy.sql")).fetchone()
    settings = Settings.model_validate(row[1]) if row else Settings()
    own = [
        settings.overrides.product.get(f"{store_id}/{product_id}"),
        settings.overrides.category.get(category or ""),
        settings.overrides.store.get(store_id or ""),
    ]
    written = [hours for override in own if (hours := getattr(override, "quiet_hours", None)) is not None]
    return settings.model_copy(update={"quiet_hours": written[0]}) if written else settings


def _read_quiet(
    connection: psycopg.Connection, starts: Sequence[datetime], step: timedelta, settings: Settings
) -> dict[str, Any]:
    """The quiet hours of the coming steps, over the time zones of the shoppers who are written to."""
    quiet = settings.parsed_quiet_hours()
    rows = connection.execute(read_sql("console/schedule_zones.sql"), {"most": _SAMPLE}).fetchall()
    zones: Counter[str] = Counter(dict(rows))
    shoppers = zones.total()
    if quiet is None or not shoppers:
        return {"hours": settings.quiet_hours, "share": [0.0] * len(starts), "zones": []}
    nights = {zone: [_is_quiet(moment + step / 2, zone, quiet) for moment in starts] for zone in zones}
    share = [
        round(sum(count for zone, count in zones.items() if nights[zone][number]) / shoppers, 4)
        for number in range(len(starts))
    ]
    return {
        "hours": settings.quiet_hours,
        "share": share,
        "zones": [
            {"name": zone, "share": round(count / shoppers, 4), "quiet": _stretches(nights[zone], starts, step)}
            for zone, count in zones.most_common(_MOST_ZONES)
        ],
    }


def _is_quiet(moment: datetime, zone: str, quiet: QuietHours) -> bool:
    wall = moment.astimezone(ZoneInfo(zone))
    minute = 60 * wall.hour + wall.minute
    if quiet.start < quiet.end:
        return quiet.start <= minute < quiet.end
    return minute >= quiet.start or minute < quiet.end


def _stretches(quiet: Sequence[bool], starts: Sequence[datetime], step: timedelta) -> list[tuple[str, str]]:
    """Beginning and end of each run of quiet steps."""
    found: list[tuple[datetime, datetime]] = []
    for is_quiet, begin in zip(quiet, starts, strict=True):
        if not is_quiet:
            continue
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], begin + step)
        else:
            found.append((begin, begin + step))
    return [(begin.isoformat(), end.isoformat()) for begin, end in found]
