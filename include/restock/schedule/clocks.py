"""The wall clocks of many rows at once: each distinct pair of a wall clock and a time is converted once."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from restock.policy import QuietHours
from restock.schedule.codes import Ints, combine, starts_of, to_instants, to_micros
from restock.schedule.wall_clock import day_in_zone, end_of_quiet_hours, start_of_next_day

_DAY = 86_400_000_000

_Convert = Callable[[Ints, str, QuietHours | None], pd.Series]


class WallClocks:
    """Time zones with quiet hours on them. A clock's number is zone number * count of quiet hours + number of those."""

    def __init__(self, zones: Sequence[str], quiet_hours: Sequence[QuietHours | None]) -> None:
        self._zones = zones
        self._quiet_hours = quiet_hours

    def number(self, zone: Ints, quiet: Ints) -> Ints:
        """Number of the clock with one of the zones and one of the quiet hours, by their numbers."""
        return zone * len(self._quiet_hours) + quiet

    def local_day(self, micros: Ints, clock: Ints) -> Ints:
        """Calendar day of each instant, in days since 1970."""
        # The day does not depend on quiet hours.
        any_hours = clock // len(self._quiet_hours) * len(self._quiet_hours)
        return self._convert(micros, any_hours, lambda times, zone, _: day_in_zone(to_instants(times), zone)) // _DAY

    def after_quiet_hours(self, micros: Ints, clock: Ints) -> Ints:
        """Rule 7: each instant, moved to the end of the quiet hours if it lies inside them."""
        return self._convert(micros, clock, lambda times, zone, quiet: _awake(to_instants(times), zone, quiet))

    def next_day(self, day: Ints, clock: Ints) -> Ints:
        """First instant outside quiet hours of the day after each."""

        def convert(midnights: Ints, zone: str, quiet: QuietHours | None) -> pd.Series:
            return _awake(start_of_next_day(pd.Series(midnights.view("datetime64[us]")), zone), zone, quiet)

        return self._convert(day * _DAY, clock, convert)

    def _convert(self, micros: Ints, clock: Ints, convert: _Convert) -> Ints:
        """Apply `convert` to the distinct times on each clock."""
        pair = pd.factorize(combine(clock, pd.factorize(micros)[0]))[0]
        rows = np.flatnonzero(~pd.Series(pair).duplicated())
        rows = rows[np.argsort(clock[rows], kind="stable")]
        converted = np.empty(len(rows), np.int64)
        for here in np.split(rows, np.flatnonzero(starts_of(clock[rows]))[1:]) if len(rows) else []:
            zone, quiet = divmod(int(clock[here[0]]), len(self._quiet_hours))
            times = convert(micros[here], self._zones[zone], self._quiet_hours[quiet])
            converted[pair[here]] = to_micros(times)
        return converted[pair]


def _awake(instants: pd.Series, zone: str, quiet: QuietHours | None) -> pd.Series:
    return instants if quiet is None else end_of_quiet_hours(instants, zone, quiet)
