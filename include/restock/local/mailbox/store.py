"""The mails received, in one SQLite database."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from pathlib import Path

# Content lies apart from what lists and searches read.
_SCHEMA = """
create table if not exists message (
    id integer primary key,
    message_id text not null,
    sender text not null,
    recipients text not null,
    subject text not null,
    received_at text not null
);
create table if not exists content (
    id integer primary key references message,
    raw blob not null
);
"""
_MATCH = """
from message
where subject like :pattern escape '\\' or recipients like :pattern escape '\\' or message_id like :pattern escape '\\'
"""


@dataclass(frozen=True)
class Mail:
    """One mail as it came over SMTP."""

    sender: str
    recipients: Sequence[str]
    raw: bytes
    received_at: datetime


@dataclass(frozen=True)
class Entry:
    """One line of the list."""

    id: int
    message_id: str
    to: str
    subject: str
    received_at: str


class MailStore:
    """The database. Each method opens a connection of its own, so any thread may call it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connect() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(_SCHEMA)

    def add(self, mails: Sequence[Mail]) -> None:
        """Keep mails; they are on disk when this returns, or none is and it raises sqlite3.Error."""
        with self._connect() as connection, connection:
            for mail in mails:
                message_id, subject = _headings(mail.raw)
                row = (message_id, mail.sender, ", ".join(mail.recipients), subject, _iso(mail.received_at))
                inserted = connection.execute(
                    "insert into message (message_id, sender, recipients, subject, received_at) values (?, ?, ?, ?, ?)",
                    row,
                )
                connection.execute("insert into content (id, raw) values (?, ?)", (inserted.lastrowid, mail.raw))

    def count(self, query: str = "") -> int:
        """How many mails have the query in subject, recipient or Message-ID (A and a are the same); all for none."""
        with self._connect() as connection:
            total: int = connection.execute(f"select count(*) {_MATCH}", {"pattern": _pattern(query)}).fetchone()[0]
            return total

    def page(self, limit: int, offset: int, query: str = "") -> list[Entry]:
        """Those mails, newest first."""
        with self._connect() as connection:
            rows = connection.execute(
                f"select id, message_id, recipients, subject, received_at {_MATCH} "
                "order by id desc limit :limit offset :offset",
                {"pattern": _pattern(query), "limit": limit, "offset": offset},
            )
            return [Entry(*row) for row in rows]

    def raw(self, number: int) -> bytes | None:
        """One mail as it came."""
        with self._connect() as connection:
            row = connection.execute("select raw from content where id = ?", (number,)).fetchone()
            return row[0] if row else None

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=30)) as connection:
            # A sender that was told "250" may forget the mail: it must survive a power cut from then on.
            connection.execute("pragma synchronous = full")
            yield connection


def _pattern(query: str) -> str:
    escaped = query.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _headings(raw: bytes) -> tuple[str, str]:
    end = raw.find(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(raw if end < 0 else raw[: end + 4])
    try:
        subject = str(make_header(decode_header(headers.get("Subject", ""))))
    except (LookupError, ValueError):
        # Not the way RFC 2047 says; show it as it came.
        subject = str(headers.get("Subject", ""))
    return str(headers.get("Message-ID", "")).strip(), " ".join(subject.split())


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
