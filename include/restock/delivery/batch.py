"""What claimed messages say: their items, and the product of each, which many share."""

from collections.abc import Sequence
from typing import Any

import psycopg

from restock.delivery.arrays import write_keys
from restock.delivery.message import BatchRow, Product
from restock.warehouse import read_sql

# The columns of `notify/read_batch.sql` that come before the product in a BatchRow, and that of the episode.
_BEFORE_PRODUCT = BatchRow._fields.index("product")
_EPISODE = BatchRow._fields.index("episode_id") - 1


async def read_items(connection: psycopg.AsyncConnection, keys: Sequence[int]) -> list[BatchRow]:
    """The items of messages, in the order in which they were due.

    Args:
        connection: Warehouse.
        keys: Of the messages.
    """
    rows = await connection.execute(read_sql("notify/read_batch.sql"), {"notification_keys": write_keys(keys)})
    items = await rows.fetchall()
    products = await connection.execute(read_sql("notify/read_batch_products.sql"), product_binds(items))
    return join_products(items, await products.fetchall())


def product_binds(items: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    """What `notify/read_batch_products.sql` binds, for rows of `notify/read_batch.sql`."""
    return {"episode_ids": write_keys({row[_EPISODE] for row in items})}


def join_products(items: Sequence[tuple[Any, ...]], products: Sequence[tuple[Any, ...]]) -> list[BatchRow]:
    """Rows of `notify/read_batch.sql` with those of `notify/read_batch_products.sql`."""
    product_of = {episode_id: Product(*facts) for episode_id, _, *facts in products}
    sold_out = {episode_id for episode_id, is_sold_out, *_ in products if is_sold_out}
    rows = [
        BatchRow._make((*row[:_BEFORE_PRODUCT], product_of[row[_EPISODE]], *row[_BEFORE_PRODUCT:])) for row in items
    ]
    if not sold_out:
        return rows
    # Of several rules the first counts.
    return [
        row._replace(rule="sold_out") if row.episode_id in sold_out and row.rule in {None, "no_address"} else row
        for row in rows
    ]
