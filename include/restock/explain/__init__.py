"""Why was a shopper told, or not told: decisions in sentences that support staff can read out.

The words come from the view behind mart.decision_explained, so that analysts and the console say the same.
"""

from typing import NamedTuple

import psycopg

from restock.warehouse import read_sql


class FoundRequest(NamedTuple):
    """A request that someone asked about."""

    request_id: str
    user_id: str
    store_id: str
    product_id: str


def explain_request(connection: psycopg.Connection, request_id: str) -> list[str]:
    """What became of a request: a sentence for each restock, the oldest first, and one for where it stands outside.

    Returns:
        No sentence where the request is not known.
    """
    rows = connection.execute(read_sql("explain/explain_request.sql"), {"request_id": request_id})
    return [row[0] for row in rows]


def find_requests(connection: psycopg.Connection, name: str, most: int) -> list[FoundRequest]:
    """The requests, the newest first, that are called so, or are of that shopper or product (or store/product)."""
    rows = connection.execute(read_sql("explain/find_requests.sql"), {"name": name, "most": most})
    return [FoundRequest(*row) for row in rows]
