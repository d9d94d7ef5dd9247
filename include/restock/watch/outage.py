"""What is remembered while the warehouse cannot be: since when it is away, and when that was told.

It stands in a file of this user on this machine. Where the pipeline runs on several machines each may tell once.
"""

import fcntl
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from psycopg.conninfo import conninfo_to_dict

from restock.watch.catalogue import BY_NAME, REMIND_AFTER, UNREACHABLE
from restock.watch.deliver import DeliveryError, FindAlertConnection, deliver
from restock.watch.text import write_end, write_notice

log = logging.getLogger(__name__)

_ALERT = BY_NAME[UNREACHABLE]


def tell_outage(url: str, reason: str, find_connection: FindAlertConnection, clock: datetime) -> None:
    """The warehouse did not answer: tell it once it has lasted, and remind.

    Args:
        url: Warehouse.
        reason: Why, in words.
        find_connection: Gives the connection to the people on call.
        clock: Now.
    """
    with _note(url) as file:
        note = _read(file) or {"since": clock.isoformat(), "sent_at": None, "sent_count": 0}
        since, sent_at = datetime.fromisoformat(note["since"]), note["sent_at"]
        patience = _ALERT.binds()["patience"]
        is_due = (
            clock - datetime.fromisoformat(sent_at) >= REMIND_AFTER[_ALERT.severity]
            if sent_at
            else clock - since >= patience  # type: ignore[operator]
        )
        if is_due:
            number = f"{_key(url)[:8]}-{since:%Y%m%d%H%M%S}"
            notice = write_notice(
                _ALERT,
                number,
                _place(url),
                reason,
                place=_place(url),
                since=since,
                clock=clock,
                sent_count=note["sent_count"],
            )
            try:
                deliver(find_connection, notice)
                note |= {"sent_at": clock.isoformat(), "sent_count": note["sent_count"] + 1}
            except DeliveryError as error:
                log.error("%s %s It could not be sent: %s", notice.title, reason, error)
        _write(file, note)


def end_outage(url: str, find_connection: FindAlertConnection, clock: datetime) -> None:
    """The warehouse answers: where its absence was told, tell that it is over."""
    if not _path(url).exists():
        return
    with _note(url) as file:
        note = _read(file)
        if note is not None and note["sent_at"]:
            since = datetime.fromisoformat(note["since"])
            number = f"{_key(url)[:8]}-{since:%Y%m%d%H%M%S}"
            notice = write_end(_ALERT, number, _place(url), since=since, ended_at=clock)
            try:
                deliver(find_connection, notice)
            except DeliveryError as error:
                log.error("%s It could not be sent: %s", notice.title, error)
                return
        file.truncate(0)


def _place(url: str) -> str:
    parts = conninfo_to_dict(url)
    return f"{parts.get('host', 'local socket')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


def _key(url: str) -> str:
    return hashlib.sha256(_place(url).encode()).hexdigest()


def _path(url: str) -> Path:
    return Path(tempfile.gettempdir()) / f"restock-watch-{os.getuid()}" / f"{_key(url)[:16]}.json"


@contextmanager
def _note(url: str) -> Iterator[TextIO]:
    """The file, open and locked against the others who look."""
    path = _path(url)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.parent.lstat().st_uid != os.getuid():
        raise PermissionError(f"The folder {path.parent} belongs to another user: remove it.")
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _read(file: TextIO) -> dict[str, Any] | None:
    file.seek(0)
    try:
        found = json.load(file)
    except ValueError:
        # Empty, or cut off by a crash.
        return None
    return found if isinstance(found, dict) else None


def _write(file: TextIO, note: dict[str, Any]) -> None:
    file.seek(0)
    file.truncate()
    json.dump(note, file)
