"""What planning writes: outcomes, places, messages and decisions. Nothing here commits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import md5
from typing import NamedTuple

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa

from restock.policy import Settings
from restock.schedule import seen
from restock.schedule.arrange import arrange
from restock.schedule.codes import to_micros
from restock.schedule.queue import Ranking
from restock.schedule.search import SHOPPER
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, copy_csv, copy_frame, read_frame, to_csv
from restock.warehouse.statistics import follow_keys

_EARLIER_MESSAGE = SHOPPER | {
    "notification_key": pa.int64(),
    "local_day": pa.timestamp("us"),
    "first_due_at": TIMESTAMP,
    "due_at": TIMESTAMP,
    "joinable": pa.bool_(),
}
_PASSED_OVER = ["episode_id", "request_key", "outcome", "rule", "trace", "policy_id", "decided_at", *seen.COLUMNS]
_DECISION = [
    *_PASSED_OVER,
    "position",
    "wave",
    "due_at",
    "scheduled_at",
    "notification_key",
    "ranked_at",
    "seen_messages",
]
_NOTIFICATION = [
    "notification_key",
    "notification_id",
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


class Run(NamedTuple):
    """What all decisions of one run share."""

    settings: Settings
    policy_id: int
    clock: datetime

    def binds(self) -> dict[str, object]:
        return {"clock": self.clock, "policy_id": self.policy_id}


def write_ranking(connection: psycopg.Connection, candidates: pd.DataFrame, ranking: Ranking, run: Run) -> None:
    """Write whose request has ended, who is passed over, and how far the places of each episode go."""
    closed = candidates[["request_key"]].loc[ranking.closed.index]
    closed = closed.assign(status=ranking.closed["rule"], reason=ranking.closed["rule"])
    passed = pd.concat([candidates.loc[ranking.passed_over.index], ranking.passed_over], axis=1)
    places = candidates[["episode_id", "request_key", "rule_before"]].loc[ranking.placed.index]
    # What is passed over for the same reason again has its decision already.
    new = passed[passed["rule"] != passed["rule_before"].fillna("")]
    looked_at_again = pd.concat([frame[frame["rule_before"].notna()] for frame in (new, places)])
    places = places.assign(last_position=ranking.placed["position"])
    positions = places.groupby("episode_id", as_index=False).agg({"last_position": "max"})
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
    copy_csv(connection, _decision_rows(new, _PASSED_OVER, run), "restock.decision", _PASSED_OVER)


def write_schedule(connection: psycopg.Connection, placed: pd.DataFrame, run: Run) -> dict[str, int]:
    """Apply rules 7 and 8 to places and write what they say.

    Returns:
        How many messages (new), joined (items in earlier messages) and capped there were.
    """
    earlier = _read_earlier(connection, placed["user_id"], run.clock)
    arrangement = arrange(placed, earlier, run.settings, run.clock)
    _write_joined(connection, arrangement.messages)
    new = _new_messages(connection, placed, arrangement.messages, run)
    # The server takes in the messages while the decisions are made here.
    with ThreadPoolExecutor(max_workers=1) as writer:
        written = writer.submit(_copy_messages, connection, new)
        keys = arrangement.messages["notification_key"].to_numpy(copy=True)
        keys[new.index] = new["notification_key"]
        key_of_message = pd.arrays.IntegerArray(np.append(keys, -1), np.append(keys < 0, True))
        decisions = pd.concat([placed.drop(columns="due_at"), arrangement.decisions], axis=1).assign(
            notification_key=key_of_message.take(arrangement.decisions["message"].to_numpy()),
            ranked_at=placed["ranked_at"].where(placed["ranked_at"] != run.clock),
            seen_messages=seen.messages(placed, earlier),
        )
        rows = _decision_rows(decisions, _DECISION, run)
    written.result()
    copy_csv(connection, rows, "restock.decision", _DECISION)
    return {
        "messages": len(new),
        "joined": int(arrangement.decisions["message"].between(0, len(earlier) - 1).sum()),
        "capped": int((arrangement.decisions["outcome"] == "capped").sum()),
    }


def _decision_rows(decisions: pd.DataFrame, columns: list[str], run: Run) -> Iterator[memoryview]:
    """Decisions with the facts that planning saw, for `copy_csv`. In the order of their key, which the index likes."""
    order = np.lexsort((decisions["request_key"], decisions["episode_id"]))
    rows = pd.concat([decisions, seen.facts(decisions, run.settings)], axis=1)
    rows = rows.assign(policy_id=run.policy_id, decided_at=pd.Timestamp(run.clock))
    return to_csv(rows[columns], order)


def _load_temporary(connection: psycopg.Connection, frame: pd.DataFrame, table: str, definition: str) -> None:
    """Put a frame into a temporary table with fresh statistics, so that the statement on it is planned well."""
    connection.execute(f"create temporary table {table} ({definition}) on commit drop".encode())
    copy_frame(connection, frame, table, [column.split()[0] for column in definition.split(", ")])
    connection.execute(f"analyze {table}".encode())


def _read_earlier(connection: psycopg.Connection, shoppers: pd.Series, clock: datetime) -> pd.DataFrame:
    """The shoppers' messages of earlier runs that count; those that items can join are held until the commit."""
    _load_temporary(connection, shoppers.drop_duplicates().to_frame(), "shard_shopper", "user_id text")
    follow_keys(connection)
    # Messages of yesterday's date on some wall clock can still count for today's cap on another.
    first_day = (clock - timedelta(days=1)).date()
    connection.execute(read_sql("notify/find_shopper_messages.sql"), {"first_day": first_day})
    connection.execute("analyze shopper_message")
    connection.execute(read_sql("notify/lock_joinable.sql"))
    return read_frame(connection, read_sql("notify/read_earlier_messages.sql"), {}, _EARLIER_MESSAGE)


def _write_joined(connection: psycopg.Connection, messages: pd.DataFrame) -> None:
    """Move the times of earlier messages that items joined."""
    joined = messages[(messages["opening_item"] < 0) & messages["changed"]]
    if not joined.empty:
        definition = "notification_key bigint, first_due_at timestamptz, due_at timestamptz"
        _load_temporary(connection, joined, "joined_message", definition)
        connection.execute(read_sql("notify/write_joined.sql"))


def _new_messages(
    connection: psycopg.Connection, placed: pd.DataFrame, messages: pd.DataFrame, run: Run
) -> pd.DataFrame:
    """The new messages as rows of restock.notification, with the keys that they are going to have."""
    new = messages[messages["opening_item"] >= 0]
    opening = placed.loc[new["opening_item"], ["episode_id", "request_key", "position"]].set_axis(new.index)
    # What is due first is sent first: rows that are sent together stand together. Of what is due at the same time one
    # product goes after the other, as they came back, and each by the places in its queue.
    order = np.lexsort((opening["position"], opening["episode_id"], to_micros(new["due_at"])))
    new, opening = new.iloc[order], opening.iloc[order]
    reserved = connection.execute(read_sql("notify/reserve_messages.sql"), {"message_count": len(new)}).fetchall()
    return new.assign(
        notification_key=np.array(reserved[0][0], np.int64),
        notification_id=list(map(message_id, opening["episode_id"].tolist(), opening["request_key"].tolist())),
        opening_episode_id=opening["episode_id"].array,
        opening_request_key=opening["request_key"].array,
        status_at=pd.Timestamp(run.clock),
        created_at=pd.Timestamp(run.clock),
        policy_id=run.policy_id,
    )


def message_id(episode_id: int, request_key: int) -> str:
    """The id of the message that this item opens, as `restock.message_id` makes it: planning again gives the same."""
    return md5(b"restock/%d/%d" % (episode_id, request_key), usedforsecurity=False).hexdigest()


def _copy_messages(connection: psycopg.Connection, new: pd.DataFrame) -> None:
    copy_frame(connection, new, "restock.notification", _NOTIFICATION)
    copy_frame(connection, new, "restock.outbox", ["notification_key", "channel", "due_at"])
