"""The links in messages. Every URL that a message carries is made here, and every token is read here.

A token is an id, a time and a signature in 48 letters: short texts are paid for by their length. Whoever has it got the
message; it says nothing about the shopper. Its time is that of the message, not of the sending, so that a message that
is sent again is the same message. One signature serves all links of a message: making it is what costs.
"""

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from itsdangerous import BadSignature, Signer

from restock.delivery.message.clean import clean_url
from restock.delivery.message.rows import BatchRow, Letterhead

# How long links work. People unsubscribe from old mails; what a product page was is soon forgotten.
CLICK_LIFE = timedelta(days=180)
UNSUBSCRIBE_LIFE = timedelta(days=730)
CONFIRM_LIFE = timedelta(days=7)

_PAYLOAD = struct.Struct("!16sI")
# 128 bits: nobody guesses that many, and half of SHA-256 is as good a signature as any (RFC 2104, section 5).
_SIGNATURE_LENGTH = 16
_TOKEN_LENGTH = (_PAYLOAD.size + _SIGNATURE_LENGTH) * 4 // 3

# Of the links /unsubscribe/<id>.<signature>, which messages carried at first and mailboxes still hold.
_FIRST_SALT = "restock-unsubscribe"


class Token(NamedTuple):
    """What a token says.

    Attributes:
        id: Of the notification or the confirmation.
        signed_at: The time of the message; None in tokens of the first form, which never expire.
    """

    id: UUID
    signed_at: datetime | None

    def is_older_than(self, life: timedelta) -> bool:
        return self.signed_at is not None and datetime.now(UTC) - self.signed_at > life


class TokenSigner:
    """Makes and reads the tokens of one purpose: a token of another is as good as forged."""

    def __init__(self, secret: str, purpose: str) -> None:
        key = hmac.digest(secret.encode(), b"restock-link-" + purpose.encode(), "sha256")
        # A copy of it signs in half the time.
        self._keyed = hmac.new(key, digestmod="sha256")

    def sign(self, identity: str, at: datetime) -> str:
        """A token that is the same for the same id (a UUID in its usual form) and time (to the second)."""
        payload = _PAYLOAD.pack(bytes.fromhex(identity.replace("-", "")), int(at.timestamp()))
        return urlsafe_b64encode(payload + self._signature(payload)).decode()

    def read(self, token: str) -> Token | None:
        """What a token says, or None for a forged one."""
        if len(token) != _TOKEN_LENGTH:
            return None
        try:
            decoded = urlsafe_b64decode(token)
        except ValueError:
            return None
        payload, signature = decoded[: _PAYLOAD.size], decoded[_PAYLOAD.size :]
        if not hmac.compare_digest(signature, self._signature(payload)):
            return None
        identity, seconds = _PAYLOAD.unpack(payload)
        return Token(UUID(bytes=identity), datetime.fromtimestamp(seconds, UTC))

    def _signature(self, payload: bytes) -> bytes:
        code = self._keyed.copy()
        code.update(payload)
        return code.digest()[:_SIGNATURE_LENGTH]


def message_tokens(secret: str) -> TokenSigner:
    """Of /c/ and /u/: one token a message."""
    return TokenSigner(secret, "message")


def confirmation_tokens(secret: str) -> TokenSigner:
    """Of /r/: one token a confirmation."""
    return TokenSigner(secret, "confirmation")


def read_first_token(secret: str, token: str) -> Token | None:
    """What a token of /unsubscribe/ says, the form that messages carried at first; None for a forged one."""
    try:
        signer = Signer(secret, salt=_FIRST_SALT, digest_method=hashlib.sha256)
        return Token(UUID(signer.unsign(token).decode()), None)
    except (BadSignature, ValueError):
        return None


class Links:
    """Makes the links of messages.

    Attributes:
        product_begins: What of the link of a product is before its token; behind it are a slash and the item's number.
        unsubscribe_begins: What of the link to unsubscribe is before its token, which ends it.
    """

    def __init__(self, letterhead: Letterhead) -> None:
        self._public_url = letterhead.public_url
        self.product_begins = f"{self._public_url}/c/"
        self.unsubscribe_begins = f"{self._public_url}/u/"
        self._messages = message_tokens(letterhead.link_secret)
        self._confirmations = confirmation_tokens(letterhead.link_secret)

    def token(self, row: BatchRow) -> str:
        """The token of a message, out of any of its items."""
        return self._messages.sign(row.notification_id, row.created_at)

    def unsubscribe(self, token: str) -> str:
        """Where the shopper stops messages such as this. GET asks, POST does it (RFC 8058)."""
        return f"{self.unsubscribe_begins}{token}"

    def product(self, token: str, row: BatchRow) -> str | None:
        """Where the button of a product leads; None where the feed has no URL that a shopper can be sent to.

        The link itself holds no URL: the intake service looks up that of the product.
        """
        return f"{self.product_begins}{token}/{row.item_number}" if clean_url(row.product.url) else None

    def confirm(self, confirmation_id: UUID, at: datetime) -> str:
        """Where the shopper confirms a request. GET asks, POST does it."""
        return f"{self._public_url}/r/{self._confirmations.sign(str(confirmation_id), at)}"
