"""Quiet hours at the moment of sending (rule 9): after an outage, say, a message waits until they end."""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache

import pandas as pd

from restock.policy import QuietHours
from restock.schedule.wall_clock import after_quiet_hours


def awake_at(clock: datetime, zone: str, quiet_hours: Collection[QuietHours | None]) -> datetime:
    """The first moment from now on that lies in none of the quiet hours.

    Args:
        clock: Now, UTC.
        zone: IANA time zone of the shopper.
        quiet_hours: Those of each item of the message; a message is quiet while one of its items is.
    """
    moment = clock
    while (later := max(_end(moment, zone, quiet) for quiet in quiet_hours)) > moment:
        moment = later
    return moment


def _end(moment: datetime, zone: str, quiet: QuietHours | None) -> datetime:
    if quiet is None:
        return moment
    # Quiet hours begin and end on whole minutes, so that one answer serves all shoppers of a zone for a minute.
    return max(moment, _end_for_minute(moment.replace(second=0, microsecond=0), zone, quiet))


@lru_cache(maxsize=4_096)
def _end_for_minute(minute: datetime, zone: str, quiet: QuietHours) -> datetime:
    instants = pd.Series([pd.Timestamp(minute).tz_convert("UTC")])
    end: pd.Timestamp = after_quiet_hours(instants, pd.Series([zone], dtype="str"), quiet)[0]
    return end.to_pydatetime().astimezone(UTC)
