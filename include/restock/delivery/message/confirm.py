"""The message that asks whether a request is the shopper's own (double opt-in), in the forms of the channels.

Few are sent, so nothing here is made fast: Python's own way to write mails serves.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from uuid import UUID

from restock.channels.base import OutgoingMessage
from restock.delivery.message.address import parse_address
from restock.delivery.message.clean import clean_text, shorten
from restock.delivery.message.language import find_language
from restock.delivery.message.links import CONFIRM_LIFE, Links
from restock.delivery.message.rows import Letterhead
from restock.delivery.message.templates import Templates

_MOST_NAMES = 10
_SUBJECT_NAME_LENGTH = 70


class Confirmation(NamedTuple):
    """One claimed confirmation, as `notify/claim_confirmations.sql` returns it.

    Attributes:
        product_names: Of the products that the catalogue knows; may be empty.
    """

    confirmation_key: int
    confirmation_id: UUID
    contact: str
    store_id: str
    locale: str | None
    asked_at: datetime
    sent_count: int
    attempt_count: int
    product_names: Sequence[str]

    @property
    def message_id(self) -> str:
        """The same for each attempt, another one where the shopper asked for the message anew."""
        return f"{self.confirmation_id}.{self.sent_count}"


class ConfirmationWriter:
    """Writes confirmations. One for many."""

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self._links = Links(letterhead)
        self._templates = templates or Templates.from_environment()
        self._sender = letterhead.sender

    def mail(self, confirmation: Confirmation) -> OutgoingMessage:
        """As a mail.

        Raises:
            ValueError: The shopper's address is none.
        """
        recipient = parse_address(confirmation.contact)
        domain = parse_address(parseaddr(self._sender)[1]).rpartition("@")[2]
        mail = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
        mail["From"] = self._sender
        mail["To"] = recipient
        mail["Subject"] = self._render(confirmation, "confirm_subject.txt")
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{confirmation.message_id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
        mail.set_content(self._render(confirmation, "confirm.txt") + "\n", cte="quoted-printable")
        mail.add_alternative(self._render(confirmation, "confirm.html"), subtype="html", cte="quoted-printable")
        return OutgoingMessage(confirmation.confirmation_key, confirmation.message_id, recipient, mail.as_bytes())

    def text(self, confirmation: Confirmation) -> str:
        """As a short text."""
        return self._render(confirmation, "confirm_short.txt")

    def url(self, confirmation: Confirmation) -> str:
        """Where the shopper confirms."""
        return self._links.confirm(confirmation.confirmation_id, confirmation.asked_at)

    def _render(self, confirmation: Confirmation, name: str) -> str:
        names = [clean_text(product) or "?" for product in confirmation.product_names]
        rendered = self._templates.render(
            confirmation.store_id,
            find_language(confirmation.locale),
            name,
            names=names[:_MOST_NAMES],
            product=shorten(names[0], _SUBJECT_NAME_LENGTH) if names else None,
            others=len(names) - 1,
            shop=clean_text(parseaddr(self._sender)[0]),
            confirm_url=self.url(confirmation),
            days=CONFIRM_LIFE.days,
        )
        return " ".join(rendered.split()) if name == "confirm_subject.txt" else rendered.strip()
