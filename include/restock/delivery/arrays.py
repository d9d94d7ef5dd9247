"""Arrays as PostgreSQL writes them: binding a list costs psycopg a step for each of its values."""

from collections.abc import Iterable
from datetime import datetime


def write_keys(keys: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array of them.

    A list would cost psycopg a step for each, and have the type that its largest number needs: the statement would be
    planned anew for each type.
    """
    return f"{{{','.join(map(str, keys))}}}"


def write_times(times: Iterable[datetime]) -> str:
    """Times as PostgreSQL writes an array of them."""
    return f"{{{','.join([time.isoformat() for time in times])}}}"


def write_texts(texts: Iterable[str | None]) -> str:
    """Texts as PostgreSQL writes an array of them: a list costs psycopg microseconds for each."""
    return f"{{{','.join(['NULL' if text is None else _quote(text) for text in texts])}}}"


def _quote(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
