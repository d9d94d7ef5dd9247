"""Rule 7: quiet hours on the shopper's wall clock, through midnight and through changes of the clock."""

from datetime import date

import pandas as pd
import pytest

from restock.policy import QuietHours, Settings
from restock.schedule.wall_clock import after_quiet_hours, first_time_of_next_day, local_day

NIGHT = QuietHours(21 * 60, 8 * 60)


def instants(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts), utc=True)).astype("datetime64[us, UTC]")


def move(text: str, zone: str, quiet: QuietHours | None) -> str:
    moved = after_quiet_hours(instants(text), pd.Series([zone]), quiet)
    return moved[0].strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("due", "zone", "expected"),
    [
        ("2026-06-10 20:59", "UTC", "2026-06-10 20:59"),
        ("2026-06-10 21:00", "UTC", "2026-06-11 08:00"),
        ("2026-06-11 07:59", "UTC", "2026-06-11 08:00"),
        ("2026-06-11 08:00", "UTC", "2026-06-11 08:00"),
        ("2026-06-10 12:00", "Asia/Seoul", "2026-06-10 23:00"),
        ("2026-06-10 12:00", "America/New_York", "2026-06-10 12:00"),
        ("2026-06-10 04:00", "America/New_York", "2026-06-10 12:00"),
        ("2026-06-10 16:00", "Asia/Kathmandu", "2026-06-11 02:15"),
    ],
)
def test_the_start_is_inside_and_the_end_outside(due: str, zone: str, expected: str) -> None:
    assert move(due, zone, NIGHT) == expected


def test_quiet_hours_within_one_day() -> None:
    siesta = QuietHours(13 * 60, 15 * 60)
    assert move("2026-06-10 13:00", "UTC", siesta) == "2026-06-10 15:00"
    assert move("2026-06-10 12:59", "UTC", siesta) == "2026-06-10 12:59"
    assert move("2026-06-10 15:00", "UTC", siesta) == "2026-06-10 15:00"


def test_no_quiet_hours() -> None:
    assert move("2026-06-10 03:00", "UTC", None) == "2026-06-10 03:00"
    assert Settings(quiet_hours="").parsed_quiet_hours() is None


def test_an_end_that_the_clock_skips_is_the_first_instant_after_the_gap() -> None:
    # Berlin, 29 March 2026: 02:00 to 03:00 does not exist; 03:00 is 01:00 UTC.
    assert move("2026-03-29 00:15", "Europe/Berlin", QuietHours(22 * 60, 2 * 60 + 30)) == "2026-03-29 01:00"


@pytest.mark.parametrize(
    ("due", "zone", "end", "expected"),
    [
        # 02:45 to 03:45 does not exist
        ("2026-09-26 12:00", "Pacific/Chatham", 2 * 60 + 59, "2026-09-26 14:00"),
        # 01:00 to 03:00 does not exist
        ("2026-03-28 22:00", "Antarctica/Troll", 60, "2026-03-29 01:00"),
        # 02:00 to 02:30 does not exist
        ("2026-10-03 13:00", "Australia/Lord_Howe", 2 * 60 + 15, "2026-10-03 15:30"),
        # 30 December 2011 does not exist, and the 31st begins in the quiet hours
        ("2011-12-30 08:00", "Pacific/Apia", 8 * 60, "2011-12-30 18:00"),
    ],
)
def test_odd_gaps_end_when_they_end(due: str, zone: str, end: int, expected: str) -> None:
    assert move(due, zone, QuietHours(21 * 60, end)) == expected


def test_an_end_that_comes_twice_is_its_first_occurrence() -> None:
    # Berlin, 25 October 2026: 02:00 to 03:00 comes twice; 02:30 is first 00:30 UTC, then 01:30 UTC.
    until_half_past_two = QuietHours(22 * 60, 2 * 60 + 30)
    assert move("2026-10-24 22:00", "Europe/Berlin", until_half_past_two) == "2026-10-25 00:30"
    assert move("2026-10-25 00:45", "Europe/Berlin", until_half_past_two) == "2026-10-25 00:45"


def test_a_time_that_comes_twice_is_inside_both_times() -> None:
    until_half_past_two = QuietHours(22 * 60, 2 * 60 + 30)
    assert move("2026-10-25 00:15", "Europe/Berlin", until_half_past_two) == "2026-10-25 00:30"
    assert move("2026-10-25 01:15", "Europe/Berlin", until_half_past_two) == "2026-10-25 01:30"


def test_one_instant_is_another_day_elsewhere() -> None:
    days = local_day(instants(*["2026-06-10 12:00"] * 3), pd.Series(["Pacific/Auckland", "UTC", "Pacific/Pago_Pago"]))
    assert [day.date() for day in days] == [date(2026, 6, 11), date(2026, 6, 10), date(2026, 6, 10)]


def test_the_next_day_begins_when_its_quiet_hours_end() -> None:
    day = pd.Series(pd.to_datetime(["2026-06-10"])).astype("datetime64[us]")
    zone = pd.Series(["Europe/Berlin"])
    assert first_time_of_next_day(day, zone, NIGHT)[0] == pd.Timestamp("2026-06-11 06:00", tz="UTC")
    assert first_time_of_next_day(day, zone, None)[0] == pd.Timestamp("2026-06-10 22:00", tz="UTC")


def test_a_day_that_begins_in_a_gap_begins_after_it() -> None:
    # Santiago, 6 September 2026: midnight to 01:00 does not exist.
    day = pd.Series(pd.to_datetime(["2026-09-05"])).astype("datetime64[us]")
    first = first_time_of_next_day(day, pd.Series(["America/Santiago"]), None)[0]
    assert first == pd.Timestamp("2026-09-06 04:00", tz="UTC")


def test_many_rows_in_many_zones_keep_their_places() -> None:
    zones = pd.Series(["UTC", "Asia/Seoul", "America/New_York"] * 5, index=range(100, 115))
    due = pd.Series(pd.date_range("2026-06-10", periods=15, freq="97min", tz="UTC"), index=zones.index).astype(
        "datetime64[us, UTC]"
    )
    together = after_quiet_hours(due, zones, NIGHT)
    alone = [after_quiet_hours(due[[row]], zones[[row]], NIGHT)[row] for row in due.index]
    assert together.tolist() == alone
