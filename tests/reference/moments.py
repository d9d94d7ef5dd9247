"""Hypothesis strategies of moments at which wall clocks do odd things."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

# Half-hour and odd offsets, changes at midnight, changes by half an hour, summer time that is less than winter
# time, a month of fasting without summer time, a day without a date, none at all.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Beirut",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
    "Europe/Lisbon",
]
FIRST, LAST = datetime(2005, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)


@cache
def changes(zone: str) -> list[datetime]:
    """The instants at which the clocks of a zone change, to the minute; a plain day where they never do."""
    here = ZoneInfo(zone)
    found = []
    day = FIRST
    while day < LAST:
        before, after = day, day + timedelta(days=1)
        if before.astimezone(here).utcoffset() != after.astimezone(here).utcoffset():
            while after - before > timedelta(minutes=1):
                middle = before + (after - before) // 2 // timedelta(minutes=1) * timedelta(minutes=1)
                same = middle.astimezone(here).utcoffset() == before.astimezone(here).utcoffset()
                before, after = (middle, after) if same else (before, middle)
            found.append(after)
        day += timedelta(days=1)
    return found or [datetime(2026, 6, 10, tzinfo=UTC)]


def moments_around(instant: datetime, hours: int) -> st.SearchStrategy[datetime]:
    """Moments up to so many hours from an instant, most of them on a quarter of an hour."""
    quarters = st.integers(-4 * hours, 4 * hours).map(lambda number: timedelta(minutes=15 * number))
    odd = st.sampled_from([timedelta(0)] * 6 + [timedelta(minutes=7), timedelta(seconds=-1), timedelta(microseconds=1)])
    return st.builds(lambda quarter, more: instant + quarter + more, quarters, odd)


zones = st.sampled_from(ZONES)
times_of_day = st.one_of(
    st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
    st.sampled_from([time(0, 0), time(2, 30), time(23, 59), time(0, 1), time(1, 0)]),
)
quiet_hours = st.one_of(st.none(), st.tuples(times_of_day, times_of_day).filter(lambda ends: ends[0] != ends[1]))


@st.composite
def changing_moments(draw: st.DrawFn, count: int) -> list[tuple[datetime, str]]:
    """Moments within a day and a half of a change of the clock, each with its zone."""
    result = []
    for _ in range(count):
        zone = draw(zones)
        result.append((draw(moments_around(draw(st.sampled_from(changes(zone))), 36)), zone))
    return result
