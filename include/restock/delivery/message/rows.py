"""What a message is made from."""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self

_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~%/-]*)?")
_MAX_URL_LENGTH = 500


class Product(NamedTuple):
    """One product, as the feed has it: the same object in all items of a batch."""

    product_id: str
    name: str
    brand: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    url: str | None = None
    image_url: str | None = None


class BatchRow(NamedTuple):
    """One item of one claimed message: a row of `notify/read_batch.sql` and the product of its episode.

    Attributes:
        notification_id: The UUID in its usual form.
        attempt_number: Of the attempt that the claim begins.
        forgiven_count: How many attempts before it do not count.
        rule: Why the item must not leave; None where it may.
    """

    notification_key: int
    notification_id: str
    attempt_number: int
    user_id: str
    locale: str | None
    contact: str
    request_id: str
    requested_at: datetime
    created_at: datetime
    product: Product
    item_number: int = 1
    store_id: str = "main"
    timezone: str = "UTC"
    request_key: int = 0
    forgiven_count: int = 0
    episode_id: int = 0
    rule: str | None = None


@dataclass(frozen=True)
class Letterhead:
    """What every message carries.

    Attributes:
        sender: From header, such as `Shop <hello@shop.example>`: an address that reads replies.
        public_url: Where shoppers reach the links in messages, without a slash at the end. Only with https can mail
            programs offer their own button to unsubscribe (RFC 8058).
        link_secret: Signs the links, so that nobody can unsubscribe another.

    Raises:
        ValueError: The sender or the URL cannot stand in a mail.
    """

    sender: str
    public_url: str
    link_secret: str

    def __post_init__(self) -> None:
        if not _PUBLIC_URL.fullmatch(self.public_url) or len(self.public_url) > _MAX_URL_LENGTH:
            raise ValueError(
                f"RESTOCK_PUBLIC_URL is {self.public_url[:100]!r}: it must be a plain http or https URL without a "
                "query, such as https://shop.example/restock."
            )
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in self.sender) or "@" not in self.sender:
            raise ValueError(
                f"The sender of the mails is {self.sender[:100]!r}: it must be one address such as "
                "Shop <hello@shop.example>. Set from_email in the extras of the Airflow connection restock_smtp."
            )

    @classmethod
    def from_environment(cls, sender: str) -> Self:
        """Read RESTOCK_PUBLIC_URL and RESTOCK_LINK_SECRET.

        Raises:
            RuntimeError: One of them is not set.
            ValueError: The sender or the URL cannot stand in a mail.
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
