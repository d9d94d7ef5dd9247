"""The feeds products, customers, orders and suppressions."""

import pytest

from tests.warehouse.landing import CLOCK, Landing, minute, subscribe

LAMP = {"product_id": "lamp", "name": "Lamp", "url": "https://shop.example/lamp", "price": "12.5", "currency": "EUR"}
ADA = {
    "user_id": "ada",
    "email": "ada@example.com",
    "phone": "+41446681800",
    "timezone": "Europe/Zurich",
    "tier": 2,
    "consent": "false",
}


def test_a_product_is_kept_with_all_it_says(landing: Landing):
    said = LAMP | {
        "store_id": "berlin",
        "image_url": "https://shop.example/lamp.png",
        "category": "Light",
        "brand": "Glüh & Co",
        "parent_id": "lamps",
    }
    assert landing.send("products", [said]) == {"read": 1, "loaded": 1}
    (row,) = landing.records("select * from restock.product")
    assert {name: str(row[name]) for name in said} == said | {"price": "12.50"}


def test_a_product_said_again_is_unchanged_and_a_changed_one_is_loaded(landing: Landing):
    landing.send("products", [LAMP, LAMP | {"product_id": "mug"}])
    counts = landing.send("products", [LAMP | {"price": "12.50"}, LAMP | {"product_id": "mug", "price": "9.99"}])
    assert counts == {"read": 2, "loaded": 1, "unchanged": 1}
    assert landing.rows(
        "select product_id, price::text, path from restock.product join restock.feed_file"
        " using (feed_file_id) order by 1"
    ) == [
        ("lamp", "12.50", "products/001.csv"),
        ("mug", "9.99", "products/002.csv"),
    ]


def test_the_last_row_of_a_product_in_a_file_counts(landing: Landing):
    counts = landing.send("products", [LAMP | {"name": "Old"}, LAMP | {"name": "New"}, LAMP | {"store_id": "berlin"}])
    assert counts == {"read": 3, "loaded": 2, "duplicate": 1}
    assert landing.rows("select name from restock.product where store_id = 'main'") == [("New",)]


@pytest.mark.parametrize("name", ["partial.csv", "partial.jsonl"])
def test_a_column_that_a_file_lacks_leaves_the_value_and_an_empty_value_clears_it(landing: Landing, name: str):
    landing.send("products", [LAMP | {"brand": "Glow", "category": "Light"}])
    landing.send("products", [{"product_id": "lamp", "name": "Lamp", "brand": ""}], name)
    assert landing.rows("select url, price::text, brand, category from restock.product") == [
        ("https://shop.example/lamp", "12.50", None, "Light")
    ]


def test_a_customer_is_kept_with_all_it_says_and_defaults(landing: Landing):
    said = ADA | {"webhook_url": "https://example.com/hook", "locale": "de-CH", "preferred_channel": "sms"}
    landing.send("customers", [said, {"user_id": "bob"}])
    ada, bob = landing.records("select * from restock.customer order by user_id")
    assert {name: ada[name] for name in said} == said | {"consent": False}
    assert (bob["email"], bob["tier"], bob["consent"]) == (None, 0, True)


def test_the_last_row_of_a_customer_counts_and_what_is_known_is_unchanged(landing: Landing):
    landing.send("customers", [ADA, {"user_id": "bob"}])
    rows = [ADA | {"email": "old@example.com"}, ADA, {"user_id": "bob", "email": "bob@example.com"}]
    assert landing.send("customers", rows) == {"read": 3, "loaded": 1, "duplicate": 1, "unchanged": 1}


def test_a_file_without_consent_gives_no_consent_back(landing: Landing):
    landing.send("customers", [ADA])
    landing.send("customers", [{"user_id": "ada", "email": "ada@new.example"}])
    landing.send("customers", [{"user_id": "ada", "email": "ada@new.example", "consent": "", "tier": ""}])
    assert landing.rows("select email, phone, tier, consent from restock.customer") == [
        ("ada@new.example", "+41446681800", 2, False)
    ]


QUEUED = "select product_id from restock.plan_queue order by 1"


@pytest.mark.parametrize(
    "change",
    [
        {"email": "new@example.com"},
        {"phone": "+41446681801"},
        {"webhook_url": "https://example.com/hook"},
        {"consent": "true"},
        {"timezone": "Asia/Tokyo"},
        {"preferred_channel": "sms"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_planning_hears_of_a_waiting_customer_who_can_be_reached_otherwise(landing: Landing, change: dict):
    landing.send("customers", [ADA, {"user_id": "bob", "email": "bob@example.com"}])
    landing.send(
        "requests", [subscribe("r1"), subscribe("r2", product="mug"), subscribe("r3", user="bob", product="cup")]
    )
    landing.warehouse.execute("truncate restock.plan_queue")
    landing.send("customers", [ADA | change, {"user_id": "bob", "email": "bob@example.com"}], "change.jsonl")
    assert landing.rows(QUEUED) == [("lamp",), ("mug",)]


def test_planning_hears_of_a_customer_who_becomes_known_while_waiting(landing: Landing):
    landing.send("requests", [subscribe("r1")])
    landing.warehouse.execute("truncate restock.plan_queue")
    landing.send("customers", [ADA])
    assert landing.rows(QUEUED) == [("lamp",)]


def test_planning_does_not_hear_of_what_changes_nothing_for_it(landing: Landing):
    landing.send("customers", [ADA])
    landing.send("requests", [subscribe("r1")])
    landing.warehouse.execute("truncate restock.plan_queue")
    landing.send("customers", [ADA | {"tier": 9, "locale": "fr"}])
    assert landing.rows(QUEUED) == []


def test_an_order_is_kept_once_for_each_of_its_products(landing: Landing):
    order = {"order_id": "o1", "user_id": "ada", "product_id": "lamp", "ordered_at": minute(3), "amount": "25"}
    assert landing.send("orders", [order | {"quantity": 2}, order | {"product_id": "mug"}, order]) == {
        "read": 3,
        "loaded": 2,
        "duplicate": 1,
    }
    assert landing.send("orders", [order | {"quantity": 5}]) == {"read": 1, "duplicate": 1}
    assert landing.rows("select product_id, store_id, quantity, amount::text from restock.purchase order by 1") == [
        ("lamp", "main", 2, "25.00"),
        ("mug", "main", 1, "25.00"),
    ]


def test_an_address_is_suppressed_once_however_it_is_capitalised(landing: Landing):
    row = {"channel": "email", "contact": "Ada@Example.com", "reason": "complaint", "suppressed_at": minute(3)}
    rows = [row, row | {"contact": "ADA@example.com", "suppressed_at": minute(1), "reason": "bounce"}]
    assert landing.send("suppressions", rows) == {"read": 2, "loaded": 1, "duplicate": 1}
    assert landing.send(
        "suppressions", [row, row | {"channel": "sms", "contact": "+41446681800", "suppressed_at": ""}]
    ) == {
        "read": 2,
        "loaded": 1,
        "unchanged": 1,
    }
    found = (
        "select channel, reason, suppressed_at from restock.suppression as s"
        " inner join unnest(array['aDa@example.com', '+41446681800']) as a on s.contact_hash = restock.hash_contact(a)"
        " order by 1"
    )
    assert landing.rows(found) == [
        ("email", "bounce", CLOCK.replace(hour=0, minute=1)),
        ("sms", "complaint", CLOCK),
    ]
    assert landing.rows("select count(*) from restock.suppression") == [(2,)]
