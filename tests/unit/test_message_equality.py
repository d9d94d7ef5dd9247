"""The quick way to write a mail and Python's own say the same."""

from binascii import a2b_qp
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from restock.channels.smtp_connection import _as_content
from restock.delivery.message import EmailWriter
from restock.delivery.message.clean import _BLANK, _LINK_LIKE, _UNWANTED, _unlink, clean_text, shorten
from restock.delivery.message.content import days_asked, make_item, make_preheader, make_reason
from restock.delivery.message.language import find_language
from restock.delivery.message.links import Links
from restock.delivery.message.slots import encode_chunk
from restock.delivery.message.templates import Templates
from tests.unit.messages import LETTERHEAD, a_row, body, parse

WRITER = EmailWriter(LETTERHEAD)


def write_honestly(rows, date):
    """The same mail out of the same templates, without slots, encoded by Python."""
    head = rows[0]
    notification_id = str(head.notification_id)
    links, templates, language = Links(LETTERHEAD), Templates(None), find_language(head.locale)
    token = links.token(head)
    items = [make_item(language, row.product, links.product(token, row)) for row in rows]
    shortened = shorten(items[0].name, 70)
    subject = templates.render(head.store_id, language, "subject.txt", product=shortened, others=len(items) - 1)
    subject = " ".join(subject.split())
    unsubscribe_url = links.unsubscribe(token)

    def render(kind):
        parts = [
            templates.render(head.store_id, language, f"item.{kind}", item=item, alone=len(items) == 1)
            for item in items
        ]
        return templates.render(
            head.store_id,
            language,
            f"message.{kind}",
            items=Markup("".join(parts)) if kind == "html" else "".join(parts),
            subject=subject,
            preheader=make_preheader(items),
            reason=make_reason(language, *days_asked(rows)),
            unsubscribe_url=unsubscribe_url,
            count=len(rows),
            shop="Shop",
        )

    mail = EmailMessage(policy=SMTP)
    mail["From"] = LETTERHEAD.sender
    mail["To"] = head.contact
    mail["Subject"] = subject
    mail["Date"] = date
    mail["Message-ID"] = f"<{notification_id}@shop.example>"
    mail["List-Unsubscribe"] = f"<{unsubscribe_url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail.set_content(render("txt"))
    mail.add_alternative(render("html"), subtype="html")
    return mail.as_bytes()


NAMES = [
    "Kettle",
    "Café « Ott » & Söhne",
    "물병 500 ml",
    "<b>Bold</b> 100% %(TO)b %(NAME_TEXT)b %",
    "👩‍👩‍👧 set",
    "a" * 400,
    "قلم رصاص",
    "tea = good =20",
    ".dotty\u202e www.x.example",
]
products = st.builds(
    a_row,
    product_name=st.sampled_from(NAMES) | st.text(max_size=100),
    brand=st.none() | st.sampled_from(NAMES),
    price=st.none() | st.decimals(0, 10_000, places=2),
    url=st.sampled_from([None, "https://shop.example/p?q='a'&b=<c>", "javascript:x", "https://münchen.example/ä"]),
    image_url=st.sampled_from([None, "https://shop.example/i.png?a=1&b=2"]),
    requested_at=st.integers(0, 10**6).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=hours)),
)


@settings(deadline=None, max_examples=120, derandomize=True)
@given(
    rows=st.lists(products, min_size=1, max_size=5),
    notification_id=st.uuids().map(str),
    locale=st.sampled_from(["en", "en-GB", "de", "ko-KR", "fr"]),
    zone=st.sampled_from(["UTC", "Asia/Seoul", "America/Los_Angeles"]),
    contact=st.sampled_from(["ann@example.com", '"ann smith"@example.com', "a" * 64 + "@" + "b" * 60 + ".example"]),
)
@example([a_row()], str(UUID(int=0)), "en", "UTC", "ann@example.com")
def test_both_ways_make_the_same_mail(rows, notification_id, locale, zone, contact):
    rows = [
        row._replace(notification_id=notification_id, locale=locale, timezone=zone, contact=contact) for row in rows
    ]
    payload = WRITER.write(rows).payload
    assert _as_content(payload) == payload, "it promises to be as it goes down the wire"
    quick = parse(payload)
    honest = parse(write_honestly(rows, quick["Date"].datetime))
    ignored = {"content-type", "mime-version"}
    # Python breaks the line before a long URL.
    assert {(name, str(value).strip()) for name, value in quick.items() if name.lower() not in ignored} == {
        (name, str(value).strip()) for name, value in honest.items() if name.lower() not in ignored
    }
    assert quick.get_content_type() == honest.get_content_type()
    for kind in ("plain", "html"):
        assert body(quick, kind) == body(honest, kind)


@settings(deadline=None, max_examples=400, derandomize=True)
@given(
    st.text(st.sampled_from("ab =\t\n.é한😀%-.") | st.characters(exclude_categories=["Cs"], exclude_characters="\r"))
)
@example("a" * 75 + "é")
@example("a" * 76)
@example("a" * 74 + " ")
@example("é" * 100)
@example("." * 200)
@example("a\n." + "b" * 75)
@example(".\n.\n\n.")
def test_any_piece_of_a_body_survives_its_encoding(text):
    encoded = encode_chunk(text)
    assert a2b_qp(encoded) == text.replace("\n", "\r\n").encode()
    assert encoded == b"" or encoded.endswith(b"\r\n")
    lines = encoded.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert all(line == line.rstrip(b" \t") for line in lines)
    assert not any(b"\r" in line or b"\n" in line or line.startswith(b".") for line in lines)


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_a_second_message_about_the_same_products_is_as_right_as_the_first(count):
    writer = EmailWriter(LETTERHEAD)
    products = [a_row(product_name=f"Product {number}", item_number=number + 1) for number in range(count)]
    for shopper in range(3):
        to = {"notification_id": str(UUID(int=shopper)), "contact": f"u{shopper}@example.com"}
        rows = [row._replace(**to) for row in products]
        mail = parse(writer.write(rows).payload)
        assert mail["To"] == f"u{shopper}@example.com"
        token = Links(LETTERHEAD).token(rows[0])
        assert mail["List-Unsubscribe"] == f"<https://shop.example/u/{token}>"
        text = body(mail, "plain")
        assert text.count(token) == count + 1
        assert [line.strip() for line in text.splitlines() if line.startswith("  https")] == [
            f"https://shop.example/c/{token}/{number}" for number in range(1, count + 1)
        ]


@settings(deadline=None, max_examples=400, derandomize=True)
@given(st.text(st.sampled_from("aW.:/@ w\t\xa0\u202e") | st.characters(), max_size=60))
@example("see WWW.shop.example")
@example("mail ann@shop.example  now")
@example("shop.example/")
@example("x://y")
def test_any_text_is_cleaned_as_if_nothing_were_taken_for_harmless_at_a_glance(text):
    assert clean_text(text, 100) == _LINK_LIKE.sub(
        _unlink, shorten(_UNWANTED.sub("", _BLANK.sub(" ", text)).strip(), 100)
    )
