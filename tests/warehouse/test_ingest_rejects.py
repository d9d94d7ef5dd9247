"""Each rule of the contract: a row that breaks it is kept with its reason, and the rows beside it load."""

import pytest

from restock.feeds.contract import REASONS, Reason
from tests.warehouse.landing import Landing, minute, stock, subscribe

PRODUCT = {"product_id": "lamp", "name": "Lamp"}
CUSTOMER = {"user_id": "ada"}
ORDER = {"order_id": "o1", "user_id": "ada", "product_id": "lamp", "ordered_at": minute(0)}
SUPPRESSION = {"channel": "email", "contact": "ada@example.com", "reason": "bounce"}
VALID = {
    "requests": subscribe("r1"),
    "inventory": stock("lamp", 1),
    "products": PRODUCT,
    "customers": CUSTOMER,
    "orders": ORDER,
    "suppressions": SUPPRESSION,
}

BROKEN = [
    ("requests", "request_id", "", Reason.MISSING_VALUE),
    ("requests", "user_id", "  ", Reason.MISSING_VALUE),
    ("requests", "product_id", "", Reason.MISSING_VALUE),
    ("requests", "requested_at", "", Reason.MISSING_VALUE),
    ("inventory", "available_quantity", "", Reason.MISSING_VALUE),
    ("products", "name", "", Reason.MISSING_VALUE),
    ("orders", "order_id", "", Reason.MISSING_VALUE),
    ("suppressions", "reason", "", Reason.MISSING_VALUE),
    ("products", "name", "Lamp\nBcc: all@example.com", Reason.CONTROL_CHARACTER),
    ("products", "name", "Lamp\u2028", Reason.CONTROL_CHARACTER),
    ("products", "brand", "a\x1bb", Reason.CONTROL_CHARACTER),
    ("customers", "email", "ada@example.com\r\nBcc: all@example.com", Reason.CONTROL_CHARACTER),
    ("requests", "contact", "ada@example.com\nBcc: all@example.com", Reason.CONTROL_CHARACTER),
    ("requests", "user_id", "a\x85b", Reason.CONTROL_CHARACTER),
    ("requests", "user_id", "u" * 201, Reason.TOO_LONG),
    ("products", "name", "n" * 501, Reason.TOO_LONG),
    ("products", "url", "https://example.com/" + "x" * 2000, Reason.TOO_LONG),
    ("customers", "email", "a" * 250 + "@example.com", Reason.TOO_LONG),
    ("inventory", "available_quantity", "9" * 50_000, Reason.TOO_LONG),
    ("inventory", "available_quantity", "many", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "1.5", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "1e3", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "0x10", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "1_000", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "1 000", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "NaN", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "١٢", Reason.NOT_A_WHOLE_NUMBER),
    ("inventory", "available_quantity", "-1", Reason.OUT_OF_RANGE),
    ("inventory", "available_quantity", "2147483648", Reason.OUT_OF_RANGE),
    ("inventory", "available_quantity", "9" * 40, Reason.OUT_OF_RANGE),
    ("requests", "quantity", "0", Reason.OUT_OF_RANGE),
    ("customers", "tier", "-2147483648", Reason.OUT_OF_RANGE),
    ("products", "price", "12,50", Reason.NOT_A_NUMBER),
    ("products", "price", "$12", Reason.NOT_A_NUMBER),
    ("products", "price", "Infinity", Reason.NOT_A_NUMBER),
    ("products", "price", "-0.01", Reason.OUT_OF_RANGE),
    ("products", "price", "1000000000000", Reason.OUT_OF_RANGE),
    ("orders", "amount", "-3", Reason.OUT_OF_RANGE),
    ("inventory", "orderable", "maybe", Reason.NOT_A_BOOLEAN),
    ("customers", "consent", "2", Reason.NOT_A_BOOLEAN),
    ("requests", "requested_at", "yesterday", Reason.NOT_A_TIME),
    ("requests", "requested_at", "01.06.2026 10:00+00:00", Reason.NOT_A_TIME),
    ("requests", "requested_at", "1780300800", Reason.NOT_A_TIME),
    ("requests", "requested_at", "2026-02-30T10:00:00Z", Reason.NOT_A_TIME),
    ("requests", "requested_at", "2026-06-01T25:00:00Z", Reason.NOT_A_TIME),
    ("requests", "requested_at", "2026-06-01T10:00:00+99:00", Reason.NOT_A_TIME),
    ("requests", "requested_at", "2026-06-01T10:00:00 Europe/Berlin", Reason.NOT_A_TIME),
    ("requests", "requested_at", "2026-06-01 BC", Reason.NOT_A_TIME),
    ("requests", "requested_at", "infinity", Reason.NOT_A_TIME),
    ("requests", "requested_at", "now", Reason.NOT_A_TIME),
    ("requests", "requested_at", "2026-06-01T10:00:00", Reason.NO_OFFSET),
    ("inventory", "snapshot_at", "2026-06-01 10:00", Reason.NO_OFFSET),
    ("inventory", "snapshot_at", "2026-06-01", Reason.NO_OFFSET),
    ("inventory", "snapshot_at", "2026-06-01T13:00:01Z", Reason.TIME_OUT_OF_RANGE),
    ("requests", "requested_at", "1970-01-01T00:00:00Z", Reason.TIME_OUT_OF_RANGE),
    ("requests", "requested_at", "9999-12-31T00:00:00Z", Reason.TIME_OUT_OF_RANGE),
    ("orders", "ordered_at", "0001-01-01T00:00:00Z", Reason.TIME_OUT_OF_RANGE),
    ("suppressions", "suppressed_at", "2026-06-02T00:00:00Z", Reason.TIME_OUT_OF_RANGE),
    ("requests", "timezone", "Europe/Atlantis", Reason.UNKNOWN_TIME_ZONE),
    ("requests", "timezone", "UTC+2", Reason.UNKNOWN_TIME_ZONE),
    ("customers", "timezone", "europe/berlin", Reason.UNKNOWN_TIME_ZONE),
    ("requests", "locale", "german", Reason.NOT_A_LOCALE),
    ("customers", "locale", "de CH", Reason.NOT_A_LOCALE),
    ("requests", "action", "unsubscribe", Reason.NOT_A_CHOICE),
    ("requests", "surface", "shop window", Reason.NOT_A_CHOICE),
    ("suppressions", "reason", "dislike", Reason.NOT_A_CHOICE),
    ("requests", "channel", "E-Mail", Reason.NOT_A_CHANNEL),
    ("customers", "preferred_channel", "Email", Reason.NOT_A_CHANNEL),
    ("suppressions", "channel", "e mail", Reason.NOT_A_CHANNEL),
    ("products", "currency", "euro", Reason.NOT_A_CURRENCY),
    ("customers", "email", "ada", Reason.NOT_AN_EMAIL),
    ("customers", "email", "ada@localhost", Reason.NOT_AN_EMAIL),
    ("customers", "email", "ada@@example.com", Reason.NOT_AN_EMAIL),
    ("customers", "email", "ada@example..com", Reason.NOT_AN_EMAIL),
    ("customers", "email", "Ada <ada@example.com>", Reason.NOT_AN_EMAIL),
    ("customers", "email", "a@example.com,b@example.com", Reason.NOT_AN_EMAIL),
    ("suppressions", "contact", "ada", Reason.NOT_AN_EMAIL),
    ("customers", "phone", "call me", Reason.NOT_A_PHONE),
    ("customers", "webhook_url", "example.com/hook", Reason.NOT_A_URL),
    ("products", "url", "javascript:alert(1)", Reason.NOT_A_URL),
    ("products", "url", "https://", Reason.NOT_A_URL),
    ("products", "image_url", "https://example.com/a b.png", Reason.NOT_A_URL),
    ("requests", "contact", "ada", Reason.NOT_AN_ADDRESS),
]


@pytest.mark.parametrize("name", ["bad.jsonl", "bad.csv", "bad.parquet"])
def test_each_broken_value_rejects_its_row_with_the_reason_and_nothing_else(landing: Landing, name: str):
    good = dict.fromkeys(VALID, 0)
    expected = []
    for feed, valid in VALID.items():
        key = next(iter(valid))
        rows = []
        for number, (broken_feed, column, value, reason) in enumerate(BROKEN):
            if broken_feed != feed:
                continue
            contact = {"contact": f"{number}@example.com"} if feed == "suppressions" else {key: f"k{number}"}
            rows += [
                valid | contact,
                valid | {key: valid[key] if feed == "suppressions" else f"b{number}"} | {column: value},
            ]
            expected.append((feed, column, value, reason))
            good[feed] += 1
        landing.put(feed, rows, name)
    landing.load()

    found = landing.rows(
        "select feed, reason_code, detail from restock.rejected_row join restock.feed_file using (feed_file_id)"
        " order by feed, line_number"
    )
    wanted = sorted(expected, key=lambda row: (row[0], BROKEN.index(row)))
    assert [(feed, code) for feed, code, _ in found] == [(feed, reason) for feed, _, _, reason in wanted]
    for (_, column, _, _), (_, _, detail) in zip(wanted, found, strict=True):
        assert column in detail
        assert detail.endswith(".")
    for feed, count in good.items():
        counts = landing.counts(f"{feed}/{name}")
        assert (counts["read"], counts["rejected"]) == (2 * count, count)


def test_every_reason_that_a_value_can_have_is_tried_above():
    of_reading = {
        Reason.WRONG_FIELD_COUNT,
        Reason.BROKEN_QUOTING,
        Reason.BROKEN_JSON,
        Reason.NESTED_VALUE,
        Reason.INVALID_UTF8,
        Reason.NUL_CHARACTER,
        Reason.LINE_TOO_LONG,
    }
    assert {reason for *_, reason in BROKEN} == set(REASONS) - of_reading - {Reason.REUSED_ID}


@pytest.mark.parametrize(
    ("channel", "contact", "reason"),
    [
        ("email", "ada@example.com", None),
        ("email", "+41446681800", Reason.NOT_AN_EMAIL),
        ("sms", "+41 (44) 668-18.00", None),
        ("sms", "ada@example.com", Reason.NOT_A_PHONE),
        ("webhook", "HTTPS://example.com/hook?a=b", None),
        ("webhook", "ftp://example.com", Reason.NOT_A_URL),
        ("", "ada@example.com", None),
        ("", "+41446681800", None),
        ("", "https://example.com/hook", None),
        ("", "somewhere", Reason.NOT_AN_ADDRESS),
        ("pager", "somewhere", None),
    ],
)
def test_a_contact_must_fit_the_channel_that_the_row_names(landing: Landing, channel: str, contact: str, reason):
    landing.send("requests", [subscribe("r1", channel=channel, contact=contact)])
    assert [code for _, code, _ in landing.rejected()] == ([reason] if reason else [])


@pytest.mark.parametrize(
    "value",
    [
        "2026-06-01T10:00:00Z",
        "2026-06-01t12:00:00.000000+02:00",
        "2026-06-01 12:00+0200",
        "2026-06-01 03:00:00-07",
        "2026-06-01T15:45:00+05:45",
    ],
)
def test_a_time_is_the_same_moment_however_it_is_written(landing: Landing, value: str):
    landing.send("requests", [subscribe("r1") | {"requested_at": value}])
    assert landing.rows("select requested_at::text from restock.request") == [("2026-06-01 10:00:00+00",)]


@pytest.mark.parametrize(
    ("value", "orderable"), [("TRUE", True), ("t", True), ("1", True), ("False", False), ("0", False)]
)
def test_a_boolean_is_read_however_it_is_written(landing: Landing, value: str, orderable: bool):
    landing.send("inventory", [stock("lamp", 1, orderable=value)])
    assert landing.rows("select orderable from restock.inventory") == [(orderable,)]


def test_the_rows_that_cannot_be_read_are_kept_with_line_and_text_and_the_others_load(landing: Landing):
    content = (
        b"request_id,user_id,product_id,requested_at\n"
        b"r1,ada,lamp,2026-06-01T10:00:00Z\n"
        b"r2,ada\n"
        b'"r3,ada,lamp,2026-06-01T10:00:00Z\n'
        b"r4,\xff,lamp,2026-06-01T10:00:00Z\n"
        b"r5,a\x00b,lamp,2026-06-01T10:00:00Z\n"
        b"r6,bob,lamp,2026-06-01T10:00:00Z\n"
        b"r7,cem\\,lamp\t,2026-06-01T10:00:00Z\n"
    )
    assert landing.send("requests", content) == {"read": 7, "loaded": 3, "rejected": 4}
    assert landing.rejected() == [
        (3, "wrong_field_count", "r2,ada"),
        (4, "broken_quoting", '"r3,ada,lamp,2026-06-01T10:00:00Z'),
        (5, "invalid_utf8", "r4,\\xff,lamp,2026-06-01T10:00:00Z"),
        (6, "nul_character", "r5,a\\x00b,lamp,2026-06-01T10:00:00Z"),
    ]
    assert landing.rows("select request_id, user_id from restock.request order by 1")[-1] == ("r7", "cem\\")


def test_json_that_cannot_be_read_is_kept_too(landing: Landing):
    content = '{"user_id": "ada"}\n{"user_id": \n{"user_id": ["a"]}\n{"user_id": "\\ud800"}\n'
    assert landing.send("customers", content, "x.jsonl") == {"read": 4, "loaded": 1, "rejected": 3}
    assert [(line, code) for line, code, _ in landing.rejected()] == [
        (2, "broken_json"),
        (3, "nested_value"),
        (4, "invalid_utf8"),
    ]
    assert landing.rejected()[2][2] == '{"user_id": "\\ud800"}'


@pytest.mark.parametrize(
    "text",
    [
        "'; drop table restock.request; --",
        "\\N",
        "\\.",
        "%(x)s %s",
        "{}",
        "$1",
        "NULL",
        "😀",
        "\\t",
    ],
)
def test_hostile_text_is_just_text(landing: Landing, text: str):
    row = PRODUCT | {"product_id": text, "name": text, "category": f'"{text}"', "brand": text}
    landing.put("products", [row], "a.csv")
    landing.put("products", [row | {"product_id": text + "2"}], "a.jsonl")
    landing.load()
    assert landing.rows(
        "select product_id, name, category, brand from restock.product order by length(product_id)"
    ) == [
        (text, text, f'"{text}"', text),
        (text + "2", text, f'"{text}"', text),
    ]


def test_a_file_of_nothing_but_bad_rows_is_loaded_with_all_of_them_rejected(landing: Landing):
    rows = [stock("lamp", "none") for _ in range(2500)]
    assert landing.send("inventory", rows) == {"read": 2500, "rejected": 2500}
    assert landing.rows("select min(line_number), max(line_number) from restock.rejected_row") == [(2, 2501)]
    assert landing.rows("select count(*) from restock.inventory") == [(0,)]
