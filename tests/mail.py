"""A real SMTP server for tests that keeps what it accepts and can be told to refuse, or to break off."""

import email
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.conftest import free_port


class MailServer:
    """Handler and mailbox. `answers` maps a recipient to the reply to its RCPT; `breaks` breaks off after DATA."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.breaks: set[str] = set()
        self.port = free_port()

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.original_content, policy=default))
        if self.breaks.intersection(envelope.rcpt_tos):
            server.transport.abort()
        return "250 taken"

    def recipients(self) -> list[str]:
        return sorted(mail["To"] for mail in self.mails)


@contextmanager
def serve_mail() -> Iterator[MailServer]:
    """A mail server on a free port of the loopback interface."""
    mailbox = MailServer()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
