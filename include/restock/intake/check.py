"""The rules of the feeds, applied at the door: what passes here loads, except for what only the warehouse knows.

They are those of `restock.feeds.contract`, which `restock.feeds.checks` turns into SQL for files. A test holds the two
together.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from restock.feeds.checks import CONTROL_CHARACTERS, TIME_WITHOUT_OFFSET
from restock.feeds.contract import (
    CHOICE,
    CONTACT,
    CONTACT_KINDS,
    EARLIEST_TIME,
    FUTURE_TOLERANCE_SECONDS,
    TIME_ZONE,
    TIMESTAMP,
    Column,
    Feed,
    Kind,
    Reason,
)
from restock.intake.problem import FieldError

_CONTROL_CHARACTERS = re.compile(CONTROL_CHARACTERS)
_EARLIEST = datetime.fromisoformat(EARLIEST_TIME)

Broken = tuple[Reason, str]


def read_record(
    feed: Feed, record: Mapping[str, object], time_zones: frozenset[str], clock: datetime
) -> tuple[dict[str, str], list[FieldError]]:
    """Check one row of a feed that came as a JSON object.

    Args:
        feed: The feed.
        record: The object, its numbers as text.
        time_zones: Names that the warehouse knows.
        clock: The time now.

    Returns:
        The values that are there, as text in the feed's order, times in UTC; and what is wrong, one error a name.
    """
    errors = [
        FieldError(shown(name), "unknown_name", f"There is no {shown(name)} here: take it out, or correct its name.")
        for name in sorted(set(record) - {column.name for column in feed.columns})
    ]
    values: dict[str, str] = {}
    for column in feed.columns:
        value = _text(record.get(column.name))
        broken = _broken(column, value, values, time_zones, clock)
        if broken is not None:
            reason, what_to_do = broken
            errors.append(FieldError(column.name, reason, f"{column.name} {what_to_do}"))
        elif value:
            values[column.name] = _utc(value).isoformat() if column.kind == TIMESTAMP else value
    return values, errors


def present(record: Mapping[str, object]) -> dict[str, object]:
    """The values that are there: blanks are none, as in files."""
    return {name: value for name, value in record.items() if _text(value) != ""}


def to_line(values: Mapping[str, str]) -> str:
    """The values as the line of a .jsonl file of the feed."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def shown(text: str) -> str:
    """A name that somebody sent, fit to be repeated."""
    return text[:40].encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00")


def _text(value: object) -> str | None:
    """The value as files are read; None where it is a list or an object."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.strip(" \t") if isinstance(value, str) else None


def _broken(
    column: Column, value: str | None, before: Mapping[str, str], time_zones: frozenset[str], clock: datetime
) -> Broken | None:
    """The first rule that a value breaks. The contact comes after the channel in every feed that has both."""
    if value is None:
        return Reason.NESTED_VALUE, "is a list or an object: give it a text or a number."
    if not value:
        return (Reason.MISSING_VALUE, "is missing.") if column.required else None
    if broken := _broken_text(value, column.kind.max_length):
        return broken
    if column.kind == TIMESTAMP:
        return _broken_time(value, clock)
    if column.kind == CONTACT:
        return _broken_contact(value, before.get("channel"))
    return _broken_value(column, value, time_zones)


def is_text(value: str) -> bool:
    """Whether PostgreSQL can hold it."""
    return "\0" not in value and _is_unicode(value)


def _broken_text(value: str, max_length: int) -> Broken | None:
    if len(value) > max_length:
        return Reason.TOO_LONG, f"is longer than {max_length} characters."
    if "\0" in value:
        return Reason.NUL_CHARACTER, "holds a NUL character: take it out."
    if not _is_unicode(value):
        return Reason.INVALID_UTF8, "holds half of a surrogate pair: send whole characters."
    if _CONTROL_CHARACTERS.search(value):
        return Reason.CONTROL_CHARACTER, "holds a line break or another control character: take it out."
    return None


def _broken_value(column: Column, value: str, time_zones: frozenset[str]) -> Broken | None:
    kind = column.kind
    known = {CHOICE: column.choices, TIME_ZONE: time_zones}.get(kind)
    if (known is not None and value not in known) or (known is None and not _matches(kind, value)):
        meaning = f"one of {', '.join(column.choices)}" if kind == CHOICE else kind.meaning
        return kind.reason or Reason.NOT_A_CHOICE, f"is not {meaning}."
    if column.minimum is not None and column.maximum is not None and not column.minimum <= int(value) <= column.maximum:
        return Reason.OUT_OF_RANGE, f"must lie between {column.minimum} and {column.maximum}."
    return None


def _broken_contact(value: str, channel: str | None) -> Broken | None:
    kind = CONTACT_KINDS.get(channel or "")
    if kind and not _matches(kind, value):
        return kind.reason or Reason.NOT_AN_ADDRESS, f"is not {kind.meaning}, as the channel {channel} needs it."
    if channel is None and not any(_matches(kind, value) for kind in CONTACT_KINDS.values()):
        return Reason.NOT_AN_ADDRESS, "is not an e-mail address, a telephone number or a URL."
    return None


def _broken_time(value: str, clock: datetime) -> Broken | None:
    if re.fullmatch(TIME_WITHOUT_OFFSET, value):
        return Reason.NO_OFFSET, "has no offset from UTC: add Z, or +01:00 or the like."
    if not _matches(TIMESTAMP, value):
        return Reason.NOT_A_TIME, f"is not {TIMESTAMP.meaning}."
    try:
        moment = _utc(value)
    except (ValueError, OverflowError):
        return Reason.NOT_A_TIME, f"is not {TIMESTAMP.meaning}."
    if not _EARLIEST <= moment <= clock + timedelta(seconds=FUTURE_TOLERANCE_SECONDS):
        return Reason.TIME_OUT_OF_RANGE, "is before 2000 or more than an hour in the future."
    return None


def _utc(value: str) -> datetime:
    return datetime.fromisoformat(value.upper()).astimezone(UTC)


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _matches(kind: Kind, value: str) -> bool:
    return kind.pattern is None or _compiled(kind.pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
