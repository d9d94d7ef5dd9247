"""Planning: reads what the rules need, applies them, writes what they say. One transaction a step.

`rank_requests` gives places in the queue (rules 3 to 6) across all shoppers; `build_schedule` turns the places of
one shard of the shoppers into messages (rules 7 and 8). Between them stand the rows of `restock.candidate`, so that
a crash between the two, or in a shard, loses nothing: the next run's shards take up what is left.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
from psycopg import sql

from restock.policy import Settings, load_policy
from restock.schedule import seen
from restock.schedule.arrange import arrange
from restock.schedule.codes import RowSettings
from restock.schedule.queue import Ranking, rank
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, copy_frame, read_frame

# Any numbers will do that nothing else on the server uses.
RANK_LOCK = 7_370_003
BUCKET_LOCK_CLASS = 7_370_004

BUCKETS = 64
# A task costs seconds before it does anything, and a shard of this size takes about as long.
SHARD_SIZE = 250_000
# From so many rows on, autovacuum's own ANALYZE would come too late for the next step.
BULK = 10_000

_SHOPPER = {
    "user_id": pa.string(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "channel": pa.string(),
    "contact": pa.string(),
}
_CANDIDATE = _SHOPPER | {
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
_FOUND = {name: kind for name, kind in _CANDIDATE.items() if name not in _EPISODE} | {
    "episode_id": pa.int64(),
    "requested_at": TIMESTAMP,
    "suppressed": pa.bool_(),
    "holdout_draw": pa.float64(),
    "bucket": pa.int64(),
    "rule_before": pa.string(),
}
_PLACED = _CANDIDATE | {
    "position": pa.int64(),
    "wave": pa.int64(),
    "due_at": TIMESTAMP,
    "ranked_at": TIMESTAMP,
    "last_told_at": TIMESTAMP,
}
_EARLIER_MESSAGE = _SHOPPER | {
    "notification_key": pa.int64(),
    "local_day": pa.timestamp("us"),
    "first_due_at": TIMESTAMP,
    "due_at": TIMESTAMP,
    "joinable": pa.bool_(),
}
_DECISION = ["episode_id", "request_key", "outcome", "rule", "trace", "policy_id", "decided_at", *seen.COLUMNS]
_NOTIFICATION = [
    "notification_key",
    "opening_episode_id",
    "opening_request_key",
    "user_id",
    "channel",
    "store_id",
    "locale",
    "timezone",
    "local_day",
    "first_due_at",
    "due_at",
    "status_at",
    "policy_id",
    "created_at",
]


class Shard(NamedTuple):
    """A run of buckets, both ends included."""

    first_bucket: int
    last_bucket: int


class _Run(NamedTuple):
    """What all decisions of one run share."""

    settings: Settings
    policy_id: int
    clock: datetime

    def binds(self) -> dict[str, object]:
        return {"clock": self.clock, "policy_id": self.policy_id}


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
        candidates = find_candidates(connection, settings, clock)
        ranking = give_places(connection, candidates, policy_id, channels, clock)
    refresh_statistics(connection, len(ranking.placed), "restock.candidate")
    return {
        "closed": len(ranking.closed),
        "passed_over": len(ranking.passed_over),
        "placed": len(ranking.placed),
    }


def find_candidates(connection: psycopg.Connection, settings: Settings, clock: datetime) -> pd.DataFrame:
    """The candidates of the products in the temporary table taken_product, as the rules want them.

    They also carry bucket, and rule_before: the rule that passed them over in an earlier look (missing if none did).
    """
    with_holdout = settings.holdout_percent > 0 or "holdout_percent" in settings.overrides.model_dump_json()
    episodes = read_frame(connection, read_sql("notify/find_episodes.sql"), {}, _EPISODE)
    found = read_frame(connection, read_sql("notify/find_candidates.sql"), {"with_holdout": with_holdout}, _FOUND)
    # What closed or was held in between is none any more.
    found = found[found["episode_id"].isin(episodes["episode_id"])]
    of_row = pd.Index(episodes["episode_id"]).get_indexer(found["episode_id"])
    shared = episodes.drop(columns="episode_id").take(of_row).set_axis(found.index)
    found = pd.concat([found.assign(holdout_draw=found["holdout_draw"] / 100), shared], axis=1)
    columns = {"request_key": pa.int64()}
    purchased = read_frame(connection, read_sql("notify/find_purchased.sql"), {}, columns)
    # Some shoppers' day began before that of the clock, and some messages left later than on their day.
    cooldown = timedelta(hours=int(RowSettings(settings, found).each(lambda its: its.cooldown_hours).max(initial=0)))
    first_day = (clock - cooldown - timedelta(days=2)).date()
    told = read_frame(
        connection,
        read_sql("notify/find_last_told.sql"),
        {"first_day": first_day},
        columns | {"last_told_at": TIMESTAMP},
    ).set_index("request_key")["last_told_at"]
    return found.assign(
        purchased=found["request_key"].isin(purchased["request_key"]),
        last_told_at=told.reindex(found["request_key"]).array,
    )


def give_places(
    connection: psycopg.Connection, candidates: pd.DataFrame, policy_id: int, channels: set[str], clock: datetime
) -> Ranking:
    """Apply rules 3 to 6 to candidates and write what they say. Does not commit."""
    run = _Run(load_policy(connection, policy_id), policy_id, clock)
    ranking = rank(candidates, run.settings, channels, clock)
    closed = candidates[["request_key"]].loc[ranking.closed.index]
    closed = closed.assign(status=ranking.closed["rule"], reason=ranking.closed["rule"])
    passed = pd.concat([candidates.loc[ranking.passed_over.index], ranking.passed_over], axis=1)
    columns = ["bucket", *_PLACED.keys() - {"store_id", "product_id"}]
    carried = candidates[[name for name in candidates if name in columns or name == "rule_before"]]
    placed = pd.concat([carried.loc[ranking.placed.index], ranking.placed], axis=1)
    # What is passed over for the same reason again has its decision already.
    new = passed[passed["rule"] != passed["rule_before"].fillna("")]
    looked_at_again = pd.concat([frame[frame["rule_before"].notna()] for frame in (new, placed)])
    positions = placed.groupby("episode_id", as_index=False).agg(last_position=("position", "max"))
    cooling = passed[passed["look_again_at"].notna()].rename(columns={"look_again_at": "plan_after"})
    cooling = cooling.groupby(["store_id", "product_id"], as_index=False).agg({"plan_after": "min"})
    for table, definition, frame, statement in [
        ("closed_request", "request_key bigint, status text, reason text", closed, "write_closed"),
        ("looked_at_again", "episode_id bigint, request_key bigint", looked_at_again, "drop_passed_over"),
        ("placed_episode", "episode_id bigint, last_position integer", positions, "write_positions"),
        ("look_again", "store_id text, product_id text, plan_after timestamptz", cooling, "write_look_again"),
    ]:
        if not frame.empty:
            _load_temporary(connection, frame, table, definition)
            connection.execute(read_sql(f"notify/{statement}.sql"), run.binds())
    _copy_decisions(connection, new, _DECISION, run)
    placed = placed.assign(ranked_at=pd.Timestamp(run.clock))
    by_bucket = np.argsort(placed["bucket"].to_numpy(np.int8), kind="stable")
    copy_frame(connection, placed.iloc[by_bucket], "restock.candidate", columns)
    return ranking


def _copy_decisions(connection: psycopg.Connection, decisions: pd.DataFrame, columns: Sequence[str], run: _Run) -> None:
    """Write decisions with the facts that planning saw. In the order of their key, which the index likes best."""
    order = np.lexsort((decisions["request_key"], decisions["episode_id"]))
    rows = pd.concat([decisions, seen.facts(decisions, run.settings)], axis=1).iloc[order]
    rows = rows.assign(policy_id=run.policy_id, decided_at=pd.Timestamp(run.clock))
    copy_frame(connection, rows, "restock.decision", columns)


def _load_temporary(connection: psycopg.Connection, frame: pd.DataFrame, table: str, definition: str) -> None:
    """Put a frame into a temporary table with fresh statistics, so that the statement on it is planned well."""
    connection.execute(f"create temporary table {table} ({definition}) on commit drop".encode())
    copy_frame(connection, frame, table, [column.split()[0] for column in definition.split(", ")])
    connection.execute(f"analyze {table}".encode())


def refresh_statistics(connection: psycopg.Connection, rows_written: int, *tables: str) -> None:
    """Tell the planner about a bulk of new rows at once: with stale statistics the next step can take minutes."""
    if rows_written >= BULK:
        stale = connection.execute(read_sql("notify/find_stale_statistics.sql"), {"tables": list(tables)})
        for (table,) in stale.fetchall():
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier(*table.split("."))))


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
        clock: The moment of this run, with a time zone. Best that of `rank_requests`: a replay needs only one then.

    Returns:
        How many candidates, messages (new), joined (items in earlier messages) and capped there were.
    """
    settings = load_policy(connection, policy_id)
    with connection.transaction():
        connection.execute(read_sql("notify/lock_buckets.sql"), shard._asdict() | {"lock_class": BUCKET_LOCK_CLASS})
        placed = read_frame(connection, read_sql("notify/take_candidates.sql"), shard._asdict(), _PLACED)
        # A task that is cleared long after must not plan for the past what others left meanwhile.
        clock = max([clock, *placed["ranked_at"].nlargest(1).dt.to_pydatetime()])
        run = _Run(settings, policy_id, clock)
        earlier = _read_earlier(connection, placed["user_id"], clock)
        arrangement = arrange(placed, earlier, settings, clock)
        keys = _write_messages(connection, placed, arrangement.messages, run)
        decisions = pd.concat([placed.drop(columns="due_at"), arrangement.decisions], axis=1)
        decisions = decisions.assign(
            notification_key=keys.take(decisions["message"].to_numpy()),
            ranked_at=placed["ranked_at"].where(placed["ranked_at"] != clock),
            seen_messages=seen.messages(placed, earlier),
        )
        more = ["position", "wave", "due_at", "scheduled_at", "notification_key", "ranked_at", "seen_messages"]
        _copy_decisions(connection, decisions, _DECISION + more, run)
    refresh_statistics(connection, len(placed), "restock.notification", "restock.outbox", "restock.decision")
    return {
        "candidates": len(placed),
        "messages": int((arrangement.messages["opening_item"] >= 0).sum()),
        "joined": int((arrangement.decisions["message"].between(0, len(earlier) - 1)).sum()),
        "capped": int((arrangement.decisions["outcome"] == "capped").sum()),
    }


def _read_earlier(connection: psycopg.Connection, shoppers: pd.Series, clock: datetime) -> pd.DataFrame:
    """The shoppers' messages of earlier runs that count; those that items can join are held until the commit."""
    _load_temporary(connection, shoppers.drop_duplicates().to_frame(), "shard_shopper", "user_id text")
    # Messages of yesterday's date on some wall clock can still count for today's cap on another.
    binds = {"first_day": (clock - timedelta(days=1)).date()}
    connection.execute(read_sql("notify/lock_joinable.sql"), binds)
    return read_frame(connection, read_sql("notify/read_earlier_messages.sql"), binds, _EARLIER_MESSAGE)


def _write_messages(
    connection: psycopg.Connection, placed: pd.DataFrame, messages: pd.DataFrame, run: _Run
) -> pd.arrays.IntegerArray:
    """Write new messages and what joined earlier ones; the key of each message by its number, and last none."""
    is_new = messages["opening_item"].to_numpy() >= 0
    joined = messages[~is_new & messages["changed"].to_numpy(bool)]
    if not joined.empty:
        definition = "notification_key bigint, first_due_at timestamptz, due_at timestamptz"
        _load_temporary(connection, joined, "joined_message", definition)
        connection.execute(read_sql("notify/write_joined.sql"))
    # What is due first is sent first: rows that are sent together stand together.
    new = messages[is_new].sort_values("due_at", kind="stable")
    reserved = connection.execute(read_sql("notify/reserve_messages.sql"), {"message_count": len(new)}).fetchall()
    opening = placed.loc[new["opening_item"], ["episode_id", "request_key"]]
    new = new.assign(
        notification_key=np.array(reserved[0][0], np.int64),
        opening_episode_id=opening["episode_id"].array,
        opening_request_key=opening["request_key"].array,
        status_at=pd.Timestamp(run.clock),
        created_at=pd.Timestamp(run.clock),
        policy_id=run.policy_id,
    )
    copy_frame(connection, new, "restock.notification", _NOTIFICATION)
    copy_frame(connection, new, "restock.outbox", ["notification_key", "channel", "due_at"])
    keys = messages["notification_key"].to_numpy(copy=True)
    keys[new.index] = new["notification_key"]
    return pd.arrays.IntegerArray(np.append(keys, -1), np.append(keys < 0, True))
