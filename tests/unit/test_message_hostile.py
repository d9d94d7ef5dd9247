"""Whatever a feed brings, the mail stays one mail, with our headers, our links and our markup only."""

import email
import re
import unicodedata
from decimal import Decimal
from email.policy import default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from restock.delivery.message import EmailWriter
from restock.delivery.message.address import parse_address
from restock.delivery.message.clean import clean_text, clean_url
from restock.delivery.message.headers import encode_subject
from restock.delivery.message.short import ShortWriter
from tests.unit.messages import LETTERHEAD, Page, a_row, body, parse

WRITER = EmailWriter(LETTERHEAD)
SHORT = ShortWriter(LETTERHEAD)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]
OUR_PAGE = Page(body(parse(WRITER.write([a_row()]).payload), "html"))

HOSTILE_NAMES = [
    "Kettle\r\nBcc: victim@example.com",
    "Kettle\nSubject: other\n\nnew body",
    "Kettle\r\n.\r\nMAIL FROM:<a@b.example>\r\n",
    "--=_restock\r\nContent-Type: text/html\r\n\r\n<script>",
    "--=_restock--",
    "</p></td></table><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<a href='https://evil.example'>click</a>",
    "{{ unsubscribe_url }}{% raw %}",
    "%(ITEMS_TEXT)b %(NAME_HTML)b %s %(product)s 100% %",
    "&lt;b&gt; &amp;amp; &#60;",
    "=?utf-8?q?evil?= =?utf-8?b?ZXZpbA==?=",
    "Kettle \u202egnp.exe\u202c \u2066x",
    "\ufdd0\ufdd1\ufdd4\ufdd5\ufffe",
    "https://evil.example/login www.evil.example evil.example/x me@evil.example",
    "javascript:alert(1)",
    "\x00\x01\x1b[31mred\x7f\x85\u2028\u2029",
    "한국어 상품 이름 " * 30,
    "👩‍👩‍👧‍👦🇩🇪👍🏽" * 40,
    "قلم رصاص أزرق \u200f(12)",
    "e\u0301" * 500,
    "W" * 20_000,
    " \t \r\n ",
    "",
    "ß ẞ ﬀ İ",
    "=3D=0D=0A soft=\r\n break",
    "Z\u0351\u036b\u0343\u036a\u0302" * 100,
]


def check_is_our_mail(row):
    """The mail for a row, parsed, after everything that must hold for any."""
    payload = WRITER.write([row]).payload
    # Lines end in CRLF only and are short enough; everything before the body is ASCII.
    assert payload.count(b"\r") == payload.count(b"\n") == payload.count(b"\r\n")
    assert max(map(len, payload.split(b"\r\n"))) <= 998
    head, _, bodies = payload.partition(b"\r\n\r\n")
    assert bodies.isascii()
    assert max(map(len, bodies.split(b"\r\n"))) <= 76
    mail = parse(payload)
    assert mail.keys() == HEADERS
    assert head.count(b"\r\n") + 1 == len(re.findall(rb"(?m)^[!-9;-~]+: |^[ \t]+\S", head))
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    page = Page(body(mail, "html"))
    assert page.unclosed == []
    # Our elements with our attributes, in our order; only what a feed may leave out can be missing.
    ours = iter([(tag, sorted(attributes)) for tag, attributes in OUR_PAGE.tags])
    assert all((tag, sorted(attributes)) in ours for tag, attributes in page.tags)
    return mail, page


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_hostile_name_stays_a_name(name):
    mail, page = check_is_our_mail(a_row(product_name=name, brand=name))
    shown = clean_text(name) or "?"
    assert shown in body(mail, "plain")
    assert " ".join(shown.split()) in page.text
    assert page.values("img", "alt") == [shown]
    assert page.values("a", "href") == OUR_PAGE.values("a", "href")
    assert mail["Subject"].endswith(" is back in stock")
    assert len(mail["Subject"]) < 100
    text = SHORT.text([a_row(product_name=name)])
    assert [word for word in text.split() if word.startswith("https://")] == OUR_PAGE.values("a", "href")[1:]


@settings(deadline=None, max_examples=150, derandomize=True)
@given(
    name=st.text(max_size=300) | st.sampled_from(HOSTILE_NAMES),
    brand=st.none() | st.text(max_size=100),
    url=st.none() | st.text(max_size=80) | st.text(max_size=80).map("https://shop.example/{}".format),
    locale=st.none() | st.sampled_from(["en", "de", "ko", "fr"]) | st.text(max_size=20),
    price=st.none() | st.decimals(min_value=0, max_value=10**11, places=2),
    currency=st.none() | st.from_regex("[A-Z]{3}", fullmatch=True),
    store_id=st.text(max_size=20),
    timezone=st.sampled_from(["UTC", "Asia/Seoul"]) | st.text(max_size=20),
)
def test_any_row_makes_our_mail(name, brand, url, locale, price, currency, store_id, timezone):
    row = a_row(
        product_name=name,
        brand=brand,
        url=url,
        image_url=url,
        locale=locale,
        price=price,
        currency=currency,
        store_id=store_id,
        timezone=timezone,
    )
    _, page = check_is_our_mail(row)
    for link in page.values("a", "href") + page.values("img", "src"):
        assert re.fullmatch(r"https?://[A-Za-z0-9_.\[\]:-]+([/?#][!-~]*)?", link)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://shop.example",
        "data:text/html,<script>",
        "//evil.example",
        "ftp://shop.example",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https://user:pass@shop.example/",
        "https:///path",
        "https://",
        "https://shop.example/\r\nBcc: x",
        "https://sh op.example/",
        "https://-shop.example/",
        "https://sh\u202eop.example/",
        "https://shop.example:port/",
        "https://shop.example/" + "a" * 3_000,
        "https://" + "a." * 200 + "example/",
        "\x00https://shop.example",
        "vbscript:x",
        "https://%65vil.example/",
    ],
)
def test_a_url_that_leads_nowhere_safe_makes_no_link(url):
    assert clean_url(url) is None
    mail, page = check_is_our_mail(a_row(url=url, image_url=url))
    assert len(page.values("a", "href")) == 1
    assert page.values("img", "src") == []
    assert body(mail, "plain").count("://") == 1


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("https://shop.example/p?a=1&b=2#c", "https://shop.example/p?a=1&b=2#c"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("https://shop.example:8443/p", "https://shop.example:8443/p"),
        ("https://münchen.example/straße?q=ö", "https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%B6"),
        ("https://shop.example/a b%20c", "https://shop.example/a%20b%20c"),
        ("https://shop.example/'\"<>", "https://shop.example/'%22%3C%3E"),
        ("http://[::1]:8080/p", "http://[::1]:8080/p"),
        ("https://shop.example/상품", "https://shop.example/%EC%83%81%ED%92%88"),
    ],
)
def test_a_url_is_written_in_ascii(url, cleaned):
    assert clean_url(url) == cleaned
    # The message itself carries a link of ours, which leads there.
    _, page = check_is_our_mail(a_row(url=url))
    assert page.values("a", "href")[0].startswith("https://shop.example/c/")


@pytest.mark.parametrize(
    "contact",
    [
        "ann@example.com\r\nBcc: victim@example.com",
        "ann@example.com\nBcc: victim@example.com",
        "ann@example.com, victim@example.com",
        "ann@example.com victim@example.com",
        "Ann <ann@example.com>",
        "<ann@example.com>",
        "ann@example.com>",
        "ann@exam\x00ple.com",
        "ann",
        "@example.com",
        "ann@",
        "a..b@example.com",
        ".ann@example.com",
        '"ann\r\n"@example.com',
        '"ann"b@example.com',
        '"\\"@example.com',
        "ann@example..com",
        "ann@-example.com",
        "ann@[127.0.0.1]",
        "an\u202en@example.com",
        "ann\u00a0x@example.com",
        "a" * 65 + "@example.com",
        "ann@" + "a" * 64 + ".example",
        "ann@" + "a." * 130 + "example",
        "",
        "ann@example.com SIZE=1",
    ],
)
def test_what_is_no_address_gets_no_mail(contact):
    with pytest.raises(ValueError, match="no e-mail address"):
        WRITER.write([a_row(contact=contact)])


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("ann@example.com", "ann@example.com"),
        ("o'brien+tag=1@mail.example.co", "o'brien+tag=1@mail.example.co"),
        ('"ann smith"@example.com', '"ann smith"@example.com'),
        ('"a\\"b,<c>"@example.com', '"a\\"b,<c>"@example.com'),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("홍길동@example.com", "홍길동@example.com"),
        ("jörg@münchen.example", "jörg@xn--mnchen-3ya.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_unusual_address_gets_its_mail(contact, address):
    message = WRITER.write([a_row(contact=contact)])
    assert message.recipient == address
    (to,) = parse(message.payload)["To"].addresses
    assert to.addr_spec == address


@settings(deadline=None, max_examples=300, derandomize=True)
@given(contact=st.text(max_size=80) | st.from_regex(r"[^@]{1,20}@[a-z]{1,20}\.example", fullmatch=True))
@example(contact="a@b\r\n.example")
def test_any_contact_makes_one_recipient_or_none(contact):
    try:
        address = parse_address(contact)
    except ValueError:
        return
    payload = WRITER.write([a_row(contact=contact)]).payload
    assert payload.split(b"\r\n")[1] == b"To: " + address.encode()
    (to,) = parse(payload)["To"].addresses
    assert unicodedata.normalize("NFC", to.addr_spec) == unicodedata.normalize("NFC", address)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=2_000))
@example(text="a" * 1_200)
@example(text="=?utf-8?q?x?=")
@example(text=" leading and trailing ")
@example(text="word " * 300)
@example(text="")
def test_any_text_stands_in_a_header(text):
    field = encode_subject(text)
    assert field.endswith(b"\r\n")
    assert field.isascii()
    assert max(map(len, field.split(b"\r\n"))) <= 78
    assert parse_header(field) == text


def parse_header(field: bytes) -> str:
    return str(email.message_from_bytes(field + b"\r\n", policy=default)["Subject"])


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb", "a\rb", "a\0b"])
def test_a_header_of_two_lines_is_refused(text):
    with pytest.raises(ValueError, match="one line"):
        encode_subject(text)


def test_a_huge_price_stays_a_price():
    mail, _ = check_is_our_mail(a_row(price=Decimal("999999999999.99"), currency="KRW", locale="ko"))
    assert "₩1,000,000,000,000" in body(mail, "plain")
