"""Wall clocks by the standard library alone: one instant at a time, searched for where a formula might be wrong."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)
# Longer than any change of a clock in one zone, the days that the date line swallowed included.
LONGEST_CHANGE = timedelta(hours=26)

# Start and end on the wall clock, or None where there are no quiet hours.
Quiet = tuple[time, time] | None


def wall(instant: datetime, zone: str) -> datetime:
    """What a clock on the wall in this zone reads, without a zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def day_of(instant: datetime, zone: str) -> date:
    return wall(instant, zone).date()


def occurrences(reading: datetime, zone: str) -> list[datetime]:
    """The instants at which the clock reads this, in order: none, one or two."""
    instants = {reading.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(instant for instant in instants if wall(instant, zone) == reading)


def first_after_gap(reading: datetime, zone: str) -> datetime:
    """The first instant after the gap that swallowed this reading, found by halving."""
    around = reading.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(microsecond=0)
    before, after = around - LONGEST_CHANGE, around + LONGEST_CHANGE
    while after - before > SECOND:
        middle = before + (after - before) // 2 // SECOND * SECOND
        if wall(middle, zone) > reading:
            after = middle
        else:
            before = middle
    return after


def instants_of(reading: datetime, zone: str) -> list[datetime]:
    return occurrences(reading, zone) or [first_after_gap(reading, zone)]


def is_quiet(instant: datetime, zone: str, quiet: Quiet) -> bool:
    if quiet is None:
        return False
    (start, end), reading = quiet, wall(instant, zone).time()
    return start <= reading < end if start < end else reading >= start or reading < end


def after_quiet(instant: datetime, zone: str, quiet: Quiet) -> datetime:
    """Rule 7. A day that the date line swallowed can put one end into the next quiet hours: it moves again."""
    while is_quiet(instant, zone, quiet):
        start, end = quiet
        reading = wall(instant, zone)
        ends_tomorrow = start > end and reading.time() >= start
        ending = datetime.combine(reading.date() + timedelta(days=ends_tomorrow), end)
        instant = next(at for at in instants_of(ending, zone) if at > instant)
    return instant


def first_of_next_day(day: date, zone: str, quiet: Quiet) -> datetime:
    """First instant outside quiet hours of the next day that there is after `day`."""
    midnight = datetime.combine(day + timedelta(days=1), time())
    return after_quiet(instants_of(midnight, zone)[0], zone, quiet)
