"""What planning knew in a past stretch of time: the world of a preview that tries another policy on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pandas as pd
import psycopg
import pyarrow as pa

from restock.policy import Settings, load_policy
from restock.policy.overrides import settings_by_row
from restock.preview.changes import apply_changes
from restock.preview.present import MESSAGES, REQUESTS
from restock.preview.simulate import World
from restock.schedule.seen import address_hashes
from restock.warehouse import read_sql
from restock.warehouse.frames import TIMESTAMP, read_frame

_EPISODES = {
    "episode_id": pa.int64(),
    "store_id": pa.string(),
    "product_id": pa.string(),
    "category": pa.string(),
    "opened_at": TIMESTAMP,
    "closed_at": TIMESTAMP,
    "plan_from": TIMESTAMP,
    "quantity": pa.int64(),
    "on_hand": pa.int64(),
    "notify_per_unit": pa.float64(),
    "last_position": pa.int64(),
}
_SEEN = {
    "seen_address": pa.int64(),
    "decided": pa.bool_(),
    "trace": pa.string(),
    "look_at": TIMESTAMP,
    "gone_at": TIMESTAMP,
}


class PolicyHistory:
    """The policies that the runs of a stretch of time were made under, as they were or with changes."""

    def __init__(self, runs: pd.DataFrame, policies: Mapping[int, Settings]) -> None:
        self.clocks = runs["clock"].dt.to_pydatetime().tolist()
        self._policies = policies
        self._runs = runs

    def at(self, clock: datetime) -> Settings:
        """The settings in force at a moment: those of the last run until then, else of the first one after it."""
        before = int((self._runs["clock"] <= clock).sum())
        return self._policies[int(self._runs["policy_id"].iloc[max(before - 1, 0)])]

    def last(self) -> Settings:
        """The settings at the end of the stretch."""
        return self._policies[int(self._runs["policy_id"].iloc[-1])]

    def changed(self, changes: Mapping[str, object]) -> "PolicyHistory":
        """The same with each policy changed."""
        return PolicyHistory(self._runs, {key: apply_changes(old, changes) for key, old in self._policies.items()})


def read_policies(connection: psycopg.Connection, since: datetime, until: datetime) -> PolicyHistory:
    """The runs of a past stretch of time with their policies.

    Raises:
        LookupError: No run decided anything in it.
    """
    binds = {"since": since, "until": until}
    columns = {"clock": TIMESTAMP, "policy_id": pa.int64()}
    runs = read_frame(connection, read_sql("preview/read_runs.sql"), binds, columns)
    if runs.empty:
        raise LookupError(f"Nothing was decided from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} (UTC).")
    return PolicyHistory(runs, {key: load_policy(connection, key) for key in runs["policy_id"].unique().tolist()})


def read_past(connection: psycopg.Connection, since: datetime, until: datetime) -> World:
    """The world of a past stretch of time. Addresses are hashes, as decisions keep them."""
    binds: dict[str, object] = {"since": since, "until": until, "first_day": (since - timedelta(days=1)).date()}
    episodes = read_frame(connection, read_sql("preview/read_past_episodes.sql"), binds, _EPISODES)
    columns = REQUESTS | _SEEN
    columns = {name: columns[name] for name in columns if name not in {"suppressed", "purchased"}}
    requests = read_frame(connection, read_sql("preview/read_past_requests.sql"), binds, columns)
    known = address_hashes(requests["contact"]).astype("Int64")
    seen = requests["seen_address"].astype("Int64")
    requests = requests.assign(
        contact=known.mask(requests["decided"].to_numpy(bool), seen).astype("str"),
        # Who was suppressed or had bought has no decision; the request is gone from then on.
        suppressed=False,
        purchased=False,
        locale=None,
        looks=None,
    )
    messages = read_frame(connection, read_sql("preview/read_past_messages.sql"), binds, MESSAGES)
    messages = messages.assign(contact=address_hashes(messages["contact"]).astype("Int64").astype("str"))
    return World(episodes.set_index("episode_id"), requests, messages)


def try_policy(
    connection: psycopg.Connection, world: World, settings: Settings, changes: Mapping[str, object], clock: datetime
) -> World:
    """The world as another policy would have made it: without what stays below its threshold, in its waves.

    Args:
        connection: Warehouse.
        world: As it was.
        settings: Another policy.
        changes: What of it differs from the policy of the time.
        clock: Until when waves by evidence know of purchases.
    """
    episodes = world.episodes
    variant, variants = settings_by_row(settings, episodes)
    least = pd.Series([its.min_quantity for its in variants]).to_numpy()[variant]
    episodes = episodes[episodes["quantity"].to_numpy() >= least]
    if {"notify_per_unit", "overrides"} & changes.keys():
        per_unit = pd.Series([its.notify_per_unit for its in variants], dtype=object)
        wanted = per_unit.to_numpy()[variant][world.episodes["quantity"].to_numpy() >= least]
        by_evidence = read_evidence(connection, episodes[wanted == "auto"], clock)["notify_per_unit"]
        numbers = pd.Series(wanted, index=episodes.index).replace("auto", None).astype("float64")
        keys = pd.MultiIndex.from_frame(episodes[["store_id", "product_id"]])
        episodes = episodes.assign(
            notify_per_unit=numbers.fillna(pd.Series(by_evidence.reindex(keys).array, episodes.index))
        )
    return World(episodes, world.requests[world.requests["episode_id"].isin(episodes.index)], world.messages)


def read_evidence(connection: psycopg.Connection, episodes: pd.DataFrame, clock: datetime) -> pd.DataFrame:
    """What is known of messages about products: conversion and notify_per_unit, by (store_id, product_id)."""
    products = episodes[["store_id", "product_id"]].drop_duplicates()
    binds = {
        "clock": clock,
        "store_ids": products["store_id"].tolist(),
        "product_ids": products["product_id"].tolist(),
    }
    columns = {
        "store_id": pa.string(),
        "product_id": pa.string(),
        "conversion": pa.float64(),
        "notify_per_unit": pa.float64(),
    }
    found = read_frame(connection, read_sql("preview/read_conversion.sql"), binds, columns)
    return found.set_index(["store_id", "product_id"])
