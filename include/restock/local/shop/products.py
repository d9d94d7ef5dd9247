"""The products that the shop shows, as the warehouse has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from restock.warehouse import connect, read_sql

# The demo's catalogue has one store.
STORE = "main"
PAGE_SIZE = 24


@dataclass(frozen=True)
class Product:
    """One product.

    Attributes:
        product_id: Id.
        name: As the feed has it, which may be anything.
        brand: None where the feed has none, as with the next three.
        category: Aisle.
        price: In `currency`.
        currency: ISO 4217 code.
        quantity: Units in stock.
    """

    product_id: str
    name: str
    brand: str | None
    category: str | None
    price: Decimal | None
    currency: str | None
    quantity: int


def list_products(warehouse_url: str, query: str, page: int) -> tuple[Sequence[Product], int]:
    """One page of the products with the query in name, category or brand, and how many there are on all pages.

    Args:
        warehouse_url: URL of the warehouse.
        query: The very letters to look for; all products for none.
        page: From 1.
    """
    escaped = query.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    binds = {"pattern": f"%{escaped}%", "row_limit": PAGE_SIZE, "row_offset": (page - 1) * PAGE_SIZE}
    rows = _read(warehouse_url, "shop/list_products.sql", binds)
    count = rows[0]["product_count"] if rows else 0
    return [_make(row) for row in rows], count


def find_product(warehouse_url: str, product_id: str, since: datetime | None) -> tuple[Product, bool] | None:
    """One product, and whether its stock is as of `since` or later; None where there is no such product."""
    rows = _read(warehouse_url, "shop/find_product.sql", {"product_id": product_id, "since": since})
    return (_make(rows[0]), rows[0]["has_arrived"]) if rows else None


def _read(warehouse_url: str, file: str, binds: dict[str, object]) -> list[dict[str, Any]]:
    with connect(warehouse_url, application="restock shop") as connection:
        return connection.cursor(row_factory=dict_row).execute(read_sql(file), {"store_id": STORE, **binds}).fetchall()


def _make(row: dict[str, Any]) -> Product:
    return Product(**{name: row[name] for name in Product.__dataclass_fields__})
