from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest

from restock.local import report
from tests.mailbox import Mailbox, run_mailbox

# Enough for the real demo is more than the sample holds.
ENOUGH = {"requests": report.LEAST_REQUESTS, "messages_sent": report.LEAST_MESSAGES}
SENT, SCHEDULED = 1, 2


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with run_mailbox(tmp_path / "mails.sqlite") as mailbox:
        yield mailbox


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "AGREE_SECONDS", 0)


def deliver(sample: psycopg.Connection, mailbox: Mailbox, notification_key: int) -> None:
    row = sample.execute(
        "select notification_id from restock.notification where notification_key = %s", (notification_key,)
    ).fetchone()
    assert row is not None
    send(mailbox, f"<{row[0]}@example.com>")


def send(mailbox: Mailbox, message_id: str) -> None:
    mail = EmailMessage()
    mail["Message-ID"], mail["From"], mail["To"] = message_id, "restock@example.com", "ann@example.com"
    mailbox.send(mail)


def test_the_figures_count_what_the_warehouse_holds(sample: psycopg.Connection) -> None:
    figures = report.read_figures(sample, [datetime(2026, 9, 1, 8, 0, tzinfo=UTC)])
    assert (figures["files_loaded"], figures["rows_read"], figures["rows_rejected"]) == (1, 8, 1)
    assert (figures["requests"], figures["restocks"]) == (7, 3)
    assert (figures["messages_sent"], figures["items_told"], figures["messages_later"]) == (1, 1, 1)
    assert figures["next_due_at"] == datetime(2999, 1, 1, 8, 0, tzinfo=UTC)


def test_latency_is_from_the_landing_of_the_snapshot_to_the_acceptance(sample: psycopg.Connection) -> None:
    sample.execute("update restock.request set recorded_at = requested_at")
    landed = [datetime(2026, 9, 1, 8, minute, tzinfo=UTC) for minute in (0, 30)]
    figures = report.read_figures(sample, landed)
    assert (figures["p50_seconds"], figures["p95_seconds"]) == (11 * 60, 11 * 60)


def test_an_empty_warehouse_has_figures_too(warehouse: psycopg.Connection) -> None:
    figures = report.read_figures(warehouse, [])
    assert figures["requests"] == 0
    assert figures["p50_seconds"] is None
    assert "0 delivered" in report.describe(figures)


def test_nothing_is_wrong_when_mailbox_and_warehouse_agree(sample: psycopg.Connection, mailbox: Mailbox) -> None:
    deliver(sample, mailbox, SENT)
    send(mailbox, "<somebody@elses.example>")
    assert report.find_problems(sample, mailbox.url, ENOUGH) == []


def test_a_message_that_came_twice_is_found(sample: psycopg.Connection, mailbox: Mailbox) -> None:
    deliver(sample, mailbox, SENT)
    deliver(sample, mailbox, SENT)
    (problem,) = report.find_problems(sample, mailbox.url, ENOUGH)
    assert problem.startswith("1 messages stand in the mailbox more than once")


def test_a_message_that_never_came_is_found(sample: psycopg.Connection, mailbox: Mailbox) -> None:
    (problem,) = report.find_problems(sample, mailbox.url, ENOUGH)
    assert problem.startswith("1 messages are sent according to the warehouse and not in the mailbox")


def test_a_message_that_came_without_being_sent_is_found(sample: psycopg.Connection, mailbox: Mailbox) -> None:
    deliver(sample, mailbox, SENT)
    deliver(sample, mailbox, SCHEDULED)
    (problem,) = report.find_problems(sample, mailbox.url, ENOUGH)
    assert problem.startswith("1 messages are in the mailbox and not sent according to the warehouse")


def test_a_message_about_what_was_sold_out_when_it_left_is_found(sample: psycopg.Connection, mailbox: Mailbox) -> None:
    deliver(sample, mailbox, SENT)
    sample.execute("update restock.episode set closed_at = '2026-09-01T08:10Z' where episode_id = 1")
    problems = report.find_problems(sample, mailbox.url, ENOUGH)
    assert any("sent_item_was_available does not hold" in problem for problem in problems)


def test_too_little_is_a_problem(sample: psycopg.Connection, mailbox: Mailbox) -> None:
    deliver(sample, mailbox, SENT)
    problems = report.find_problems(sample, mailbox.url, report.read_figures(sample, []))
    assert problems == [
        "only 7 requests were loaded, not 10,000 or more.",
        "only 1 messages were delivered, not 1,000 or more.",
    ]
