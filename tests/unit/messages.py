"""What the tests of messages share: a row of a batch, the writer, and mails as receivers read them."""

import email
from datetime import UTC, datetime
from decimal import Decimal
from email.errors import NonASCIILocalPartDefect
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from restock.delivery.message import BatchRow, Letterhead, Product

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
NOTIFICATION_ID = "849b58d3-9cba-4b27-989a-89b8cfb6263e"


def a_row(**changes: object) -> BatchRow:
    """A row about a kettle, with some values changed."""
    row = BatchRow(
        notification_key=7,
        notification_id=NOTIFICATION_ID,
        attempt_number=1,
        user_id="u1",
        locale="en",
        contact="ann@example.com",
        request_id="r1",
        requested_at=datetime(2026, 5, 3, 12, tzinfo=UTC),
        created_at=datetime(2026, 5, 9, 8, tzinfo=UTC),
        product=Product(
            product_id="p1",
            name="Kettle",
            brand="Ott",
            price=Decimal("49.90"),
            currency="EUR",
            url="https://shop.example/p/1?a=1&b=2",
            image_url="https://shop.example/p/1.jpg",
        ),
        store_id="main",
        timezone="Europe/Berlin",
    )
    return change(row, **changes)


def change(row: BatchRow, **changes: object) -> BatchRow:
    """A row with some values changed, of its own or of its product (whose name is product_name)."""
    names = {"product_name": "name"} | {name: name for name in Product._fields if name != "name"}
    facts = {names[name]: value for name, value in changes.items() if name in names}
    others = {name: value for name, value in changes.items() if name not in names}
    return row._replace(product=row.product._replace(**facts), **others)  # type: ignore[arg-type]


def parse(payload: bytes) -> EmailMessage:
    """The mail as a receiver reads it; nothing in it may be against the rules."""
    # Python reads letters beyond ASCII in a header (RFC 6532) only from text.
    mail = email.message_from_string(payload.decode(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    defects = [defect for header in mail.values() for defect in header.defects]
    # Allowed where the server offers SMTPUTF8.
    assert [defect for defect in defects if not isinstance(defect, NonASCIILocalPartDefect)] == []
    return mail


def body(mail: EmailMessage, kind: str) -> str:
    """The plain or the html body of a mail, with line feeds as line ends."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Page(HTMLParser):
    """An HTML body as a browser reads it.

    Attributes:
        tags: Name and attributes of each element.
        text: What is visible.
        unclosed: Elements that were opened and not closed.
    """

    _VOID = ("meta", "img", "br", "link", "hr", "input")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.unclosed: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.unclosed and self.unclosed[-1] not in ("style", "title"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def names(self) -> list[str]:
        return [name for name, _ in self.tags]

    def values(self, tag: str, attribute: str) -> list[str | None]:
        return [attributes.get(attribute) for name, attributes in self.tags if name == tag]
