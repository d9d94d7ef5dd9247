"""What planning would know at this moment, read without a trace: the world of a preview of the next runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import psycopg
import pyarrow as pa
from psycopg.types.json import Jsonb

from restock.policy import Settings
from restock.preview.simulate import INSTANT, World
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, read_frame

_EPISODES = {
    "episode_id": pa.int64(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "opened_at": TIMESTAMP,
    "quantity": pa.int64(),
    "notify_per_unit": pa.float64(),
    "last_position": pa.int64(),
    "held": pa.bool_(),
    "on_hand": pa.int64(),
}
REQUESTS = {
    "episode_id": pa.int64(),
    "request_key": pa.int64(),
    "request_id": pa.string(),
    "user_id": pa.string(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "channel": pa.string(),
    "contact": pa.string(),
    "timezone": pa.string(),
    "requested_at": TIMESTAMP,
    "units": pa.int64(),
    "tier": pa.int64(),
    "suppressed": pa.bool_(),
    "purchased": pa.bool_(),
    "last_told_at": TIMESTAMP,
    "holdout_draw": pa.float64(),
}
MESSAGES = {
    "notification_key": pa.int64(),
    "user_id": pa.string(),
    "store_id": pa.string(),
    "channel": pa.string(),
    "contact": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "local_day": pa.timestamp("us"),
    "first_due_at": TIMESTAMP,
    "due_at": TIMESTAMP,
    "joinable": pa.bool_(),
}


def read_present(connection: psycopg.Connection, policies: Sequence[Settings], clock: datetime) -> list[World]:
    """The world of each policy: the episodes differ, the requests are read once.

    Args:
        connection: Warehouse, in a transaction.
        policies: One or more.
        clock: The moment of the next run.
    """
    episodes = [_read_episodes(connection, settings, clock) for settings in policies]
    # The ids of episodes that have yet to open are those of their products, so that a request stands here once.
    asked = pd.concat(episodes).drop_duplicates("episode_id")
    binds = {
        "clock": clock,
        "episode_ids": asked["episode_id"].tolist(),
        "store_ids": asked["store_id"].tolist(),
        "product_ids": asked["product_id"].tolist(),
        "longest_cooldown_hours": max(longest_cooldown(settings) for settings in policies),
    }
    requests = read_frame(connection, read_sql("preview/read_waiting.sql"), binds, REQUESTS)
    requests = requests.assign(
        look_at=pd.Series(pd.Timestamp(clock), index=requests.index, dtype=INSTANT),
        locale=None,
        looks=None,
        gone_at=pd.Series(pd.NaT, index=requests.index, dtype=INSTANT),
    )
    messages = read_frame(
        connection,
        read_sql("preview/read_messages.sql"),
        {"user_ids": requests["user_id"].unique().tolist(), "first_day": (clock - timedelta(days=1)).date()},
        MESSAGES,
    )
    return [
        World(
            of_policy.set_index("episode_id"), requests[requests["episode_id"].isin(of_policy["episode_id"])], messages
        )
        for of_policy in episodes
    ]


def longest_cooldown(settings: Settings) -> int:
    """The longest cooldown that any override asks for, in hours."""
    own = (
        override.get("cooldown_hours", 0)
        for of_level in settings.overrides.model_dump().values()
        for override in of_level.values()
    )
    return int(max([settings.cooldown_hours, *own]))


def _read_episodes(connection: psycopg.Connection, settings: Settings, clock: datetime) -> pd.DataFrame:
    binds = {"clock": clock, "settings": Jsonb(settings.model_dump())}
    episodes = read_frame(connection, read_sql("preview/read_episodes.sql"), binds, _EPISODES)
    return episodes.assign(
        closed_at=pd.Series(pd.NaT, index=episodes.index, dtype=INSTANT),
        plan_from=episodes["opened_at"].mask(episodes["held"]),
    )
