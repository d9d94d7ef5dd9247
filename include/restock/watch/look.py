"""One look at the conditions of the alerts: who has to be told is told, once.

An alert is written down before it is sent, and that it was sent right afterwards: a crash between the two repeats one
notice at most, under the same id. Looks at the same time do not get in each other's way: one looks, the others leave.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg

from restock.feeds.masking import mask_addresses
from restock.warehouse import read_sql
from restock.watch.catalogue import ALERTS, BY_NAME, REMIND_AFTER, UNREACHABLE, UNREAD, WrongLimitError
from restock.watch.deliver import DeliveryError, FindAlertConnection, deliver
from restock.watch.text import write_end, write_notice

log = logging.getLogger(__name__)

# Any number that nothing else in the warehouse locks.
_LOCK = 7_370_014
# A condition that waits for a lock longer is not read this time.
_MOST_SECONDS = 20
RETRY_AFTER = timedelta(minutes=2)
# Its end is told once it has stayed away so long: what comes and goes is one alert, and wakes nobody each time.
SETTLE_AFTER = timedelta(minutes=5)
# Whoever looks does so well within this time: after it others look instead.
FRESH = timedelta(minutes=2)


class Standing(NamedTuple):
    """A condition that holds."""

    name: str
    subject: str
    detail: str
    since: datetime


class Findings(NamedTuple):
    """What holds, and which conditions could not be read, with the reason."""

    standing: list[Standing]
    unread: dict[str, str]


def read_conditions(connection: psycopg.Connection, clock: datetime, watching_since: datetime) -> Findings:
    """Read every condition of the catalogue, each by itself. Writes nothing.

    Args:
        connection: Warehouse.
        clock: Now.
        watching_since: Since when somebody has looked without a pause; waiting times count from there at the earliest.
    """
    found = Findings([], {})
    for alert in ALERTS:
        if alert.name in {UNREACHABLE, UNREAD}:
            continue
        try:
            binds = {"clock": clock, "watching_since": watching_since} | alert.binds()
            with connection.transaction():
                connection.execute(f"set local statement_timeout = '{_MOST_SECONDS}s'")
                rows = connection.execute(read_sql(f"watch/alerts/{alert.name}.sql"), binds).fetchall()
        except (psycopg.Error, WrongLimitError) as error:
            # One that cannot be read must not keep the others from being raised.
            if connection.closed:
                raise
            found.unread[alert.name] = mask_addresses(" ".join(str(error).split()))
            continue
        found.standing.extend(
            Standing(alert.name, mask_addresses(subject), mask_addresses(detail), since)
            for subject, since, detail in rows
        )
    found.standing.extend(
        Standing(UNREAD, name, f"the condition of the alert {name} cannot be read: {reason}", clock)
        for name, reason in found.unread.items()
    )
    return found


def look(connection: psycopg.Connection, find_connection: FindAlertConnection, clock: datetime, by: str) -> None:
    """Read the conditions, write down which hold, and tell whom it concerns. Commits.

    Args:
        connection: Warehouse, in autocommit.
        find_connection: Gives the connection to the people on call.
        clock: Now.
        by: Who looks, for the record.
    """
    with _alone(connection) as is_alone:
        if is_alone:
            found = read_conditions(connection, clock, _begin(connection, clock, by))
            for name, reason in found.unread.items():
                log.warning("The condition of the alert %s could not be read: %s", name, reason)
            _write_down(connection, found, clock)
            _tell(connection, find_connection, clock)


def read_clock(connection: psycopg.Connection) -> datetime:
    """Now, by the clock of the warehouse: those of the machines that look may disagree."""
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None
    clock: datetime = row[0]
    return clock


def looked_lately(connection: psycopg.Connection, clock: datetime) -> bool:
    """Whether somebody has looked so lately that nobody else needs to."""
    row = connection.execute(read_sql("watch/read_watch.sql")).fetchone()
    return row is not None and bool(row[0] > clock - FRESH)


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[bool]:
    row = connection.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    is_alone = row is not None and bool(row[0])
    try:
        yield is_alone
    finally:
        if is_alone and not connection.closed:
            connection.execute("select pg_advisory_unlock(%s)", [_LOCK])


def _begin(connection: psycopg.Connection, clock: datetime, by: str) -> datetime:
    row = connection.execute(read_sql("watch/begin_look.sql"), {"clock": clock, "looked_by": by}).fetchone()
    assert row is not None
    watching_since: datetime = row[0]
    return watching_since


def _write_down(connection: psycopg.Connection, found: Findings, clock: datetime) -> None:
    # Of two rows with one subject, which masking may leave, the first stands for both.
    standing = list({(row.name, row.subject): row for row in reversed(found.standing)}.values())[::-1]
    binds = {
        "clock": clock,
        "looked_at": [alert.name for alert in ALERTS if alert.name not in found.unread],
        "names": [row.name for row in standing],
        "subjects": [row.subject for row in standing],
        "details": [row.detail for row in standing],
        "since": [row.since for row in standing],
        "remind_after": [REMIND_AFTER[BY_NAME[row.name].severity] for row in standing],
        "settle_after": SETTLE_AFTER,
        # A lock may go by itself. The conditions of the others have their patience in them.
        "send_after": [clock + _patience(row.name) for row in standing],
    }
    with connection.transaction():
        connection.execute(read_sql("watch/reopen_alerts.sql"), binds)
        connection.execute(read_sql("watch/raise_alerts.sql"), binds)


def _patience(name: str) -> timedelta:
    patience = BY_NAME[name].binds()["patience"] if name == UNREAD else timedelta()
    assert isinstance(patience, timedelta)
    return patience


def _tell(connection: psycopg.Connection, find_connection: FindAlertConnection, clock: datetime) -> None:
    place = f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
    for row in connection.execute(read_sql("watch/find_unsent.sql"), {"clock": clock}).fetchall():
        alert_id, name, subject, detail, since, raised_at, sent_count, ended_at, problem = row
        alert = BY_NAME.get(name)
        if alert is None:
            # From a version that knew another alert.
            continue
        # Other warehouses, and this one once it was restored, number theirs alike: mail servers drop what they know.
        stretch = f"{alert_id}-{raised_at:%Y%m%d%H%M%S%f}"
        if ended_at is None:
            notice = write_notice(
                alert, stretch, subject, detail, place=place, since=since, clock=clock, sent_count=sent_count
            )
        else:
            notice = write_end(alert, stretch, subject, since=since, ended_at=ended_at)
        try:
            deliver(find_connection, notice)
        except DeliveryError as error:
            if str(error) != problem:
                log.error("%s %s It could not be sent: %s", notice.title, detail, error)
            binds = {"alert_id": alert_id, "problem": str(error), "send_after": clock + RETRY_AFTER}
            connection.execute(read_sql("watch/record_unsent.sql"), binds)
            # Each try may take long; the next look begins with the next one, so that none keeps the others back.
            return
        log.info("alert sent alert_id=%s name=%s subject=%r title=%r", alert_id, name, subject, notice.title)
        binds = {
            "alert_id": alert_id,
            "clock": clock,
            "is_end": ended_at is not None,
            "send_after": clock + REMIND_AFTER[alert.severity],
        }
        connection.execute(read_sql("watch/record_sent.sql"), binds)
