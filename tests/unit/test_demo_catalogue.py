"""The demo's catalogue: names that a shopper would read, and prices that were paid."""

import pandas as pd
import pytest

from restock.demo.catalogue import build_catalogue, readable_size, reprice, shelf_prices
from restock.demo.source import read_products, read_purchases
from restock.demo.stretch import HISTORY, START


@pytest.fixture(scope="module")
def catalogue() -> pd.DataFrame:
    return build_catalogue(read_products(), read_purchases(START - HISTORY, START), "http://127.0.0.1:8025/shop")


@pytest.mark.parametrize(
    ("source", "fresh", "label"),
    [
        ("16 OZ", False, "16 oz"),
        ("L     2 LB", False, "2 lb"),
        ("(600) 4 LB", False, "4 lb"),
        (".75 OZ", False, "0.75 oz"),
        ("11.00 OZ", False, "11 oz"),
        ("15 1/4 OZ", False, "15 1/4 oz"),
        ("10/6.75 OZ", False, "10 x 6.75 oz"),
        ("4 PK/4 OZ", False, "4 x 4 oz"),
        ("12 OZ CAN", False, "12 oz"),
        ("GAL", False, "1 gal"),
        ("1 DOZ", False, "1 dozen"),
        ("83.5 SQ FT", False, "83.5 sq ft"),
        ("40 LB", False, "40 lb"),
        ("40 LB", True, ""),
        ("48-54 CT", True, ""),
        ("5 LB BAG", True, "5 lb"),
        ("CTN", False, ""),
        ("", False, ""),
    ],
)
def test_package_sizes_read_as_on_a_label(source: str, fresh: bool, label: str) -> None:
    assert readable_size(source, fresh) == label


def test_there_are_too_few_products_for_the_gate_to_hold_the_opening_of_the_shop(catalogue: pd.DataFrame) -> None:
    assert 800 <= len(catalogue) < 1_000


def test_names_are_unique_and_free_of_trade_terms(catalogue: pd.DataFrame) -> None:
    assert catalogue["name"].is_unique
    assert catalogue["name"].str.fullmatch(r"[A-Z][\w ,.&'/ñé-]+").all()
    assert not catalogue["name"].str.contains(r"[A-Z]{3}").any()


def test_varieties_are_numbered_only_where_names_would_be_the_same(catalogue: pd.DataFrame) -> None:
    numbered = catalogue["name"].str.extract(r"^(.*), Variety (\d+)$").dropna()
    counts = numbered.groupby(0)[1].agg(lambda numbers: sorted(map(int, numbers)))
    assert all(numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 1 for numbers in counts)


def test_prices_are_money_that_was_asked(catalogue: pd.DataFrame) -> None:
    assert catalogue["price"].str.fullmatch(r"\d+\.\d\d").all()
    price = catalogue["price"].astype(float)
    assert price.between(0.05, 60).all()
    assert (catalogue["url"] == "http://127.0.0.1:8025/shop/p/" + catalogue["product_id"].astype(str)).all()


def _purchases(product_id: int, unit_price: float, count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product_id": product_id,
            "quantity": 2,
            "paid": 2 * unit_price - 0.6,
            "card_discount": 0.5,
            "coupon_match": 0.1,
        },
        index=range(count),
    )


def test_the_price_is_that_of_one_unit_before_discounts() -> None:
    assert shelf_prices(_purchases(1, 3.0, 4)).loc[1, "price"] == pytest.approx(3.0)


def test_only_a_clear_and_often_seen_change_of_price_counts() -> None:
    catalogue = pd.DataFrame({"product_id": [1, 2, 3, 4], "name": list("abcd"), "price": ["1.00"] * 4})
    seen = pd.concat([_purchases(1, 1.5, 10), _purchases(2, 1.5, 9), _purchases(3, 1.04, 10)])
    assert reprice(catalogue, seen).to_dict("records") == [{"product_id": 1, "name": "a", "price": "1.50"}]
