"""How long rows are kept: the Variable restock_retention_days."""

from restock.policy import Settings

VARIABLE = "restock_retention_days"
# A year, so that a season can be compared with the one before, and a month for late reports.
RETENTION_DAYS = 400
# Waves by evidence look at the messages of 180 days and at what followed; restock.remove_archived refuses 200 days.
LEAST_DAYS = 210
MOST_DAYS = 36_500


class RetentionError(ValueError):
    """The setting cannot be used; the message says why and what to do. Nothing was archived or removed."""


def read_days(text: str, settings: Settings) -> int:
    """How many days what ended is kept.

    Args:
        text: Value of the Variable.
        settings: Policy in force. A request that is landed again after it was removed must be too old to be answered.

    Raises:
        RetentionError: It is no whole number, or too few days.
    """
    try:
        days = int(text)
    except ValueError:
        days = 0
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise RetentionError(
            f"The Variable {VARIABLE} is {text!r}: give a whole number of days from {LEAST_DAYS} to {MOST_DAYS}. "
            "Nothing was archived or removed."
        )
    longest = max(
        settings.request_ttl_days,
        *(
            int(str(own.get("request_ttl_days", 0)))
            for level in settings.overrides.model_dump().values()
            for own in level.values()
        ),
        0,
    )
    if days <= longest:
        raise RetentionError(
            f"The Variable {VARIABLE} is {days}, but restock_request_ttl_days lets requests wait for {longest} days: "
            f"give more than {longest}, so that no old request can be taken for a new one. "
            "Nothing was archived or removed."
        )
    return days
