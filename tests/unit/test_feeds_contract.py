"""The contract is complete: the columns of the design, a sentence for each reason, a check for each kind."""

import re

import pytest

from restock.feeds.contract import CHOICE, FEEDS, ID, REASONS, TEXT, Reason
from restock.feeds.ledger import FeedCounts, format_counts

REQUIRED = {
    "requests": ["request_id", "user_id", "product_id", "requested_at"],
    "inventory": ["product_id", "available_quantity", "snapshot_at"],
    "products": ["product_id", "name"],
    "customers": ["user_id"],
    "orders": ["order_id", "user_id", "product_id", "ordered_at"],
    "suppressions": ["channel", "contact", "reason"],
}
OPTIONAL = {
    "requests": {"action", "store_id", "channel", "contact", "surface", "locale", "timezone", "quantity"},
    "inventory": {"store_id", "location_id", "orderable"},
    "products": {"store_id", "url", "image_url", "price", "currency", "category", "brand", "parent_id"},
    "customers": {"email", "phone", "webhook_url", "locale", "timezone", "preferred_channel", "tier", "consent"},
    "orders": {"store_id", "quantity", "amount"},
    "suppressions": {"suppressed_at"},
}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_feed_has_the_columns_of_the_design(name: str):
    columns = FEEDS[name].columns
    assert [column.name for column in columns if column.required] == REQUIRED[name]
    assert {column.name for column in columns if not column.required} == OPTIONAL[name]
    assert all(column.meaning.endswith(".") for column in columns)


def test_the_feeds_are_those_of_the_design():
    assert set(FEEDS) == set(REQUIRED)


def test_every_reason_is_explained_in_one_sentence():
    assert set(REASONS) == set(Reason)
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in REASONS.values())


def test_every_kind_but_free_text_has_a_reason_for_what_it_is_not():
    kinds = {column.kind for feed in FEEDS.values() for column in feed.columns}
    assert {kind for kind in kinds if kind.reason is None} == {ID, TEXT}


def test_a_limit_has_both_ends_and_a_choice_has_choices():
    for feed in FEEDS.values():
        for column in feed.columns:
            assert (column.minimum is None) == (column.maximum is None)
            assert bool(column.choices) == (column.kind is CHOICE)


def test_the_counts_of_a_run_are_a_table():
    counts = [FeedCounts(10, 8, 2, 0, 0, 0, "requests", 3, 1, 0), FeedCounts(feed="customers", files=1)]
    assert format_counts(counts).splitlines() == [
        "feed       read  loaded  rejected  duplicate  stale  unchanged  files  failed_files  duplicate_files",
        "requests     10       8         2          0      0          0      3             1                0",
        "customers     0       0         0          0      0          0      1             0                0",
    ]
