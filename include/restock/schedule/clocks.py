"""The wall clocks of many rows at once: each distinct pair of a wall clock and a time is converted once."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from restock.policy import QuietHours
from restock.schedule.codes import Ints, combine, to_instants, to_micros
from restock.schedule.wall_clock import after_quiet_hours, first_time_of_next_day, local_day

_DAY = 86_400_000_000

_Convert = Callable[[Ints, pd.Series, QuietHours | None], pd.Series]


class WallClocks:
    """Time zones with quiet hours on them. A clock's number is zone number * count of quiet hours + number of those."""

    def __init__(self, zones: Sequence[str], quiet_hours: Sequence[QuietHours | None]) -> None:
        self._zones = np.array(zones, dtype=object)
        self._quiet_hours = quiet_hours

    def number(self, zone: Ints, quiet: Ints) -> Ints:
        """Number of the clock with one of the zones and one of the quiet hours, by their numbers."""
        return zone * len(self._quiet_hours) + quiet

    def local_day(self, micros: Ints, clock: Ints) -> Ints:
        """Calendar day of each instant, in days since 1970."""
        # The day does not depend on quiet hours.
        clock = self.number(clock // len(self._quiet_hours), np.zeros_like(clock))
        days = self._convert(micros, clock, lambda times, zones, _: local_day(to_instants(times), zones))
        return days // _DAY

    def after_quiet_hours(self, micros: Ints, clock: Ints) -> Ints:
        """Rule 7: each instant, moved to the end of the quiet hours if it lies inside them."""
        return self._convert(
            micros, clock, lambda times, zones, quiet: after_quiet_hours(to_instants(times), zones, quiet)
        )

    def next_day(self, day: Ints, clock: Ints) -> Ints:
        """First instant outside quiet hours of the day after each."""
        return self._convert(
            day * _DAY,
            clock,
            lambda times, zones, quiet: first_time_of_next_day(pd.Series(times.view("datetime64[us]")), zones, quiet),
        )

    def _convert(self, micros: Ints, clock: Ints, convert: _Convert) -> Ints:
        pair = pd.factorize(combine(pd.factorize(micros)[0], clock))[0]
        rows = np.flatnonzero(~pd.Series(pair).duplicated())
        times, zone, quiet = micros[rows], *np.divmod(clock[rows], len(self._quiet_hours))
        converted = np.empty_like(times)
        for number, hours in enumerate(self._quiet_hours):
            (here,) = np.nonzero(quiet == number)
            if len(here):
                zones = pd.Series(self._zones[zone[here]], dtype=object)
                converted[here] = to_micros(convert(times[here], zones, hours))
        return converted[pair]
