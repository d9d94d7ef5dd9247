"""What a message says: Jinja2 templates, autoescaped, made into a MIME mail."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple, Self
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from itsdangerous import URLSafeSerializer
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from restock.channels import OutgoingMessage


class BatchRow(NamedTuple):
    """One item of one claimed message, as `notify/read_batch.sql` returns it."""

    notification_key: int
    notification_id: UUID
    attempt_count: int
    user_id: str
    locale: str | None
    contact: str
    request_id: str
    requested_at: datetime
    product_name: str
    brand: str | None
    price: Decimal | None
    currency: str | None
    url: str | None
    image_url: str | None


@dataclass(frozen=True)
class Letterhead:
    """What every message carries.

    Attributes:
        sender: From header, such as `Shop <hello@shop.example>`.
        public_url: Where shoppers reach the links in messages, without a slash at the end.
        link_secret: Signs the links, so that nobody can unsubscribe another.
    """

    sender: str
    public_url: str
    link_secret: str

    @classmethod
    def from_environment(cls, sender: str) -> Self:
        """Read RESTOCK_PUBLIC_URL and RESTOCK_LINK_SECRET.

        Raises:
            RuntimeError: One of them is not set.
        """
        values = {name: os.environ.get(name, "") for name in ("RESTOCK_PUBLIC_URL", "RESTOCK_LINK_SECRET")}
        missing = [name for name, value in values.items() if not value]
        if missing:
            raise RuntimeError(
                f"{' and '.join(missing)} must be set where Airflow's tasks run: messages carry links that shoppers "
                "follow (the URL) and that nobody else may make (the secret, any long random text). No message was "
                "touched."
            )
        return cls(sender, values["RESTOCK_PUBLIC_URL"].rstrip("/"), values["RESTOCK_LINK_SECRET"])


class EmailWriter:
    """Writes mails. One for many messages: the templates are compiled once."""

    def __init__(self, letterhead: Letterhead) -> None:
        self._letterhead = letterhead
        self._domain = letterhead.sender.rpartition("@")[2].rstrip("> ")
        self._signer = URLSafeSerializer(letterhead.link_secret, salt="restock-unsubscribe")
        environment = Environment(
            loader=PackageLoader("restock.delivery"),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._subject = environment.get_template("subject.txt")
        self._text = environment.get_template("message.txt")
        self._html = environment.get_template("message.html")

    def write(self, rows: Sequence[BatchRow]) -> OutgoingMessage:
        """The mail for one message.

        Args:
            rows: Its items; at least one.
        """
        head = rows[0]
        locale = _locale(head.locale)
        items = [
            {
                "name": row.product_name,
                "brand": row.brand,
                "price": _price(row, locale),
                "url": row.url,
                "image_url": row.image_url,
            }
            for row in rows
        ]
        token = self._signer.dumps(str(head.notification_id))
        unsubscribe_url = f"{self._letterhead.public_url}/unsubscribe/{token}"
        # Python's header rules refuse line breaks; a product name must not stop the mail.
        subject = " ".join(self._subject.render(items=items).split())
        context = {
            "items": items,
            "subject": subject,
            "unsubscribe_url": unsubscribe_url,
            "asked_on": format_date(min(row.requested_at for row in rows), "long", locale=Locale("en")),
        }
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._letterhead.sender
        mail["To"] = head.contact
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{head.notification_id}@{self._domain}>"
        mail["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(self._text.render(context))
        mail.add_alternative(self._html.render(context), subtype="html")
        return OutgoingMessage(head.notification_key, str(head.notification_id), head.contact, mail.as_bytes())


def _locale(tag: str | None) -> Locale:
    try:
        return Locale.parse(tag or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _price(row: BatchRow, locale: Locale) -> str | None:
    if row.price is None or row.currency is None:
        return None
    return format_currency(row.price, row.currency, locale=locale)
