import smtplib
import socket
import sqlite3
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from restock.local.mailbox.store import MailStore
from tests.mailbox import Mailbox, run_mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with run_mailbox(tmp_path / "mails.sqlite") as mailbox:
        yield mailbox


def mail(subject: str = "Back in stock", message_id: str = "<1@restock>", to: str = "ada@example.com") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["Message-ID"], message["To"] = subject, message_id, to
    message["From"] = "Restock <restock@example.com>"
    message.set_content("Äpfel are back\n")
    message.add_alternative("<p>Äpfel are <b>back</b></p><script>alert(1)</script>", subtype="html")
    return message


def test_a_mail_can_be_read_over_http_with_its_parts_and_headers(mailbox: Mailbox) -> None:
    mailbox.send(mail("Wieder da: Äpfel, 1 kg"))
    listed = mailbox.messages()
    assert listed["total"] == 1
    entry = listed["messages"][0]
    assert (entry["subject"], entry["to"]) == ("Wieder da: Äpfel, 1 kg", "ada@example.com")
    assert entry["message_id"] == "<1@restock>"
    whole = httpx.get(f"{mailbox.url}/api/messages/{entry['id']}").json()
    assert whole["text"] == "Äpfel are back\r\n"
    assert "<b>back</b>" in whole["html"]
    assert ["Subject", "Wieder da: Äpfel, 1 kg"] in whole["headers"]


def test_an_acknowledged_mail_survives_a_kill(mailbox: Mailbox) -> None:
    mailbox.send(mail())
    mailbox.process.kill()
    mailbox.process.wait()
    assert MailStore(mailbox.database).count() == 1


def test_the_same_message_id_twice_is_kept_twice(mailbox: Mailbox) -> None:
    mailbox.send(mail(), mail())
    assert mailbox.messages()["total"] == 2


def test_lists_are_newest_first_in_pages(mailbox: Mailbox) -> None:
    mailbox.send(*(mail(subject=str(number)) for number in range(5)))
    page = mailbox.messages(limit=2, offset=1)
    assert page["total"] == 5
    assert [entry["subject"] for entry in page["messages"]] == ["3", "2"]


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("apples", ["Apples"]),
        ("grace@", ["Pears"]),
        ("<2@", ["100% juice"]),
        ("100%", ["100% juice"]),
        ("_", []),
        ("", ["Pears", "100% juice", "Apples"]),
    ],
)
def test_a_search_looks_for_the_very_letters_in_subject_recipient_and_id(
    mailbox: Mailbox, query: str, subjects: list[str]
) -> None:
    mailbox.send(mail("Apples"), mail("100% juice", "<2@restock>"), mail("Pears", "<3@restock>", "grace@example.com"))
    found = mailbox.messages(query=query)
    assert [entry["subject"] for entry in found["messages"]] == subjects
    assert found["total"] == len(subjects)


def test_several_commands_may_come_at_once(mailbox: Mailbox) -> None:
    with socket.create_connection(("127.0.0.1", mailbox.smtp_port)) as connection:
        stream = connection.makefile("rwb")
        assert stream.readline().startswith(b"220")
        stream.write(b"EHLO me\r\n")
        stream.flush()
        offers = []
        while not offers or offers[-1][3:4] == b"-":
            offers.append(stream.readline())
        assert {line[4:].split()[0] for line in offers} >= {b"PIPELINING", b"8BITMIME", b"SMTPUTF8"}
        envelope = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
        body = b"Subject: x\r\n\r\nx\r\n.\r\n"
        stream.write(envelope)
        stream.flush()
        assert [stream.readline()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        stream.write(body + envelope)
        stream.flush()
        assert [stream.readline()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
    assert mailbox.messages()["total"] == 1


def test_a_mail_that_cannot_be_kept_is_refused_for_now_and_taken_later(mailbox: Mailbox) -> None:
    with sqlite3.connect(mailbox.database) as connection:
        connection.execute("alter table content rename to elsewhere")
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        mailbox.send(mail())
    assert refusal.value.smtp_code == 451
    with sqlite3.connect(mailbox.database) as connection:
        connection.execute("alter table elsewhere rename to content")
    mailbox.send(mail())
    assert mailbox.messages()["total"] == 1


def test_a_script_in_a_mail_may_not_run(mailbox: Mailbox) -> None:
    mailbox.send(mail())
    shown = httpx.get(f"{mailbox.url}/messages/1").text
    assert "alert(1)" not in shown
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in shown
    policy = httpx.get(f"{mailbox.url}/messages/1/html").headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_a_subject_with_markup_is_shown_as_text(mailbox: Mailbox) -> None:
    mailbox.send(mail("<img src=x>"))
    for path in ("/", "/messages/1", "/?query=<img"):
        page = httpx.get(f"{mailbox.url}{path}").text
        assert "&lt;img src=x&gt;" in page
        assert "<img" not in page


def test_pages_elsewhere_cannot_read_mails_under_a_name_of_theirs(mailbox: Mailbox) -> None:
    assert httpx.get(f"{mailbox.url}/api/messages", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/messages/9", "/messages/9/html", "/api/messages/9", f"/api/messages/{10**30}"])
def test_a_mail_that_is_not_there_is_not_found(mailbox: Mailbox, path: str) -> None:
    assert httpx.get(f"{mailbox.url}{path}").status_code == 404
