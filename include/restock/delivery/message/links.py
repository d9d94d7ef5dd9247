"""The links in messages. Every URL that a message carries is made here.

A token is the notification's id and a signature (itsdangerous), separated by a dot. Whoever has it got the message, and
may stop messages like it; it says nothing about the shopper, and does not expire: people unsubscribe from old mails.
"""

import hashlib
from uuid import UUID

from itsdangerous import BadSignature, Signer

from restock.delivery.message.clean import clean_url
from restock.delivery.message.rows import Letterhead

_SALT = "restock-unsubscribe"


class Links:
    """Makes and reads links."""

    def __init__(self, letterhead: Letterhead) -> None:
        self._public_url = letterhead.public_url
        # The bare signer: the serializers would wrap an id of 36 letters into JSON and base64, at three times the cost.
        self._signer = Signer(letterhead.link_secret, salt=_SALT, digest_method=hashlib.sha256)

    def unsubscribe(self, notification_id: str) -> str:
        """Where the shopper stops messages such as this. GET asks, POST does it (RFC 8058)."""
        return f"{self._public_url}/unsubscribe/{self._signer.sign(notification_id).decode()}"

    def product(self, notification_id: str, url: str | None) -> str | None:
        """Where the button of a product leads; None where the feed has no URL that a shopper can be sent to."""
        return clean_url(url)

    def read_token(self, token: str) -> UUID | None:
        """The id of the notification whose unsubscribe link has this token, or None for a forged one."""
        try:
            return UUID(self._signer.unsign(token).decode())
        except (BadSignature, ValueError):
            return None
