"""What the demo brought about: figures from the warehouse, held against the mailbox."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from restock.maintenance.checks import check_warehouse
from restock.warehouse import read_sql

LEAST_REQUESTS = 10_000
LEAST_MESSAGES = 1_000
PAGE = 1000
# Messages that fall due leave meanwhile: the two are looked at again until they agree.
AGREE_SECONDS = 30

Figures = dict[str, Any]


def read_figures(warehouse: psycopg.Connection, landed: Sequence[datetime]) -> Figures:
    """Sum up the warehouse; the columns of sql/demo/summary.sql.

    Args:
        warehouse: Connection.
        landed: When each drop landed.
    """
    with warehouse.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            read_sql("demo/summary.sql"), {"landed": list(landed), "clock": datetime.now(UTC)}
        ).fetchone()
    assert row is not None
    return row


def describe(figures: Figures) -> str:
    """The figures as a table."""
    later = f"{figures['messages_later']:,}"
    if figures["next_due_at"] is not None:
        later += f", the next at {figures['next_due_at']:%d %b %H:%M} UTC (quiet hours, daily cap)"
    latency = "no message was due at once"
    if figures["p50_seconds"] is not None:
        latency = f"half within {figures['p50_seconds']:.0f} s, 95 in 100 within {figures['p95_seconds']:.0f} s"
    lines = {
        "Files": "{files_loaded:,} loaded, {files_duplicate:,} known before, {files_failed:,} failed",
        "Rows": "{rows_read:,} read: {rows_loaded:,} loaded, {rows_rejected:,} rejected, {rows_duplicate:,} duplicate, "
        "{rows_nothing_new:,} stale or unchanged",
        "Requests": "{requests:,}",
        "Restocks": "{restocks:,} of products that somebody waited for",
        "Messages": "{messages_sent:,} delivered, for {items_told:,} requests",
    }
    table = {label: text.format_map(figures) for label, text in lines.items()}
    table |= {"Later": later, "Snapshot to mail": latency}
    return "\n" + "\n".join(f"{label:<18}{text}" for label, text in table.items())


def find_problems(warehouse: psycopg.Connection, mailbox_url: str, figures: Figures) -> list[str]:
    """One sentence for each thing that is not as it should be: too little happened, or a check does not hold."""
    problems = []
    if figures["requests"] < LEAST_REQUESTS:
        problems.append(f"only {figures['requests']:,} requests were loaded, not {LEAST_REQUESTS:,} or more.")
    if figures["messages_sent"] < LEAST_MESSAGES:
        problems.append(f"only {figures['messages_sent']:,} messages were delivered, not {LEAST_MESSAGES:,} or more.")
    problems += [str(check) for check in check_warehouse(warehouse) if not check.is_valid]
    deadline = time.monotonic() + AGREE_SECONDS
    while (differences := compare_mailbox(warehouse, mailbox_url)) and time.monotonic() < deadline:
        time.sleep(1)
    return problems + differences


def compare_mailbox(warehouse: psycopg.Connection, mailbox_url: str) -> list[str]:
    """One sentence for each way in which the mailbox and the warehouse differ."""
    mails = Counter(_notification_ids(mailbox_url))
    statuses: dict[str, str] = dict(warehouse.execute(read_sql("demo/message_statuses.sql")).fetchall())
    sent = {notification_id for notification_id, status in statuses.items() if status == "sent"}
    findings = {
        "stand in the mailbox more than once": {number for number, count in mails.items() if count > 1},
        "are sent according to the warehouse and not in the mailbox": sent - mails.keys(),
        "are in the mailbox and not sent according to the warehouse": (mails.keys() & statuses.keys()) - sent,
    }
    return [f"{len(found):,} messages {finding}, such as {min(found)}." for finding, found in findings.items() if found]


def _notification_ids(mailbox_url: str) -> list[str]:
    """The first part of each Message-ID in the mailbox."""
    # By number: a mail that arrives meanwhile shifts those of the page before onto the next one.
    mails: dict[int, str] = {}
    with httpx.Client(base_url=mailbox_url, timeout=30, trust_env=False) as client:
        offset = 0
        while page := _page(client, offset):
            mails |= {mail["id"]: mail["message_id"] for mail in page}
            offset += PAGE
    return [message_id.strip("<>").partition("@")[0] for message_id in mails.values()]


def _page(client: httpx.Client, offset: int) -> list[dict[str, Any]]:
    answer = client.get("/api/messages", params={"limit": PAGE, "offset": offset}).raise_for_status()
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages
