"""Rows of people who were erased: delivered again, they do not come back."""

import psycopg
from psycopg import sql

from restock.feeds.contract import Feed
from restock.warehouse import read_sql

# Feeds that name shoppers and say when, with the column of that time.
_TIMES = {"requests": "requested_at", "orders": "ordered_at"}
_HASH = sql.SQL("restock.hash_with(k.inner_key, k.outer_key, {})")
_USER = sql.SQL("'user:' || s.user_id")
_CONTACT = sql.SQL("'contact:' || lower(s.contact)")
_OLD_ROWS = sql.SQL(
    "delete from {table} as s using restock.erasure_key as k, restock.erased_name as e where e.name_hash = {hash}"
    # A row without a time that can be read must not stay among the rejected ones.
    " and coalesce(case when pg_input_is_valid(s.{time}, 'timestamptz') then s.{time}::timestamptz end"
    " <= e.erased_at, true)"
)


def hold_erasures(connection: psycopg.Connection) -> None:
    """Let no erasure begin until the transaction ends. To be called before any row is locked."""
    connection.execute(read_sql("ingest/hold_erasures.sql"))


def drop_erased(connection: psycopg.Connection, table: sql.Identifier, feed: Feed) -> int:
    """Take out of a staging table what is older than the erasure of its shopper. Returns how many rows.

    Costs nothing worth counting where nobody was erased.

    Args:
        connection: In a transaction in which erasures are held.
        table: Staging table.
        feed: Its feed.
    """
    if feed.name not in _TIMES or connection.execute(read_sql("ingest/has_erasures.sql")).fetchone() != (True,):
        return 0
    names = [_USER, *([_CONTACT] if feed.name == "requests" else [])]
    time = sql.Identifier(_TIMES[feed.name])
    return sum(
        connection.execute(_OLD_ROWS.format(table=table, hash=_HASH.format(name), time=time)).rowcount for name in names
    )
