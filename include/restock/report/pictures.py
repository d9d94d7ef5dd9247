"""The charts of the report, out of its figures; None where there is nothing to draw."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from math import ceil, log
from typing import Any

from markupsafe import Markup

from restock.report.charts import Strip, draw_columns, draw_funnel, draw_range, draw_strips
from restock.report.figures import LAST_WAVE, Period
from restock.report.words import say_day, say_duration, say_percent, say_points

# What is timed: the column of latency.sql and what the report calls it.
DURATIONS = {
    "whole": "Snapshot to acceptance",
    "to_decision": "Snapshot to decision",
    "to_acceptance": "Decision to acceptance",
    "late": "Due time to acceptance",
}
_STEPS = {
    "request_count": "Asked",
    "available_count": "Available",
    "scheduled_count": "Scheduled",
    "sent_count": "Sent",
    "clicked_count": "Clicked",
    "bought_count": "Bought",
}
_MOST_TICKS = 7
# Seconds that the axis of durations may be labelled at.
_MARKS = {
    1: "1 s",
    10: "10 s",
    60: "1 min",
    600: "10 min",
    3_600: "1 h",
    18_000: "5 h",
    86_400: "1 d",
    864_000: "10 d",
    8_640_000: "100 d",
}
_DAY_HOURS = 24


def list_steps(funnel: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Label, count, and count of the step before (of the first: its own)."""
    counts = list(funnel.values())
    return [
        (label, funnel[name], before)
        for (name, label), before in zip(_STEPS.items(), [counts[0], *counts], strict=False)
    ]


def draw_all(period: Period, figures: Mapping[str, Any]) -> dict[str, Markup | None]:
    """The charts by name: funnel, curve, clock, latency, effect."""
    return {
        "funnel": _draw_funnel(figures["funnel"]),
        "curve": _draw_curve(period, figures["curve"]),
        "clock": _draw_clock(figures["clock_counts"], figures["standing"]["quiet_hours"]),
        "latency": _draw_latency(figures["latency"]),
        "effect": _draw_effect(figures["effect"]),
    }


def _draw_funnel(funnel: Mapping[str, int]) -> Markup | None:
    first = funnel["request_count"]
    if not first:
        return None
    steps = [(label, count, f"{count:,} · {say_percent(count, first)}") for label, count, _ in list_steps(funnel)]
    described = "; ".join(f"{label} {said}" for label, _, said in steps)
    return draw_funnel("How far the requests of the period have come", described, steps)


def _draw_curve(period: Period, curve: Mapping[str, list[int]]) -> Markup | None:
    if not curve:
        return None
    step = period.step
    steps = [period.first_at + step * number for number in range(timedelta(days=period.day_count) // step)]
    by_hour = step < timedelta(days=1)
    labels = [f"{say_day(at)}, {at:%H:%M} UTC" if by_hour else say_day(at) for at in steps]
    every = ceil(period.day_count / _MOST_TICKS)
    ticks = [
        ((number + 0.5) / period.day_count, say_day(day))
        for number, day in enumerate(period.days)
        if number % every == every // 2
    ]
    midnights = [number / period.day_count for number in range(1, period.day_count)] if by_hour else []
    unit = "hour" if by_hour else "day"
    totals = ", ".join(f"{sum(values):,} {channel}" for channel, values in curve.items())
    most, at = max((sum(values), -number) for number, values in enumerate(zip(*curve.values(), strict=True)))
    described = f"In all {totals}; at most {most:,} in one {unit}, {labels[-at]}. The table has each day."
    return draw_columns(
        f"Messages accepted in each {unit}, by channel", described, curve, labels, ticks, rules=midnights
    )


def _draw_clock(clock: list[int], quiet_hours: str | None) -> Markup | None:
    if not any(clock):
        return None
    labels = [f"{hour:02}:00 to {hour + 1:02}:00" for hour in range(_DAY_HOURS)]
    ticks = [(hour / _DAY_HOURS, f"{hour:02}:00") for hour in range(0, _DAY_HOURS, 4)]
    busy = [hour for hour, count in enumerate(clock) if count]
    described = (
        f"Messages left between {busy[0]:02}:00 and {busy[-1] + 1:02}:00; most, {max(clock):,}, "
        f"from {labels[clock.index(max(clock))]}."
        + (f" The shaded hours are the quiet hours, {quiet_hours}." if quiet_hours else "")
    )
    return draw_columns(
        "Messages by the hour on the shopper's own clock",
        described,
        {"messages": clock},
        labels,
        ticks,
        shades=_shade(quiet_hours),
    )


def _shade(quiet_hours: str | None) -> list[tuple[float, float]]:
    """The quiet hours as shares of a day."""
    if not quiet_hours:
        return []
    times = (map(int, at.split(":")) for at in quiet_hours.split("-"))
    begin, end = ((hour + minute / 60) / _DAY_HOURS for hour, minute in times)
    return [(begin, end)] if begin < end else [(0, end), (begin, 1)]


def _draw_latency(latency: Mapping[str, Any]) -> Markup | None:
    every = {name: latency[name] for name in DURATIONS if latency[name] is not None}
    if not every:
        return None
    rows = [(DURATIONS[name], seconds, 1) for name, seconds in every.items()]
    if len(latency["waves"]) > 1:
        rows += [(say_wave(wave["wave"]), wave["whole"], 2) for wave in latency["waves"] if wave["whole"] is not None]
    known = [second for _, seconds, _ in rows for second in seconds]
    first = max([mark for mark in _MARKS if mark <= max(min(known), 1)])
    last = min([mark for mark in _MARKS if mark >= max(known) and mark > first], default=max(*known, first * 10))

    def place(second: float) -> float:
        return log(max(second, first) / first) / log(last / first)

    ticks = [(place(mark), said) for mark, said in _MARKS.items() if first <= mark <= last]
    strips = [
        Strip(
            label,
            " · ".join(map(say_duration, seconds)),
            (place(seconds[0]), place(seconds[1]), place(seconds[2])),
            0,
            colour,
        )
        for label, seconds, colour in rows
    ]
    described = "; ".join(f"{strip.label}: {strip.said}" for strip in strips)
    return draw_strips("The seconds within which 50, 95 and 99 in 100 items went through", described, strips, ticks)


def say_wave(wave: int) -> str:
    """Its name; the last one stands for all from there on."""
    return f"Wave {wave} and later" if wave == LAST_WAVE else f"Wave {wave}"


def draw_ranges(products: Sequence[Mapping[str, Any]]) -> list[Markup | None]:
    """Revenue at stake with its range, for each product; on one axis for all that are priced in the same currency."""
    most: dict[str | None, Decimal] = {}
    for row in products:
        most[row["currency"]] = max(most.get(row["currency"], Decimal(0)), row["revenue_high"] or Decimal(0))
    columns = ("revenue_low", "revenue_at_stake", "revenue_high")
    return [
        draw_range([float(row[column] / most[row["currency"]]) for column in columns]) if row["revenue_high"] else None
        for row in products
    ]


def _draw_effect(policies: list[Mapping[str, Any]]) -> Markup | None:
    rows = [row for row in policies if row["lift"] is not None]
    if not rows:
        return None
    reach = max(abs(row[name]) for row in rows for name in ("lift_low", "lift_high"))

    def place(lift: Decimal) -> float:
        return (float(lift / reach) + 1) / 2

    strips = [
        Strip(
            f"Policy {row['policy_id']}",
            f"{say_points(row['lift'])} ({say_points(row['lift_low'])} to {say_points(row['lift_high'])})",
            (place(row["lift_low"]), place(row["lift"]), place(row["lift_high"])),
        )
        for row in rows
    ]
    described = "; ".join(f"{strip.label}: {strip.said}" for strip in strips)
    ticks = [(0, say_points(-reach)), (0.5, "0"), (1, say_points(reach))]
    return draw_strips(
        "What being told added to the share of buyers, with its 95 per cent interval", described, strips, ticks
    )
