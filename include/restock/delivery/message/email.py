"""Writes mails: RFC 5322 and MIME, out of ready pieces.

`email.message.EmailMessage` takes more than a millisecond a mail, fifty times what this takes, because it encodes and
parses anew what is the same in all of them. A test holds the two to be equal.
"""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
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
from restock.delivery.message.rows import BatchRow, Letterhead, Product
from restock.delivery.message.slots import SLOT_NAMES, Body, Slot, as_template, encode_chunk, encode_template
from restock.delivery.message.templates import Templates

# A line of a quoted-printable body cannot begin with it: there, = is followed by two digits or the end of the line.
_BOUNDARY = b"=_restock"

_LINE_END = b"=\r\n"

_MAIL_SLOTS = (Slot.ITEMS, Slot.SUBJECT, Slot.PREHEADER, Slot.REASON, Slot.UNSUBSCRIBE_URL)

# Slots of a template. A doubled percent sign is text, whatever stands behind it.
_SLOT = re.compile(rb"%%|%\((\w+)\)b")

_ITEM_SLOTS = (Slot.NAME, Slot.BRAND, Slot.PRICE, Slot.IMAGE_URL)

# The products that come back at one time are few. One takes about 4 kB for each language.
_PRODUCTS_KEPT = 8_192
# What is due at one time leaves product by product. Takes 8 kB.
_TEMPLATES_KEPT = 1_024


class _Bodies(NamedTuple):
    """Text, or a template for it, as it stands in the two bodies of a message."""

    text: bytes
    html: bytes


class _Product(NamedTuple):
    """One product, the templates of what a message says of it, and what of it fills them and the mail about it alone.

    Left to fill in are its link, and what differs from shopper to shopper.
    """

    item: Item
    templates: _Bodies
    values: dict[bytes, bytes]


class EmailWriter:
    """Writes mails. One for many messages: what they share is made once.

    A mail about one product is a template that holds all but what differs from shopper to shopper; in one about several
    what each product fills in is kept.
    """

    def __init__(self, letterhead: Letterhead, templates: Templates | None = None) -> None:
        self._links = Links(letterhead)
        self._templates = templates or Templates.from_environment()
        self._shop = clean_text(parseaddr(letterhead.sender)[0])
        self._skeleton = _mail_skeleton(letterhead)
        self._mail = lru_cache(maxsize=256)(self._make_mail)
        self._mail_with = lru_cache(maxsize=256)(self._make_mail_with)
        self._mail_about = lru_cache(maxsize=_TEMPLATES_KEPT)(self._make_mail_about)
        self._product = lru_cache(maxsize=_PRODUCTS_KEPT)(self._make_product)
        self._subject = lru_cache(maxsize=_PRODUCTS_KEPT)(self._make_subject)
        self._item = lru_cache(maxsize=1_024)(self._make_item)
        # Our own links have no letter that HTML would escape, and tokens none that has to be encoded.
        self._product_begins = encode_chunk(self._links.product_begins)
        self._unsubscribe_begins = encode_chunk(self._links.unsubscribe_begins)
        self._reason = lru_cache(maxsize=1_024)(_make_reason)
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
        language = find_language(head.locale)
        token = self._links.token(head)
        encoded = token.encode()
        link = self._product_begins + encoded
        if len(rows) == 1:
            template = self._mail_about(language, head.store_id, head.product)
            about = _link_values(link, head)
        else:
            template = self._mail(language, head.store_id, len(rows))
            about = self._digest_values(language, head.store_id, link, rows)
        reason = self._reason(language, *days_asked(rows))
        unsubscribe = self._unsubscribe_begins + encoded + _LINE_END
        values = {
            **about,
            b"TO": recipient.encode(),
            b"DATE": self._date(int(time.time())),
            b"ID": head.notification_id.encode(),
            b"UNSUBSCRIBE": self._links.unsubscribe(token).encode(),
            b"UNSUBSCRIBE_URL_TEXT": unsubscribe,
            b"UNSUBSCRIBE_URL_HTML": unsubscribe,
            b"REASON_TEXT": reason.text,
            b"REASON_HTML": reason.html,
        }
        return OutgoingMessage(head.notification_key, head.notification_id, recipient, template, values, is_ready=True)

    def _digest_values(
        self, language: Language, store_id: str, link: bytes, rows: Sequence[BatchRow]
    ) -> dict[bytes, bytes]:
        """What a mail about several products has of them."""
        items, texts, htmls = [], [], []
        for row in rows:
            product = self._product(language, store_id, False, row.product)
            values = product.values | _link_values(link, row)
            items.append(product.item)
            texts.append(product.templates.text % values)
            htmls.append(product.templates.html % values)
        return {
            b"ITEMS_TEXT": b"".join(texts),
            b"ITEMS_HTML": b"".join(htmls),
            **self._subject(language, store_id, items[0].name, len(items)),
            **_values(Slot.PREHEADER, make_preheader(items)),
        }

    def _make_mail(self, language: Language, store_id: str, count: int) -> bytes:
        """The template of mails about so many products."""
        context = {slot.name.lower(): slot.value for slot in _MAIL_SLOTS}
        bodies = self._render(store_id, language, "message", {**context, "count": count, "shop": self._shop})
        begin, html_part, end = self._skeleton
        return b"".join([begin, bodies.text, html_part, bodies.html, end])

    def _make_mail_about(self, language: Language, store_id: str, product: Product) -> bytes:
        """The template of mails about one product."""
        said = self._product(language, store_id, True, product)
        mail = self._mail_with(language, store_id, said.templates)
        return _fill(mail, {name: as_template(value) for name, value in said.values.items()})

    def _make_mail_with(self, language: Language, store_id: str, item: _Bodies) -> bytes:
        """The template of mails about one product whose templates these are."""
        return _fill(self._mail(language, store_id, 1), {b"ITEMS_TEXT": item.text, b"ITEMS_HTML": item.html})

    def _make_product(self, language: Language, store_id: str, alone: bool, product: Product) -> _Product:
        item = make_item(language, product, Slot.LINK if clean_url(product.url) else None)
        slotted = Item(
            Slot.NAME,
            Slot.BRAND if item.brand else None,
            Slot.PRICE if item.price else None,
            Slot.IMAGE_URL if item.image_url else None,
            item.link,
        )
        templates = self._item(store_id, language, slotted, alone)
        if templates is None:
            templates = self._render(store_id, language, "item", {"item": item, "alone": alone})
        values: dict[bytes, bytes] = {}
        for slot, text in zip(_ITEM_SLOTS, item[:-1], strict=True):
            if text:
                values |= _values(slot, text)
        if alone:
            values |= self._subject(language, store_id, item.name, 1)
            values |= _values(Slot.PREHEADER, make_preheader([item]))
        return _Product(item, templates, values)

    def _make_item(self, store_id: str, language: Language, slotted: Item, alone: bool) -> _Bodies | None:
        """The templates of all products of which as much is known; None where the store has its own."""
        text, html = (
            self._templates.render_slots(store_id, language, f"item.{kind}", item=slotted, alone=alone)
            for kind in ("txt", "html")
        )
        return None if text is None or html is None else _encode(text, html)

    def _make_subject(self, language: Language, store_id: str, name: str, count: int) -> dict[bytes, bytes]:
        subject = make_subject(self._templates, store_id, language, name, count)
        return {b"SUBJECT": encode_subject(subject), **_values(Slot.SUBJECT, subject)}

    def _render(self, store_id: str, language: Language, name: str, context: dict[str, object]) -> _Bodies:
        return _encode(
            self._templates.render(store_id, language, f"{name}.txt", **context),
            self._templates.render(store_id, language, f"{name}.html", **context),
        )


def _encode(text: str, html: str) -> _Bodies:
    return _Bodies(encode_template(text, Body.TEXT), encode_template(html, Body.HTML))


def _fill(template: bytes, templates: Mapping[bytes, bytes]) -> bytes:
    """A template with templates in some of its slots."""
    return _SLOT.sub(lambda match: templates.get(match[1], match[0]), template)


def _link_values(link: bytes, row: BatchRow) -> dict[bytes, bytes]:
    """Where the button of a product leads; not used where it has none."""
    line = b"%b/%d%b" % (link, row.item_number, _LINE_END)
    return {b"LINK_TEXT": line, b"LINK_HTML": line}


# A name stands in several languages, a brand with many products.
@lru_cache(maxsize=_PRODUCTS_KEPT)
def _values(slot: Slot, text: str) -> dict[bytes, bytes]:
    """What fills a slot in the two bodies."""
    piece = _encode_text(text)
    return {SLOT_NAMES[slot, Body.TEXT]: piece.text, SLOT_NAMES[slot, Body.HTML]: piece.html}


def _encode_text(text: str) -> _Bodies:
    encoded, escaped = encode_chunk(text), str(escape(text))
    return _Bodies(encoded, encoded if escaped == text else encode_chunk(escaped))


def _make_reason(language: Language, first: date, last: date) -> _Bodies:
    return _encode_text(make_reason(language, first, last))


def _format_second(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC)).encode()


def _mail_skeleton(letterhead: Letterhead) -> tuple[bytes, bytes, bytes]:
    """Of the template of a mail what stands around its text and its HTML."""
    # Mail programs obey the header only if a POST to an https URL does it without a question (RFC 8058).
    one_click = letterhead.public_url.startswith("https://")
    domain = parse_address(parseaddr(letterhead.sender)[1]).rpartition("@")[2].encode()
    part = b"--" + _BOUNDARY + b'\r\nContent-Type: text/%b; charset="utf-8"\r\n'
    part += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    headers = [
        as_template(encode_sender(letterhead.sender)),
        # The field of the subject is one line or more, with their ends.
        b"To: %(TO)b\r\n%(SUBJECT)b",
        b"Date: %(DATE)b\r\n",
        b"Message-ID: <%(ID)b@" + domain + b">\r\n",
        b"List-Unsubscribe: <%(UNSUBSCRIBE)b>\r\n",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if one_click else b"",
        # The second is for Exchange, which knows only its own header. Bounces must still come.
        b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n",
        b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n\r\n',
        part % b"plain",
    ]
    return b"".join(headers), b"\r\n" + part % b"html", b"\r\n--" + _BOUNDARY + b"--\r\n"
