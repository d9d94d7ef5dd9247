"""What a message says, before it takes the form of a channel."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from restock.delivery.message.clean import clean_text, clean_url, shorten
from restock.delivery.message.language import Language
from restock.delivery.message.rows import BatchRow, Product
from restock.delivery.message.slots import Slot
from restock.delivery.message.templates import Templates

# A subject must leave room for what it says about the product.
_SUBJECT_NAME_LENGTH = 70


class Item(NamedTuple):
    """One product, as templates see it: harmless text and URLs."""

    name: str
    brand: str | None
    price: str | None
    image_url: str | None
    link: str | None


def make_item(language: Language, product: Product, link: str | None) -> Item:
    """A product as templates see it.

    Args:
        language: How prices are written.
        product: As the feed has it.
        link: Where the button leads, or a slot for it.
    """
    return Item(
        name=clean_text(product.name) or "?",
        brand=(clean_text(product.brand) or None) if product.brand else None,
        price=language.price(product.price, product.currency),
        image_url=clean_url(product.image_url),
        link=link,
    )


def make_subject(templates: Templates, store_id: str, language: Language, name: str, count: int) -> str:
    """The subject, on one line: it names a product, and says how many more there are.

    Args:
        templates: To render with.
        store_id: Whose template.
        language: Of the message.
        name: Of the first product, made harmless.
        count: Products in the message.
    """
    product, others = shorten(name, _SUBJECT_NAME_LENGTH), count - 1
    slotted = templates.render_slots(store_id, language, "subject.txt", product=Slot.NAME, others=others)
    if slotted is None:
        subject = templates.render(store_id, language, "subject.txt", product=product, others=others)
    else:
        subject = slotted.replace(Slot.NAME, product)
    return " ".join(subject.split())


def make_preheader(items: Sequence[Item]) -> str:
    """What mail programs show behind the subject."""
    if len(items) == 1:
        return " · ".join(filter(None, (items[0].brand, items[0].price)))
    return " · ".join(item.name for item in items)[:200]


def days_asked(rows: Sequence[BatchRow]) -> tuple[date, date]:
    """The first and the last day on which the shopper asked, on the wall clock of the message."""
    zone = _zone(rows[0].timezone)
    if len(rows) == 1:
        day = rows[0].requested_at.astimezone(zone).date()
        return day, day
    moments = [row.requested_at for row in rows]
    return min(moments).astimezone(zone).date(), max(moments).astimezone(zone).date()


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def make_reason(language: Language, first: date, last: date) -> str:
    """Why the shopper gets the message, in one sentence."""
    gettext = language.catalogue.gettext
    if first == last:
        sentence = gettext("You get this message because you asked for it on %(date)s.")
        return sentence % {"date": language.day(first)}
    sentence = gettext("You get this message because you asked for it between %(first)s and %(last)s.")
    return sentence % {"first": language.day(first), "last": language.day(last)}
