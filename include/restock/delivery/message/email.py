"""Writes mails: RFC 5322 and MIME, out of ready pieces.

`email.message.EmailMessage` takes more than a millisecond a mail, fifty times what this takes, because it encodes and
parses anew what is the same in all of them. A test holds the two to be equal.
"""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import NamedTuple

from markupsafe import escape

from restock.channels import MailContent, OutgoingMessage
from restock.delivery.message.address import parse_address
from restock.delivery.message.clean import clean_text, clean_url
from restock.delivery.message.content import (
    Item,
    days_asked,
    make_item,
    make_preheader,
    make_reason,
    make_subject,
)
from restock.delivery.message.headers import encode_sender, encode_subject
from restock.delivery.message.language import Language, find_language
from restock.delivery.message.links import Links
from restock.delivery.message.rows import BatchRow, Letterhead
from restock.delivery.message.slots import EncodedTemplate, Slot, encode_chunk
from restock.delivery.message.templates import Templates

# A line of a quoted-printable body cannot begin with it: there, = is followed by two digits or the end of the line.
_BOUNDARY = b"=_restock"

_LINE_END = b"=\r\n"

_FRAME_SLOTS = (Slot.ITEMS, Slot.SUBJECT, Slot.PREHEADER, Slot.REASON, Slot.UNSUBSCRIBE_URL)

_ITEM_SLOTS = (Slot.NAME, Slot.BRAND, Slot.PRICE, Slot.IMAGE_URL)

# The products that come back at one time are few. One takes about 4 kB for each language.
_PRODUCTS_KEPT = 8_192


class _Piece(NamedTuple):
    """A part of a message as it stands in its two bodies."""

    text: bytes
    html: bytes


class _Shape(NamedTuple):
    """What the built-in template makes of any product that has the same of brand, price, picture and link."""

    text: EncodedTemplate
    html: EncodedTemplate


class _Product(NamedTuple):
    """One product, with a slot for its link, and what a message about it alone says behind the subject."""

    item: Item
    piece: _Piece
    preheader: _Piece


class _Subject(NamedTuple):
    """The subject as header field and as text."""

    field: bytes
    piece: _Piece


class EmailWriter:
    """Writes mails. One for many messages: what they share is made once."""

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self._links = Links(letterhead)
        self._templates = templates or Templates.from_environment()
        self._shop = clean_text(parseaddr(letterhead.sender)[0])
        self._mail = _mail_skeleton(letterhead)
        self._product = lru_cache(maxsize=_PRODUCTS_KEPT)(self._make_product)
        self._subject = lru_cache(maxsize=_PRODUCTS_KEPT)(self._make_subject)
        self._frame = lru_cache(maxsize=256)(self._make_frame)
        self._item_shape = lru_cache(maxsize=1_024)(self._make_item_shape)
        # Our own links have no letter that HTML would escape, and tokens none that has to be encoded.
        self._product_begins = encode_chunk(self._links.product_begins)
        self._unsubscribe_begins = encode_chunk(self._links.unsubscribe_begins)
        self._reason = lru_cache(maxsize=1_024)(_make_reason_piece)
        self._date = lru_cache(maxsize=1)(_format_second)

    def write(self, rows: Sequence[BatchRow]) -> OutgoingMessage:
        """The mail for one message.

        Args:
            rows: Its items; at least one.

        Raises:
            ValueError: The shopper's address is none.
        """
        head = rows[0]
        notification_id = str(head.notification_id)
        recipient = parse_address(head.contact)
        language = find_language(head.locale)
        token = self._links.token(head)
        token_line = token.encode() + _LINE_END
        product_chunk = self._product_begins + token_line
        unsubscribe_chunk = self._unsubscribe_begins + token_line

        items: list[Item] = []
        texts: list[bytes] = []
        htmls: list[bytes] = []
        for row in rows:
            product = self._product(
                language, row.store_id, len(rows) == 1, clean_url(row.url) is not None,
                row.product_name, row.brand, row.price, row.currency, row.image_url,
            )  # fmt: skip
            items.append(product.item)
            link = {b"LINK": b"%b/%d=\r\n" % (product_chunk, row.item_number)}
            texts.append(product.piece.text % link)
            htmls.append(product.piece.html % link)

        frame = self._frame(language, head.store_id, len(rows))
        subject = self._subject(language, head.store_id, items[0].name, len(items))
        preheader = product.preheader if len(rows) == 1 else _piece(make_preheader(items))
        reason = self._reason(language, *days_asked(rows))
        mail = self._mail % {
            b"to": recipient.encode(),
            b"subject": subject.field,
            b"date": self._date(int(time.time())),
            b"id": notification_id.encode(),
            b"unsubscribe": self._links.unsubscribe(token).encode(),
            b"text": frame.text
            % {
                b"ITEMS": b"".join(texts),
                b"SUBJECT": subject.piece.text,
                b"PREHEADER": preheader.text,
                b"REASON": reason.text,
                b"UNSUBSCRIBE_URL": unsubscribe_chunk,
            },
            b"html": frame.html
            % {
                b"ITEMS": b"".join(htmls),
                b"SUBJECT": subject.piece.html,
                b"PREHEADER": preheader.html,
                b"REASON": reason.html,
                b"UNSUBSCRIBE_URL": unsubscribe_chunk,
            },
        }
        return OutgoingMessage(head.notification_key, notification_id, recipient, MailContent(mail))

    def _make_product(
        self,
        language: Language,
        store_id: str,
        alone: bool,
        linked: bool,
        name: str,
        brand: str | None,
        price: Decimal | None,
        currency: str | None,
        image_url: str | None,
    ) -> _Product:
        link = Slot.LINK if linked else None
        item = make_item(language, name, brand, price, currency, image_url, link)
        return _Product(item, self._make_item_piece(store_id, language, item, alone), _piece(make_preheader([item])))

    def _make_item_piece(self, store_id: str, language: Language, item: Item, alone: bool) -> _Piece:
        slotted = Item(
            Slot.NAME,
            Slot.BRAND if item.brand else None,
            Slot.PRICE if item.price else None,
            Slot.IMAGE_URL if item.image_url else None,
            item.link,
        )
        shape = self._item_shape(store_id, language, slotted, alone)
        if shape is None:
            return self._render_piece(store_id, language, "item", {"item": item, "alone": alone})
        texts = zip(_ITEM_SLOTS, item[:-1], strict=True)
        pieces = [(slot, _piece(text)) for slot, text in texts if text]
        return _Piece(
            shape.text.fill({slot: piece.text for slot, piece in pieces}),
            shape.html.fill({slot: piece.html for slot, piece in pieces}),
        )

    def _make_item_shape(self, store_id: str, language: Language, slotted: Item, alone: bool) -> _Shape | None:
        text, html = (
            self._templates.render_slots(store_id, language, f"item.{kind}", item=slotted, alone=alone)
            for kind in ("txt", "html")
        )
        return None if text is None or html is None else _Shape(EncodedTemplate(text), EncodedTemplate(html))

    def _make_subject(self, language: Language, store_id: str, name: str, count: int) -> _Subject:
        subject = make_subject(self._templates, store_id, language, name, count)
        return _Subject(encode_subject(subject), _piece(subject))

    def _make_frame(self, language: Language, store_id: str, count: int) -> _Piece:
        context = {slot.name.lower(): slot.value for slot in _FRAME_SLOTS}
        return self._render_piece(store_id, language, "message", {**context, "count": count, "shop": self._shop})

    def _render_piece(self, store_id: str, language: Language, name: str, context: dict[str, object]) -> _Piece:
        return _Piece(
            EncodedTemplate(self._templates.render(store_id, language, f"{name}.txt", **context)).fill({}),
            EncodedTemplate(self._templates.render(store_id, language, f"{name}.html", **context)).fill({}),
        )


# A name stands in several languages, a brand with many products.
@lru_cache(maxsize=_PRODUCTS_KEPT)
def _piece(text: str) -> _Piece:
    encoded, escaped = encode_chunk(text), str(escape(text))
    return _Piece(encoded, encoded if escaped == text else encode_chunk(escaped))


def _make_reason_piece(language: Language, first: date, last: date) -> _Piece:
    return _piece(make_reason(language, first, last))


def _format_second(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC)).encode()


def _mail_skeleton(letterhead: Letterhead) -> bytes:
    """The mail without what differs: %(…)b stands for that."""
    # Mail programs obey the header only if a POST to an https URL does it without a question (RFC 8058).
    one_click = letterhead.public_url.startswith("https://")
    domain = parse_address(parseaddr(letterhead.sender)[1]).rpartition("@")[2].encode()
    part = b"--" + _BOUNDARY + b'\r\nContent-Type: text/%b; charset="utf-8"\r\n'
    part += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    return b"".join(
        [
            encode_sender(letterhead.sender).replace(b"%", b"%%"),
            b"To: %(to)b\r\n%(subject)bDate: %(date)b\r\n",
            b"Message-ID: <%(id)b@" + domain + b">\r\n",
            b"List-Unsubscribe: <%(unsubscribe)b>\r\n",
            b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if one_click else b"",
            # The second is for Exchange, which knows only its own header. Bounces must still come.
            b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n",
            b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n\r\n',
            part % b"plain" + b"%(text)b\r\n",
            part % b"html" + b"%(html)b\r\n--" + _BOUNDARY + b"--\r\n",
        ]
    )
