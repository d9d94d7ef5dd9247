"""A warehouse of three years, and what retention leaves of it in tables, marts and archive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import psycopg

from restock.maintenance import check_warehouse
from restock.marts import refresh
from tests.warehouse.mart_facts import Facts

NOW = datetime.now(UTC).replace(microsecond=0)
DAYS = 400
FAMILY_TABLES = (
    *("request", "joined_request", "request_outcome", "decision"),
    *("notification", "delivery_attempt", "click", "purchase"),
)
MARTS = ("funnel_daily", "episode_outcome", "delivery_health", "policy_effect", "product_demand")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def make_aged_facts(warehouse: psycopg.Connection) -> Facts:
    """Messages, purchases, clicks and expired requests of three years."""
    facts = Facts(warehouse)
    facts.policy(ago(1200))
    facts.warehouse.execute(
        "insert into restock.product (store_id, product_id, name, price, currency)"
        " values ('main', 'lamp', 'Lamp', 10, 'EUR'), ('main', 'chair', 'Chair', 20, 'EUR')"
    )
    for days in (1100, 900, 500, 450, 401, 399, 200, 30):
        for user in ("ann", "bob@example.com"):
            key = facts.message(user, "lamp", ago(days))
            facts.attempt(key, 1, "retryable", ago(days))
            facts.attempt(key, 2, "accepted", ago(days))
            facts.click(key, "lamp", ago(days) + timedelta(hours=1))
            end(facts, user, days, "notified", key)
        facts.purchase("ann", "lamp", ago(days) + timedelta(hours=2))
        facts.request("cid", "chair", ago(days + 90))
        end(facts, "cid", days, "expired")
    facts.open_request("dee", "chair", ago(20))
    return facts


def end(facts: Facts, user: str, days: float, status: str, message: int | None = None) -> None:
    """End the newest request of a shopper."""
    facts.warehouse.execute(
        "insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)"
        " select max(request_key), %s, %s, %s, %s from restock.request where user_id = %s",
        [status, status, message, ago(days), user],
    )


def rows(warehouse: psycopg.Connection, query: str) -> list[tuple]:
    return warehouse.execute(query).fetchall()


def counts(warehouse: psycopg.Connection) -> dict[str, int]:
    return {table: rows(warehouse, f"select count(*) from restock.{table}")[0][0] for table in FAMILY_TABLES}


def marts(warehouse: psycopg.Connection) -> dict[str, list]:
    refresh(warehouse)
    return {
        name: rows(warehouse, f"select to_jsonb(m) - 'median_wait_days' from mart.{name} as m order by m::text")
        for name in MARTS
    }


def archive(folder: Path, table: str) -> pd.DataFrame:
    """As an analyst reads it (docs/growth.md)."""
    return pd.read_parquet(folder / table)


def failing(warehouse: psycopg.Connection) -> set[str]:
    return {result.name for result in check_warehouse(warehouse) if not result.is_valid and result.severity == "fail"}
