"""The search: the open requests that an episode could answer, with all that rules 3 to 8 need to know of each."""

from datetime import datetime, timedelta

import pandas as pd
import psycopg
import pyarrow as pa

from restock.policy import Settings
from restock.schedule.codes import RowSettings
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, read_frame
from restock.warehouse.statistics import follow_keys

SHOPPER = {
    "user_id": pa.string(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "channel": pa.string(),
    "contact": pa.string(),
}
CANDIDATE = SHOPPER | {
    "episode_id": pa.int64(),
    "request_key": pa.int64(),
    "request_id": pa.string(),
    "timezone": pa.string(),
    "locale": pa.string(),
    "tier": pa.int64(),
    "looks": pa.string(),
}
_EPISODE = {
    "episode_id": pa.int64(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "opened_at": TIMESTAMP,
    "quantity": pa.int64(),
    "notify_per_unit": pa.float64(),
    "last_position": pa.int64(),
}
_FOUND = {name: kind for name, kind in CANDIDATE.items() if name not in _EPISODE} | {
    "episode_id": pa.int64(),
    "requested_at": TIMESTAMP,
    "suppressed": pa.bool_(),
    "holdout_draw": pa.float64(),
    "bucket": pa.int64(),
    "rule_before": pa.string(),
}


def find_candidates(connection: psycopg.Connection, settings: Settings, clock: datetime) -> pd.DataFrame:
    """The candidates of the products in the temporary table taken_product, as the rules want them.

    They also carry bucket, and rule_before: the rule that passed them over in an earlier look (missing if none did).
    """
    with_holdout = settings.holdout_percent > 0 or "holdout_percent" in settings.overrides.model_dump_json()
    with connection.transaction():
        # Workers cannot read a temporary table: with them PostgreSQL leaves the one that says what is wanted for last.
        connection.execute("set local max_parallel_workers_per_gather = 0")
        # Runs search one after the other. With less, a million requests and shoppers are hashed by way of files.
        connection.execute("set local work_mem = '128MB'")
        by_category = {"by_category": settings.has_category_overrides()}
        episodes = read_frame(connection, read_sql("notify/find_episodes.sql"), by_category, _EPISODE)
        [(looked_before,)] = connection.execute(read_sql("notify/has_earlier_looks.sql")).fetchall()
        binds = {"with_holdout": with_holdout, "looked_before": looked_before}
        found = read_frame(connection, read_sql("notify/find_candidates.sql"), binds, _FOUND)
    of_row = pd.Index(episodes["episode_id"]).get_indexer(found["episode_id"])
    if (of_row < 0).any():
        # What closed or was held in between is none any more.
        found, of_row = found[of_row >= 0], of_row[of_row >= 0]
    shared = episodes.drop(columns="episode_id").take(of_row).set_axis(found.index)
    found = pd.concat([found.assign(holdout_draw=found["holdout_draw"] / 100), shared], axis=1)
    purchased = read_frame(connection, read_sql("notify/find_purchased.sql"), {}, {"request_key": pa.int64()})
    found = found.assign(purchased=found["request_key"].isin(purchased["request_key"]))
    return _with_last_told(connection, found, settings, clock)


def _with_last_told(
    connection: psycopg.Connection, found: pd.DataFrame, settings: Settings, clock: datetime
) -> pd.DataFrame:
    """`found` with last_told_at: when the shopper was last told about the product, missing where long ago or never."""
    # Some shoppers' day began before that of the clock, and some messages left later than on their day.
    cooldown = timedelta(hours=int(RowSettings(settings, found).each(lambda its: its.cooldown_hours).max(initial=0)))
    first_day = {"first_day": (clock - cooldown - timedelta(days=2)).date()}
    products = read_frame(connection, read_sql("notify/find_told_products.sql"), first_day, {"product_id": pa.string()})
    asked = found.loc[found["product_id"].isin(products["product_id"]), "request_key"]
    follow_keys(connection)
    told = read_frame(
        connection,
        read_sql("notify/find_last_told.sql"),
        first_day | {"request_keys": asked.tolist(), "clock": clock},
        {"request_key": pa.int64(), "last_told_at": TIMESTAMP},
    ).set_index("request_key")["last_told_at"]
    return found.assign(last_told_at=told.reindex(found["request_key"]).array)
