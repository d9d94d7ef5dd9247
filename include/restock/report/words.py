"""Figures as people read them."""

from datetime import date, datetime, timedelta
from decimal import Decimal

_UNKNOWN = "—"
_LONG = {"d": 86_400, "h": 3_600, "min": 60}


def say_number(value: float | Decimal) -> str:
    """With thousands separators."""
    return f"{value:,}"


def say_percent(part: int, whole: int) -> str:
    """Part of whole, such as `12.3%`; a dash where there is no whole."""
    if not whole:
        return _UNKNOWN
    share = 100 * part / whole
    return f"{share:.0f}%" if share in {0, 100} else f"{share:.1f}%"


def say_duration(seconds: float | Decimal | None) -> str:
    """In its largest unit, such as `14 s`, `3.2 h` or `2.1 d`; a dash where it is not known."""
    if seconds is None:
        return _UNKNOWN
    seconds = float(seconds)
    for unit, length in _LONG.items():
        if abs(seconds) >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s" if abs(seconds) < 10 else f"{seconds:.0f} s"


def say_money(amount: Decimal | None, currency: str | None) -> str:
    """Such as `USD 1,234`; with cents below 100; a dash where it is not known."""
    if amount is None:
        return _UNKNOWN
    digits = f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:,.2f}"
    return f"{currency} {digits}" if currency else digits


def say_day(day: date) -> str:
    return f"{day.day} {day:%b}"


def say_time(moment: datetime | None) -> str:
    """A moment that is in UTC; a dash where there is none."""
    return _UNKNOWN if moment is None else f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def say_points(share: Decimal | None) -> str:
    """A difference of shares, in percentage points."""
    return _UNKNOWN if share is None else f"{100 * share:+.1f} points"


def say_wait(moment: datetime, clock: datetime) -> str:
    """How long ago that was."""
    return say_duration((clock - moment) / timedelta(seconds=1))
