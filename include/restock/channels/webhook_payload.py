"""What a webhook says: one JSON object a message."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from restock.channels.base import OutgoingMessage
from restock.delivery.message import BatchRow, Letterhead
from restock.delivery.message.confirm import Confirmation, ConfirmationWriter
from restock.delivery.message.short import ShortWriter
from restock.delivery.message.templates import Templates

_TYPE = "restock.back_in_stock"
_CONFIRM_TYPE = "restock.confirm_request"
# json.dumps would make one for each payload.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class WebhookWriter:
    """Writes payloads. Names and URLs stand in them as the feeds have them: whoever shows them must escape them."""

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self._short = ShortWriter(letterhead, templates)

    def write(self, rows: Sequence[BatchRow]) -> OutgoingMessage:
        """The payload for one message.

        Args:
            rows: Its items; at least one.
        """
        head = rows[0]
        notification_id = str(head.notification_id)
        token = self._short.links.token(head)
        payload = {
            "type": _TYPE,
            "timestamp": _now(),
            "data": {
                "notification_id": notification_id,
                "user_id": head.user_id,
                "contact": head.contact,
                "store_id": head.store_id,
                "locale": head.locale,
                "text": self._short.subject(rows),
                "unsubscribe_url": self._short.links.unsubscribe(token),
                "items": [
                    {
                        "request_id": row.request_id,
                        "requested_at": row.requested_at.isoformat(),
                        "product_id": row.product_id,
                        "name": row.product_name,
                        "brand": row.brand,
                        # As text: a number would lose the cents of large amounts in many a receiver.
                        "price": None if row.price is None else str(row.price),
                        "currency": row.currency,
                        "url": row.url,
                        # The same page, and the visit counts.
                        "link": self._short.links.product(token, row),
                        "image_url": row.image_url,
                    }
                    for row in rows
                ],
            },
        }
        return OutgoingMessage(head.notification_key, notification_id, head.contact, _encode(payload))


class ConfirmationPayloadWriter:
    """Writes payloads that ask whether a request is the shopper's own."""

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self._writer = ConfirmationWriter(letterhead, templates)

    def write(self, confirmation: Confirmation) -> OutgoingMessage:
        """The payload for one confirmation."""
        payload = {
            "type": _CONFIRM_TYPE,
            "timestamp": _now(),
            "data": {
                "notification_id": confirmation.message_id,
                "contact": confirmation.contact,
                "store_id": confirmation.store_id,
                "locale": confirmation.locale,
                "text": self._writer.text(confirmation),
                "confirm_url": self._writer.url(confirmation),
                "products": list(confirmation.product_names),
            },
        }
        key, message_id = confirmation.confirmation_key, confirmation.message_id
        return OutgoingMessage(key, message_id, confirmation.contact, _encode(payload))


def join_payloads(payloads: Sequence[bytes]) -> bytes:
    """The payload of a call that carries several messages: their payloads in the list `data`."""
    head = f'{{"type":"{_TYPE}.batch","timestamp":"{_now()}","data":['.encode()
    return head + b",".join(payloads) + b"]}"


def _encode(payload: object) -> bytes:
    return _ENCODER.encode(payload).encode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
