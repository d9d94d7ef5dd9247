"""Replay: a past stretch of time planned again from what planning saw, to show that its decisions follow from it.

It covers what the runs decided: place, wave, times, rules, and which requests share a message. What the last look
took out of messages later, and which requests ended instead of being decided on, were facts of the time.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import psycopg
import pyarrow as pa

from restock.policy import Settings, load_policy
from restock.preview.simulate import INSTANT
from restock.schedule.arrange import arrange
from restock.schedule.queue import rank
from restock.schedule.seen import address_hashes
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, read_frame

_SEEN = {
    "episode_id": pa.int64(),
    "request_key": pa.int64(),
    "request_id": pa.string(),
    "user_id": pa.string(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "channel": pa.string(),
    "own_contact": pa.bool_(),
    "contact": pa.string(),
    "timezone": pa.string(),
    "requested_at": TIMESTAMP,
    "tier": pa.int64(),
    "last_told_at": TIMESTAMP,
    "holdout_draw": pa.float64(),
    "opened_at": TIMESTAMP,
    "quantity": pa.int64(),
    "notify_per_unit": pa.float64(),
    "last_position": pa.int64(),
    "rank_clock": TIMESTAMP,
    "decided_at": TIMESTAMP,
    "policy_id": pa.int64(),
    "rank_policy_id": pa.int64(),
    "seen_messages": pa.string(),
    "dropped": pa.bool_(),
}
_DECIDED = {
    "outcome": pa.string(),
    "rule": pa.string(),
    "trace": pa.string(),
    "position": pa.int64(),
    "wave": pa.int64(),
    "due_at": TIMESTAMP,
    "scheduled_at": TIMESTAMP,
    "notification_key": pa.int64(),
    "opening_episode_id": pa.int64(),
    "opening_request_key": pa.int64(),
}
_MESSAGES = {
    "notification_key": pa.int64(),
    "user_id": pa.string(),
    "store_id": pa.string(),
    "channel": pa.string(),
    "contact": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
}
_COMPARED = ["outcome", "rule", "trace", "position", "wave", "due_at", "scheduled_at", "message"]


@dataclass(frozen=True)
class Deviation:
    """One thing that a replay says otherwise than the decision: which, as recorded and as replayed."""

    request_id: str
    episode_id: int
    what: str
    recorded: str
    replayed: str


@dataclass(frozen=True)
class Replay:
    """How many runs and decisions were made again, and where they came out otherwise."""

    runs: int
    decisions: int
    deviations: list[Deviation]

    def as_json(self) -> dict[str, Any]:
        """The same as dicts, lists, numbers and texts."""
        return asdict(self)


def replay(connection: psycopg.Connection, since: datetime, until: datetime) -> Replay:
    """Make the decisions of a past stretch of time again, under the policy of that time. Writes nothing.

    Args:
        connection: Warehouse; in autocommit.
        since, until: The stretch of time, by the clocks of the runs.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        binds = {"since": since, "until": until}
        recorded = read_frame(connection, read_sql("preview/read_decisions.sql"), binds, _SEEN | _DECIDED)
        seen = _read_seen(recorded["seen_messages"])
        seen_keys = {"notification_keys": seen["notification_key"].unique().tolist()}
        messages = read_frame(connection, read_sql("preview/read_seen_messages.sql"), seen_keys, _MESSAGES)
        seen = seen.merge(messages, on="notification_key")
        named = {*recorded["policy_id"].tolist(), *recorded["rank_policy_id"].tolist()}
        policies = {key: load_policy(connection, key) for key in named}
    candidates = recorded.drop(columns=list(_DECIDED)).assign(
        suppressed=False, purchased=False, locale=None, looks=recorded["trace"].str.extract(r"^(.*; )", expand=False)
    )
    ranked = [
        _rank_again(candidates[candidates["rank_clock"] == clock], recorded, clock, policies)
        for clock in sorted(candidates["rank_clock"].unique())
    ]
    placed = _concat([places for places, _ in ranked])
    passed = _concat([passed for _, passed in ranked])
    # A run has one policy.
    arranged = [
        _arrange_again(rows, seen, rows["decided_at"].iloc[0], policies[int(rows["policy_id"].iloc[0])])
        for _, rows in placed.groupby("decided_at")
    ]
    made = _concat([*arranged, passed])
    recorded = recorded.assign(message=_name_messages(recorded, seen))
    return Replay(recorded["decided_at"].nunique(), len(recorded), _deviations(recorded, made))


def _concat(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled) if filled else pd.DataFrame(columns=["decided_at", "policy_id"])


def _rank_again(
    candidates: pd.DataFrame, recorded: pd.DataFrame, clock: pd.Timestamp, policies: dict[int, Settings]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rules 3 to 6 of one run: its places, and what it passed over."""
    without = candidates.loc[recorded.loc[candidates.index, "rule"] == "no_channel", "channel"]
    channels = set(candidates["channel"]) - set(without)
    ranking = rank(candidates, policies[int(candidates["rank_policy_id"].iloc[0])], channels, clock.to_pydatetime())
    placed = candidates.loc[ranking.placed.index].assign(
        **{str(name): of_place for name, of_place in ranking.placed.items()}
    )
    closed = ranking.closed.assign(outcome="closed")
    return placed, pd.concat([ranking.passed_over.drop(columns="look_again_at"), closed])


def _arrange_again(placed: pd.DataFrame, seen: pd.DataFrame, clock: pd.Timestamp, settings: Settings) -> pd.DataFrame:
    """Rules 7 and 8 of one run."""
    earlier = _earlier_messages(placed, seen)
    arrangement = arrange(placed, earlier, settings, clock.to_pydatetime())
    made = placed[["position", "wave"]].join(arrangement.decisions.rename(columns={"message": "number"}))
    keys = arrangement.messages["notification_key"]
    opener = arrangement.messages["opening_item"]
    opening = placed[["episode_id", "request_key"]].reindex(opener).astype("Int64").astype("str")
    opened = "opened by " + opening["episode_id"] + "/" + opening["request_key"]
    names = opened.set_axis(keys.index).mask(keys >= 0, "message " + keys.astype("str"))
    return made.assign(message=names.reindex(made["number"]).array)


def _read_seen(texts: pd.Series) -> pd.DataFrame:
    """The messages of earlier runs out of the texts that decisions keep: one row a message and decision, by `row`."""
    entries = [
        (row, *entry.rstrip("+").split("/"), entry.endswith("+"))
        for row, text in texts.dropna().items()
        for entry in text.split(" ")
    ]
    columns = ["row", "notification_key", "local_day", "first_due_at", "due_at", "joinable"]
    seen = pd.DataFrame(entries, columns=columns)
    instants = {
        name: pd.to_datetime(seen[name], utc=True, format="ISO8601").astype(INSTANT)
        for name in ("first_due_at", "due_at")
    }
    seen = seen.assign(local_day=pd.to_datetime(seen["local_day"]).astype("datetime64[us]"), **instants)
    return seen.astype({"row": "int64", "notification_key": "int64", "joinable": "bool"})


def _earlier_messages(placed: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """What planning saw of the messages of earlier runs, with the addresses of that time."""
    earlier = seen[seen["row"].isin(placed.index)].reset_index(drop=True)
    # A request without a contact of its own goes to the customer's address, as another of its kind in this run did.
    of_customer = placed[~placed["own_contact"]].drop_duplicates(["user_id", "channel"])
    addresses = of_customer.set_index(["user_id", "channel"])["contact"]
    known = addresses.reindex(pd.MultiIndex.from_frame(earlier[["user_id", "channel"]])).array
    own = address_hashes(earlier["contact"]).astype("Int64").astype("str")
    return earlier.assign(contact=own.where(earlier["contact"].notna(), pd.Series(known, earlier.index)))


def _name_messages(recorded: pd.DataFrame, seen: pd.DataFrame) -> pd.Series:
    """The message of each decision: by its key where planning saw it as an earlier one, else by what opened it."""
    earlier = set(zip(recorded["decided_at"].reindex(seen["row"]), seen["notification_key"], strict=True))
    keys, openers = recorded["notification_key"], recorded["opening_episode_id"].astype("Int64").astype("str")
    opened = "opened by " + openers + "/" + recorded["opening_request_key"].astype("Int64").astype("str")
    was_there = [pair in earlier for pair in zip(recorded["decided_at"], keys.fillna(-1).astype("int64"), strict=True)]
    return opened.mask(pd.Series(was_there, recorded.index), "message " + keys.astype("Int64").astype("str"))


def _deviations(recorded: pd.DataFrame, made: pd.DataFrame) -> list[Deviation]:
    found = []
    made = made.reindex(index=recorded.index, columns=_COMPARED)
    for what in _COMPARED:
        old, new = recorded[what], made[what]
        differs = ~((old == new) | (old.isna() & new.isna()))
        if what in {"outcome", "rule"}:
            # The last look wrote its own over that of planning; the trace still has that.
            differs &= ~recorded["dropped"]
        names = recorded.loc[differs, ["request_id", "episode_id"]].to_numpy(dtype=object)
        found += [
            Deviation(request_id, episode_id, what, str(was), str(now))
            for (request_id, episode_id), was, now in zip(names, old[differs], new[differs], strict=True)
        ]
    return found
