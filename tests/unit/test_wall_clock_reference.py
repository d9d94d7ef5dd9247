"""Rule 7 and the local day against a clock that is read one instant at a time."""

from datetime import datetime, time

import pandas as pd
from hypothesis import given

from restock.policy import QuietHours
from restock.schedule.wall_clock import after_quiet_hours, first_time_of_next_day, local_day
from tests.reference import wall_clock as slow
from tests.reference.examples import examples
from tests.reference.moments import changing_moments, quiet_hours

Moments = list[tuple[datetime, str]]
BATCH = 20


def frames(moments: Moments) -> tuple[pd.Series, pd.Series]:
    instants = pd.Series([instant for instant, _ in moments], dtype="datetime64[us, UTC]")
    return instants, pd.Series([zone for _, zone in moments], dtype="str")


def minutes(of_day: time) -> int:
    return of_day.hour * 60 + of_day.minute


def parsed(quiet: slow.Quiet) -> QuietHours | None:
    return quiet and QuietHours(minutes(quiet[0]), minutes(quiet[1]))


def disagreements(moments: Moments, fast: pd.Series, expected: list) -> list:
    return [row for row in zip(moments, fast.tolist(), expected, strict=True) if row[1] != row[2]]


@examples(60)
@given(changing_moments(BATCH), quiet_hours)
def test_quiet_hours_end_as_on_a_clock_read_one_by_one(moments: Moments, quiet: slow.Quiet) -> None:
    fast = after_quiet_hours(*frames(moments), parsed(quiet))
    assert not disagreements(moments, fast, [slow.after_quiet(*moment, quiet) for moment in moments])


@examples(60)
@given(changing_moments(BATCH))
def test_local_days_are_those_of_a_clock_read_one_by_one(moments: Moments) -> None:
    fast = local_day(*frames(moments)).dt.date
    assert not disagreements(moments, fast, [slow.day_of(*moment) for moment in moments])


@examples(60)
@given(changing_moments(BATCH), quiet_hours)
def test_the_next_day_begins_as_on_a_clock_read_one_by_one(moments: Moments, quiet: slow.Quiet) -> None:
    instants, zones = frames(moments)
    fast = first_time_of_next_day(local_day(instants, zones), zones, parsed(quiet))
    expected = [slow.first_of_next_day(slow.day_of(*moment), moment[1], quiet) for moment in moments]
    assert not disagreements(moments, fast, expected)
