"""What messages say, and how they look to a mail program."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from uuid import UUID

import pytest

from restock.delivery.message import EmailWriter, Letterhead
from restock.delivery.message.links import Links, confirmation_tokens, message_tokens, read_first_token
from tests.unit.messages import LETTERHEAD, NOTIFICATION_ID, Page, a_row, body, change, parse

KETTLE, TOASTER, MIXER = (
    a_row(product_name=name, request_id=name, item_number=number)
    for number, name in enumerate(("Kettle", "Toaster", "Mixer"), start=1)
)
TOKEN = Links(LETTERHEAD).token(a_row())


def write(*rows, letterhead=LETTERHEAD):
    return parse(EmailWriter(letterhead).write(rows or [a_row()]).payload)


def test_the_subject_names_the_product():
    assert write()["Subject"] == "Kettle is back in stock"


@pytest.mark.parametrize(
    ("locale", "rows", "subject"),
    [
        ("en", [KETTLE, TOASTER], "Kettle and 1 more product are back in stock"),
        ("en", [KETTLE, TOASTER, MIXER], "Kettle and 2 more products are back in stock"),
        ("de", [KETTLE], "Wieder verfügbar: Kettle"),
        ("de", [KETTLE, TOASTER], "Wieder verfügbar: Kettle und 1 weiteres Produkt"),
        ("de", [KETTLE, TOASTER, MIXER], "Wieder verfügbar: Kettle und 2 weitere Produkte"),
        ("ko", [KETTLE], "Kettle 상품이 다시 입고되었습니다"),
        ("ko", [KETTLE, TOASTER, MIXER], "Kettle 외 2개 상품이 다시 입고되었습니다"),
    ],
)
def test_a_digest_says_in_the_shoppers_language_how_many_more_there_are(locale, rows, subject):
    assert write(*(row._replace(locale=locale) for row in rows))["Subject"] == subject


def test_both_bodies_say_the_same():
    mail = write(KETTLE, change(TOASTER, brand=None, price=None, url=None, image_url=None))
    text, page = body(mail, "plain"), Page(body(mail, "html"))
    for said in (
        "Kettle",
        "Toaster",
        "Ott",
        "€49.90",
        "May 3, 2026",
        "first come, first served",
        "Stop these messages",
    ):
        assert said in text
        assert said in page.text
    # The picture leads there too.
    assert page.values("a", "href") == [f"https://shop.example/c/{TOKEN}/1"] * 2 + [f"https://shop.example/u/{TOKEN}"]
    for link in page.values("a", "href"):
        assert link in text.split()


def test_the_page_needs_nothing_from_elsewhere_but_pictures_with_text():
    page = Page(body(write(), "html"))
    assert not {"link", "script", "iframe", "form", "object"} & set(page.names())
    assert page.values("img", "alt") == ["Kettle"]
    assert page.values("html", "lang") == ["en"]
    assert page.values("html", "dir") == ["ltr"]
    assert page.unclosed == []
    # Tables of layout must not be read out as tables.
    assert set(page.values("table", "role")) == {"presentation"}


def test_mail_programs_show_the_price_behind_the_subject():
    assert Page(body(write(), "html")).text.startswith("Ott · €49.90")
    assert Page(body(write(KETTLE, TOASTER), "html")).text.startswith("Kettle · Toaster")


def test_headers_let_the_shopper_unsubscribe_and_robots_know_a_robot():
    mail = write()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link in Page(body(mail, "html")).values("a", "href")
    assert message_tokens("secret").read(link.rpartition("/")[2]).id == UUID(NOTIFICATION_ID)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{NOTIFICATION_ID}@shop.example>"
    assert mail["From"] == "Shop <hello@shop.example>"
    assert mail["To"] == "ann@example.com"
    assert abs(parsedate_to_datetime(mail["Date"]) - datetime.now(UTC)).total_seconds() < 60
    # Bounces must come: All would keep them away on Exchange.
    assert "All" not in mail["X-Auto-Response-Suppress"]


def test_one_click_is_not_promised_without_https():
    mail = write(letterhead=Letterhead("Shop <hello@shop.example>", "http://127.0.0.1:8025", "secret"))
    assert mail["List-Unsubscribe-Post"] is None
    assert mail["List-Unsubscribe"].startswith("<http://127.0.0.1:8025/u/")


def test_a_token_holds_the_id_and_the_time_of_the_message_and_no_more():
    token = message_tokens("secret").read(TOKEN)
    assert (token.id, token.signed_at) == (UUID(NOTIFICATION_ID), a_row().created_at)
    assert len(TOKEN) == 48
    assert token.is_older_than(datetime.now(UTC) - a_row().created_at - timedelta(minutes=1))
    assert not token.is_older_than(datetime.now(UTC) - a_row().created_at + timedelta(minutes=1))


@pytest.mark.parametrize(
    "token",
    ["", TOKEN[:-2], TOKEN + "A", "A" * 48, "." * 48, "é" * 48, TOKEN[:-4] + "....", TOKEN.swapcase(), f" {TOKEN[:-1]}"]
    + [TOKEN[:place] + ("B" if TOKEN[place] == "A" else "A") + TOKEN[place + 1 :] for place in range(48)],
)
def test_a_forged_token_opens_nothing(token):
    assert message_tokens("secret").read(token) is None


def test_a_token_serves_one_purpose_under_one_secret():
    assert confirmation_tokens("secret").read(TOKEN) is None
    assert message_tokens("other").read(TOKEN) is None


def test_links_that_mailboxes_still_hold_work():
    # As messages carried it before they carried tokens with a time.
    old = "849b58d3-9cba-4b27-989a-89b8cfb6263e.1Pq9FH7YvQNWE8Wwr3fzi8HYdWKSPX8UhTr5yFaGI7E"
    token = read_first_token("secret", old)
    assert (token.id, token.signed_at) == (UUID(NOTIFICATION_ID), None)
    assert not token.is_older_than(timedelta(0))
    assert read_first_token("other", old) is None
    assert read_first_token("secret", old.replace("849b", "849c")) is None
    assert read_first_token("secret", TOKEN) is None


def test_the_day_is_that_of_the_shoppers_clock():
    late = datetime(2026, 5, 3, 16, tzinfo=UTC)
    assert "2026년 5월 4일" in body(write(a_row(requested_at=late, timezone="Asia/Seoul", locale="ko-KR")), "plain")
    assert "May 3, 2026" in body(write(a_row(requested_at=late, timezone="America/New_York")), "plain")


def test_a_digest_of_several_days_names_the_first_and_the_last():
    rows = [KETTLE, TOASTER._replace(requested_at=datetime(2026, 5, 9, 12, tzinfo=UTC))]
    assert "between May 3, 2026 and May 9, 2026" in body(write(*rows), "plain")
    british = [row._replace(locale="en-GB") for row in rows]
    assert "between 3 May 2026 and 9 May 2026" in body(write(*british), "plain")
    german = [row._replace(locale="de-DE") for row in rows]
    assert "zwischen dem 3. Mai 2026 und dem 9. Mai 2026" in body(write(*german), "plain")


@pytest.mark.parametrize(
    ("locale", "price", "currency", "shown"),
    [
        ("en-US", "1234.50", "USD", "$1,234.50"),
        ("en-GB", "1234.50", "GBP", "£1,234.50"),
        ("de-DE", "1234.50", "EUR", "1.234,50\xa0€"),
        ("de-AT", "1234.50", "EUR", "€\xa01.234,50"),
        ("ko-KR", "12900.00", "KRW", "₩12,900"),
        # No catalogue: all English, the price as well.
        ("fr-FR", "1234.50", "EUR", "€1,234.50"),
        ("en", "0.00", "EUR", "€0.00"),
        ("en", "5.00", "XYZ", "XYZ\xa05.00"),
    ],
)
def test_prices_are_written_as_the_locale_writes_them(locale, price, currency, shown):
    row = a_row(locale=locale, price=Decimal(price), currency=currency)
    assert f"Ott · {shown}\n" in body(write(row), "plain")


def test_a_product_of_which_nothing_is_known_but_its_id_makes_a_plain_message():
    row = a_row(product_name="p1", brand=None, price=None, currency=None, url=None, image_url=None)
    mail = write(row)
    page = Page(body(mail, "html"))
    assert page.values("img", "src") == []
    assert len(page.values("a", "href")) == 1
    assert "* p1\n\nStock" in body(mail, "plain")


def test_a_price_without_a_currency_is_not_shown():
    assert "49" not in body(write(a_row(currency=None)), "plain").replace(NOTIFICATION_ID, "").split("\n--\n")[0]


def test_a_sender_with_any_name_is_one_address():
    for name, shown in (
        ("100% Käse & Co", "100% Käse & Co"),
        ('"Smith, Jones \\"Ltd\\""', 'Smith, Jones "Ltd"'),
        ('"%(ITEMS_HTML)b %(TO)b"', "%(ITEMS_HTML)b %(TO)b"),
    ):
        mail = write(letterhead=Letterhead(f"{name} <hello@shop.example>", "https://shop.example", "s"))
        (address,) = mail["From"].addresses
        assert (address.display_name, address.addr_spec) == (shown, "hello@shop.example")
        assert shown in Page(body(mail, "html")).text


@pytest.mark.parametrize(
    ("sender", "public_url"),
    [
        ("Shop <a@b.example>\r\nBcc: c@d.example", "https://shop.example"),
        ("Shop", "https://shop.example"),
        ("Shop <a@b.example>", "https://shop.example>\r\nX: y"),
        ("Shop <a@b.example>", "javascript:alert(1)"),
        ("Shop <a@b.example>", "https://shop.example?a=b"),
        ("Shop <a@b.example>", "https://shop.example/" + "a" * 600),
    ],
)
def test_a_letterhead_that_cannot_stand_in_a_mail_is_refused_in_words(sender, public_url):
    with pytest.raises(ValueError, match="must be"):
        Letterhead(sender, public_url, "secret")
