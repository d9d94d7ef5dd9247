"""What a webhook says: one JSON object a message."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from restock.channels.base import OutgoingMessage
from restock.delivery.message import BatchRow, Letterhead, Product
from restock.delivery.message.confirm import Confirmation, ConfirmationWriter
from restock.delivery.message.short import ShortWriter
from restock.delivery.message.templates import Templates

_TYPE = "restock.back_in_stock"
_CONFIRM_TYPE = "restock.confirm_request"
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

# The products that come back at one time are few. One takes about half a kB.
_PRODUCTS_KEPT = 8_192


class WebhookWriter:
    """Writes payloads. Names and URLs stand in them as the feeds have them: whoever shows them must escape them."""

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self._short = ShortWriter(letterhead, templates)
        self._product = lru_cache(maxsize=_PRODUCTS_KEPT)(_write_product)

    def write(self, rows: Sequence[BatchRow]) -> OutgoingMessage:
        """The payload for one message.

        Args:
            rows: Its items; at least one.
        """
        head = rows[0]
        token = self._short.links.token(head)
        items = ",".join([self._item(token, row) for row in rows])
        # Ids, times and our own links have nothing that JSON would escape.
        payload = (
            f'{{"type":"{_TYPE}","timestamp":"{_now()}","data":{{"notification_id":"{head.notification_id}",'
            f'"user_id":{_text(head.user_id)},"contact":{_text(head.contact)},"store_id":{_text(head.store_id)},'
            f'"locale":{_text(head.locale)},"text":{_text(self._short.subject(rows))},'
            f'"unsubscribe_url":"{self._short.links.unsubscribe(token)}","items":[{items}]}}}}'
        )
        return OutgoingMessage(head.notification_key, head.notification_id, head.contact, payload.encode())

    def _item(self, token: str, row: BatchRow) -> str:
        begin, end = self._product(row.product)
        # The page of "url", and the visit counts.
        link = self._short.links.product(token, row)
        return (
            f'{{"request_id":{_text(row.request_id)},"requested_at":"{row.requested_at.isoformat()}",{begin},'
            f'"link":{_text(link)},{end}}}'
        )


def _write_product(product: Product) -> tuple[str, str]:
    """What the items of all shoppers say about a product, before the shopper's link and behind it."""
    begin = {
        "product_id": product.product_id,
        "name": product.name,
        "brand": product.brand,
        # As text: a number would lose the cents of large amounts in many a receiver.
        "price": None if product.price is None else str(product.price),
        "currency": product.currency,
        "url": product.url,
    }
    return _ENCODER.encode(begin)[1:-1], _ENCODER.encode({"image_url": product.image_url})[1:-1]


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


def _text(value: str | None) -> str:
    return "null" if value is None else _ENCODER.encode(value)


def _now() -> str:
    return _format_second(int(time.time()))


@lru_cache(maxsize=1)
def _format_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
