"""Rule 7 and the shopper's wall clock: quiet hours, local days, the first free time of a day. Pure functions.

Instants are UTC; a time zone is looked up once for each distinct one, never row by row.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from restock.policy import QuietHours

_DAY_MINUTES = 24 * 60
_SECOND = timedelta(seconds=1)


def _by_zone(
    instants: pd.Series, zones: pd.Series, convert: Callable[[pd.Series, str], pd.Series], dtype: str
) -> pd.Series:
    """Apply `convert` to the distinct instants of each zone."""
    result = pd.Series(index=instants.index, dtype=dtype)
    for zone, of_zone in instants.groupby(zones.to_numpy(), sort=False):
        distinct = pd.Series(of_zone.unique())
        converted = pd.Series(convert(distinct, str(zone)).to_numpy(), index=pd.Index(distinct))
        result[of_zone.index] = converted.reindex(pd.Index(of_zone)).to_numpy()
    return result


def _to_instant(wall: pd.Series, zone: str, *, first: bool) -> tuple[pd.Series, pd.Series]:
    """Instants of wall-clock times, and which were skipped: those are the first instant after the gap."""
    occurrence = np.full(len(wall), first)
    local = wall.dt.tz_localize(zone, ambiguous=occurrence, nonexistent="NaT")
    instants: pd.Series = local.dt.tz_convert("UTC")
    # pandas' own shift_forward leaves gaps of two hours, and those not on the hour, at a wrong instant
    skipped = instants.isna()
    if skipped.any():
        instants[skipped] = [_first_after_gap(time, ZoneInfo(zone)) for time in wall[skipped]]
    return instants, skipped


def _first_after_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """First instant after the gap that swallows a wall-clock time. Gaps are rare: this is done one by one."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = after.astimezone(zone).utcoffset()
    while (step := (after - before) // 2 // _SECOND * _SECOND) > timedelta(0):
        middle = before + step
        before, after = (before, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, after)
    # Changes come on whole seconds, the time asked for need not.
    return before.replace(microsecond=0) + _SECOND


def end_of_quiet_hours(instants: pd.Series, zone: str, quiet: QuietHours) -> pd.Series:
    """Rule 7 in one zone: each instant, moved to the end of the quiet hours if it lies inside them."""
    wall = instants.dt.tz_convert(zone).dt.tz_localize(None)
    midnight = wall.dt.normalize()
    minute = (wall - midnight) / pd.Timedelta(minutes=1)
    if quiet.start < quiet.end:
        inside = (minute >= quiet.start) & (minute < quiet.end)
        days_on = pd.Series(0, index=wall.index)
    else:
        inside = (minute >= quiet.start) | (minute < quiet.end)
        days_on = (minute >= quiet.start).astype("int64")
    end_wall = midnight + pd.to_timedelta(days_on * _DAY_MINUTES + quiet.end, unit="min")
    end, skipped = _to_instant(end_wall, zone, first=True)
    # In the second pass through a repeated hour the first occurrence of the end is over already.
    end = end.where(end > instants, _to_instant(end_wall, zone, first=False)[0])
    # A gap that swallows a day, or all the hours that are not quiet, ends inside the next quiet hours.
    skipped &= inside
    if skipped.any():
        end[skipped] = end_of_quiet_hours(end[skipped], zone, quiet)
    return instants.where(~inside, end)


def after_quiet_hours(instants: pd.Series, zones: pd.Series, quiet: QuietHours | None) -> pd.Series:
    """Rule 7: each instant, moved to the end of the quiet hours if it lies inside them.

    Args:
        instants: UTC timestamps.
        zones: IANA zone of each.
        quiet: Quiet hours on the wall clock of the zone, or None.
    """
    if quiet is None or instants.empty:
        return instants
    return _by_zone(
        instants, zones, lambda distinct, zone: end_of_quiet_hours(distinct, zone, quiet), str(instants.dtype)
    )


def day_in_zone(instants: pd.Series, zone: str) -> pd.Series:
    """Calendar day of each instant on the wall clock of one zone, as naive midnights."""
    days: pd.Series = instants.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return days


def start_of_next_day(days: pd.Series, zone: str) -> pd.Series:
    """First instant of the day after each of `days` (naive midnights) in one zone."""
    return _to_instant(days + pd.Timedelta(days=1), zone, first=True)[0]


def local_day(instants: pd.Series, zones: pd.Series) -> pd.Series:
    """Calendar day of each instant on the wall clock of its zone, as naive midnights."""
    return _by_zone(instants, zones, day_in_zone, "datetime64[us]")


def first_time_of_next_day(days: pd.Series, zones: pd.Series, quiet: QuietHours | None) -> pd.Series:
    """First instant outside quiet hours of the day after each of `days` (naive midnights), in each zone."""
    return after_quiet_hours(_by_zone(days, zones, start_of_next_day, "datetime64[us, UTC]"), zones, quiet)
