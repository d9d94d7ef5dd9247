"""Planning: reads what the rules need, applies them, writes what they say. One transaction a step.

`rank_requests` gives places in the queue (rules 3 to 6) across all shoppers; `build_schedule` turns the places of
one shard of the shoppers into messages (rules 7 and 8). Between them stand the rows of `restock.candidate`, so that
a crash between the two, or in a shard, loses nothing: the next run's shards take up what is left.
"""

from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa

from restock.policy import load_policy
from restock.schedule.digest import Digest, build_digests
from restock.schedule.queue import Placement, place_in_queue
from restock.schedule.wall_clock import after_quiet_hours
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, copy_frame, read_frame

# Any numbers will do that nothing else on the server uses.
RANK_LOCK = 7_370_003
BUCKET_LOCK_CLASS = 7_370_004

BUCKETS = 64
SHARD_SIZE = 50_000
# From so many rows on, autovacuum's own ANALYZE would come too late for the next step.
BULK = 10_000

_CANDIDATE_FACTS = {
    "request_key": pa.int64(),
    "request_id": pa.string(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "channel": pa.string(),
    "has_address": pa.bool_(),
    "requested_at": TIMESTAMP,
    "tier": pa.int64(),
    "episode_id": pa.int64(),
    "opened_at": TIMESTAMP,
    "quantity": pa.int64(),
    "last_position": pa.int64(),
    "suppressed": pa.bool_(),
    "purchased": pa.bool_(),
    "last_told_at": TIMESTAMP,
    "holdout_draw": pa.float64(),
    "bucket": pa.int64(),
}
_CANDIDATES = {
    "episode_id": pa.int64(),
    "request_key": pa.int64(),
    "request_id": pa.string(),
    "user_id": pa.string(),
    "store_id": pa.string(),
    "channel": pa.string(),
    "contact": pa.string(),
    "timezone": pa.string(),
    "locale": pa.string(),
    "position": pa.int64(),
    "wave": pa.int64(),
    "due_at": TIMESTAMP,
}
_EARLIER_MESSAGES = {
    "notification_key": pa.int64(),
    "user_id": pa.string(),
    "store_id": pa.string(),
    "channel": pa.string(),
    "contact": pa.string(),
    "local_day": pa.timestamp("us"),
    "first_due_at": TIMESTAMP,
    "due_at": TIMESTAMP,
    "joinable": pa.bool_(),
}


class Shard(NamedTuple):
    """A run of buckets, both ends included."""

    first_bucket: int
    last_bucket: int


def rank_requests(
    connection: psycopg.Connection, policy_id: int, channels: set[str], clock: datetime
) -> dict[str, int]:
    """Rules 3 to 6 for the products in the plan queue. Commits; running it again finds nothing left to do.

    Args:
        connection: Warehouse.
        policy_id: Policy in force.
        channels: The channels that messages can leave on.
        clock: The moment of this run, with a time zone.

    Returns:
        How many requests were closed, passed_over and placed.
    """
    settings = load_policy(connection, policy_id)
    with connection.transaction():
        # One at a time, because positions are given across all shoppers of an episode.
        connection.execute("select pg_advisory_xact_lock(%s)", (RANK_LOCK,))
        connection.execute(read_sql("notify/take_plan_queue.sql"), {"clock": clock})
        connection.execute("analyze taken_product")
        candidates = read_frame(
            connection,
            read_sql("notify/find_candidates.sql"),
            {"clock": clock, "cooldown_hours": settings.cooldown_hours},
            _CANDIDATE_FACTS,
        )
        placement = place_in_queue(candidates, settings, channels, clock)
        _write_placement(connection, placement, {"clock": clock, "policy_id": policy_id})
    _refresh_statistics(connection, len(placement.placed), "restock.candidate")
    return {
        "closed": len(placement.closed),
        "passed_over": len(placement.passed_over),
        "placed": len(placement.placed),
    }


def _write_placement(connection: psycopg.Connection, placement: Placement, binds: dict[str, object]) -> None:
    for table, definition, frame, statement in [
        ("closed_request", "request_key bigint, status text, reason text", placement.closed, "write_closed"),
        (
            "passed_over",
            "episode_id bigint, request_key bigint, outcome text, rule text",
            placement.passed_over,
            "write_passed_over",
        ),
        (
            "placed_episode",
            "episode_id bigint, last_position integer",
            placement.placed.groupby("episode_id", as_index=False)
            .agg({"position": "max"})
            .rename(columns={"position": "last_position"}),
            "write_positions",
        ),
        (
            "look_again",
            "store_id text, product_id text, plan_after timestamptz",
            placement.look_again,
            "write_look_again",
        ),
    ]:
        if not frame.empty:
            _load_temporary(connection, frame, table, definition)
            connection.execute(read_sql(f"notify/{statement}.sql"), binds)
    columns = ["bucket", "episode_id", "request_key", "position", "wave", "due_at"]
    copy_frame(connection, placement.placed.sort_values(columns[:3]), "restock.candidate", columns)


def _load_temporary(connection: psycopg.Connection, frame: pd.DataFrame, table: str, definition: str) -> None:
    """Put a frame into a temporary table with fresh statistics, so that the statement on it is planned well."""
    connection.execute(f"create temporary table {table} ({definition}) on commit drop".encode())
    copy_frame(connection, frame, table, [column.split()[0] for column in definition.split(", ")])
    connection.execute(f"analyze {table}".encode())


def _refresh_statistics(connection: psycopg.Connection, rows_written: int, tables: LiteralString) -> None:
    """Tell the planner about a bulk of new rows at once: with stale statistics the next step can take minutes."""
    if rows_written >= BULK:
        connection.execute(f"analyze {tables}")


def list_shards(connection: psycopg.Connection) -> list[Shard]:
    """Cut the candidates that wait into runs of buckets of about SHARD_SIZE; none where nothing waits."""
    shards: list[Shard] = []
    first, size = None, 0
    for bucket, count in connection.execute(read_sql("notify/count_candidates.sql")):
        first = bucket if first is None else first
        size += count
        if size >= SHARD_SIZE:
            shards.append(Shard(first, bucket))
            first, size = None, 0
    if first is not None:
        shards.append(Shard(first, BUCKETS - 1))
    return shards


def build_schedule(connection: psycopg.Connection, policy_id: int, shard: Shard, clock: datetime) -> dict[str, int]:
    """Rules 7 and 8 for one shard. Commits; running it again finds no candidates left.

    Args:
        connection: Warehouse.
        policy_id: Policy in force.
        shard: Whose candidates to take.
        clock: The moment of this run, with a time zone.

    Returns:
        How many candidates, messages (new), joined (items in earlier messages) and capped there were.
    """
    settings = load_policy(connection, policy_id)
    # Messages of yesterday's date on some wall clock can still count for today's cap on another.
    binds = shard._asdict() | {"first_day": (clock - timedelta(days=1)).date(), "clock": clock, "policy_id": policy_id}
    binds["default_timezone"] = settings.default_timezone
    with connection.transaction():
        connection.execute(read_sql("notify/lock_buckets.sql"), binds | {"lock_class": BUCKET_LOCK_CLASS})
        items = read_frame(connection, read_sql("notify/read_candidates.sql"), binds, _CANDIDATES)
        connection.execute(read_sql("notify/find_shard_shoppers.sql"), binds)
        connection.execute("analyze shard_shopper")
        connection.execute(read_sql("notify/lock_joinable.sql"), binds)
        earlier = read_frame(connection, read_sql("notify/read_earlier_messages.sql"), binds, _EARLIER_MESSAGES)
        due_at = items["due_at"].where(items["due_at"] > clock, pd.Timestamp(clock))
        awake_at = after_quiet_hours(due_at, items["timezone"], settings.parsed_quiet_hours())
        digest = build_digests(items.assign(due_at=awake_at), earlier, settings)
        planned = _explain(items, due_at, awake_at, digest)
        _write_schedule(connection, items, planned, digest, binds)
    _refresh_statistics(connection, len(items), "restock.notification, restock.outbox, restock.decision")
    return {
        "candidates": len(items),
        "messages": int((digest.messages["opening_item"] >= 0).sum()),
        "joined": int(planned["notification_key"].notna().sum()),
        "capped": int((planned["outcome"] == "capped").sum()),
    }


def _explain(items: pd.DataFrame, due_at: pd.Series, awake_at: pd.Series, digest: Digest) -> pd.DataFrame:
    """The decision on each item: outcome, the rule that had the last word, and the message it stands in."""
    placed = digest.items.reindex(items.index)
    message = digest.messages.reindex(placed["message"])
    opener = pd.Series(message["opening_item"].to_numpy(), index=items.index)
    merged = (placed["message"] >= 0) & (opener != items.index)
    conditions = [placed["message"] < 0, merged, placed["moved"].astype(bool), awake_at > due_at]
    opening = items[["episode_id", "request_key"]].reindex(opener.where(opener >= 0))
    return items.assign(
        due_at=due_at,
        scheduled_at=placed["scheduled_at"],
        outcome=np.select(conditions, ["capped", "merged", "delayed", "delayed"], "told"),
        rule=np.select(conditions, ["daily_cap", "digest", "daily_cap", "quiet_hours"], "queue"),
        notification_key=message["notification_key"].where(message["notification_key"] >= 0).astype("Int64").array,
        opening_episode_id=opening["episode_id"].astype("Int64").array,
        opening_request_key=opening["request_key"].astype("Int64").array,
    )


def _write_schedule(
    connection: psycopg.Connection,
    items: pd.DataFrame,
    planned: pd.DataFrame,
    digest: Digest,
    binds: dict[str, object],
) -> None:
    new = digest.messages[digest.messages["opening_item"] >= 0]
    opening = items.loc[new["opening_item"]]
    new = new.assign(
        opening_episode_id=opening["episode_id"].to_numpy(),
        opening_request_key=opening["request_key"].to_numpy(),
        locale=opening["locale"].array,
        timezone=opening["timezone"].array,
    )
    _load_temporary(
        connection,
        new,
        "planned_message",
        "opening_episode_id bigint, opening_request_key bigint, user_id text, channel text, store_id text, "
        "locale text, timezone text, local_day date, first_due_at timestamptz, due_at timestamptz",
    )
    connection.execute(read_sql("notify/write_notifications.sql"), binds)
    joined = digest.messages[digest.messages["changed"] & (digest.messages["notification_key"] >= 0)]
    _load_temporary(
        connection, joined, "joined_message", "notification_key bigint, first_due_at timestamptz, due_at timestamptz"
    )
    connection.execute(read_sql("notify/write_joined.sql"))
    _load_temporary(
        connection,
        planned,
        "planned_item",
        "episode_id bigint, request_key bigint, outcome text, rule text, position integer, wave integer, "
        "due_at timestamptz, scheduled_at timestamptz, notification_key bigint, opening_episode_id bigint, "
        "opening_request_key bigint",
    )
    connection.execute("analyze written_message")
    connection.execute(read_sql("notify/write_decisions.sql"), binds)
