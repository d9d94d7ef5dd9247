"""Maps the moments of a part of the source's year into the wall-clock time in which the demo replays it."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd


@dataclass(frozen=True)
class Clock:
    """A straight line from [first, last] on the source's clock to [since, until] on ours; all are UTC."""

    first: pd.Timestamp
    last: pd.Timestamp
    since: datetime
    until: datetime

    def wall_time(self, moments: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
        """Map moments of [first, last]; keeps their order.

        Returns:
            ISO 8601 with microseconds and offset, rounded down; `last` becomes exactly `until`.
        """
        width = pd.Timedelta(self.until - self.since) // pd.Timedelta(microseconds=1)
        share = (moments - self.first) / (self.last - self.first)
        passed = pd.to_timedelta((share * width).astype("int64"), unit="us")
        return (passed + pd.Timestamp(self.since).as_unit("us")).dt.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
