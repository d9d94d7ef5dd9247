"""Rendering by itself: messages out of rows, nothing sent. In seconds of one core, whatever else the machine does."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from uuid import UUID

from restock.channels import OutgoingMessage
from restock.delivery.message import BatchRow, EmailWriter, Letterhead, Product
from restock.delivery.message.templates import Templates
from tests.bench.common import Measurement

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
PRODUCTS = 2_000
LOCALES = ("en-US", "de-DE", "ko-KR")
ROUNDS = 3
LIMIT = "ready bytes, address and id filled in"


def measure(messages: int) -> list[Measurement]:
    """Personal mails about one product and about three, and the worst case: each about a product of its own."""
    return [
        _measure("render", make_batches(messages)),
        _measure("render digests", make_batches(messages // 2, items=3)),
        _measure("render long tail", make_batches(messages // 10, products=messages)),
    ]


def make_batches(messages: int, *, items: int = 1, products: int = PRODUCTS) -> list[list[BatchRow]]:
    """The items of that many messages, to as many shoppers, about some of the products."""
    draw = random.Random(0)
    asked = datetime(2026, 5, 3, 12, tzinfo=UTC)
    return [
        [
            BatchRow(
                notification_key=number,
                notification_id=str(UUID(int=number)),
                attempt_number=1,
                user_id=f"u{number}",
                locale=LOCALES[number % len(LOCALES)],
                contact=f"shopper.{number}@example.com",
                request_id=f"r{number}-{item}",
                requested_at=asked + timedelta(minutes=number % 100_000),
                created_at=asked,
                product=Product(
                    product_id=f"p{product}",
                    name=f"Enamel kettle no. {product}, 1.5 l, Größe M",
                    brand="Ott & Söhne",
                    price=Decimal(f"{product}.90"),
                    currency="EUR",
                    url=f"https://shop.example/products/{product}?ref=back-in-stock",
                    image_url=f"https://shop.example/pictures/{product}.jpg",
                ),
                item_number=item + 1,
                timezone="Europe/Berlin",
            )
            for item, product in enumerate(draw.randrange(products) for _ in range(items))
        ]
        for number in range(messages)
    ]


def rendering(messages: int) -> list[OutgoingMessage]:
    """That many personal mails about one product each."""
    writer = EmailWriter(LETTERHEAD, Templates(None))
    return [writer.write(rows) for rows in make_batches(messages)]


def _measure(step: str, batches: Sequence[Sequence[BatchRow]]) -> Measurement:
    def render() -> None:
        # One writer for each round: what it keeps has to be made first.
        writer = EmailWriter(LETTERHEAD, Templates(None))
        for rows in batches:
            _ = writer.write(rows).payload

    mail = EmailWriter(LETTERHEAD, Templates(None)).write(batches[0]).payload.replace(b"%", b"%%")
    template = mail.replace(b"shopper.0@example.com", b"%b").replace(str(UUID(int=0)).encode(), b"%b")
    blanks = [field.encode() for field in ("{contact}", *["{id}"] * (template.count(b"%b") - 1))]

    def fill_in() -> None:
        for rows in batches:
            values = {b"{contact}": rows[0].contact.encode(), b"{id}": str(rows[0].notification_id).encode()}
            OutgoingMessage(
                rows[0].notification_key,
                str(rows[0].notification_id),
                rows[0].contact,
                template % tuple(values[blank] for blank in blanks),
            )

    seconds = median(_core_seconds(render) for _ in range(ROUNDS))
    limit = median(_core_seconds(fill_in) for _ in range(ROUNDS))
    return Measurement(step, len(batches), seconds, LIMIT, limit)


def _core_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
