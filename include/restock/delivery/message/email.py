"""Writes mails: RFC 5322 and MIME, out of ready pieces.

`email.message.EmailMessage` takes more than a millisecond a mail, fifty times what this takes, because it encodes and
parses anew what is the same in all of them. A test holds the two to be equal.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import NamedTuple

from markupsafe import escape

from restock.channels import OutgoingMessage
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
from restock.delivery.message.slots import EncodedTemplate, Slot, as_template, encode_chunk
from restock.delivery.message.templates import Templates

# A line of a quoted-printable body cannot begin with it: there, = is followed by two digits or the end of the line.
_BOUNDARY = b"=_restock"

_LINE_END = b"=\r\n"

_FRAME_SLOTS = (Slot.ITEMS, Slot.SUBJECT, Slot.PREHEADER, Slot.REASON, Slot.UNSUBSCRIBE_URL)

_ITEM_SLOTS = (Slot.NAME, Slot.BRAND, Slot.PRICE, Slot.IMAGE_URL)

# The products that come back at one time are few. One takes about 4 kB for each language.
_PRODUCTS_KEPT = 8_192
# Messages leave product by product. What those about it alone have in common takes 8 kB.
_TEMPLATES_KEPT = 1_024

# What a row says of its product: whether there is a link, name, brand, price, currency, and the URL of its picture.
_Facts = tuple[bool, str, str | None, Decimal | None, str | None, str | None]


class _Piece(NamedTuple):
    """A part of a message as it stands in its two bodies."""

    text: bytes
    html: bytes

    def as_template(self) -> "_Piece":
        return _Piece(as_template(self.text), as_template(self.html))


class _Shape(NamedTuple):
    """What comes out of a template for the two bodies, with slots."""

    text: EncodedTemplate
    html: EncodedTemplate

    def fill(self, templates: Mapping[Slot, _Piece]) -> _Piece:
        """The template that these make in its slots."""
        return _Piece(
            self.text.fill({slot: piece.text for slot, piece in templates.items()}),
            self.html.fill({slot: piece.html for slot, piece in templates.items()}),
        )


class _Product(NamedTuple):
    """One product, and the template of what a message says of it."""

    item: Item
    template: _Piece


class _Subject(NamedTuple):
    """The subject as header field and as text."""

    field: bytes
    piece: _Piece


class EmailWriter:
    """Writes mails. One for many messages: what they share is made once.

    In the template of a mail only what differs from shopper to shopper is left to fill in: the address, the links, the
    day of asking. That of mails about one product is kept; that of a digest is put together from those of its products.
    """

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self._links = Links(letterhead)
        self._templates = templates or Templates.from_environment()
        self._shop = clean_text(parseaddr(letterhead.sender)[0])
        self._skeleton = _mail_skeleton(letterhead)
        self._mail = lru_cache(maxsize=_TEMPLATES_KEPT)(self._make_mail)
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
        recipient = parse_address(head.contact)
        make_mail = self._mail if len(rows) == 1 else self._make_mail
        template = make_mail(
            find_language(head.locale), head.store_id, *[(row.item_number, _facts(row)) for row in rows]
        )
        token = self._links.token(head)
        token_line = token.encode() + _LINE_END
        reason = self._reason(find_language(head.locale), *days_asked(rows))
        mail = template % {
            b"TO": recipient.encode(),
            b"DATE": self._date(int(time.time())),
            b"ID": head.notification_id.encode(),
            b"UNSUBSCRIBE": self._links.unsubscribe(token).encode(),
            b"PRODUCT": self._product_begins + token_line,
            b"UNSUBSCRIBE_URL": self._unsubscribe_begins + token_line,
            b"REASON_TEXT": reason.text,
            b"REASON_HTML": reason.html,
        }
        return OutgoingMessage(head.notification_key, head.notification_id, recipient, mail, is_ready=True)

    def _make_mail(self, language: Language, store_id: str, *numbered: tuple[int, _Facts]) -> bytes:
        """The template of the mail about these products; each has its number in links."""
        alone = len(numbered) == 1
        products = [self._product(language, store_id, alone, number, facts) for number, facts in numbered]
        items = [product.item for product in products]
        subject = self._subject(language, store_id, items[0].name, len(items))
        bodies = self._frame(language, store_id, len(items)).fill(
            {
                Slot.ITEMS: _Piece(
                    b"".join(product.template.text for product in products),
                    b"".join(product.template.html for product in products),
                ),
                Slot.SUBJECT: subject.piece.as_template(),
                Slot.PREHEADER: _piece(make_preheader(items)).as_template(),
                Slot.REASON: _Piece(b"%(REASON_TEXT)b", b"%(REASON_HTML)b"),
                Slot.UNSUBSCRIBE_URL: _Piece(b"%(UNSUBSCRIBE_URL)b", b"%(UNSUBSCRIBE_URL)b"),
            }
        )
        begin, headers, html_part, end = self._skeleton
        return b"".join([begin, as_template(subject.field), headers, bodies.text, html_part, bodies.html, end])

    def _make_product(self, language: Language, store_id: str, alone: bool, number: int, facts: _Facts) -> _Product:
        linked, name, brand, price, currency, image_url = facts
        item = make_item(language, name, brand, price, currency, image_url, Slot.LINK if linked else None)
        slotted = Item(
            Slot.NAME,
            Slot.BRAND if item.brand else None,
            Slot.PRICE if item.price else None,
            Slot.IMAGE_URL if item.image_url else None,
            item.link,
        )
        shape = self._item_shape(store_id, language, slotted, alone)
        if shape is None:
            shape = self._render_shape(store_id, language, "item", {"item": item, "alone": alone})
        texts = zip(_ITEM_SLOTS, item[:-1], strict=True)
        templates = {slot: _piece(text).as_template() for slot, text in texts if text}
        link = b"%%(PRODUCT)b/%d=\r\n" % number
        return _Product(item, shape.fill({**templates, Slot.LINK: _Piece(link, link)}))

    def _make_item_shape(self, store_id: str, language: Language, slotted: Item, alone: bool) -> _Shape | None:
        text, html = (
            self._templates.render_slots(store_id, language, f"item.{kind}", item=slotted, alone=alone)
            for kind in ("txt", "html")
        )
        return None if text is None or html is None else _Shape(EncodedTemplate(text), EncodedTemplate(html))

    def _make_subject(self, language: Language, store_id: str, name: str, count: int) -> _Subject:
        subject = make_subject(self._templates, store_id, language, name, count)
        return _Subject(encode_subject(subject), _piece(subject))

    def _make_frame(self, language: Language, store_id: str, count: int) -> _Shape:
        context = {slot.name.lower(): slot.value for slot in _FRAME_SLOTS}
        return self._render_shape(store_id, language, "message", {**context, "count": count, "shop": self._shop})

    def _render_shape(self, store_id: str, language: Language, name: str, context: dict[str, object]) -> _Shape:
        return _Shape(
            EncodedTemplate(self._templates.render(store_id, language, f"{name}.txt", **context)),
            EncodedTemplate(self._templates.render(store_id, language, f"{name}.html", **context)),
        )


def _facts(row: BatchRow) -> _Facts:
    linked = clean_url(row.url) is not None
    return linked, row.product_name, row.brand, row.price, row.currency, row.image_url


# A name stands in several languages, a brand with many products.
@lru_cache(maxsize=_PRODUCTS_KEPT)
def _piece(text: str) -> _Piece:
    encoded, escaped = encode_chunk(text), str(escape(text))
    return _Piece(encoded, encoded if escaped == text else encode_chunk(escaped))


def _make_reason_piece(language: Language, first: date, last: date) -> _Piece:
    return _piece(make_reason(language, first, last))


def _format_second(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC)).encode()


def _mail_skeleton(letterhead: Letterhead) -> tuple[bytes, bytes, bytes, bytes]:
    """Of the template of a mail what stands around its subject, its text and its HTML."""
    # Mail programs obey the header only if a POST to an https URL does it without a question (RFC 8058).
    one_click = letterhead.public_url.startswith("https://")
    domain = parse_address(parseaddr(letterhead.sender)[1]).rpartition("@")[2].encode()
    part = b"--" + _BOUNDARY + b'\r\nContent-Type: text/%b; charset="utf-8"\r\n'
    part += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    headers = [
        b"Date: %(DATE)b\r\n",
        b"Message-ID: <%(ID)b@" + domain + b">\r\n",
        b"List-Unsubscribe: <%(UNSUBSCRIBE)b>\r\n",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if one_click else b"",
        # The second is for Exchange, which knows only its own header. Bounces must still come.
        b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n",
        b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n\r\n',
        part % b"plain",
    ]
    return (
        as_template(encode_sender(letterhead.sender)) + b"To: %(TO)b\r\n",
        b"".join(headers),
        b"\r\n" + part % b"html",
        b"\r\n--" + _BOUNDARY + b"--\r\n",
    )
