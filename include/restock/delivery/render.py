"""Write messages to files, to look at them.

    python -m restock.delivery.render 849b58d3-9cba-4b27-989a-89b8cfb6263e --out messages
    python -m restock.delivery.render --sample --out messages

The first writes a message of the warehouse (RESTOCK_WAREHOUSE_URL) as it would leave now; the second a message and a
digest in each language, without a warehouse. Each becomes a mail (.eml), its bodies (.html, .txt), the short text of
SMS, push and chat (.short.txt) and the payload of a webhook (.json). Their links lead nowhere: they are signed with
a secret that is thrown away.

With RESTOCK_TEMPLATES the templates of the stores are used, and --store says whose the samples use. A template that
cannot be used is named, and the exit status is 1.
"""

import argparse
import email
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from restock.channels.webhook_payload import WebhookWriter
from restock.delivery.batch import join_products, product_binds
from restock.delivery.message import BatchRow, EmailWriter, Letterhead, Product
from restock.delivery.message.language import list_languages
from restock.delivery.message.short import ShortWriter
from restock.delivery.message.templates import Templates
from restock.warehouse import connect, read_sql

_SENDER = "Shop <hello@shop.example>"
# Of messages on other channels, whose contact is no e-mail address, the mail is looked at as well.
_ADDRESS = "shopper@shop.example"
_SAMPLES = {
    "en": (
        "en-GB",
        "GBP",
        ["Enamel kettle, 1.5 l", "Cast-iron casserole with lid, 26 cm", "Linen tea towels, set of 3"],
    ),
    "de": (
        "de-DE",
        "EUR",
        ["Emaillekessel, 1,5 l", "Gusseiserner Bräter mit Deckel, 26 cm", "Geschirrtücher, 3 Stück"],
    ),
    "ko": ("ko-KR", "KRW", ["법랑 주전자 1.5L", "무쇠 냄비 26cm, 뚜껑 포함", "리넨 행주 3장 세트"]),
}
_PRICES = {
    "GBP": ["38.00", "124.50", "17.95"],
    "EUR": ["42.90", "139.00", "19.95"],
    "KRW": ["54000", "189000", "23500"],
}


def sample_rows(language: str, store_id: str) -> list[BatchRow]:
    """A digest of three products; without the catalogue's own sample in English."""
    locale, currency, names = _SAMPLES.get(language, (language, *_SAMPLES["en"][1:]))
    asked = datetime.now(UTC) - timedelta(days=20)
    return [
        BatchRow(
            notification_key=1,
            notification_id="849b58d3-9cba-4b27-989a-89b8cfb6263e",
            attempt_number=1,
            user_id="u1",
            locale=locale,
            contact=_ADDRESS,
            request_id=f"r{number}",
            requested_at=asked + timedelta(days=3 * number),
            created_at=asked,
            product=Product(
                product_id=f"p{number}",
                name=name,
                brand="Ott & Söhne",
                price=Decimal(price),
                currency=currency,
                url=f"https://shop.example/products/{number}",
                image_url=f"https://shop.example/pictures/{number}.jpg",
            ),
            item_number=number,
            store_id=store_id,
        )
        for number, (name, price) in enumerate(zip(names, _PRICES[currency], strict=True), start=1)
    ]


def read_rows(warehouse_url: str, notification_id: UUID) -> list[BatchRow]:
    """The items of a message.

    Raises:
        LookupError: There is no such message, or nothing is left in it.
    """
    with connect(warehouse_url, application="restock_render") as connection:
        found = connection.execute(read_sql("notify/find_message.sql"), {"notification_id": notification_id}).fetchone()
        if found is None:
            raise LookupError(f"The warehouse has no message {notification_id}: see restock.notification.")
        items = connection.execute(read_sql("notify/read_batch.sql"), {"notification_keys": [found[0]]}).fetchall()
        products = connection.execute(read_sql("notify/read_batch_products.sql"), product_binds(items)).fetchall()
    rows = join_products(items, products)
    if not rows:
        raise LookupError(f"Nothing is left in the message {notification_id}: see restock.decision for why.")
    return [row if "@" in (row.contact or "") else row._replace(contact=_ADDRESS) for row in rows]


def write_files(
    rows: Sequence[BatchRow], name: str, folder: Path, letterhead: Letterhead, templates: Templates
) -> None:
    """Write one message in each of its forms.

    Args:
        rows: Its items.
        name: Of the files, without the ending.
        folder: Is made if it is not there.
        letterhead: What every message carries.
        templates: To render with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    payload = EmailWriter(letterhead, templates).write(rows).payload
    mail = email.message_from_bytes(payload, _class=EmailMessage, policy=default)
    (folder / f"{name}.eml").write_bytes(payload)
    for kind, ending in (("html", "html"), ("plain", "txt")):
        part = mail.get_body((kind,))
        if part is not None:
            (folder / f"{name}.{ending}").write_text(part.get_content(), encoding="utf-8", newline="")
    (folder / f"{name}.short.txt").write_text(ShortWriter(letterhead, templates).text(rows) + "\n", encoding="utf-8")
    (folder / f"{name}.json").write_bytes(WebhookWriter(letterhead, templates).write(rows).payload + b"\n")


def main() -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m restock.delivery.render", description="Write messages to files, to look at them."
    )
    parser.add_argument(
        "notification_id", nargs="?", type=UUID, help="a message of the warehouse RESTOCK_WAREHOUSE_URL"
    )
    parser.add_argument("--sample", action="store_true", help="a message and a digest in each language instead")
    parser.add_argument("--store", default="main", help="whose templates the samples use (main)")
    parser.add_argument("--out", type=Path, default=Path(), help="the folder for the files (this one)")
    wanted = parser.parse_args()
    if wanted.sample == (wanted.notification_id is not None):
        parser.error("name the id of a message, or say --sample")
    try:
        messages = _messages(wanted.notification_id, wanted.store)
        templates = Templates.from_environment()
        public_url = os.environ.get("RESTOCK_PUBLIC_URL", "https://shop.example").rstrip("/")
        for name, rows in messages.items():
            write_files(rows, name, wanted.out, Letterhead(_SENDER, public_url, token_hex()), templates)
    except (LookupError, RuntimeError, ValueError) as error:
        sys.exit(str(error))
    print(f"Written to {wanted.out.resolve()}: {', '.join(messages)}")
    for problem in templates.problems.values():
        print(problem, file=sys.stderr)
    return 1 if templates.problems else 0


def _messages(notification_id: UUID | None, store_id: str) -> dict[str, list[BatchRow]]:
    """The items of each message, by the name of its files."""
    if notification_id is not None:
        url = os.environ.get("RESTOCK_WAREHOUSE_URL")
        if not url:
            raise LookupError("RESTOCK_WAREHOUSE_URL is not set: . .local/env sets it, where the stack runs.")
        return {str(notification_id): read_rows(url, notification_id)}
    samples = {language: sample_rows(language, store_id) for language in list_languages()}
    return {
        f"{form}-{language}": rows[:1] if form == "one" else rows
        for language, rows in samples.items()
        for form in ("one", "digest")
    }


if __name__ == "__main__":
    sys.exit(main())
