"""Rules 3 to 6: who waits, who is held out, the place in the queue, the wave. Pure functions on frames."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from restock.policy import Settings


@dataclass(frozen=True)
class Placement:
    """What rules 3 to 6 say of each candidate. Each candidate stands in exactly one of the first three frames.

    Attributes:
        closed: request_key, status, reason: the request has ended.
        passed_over: episode_id, request_key, outcome, rule: not told now, and goes on waiting.
        placed: bucket, episode_id, request_key, position, wave, due_at.
        look_again: store_id, product_id, plan_after: when a passed-over request is worth another look.
    """

    closed: pd.DataFrame
    passed_over: pd.DataFrame
    placed: pd.DataFrame
    look_again: pd.DataFrame


def place_in_queue(candidates: pd.DataFrame, settings: Settings, channels: set[str], clock: datetime) -> Placement:
    """Apply rules 3 to 6.

    Args:
        candidates: One row a request and open episode, with request_key, request_id, store_id, product_id, channel,
            has_address, requested_at, tier, episode_id, opened_at, quantity (at the opening), last_position,
            suppressed, purchased, last_told_at, holdout_draw (0 to under 100), bucket.
        settings: Policy.
        channels: The channels that messages can leave on.
        clock: The moment of this run, with a time zone.
    """
    expired = candidates["requested_at"] < clock - timedelta(days=settings.request_ttl_days)
    cooldown_end = candidates["last_told_at"] + timedelta(hours=settings.cooldown_hours)
    # The first that holds has the last word, in the order of rule 3, then rule 4.
    verdict = pd.Series(
        np.select(
            [
                expired,
                candidates["suppressed"],
                candidates["purchased"],
                ~candidates["channel"].isin(channels),
                ~candidates["has_address"],
                (cooldown_end > clock).fillna(False),
                candidates["holdout_draw"] < settings.holdout_percent,
            ],
            ["expired", "suppressed", "purchased", "no_channel", "no_address", "cooldown", "holdout"],
            default="queue",
        ),
        index=candidates.index,
    )
    closed = candidates.loc[verdict.isin(["expired", "suppressed", "purchased"]), ["request_key"]]
    # Indexed, because a column assigned to a frame without rows would bring its own.
    closed = closed.assign(status=verdict[closed.index], reason=verdict[closed.index])
    passed = candidates.loc[
        verdict.isin(["no_channel", "no_address", "cooldown", "holdout"]), ["episode_id", "request_key"]
    ]
    passed = passed.assign(
        outcome=np.where(verdict[passed.index] == "holdout", "held", "skipped"), rule=verdict[passed.index]
    )
    look_again = candidates.loc[verdict == "cooldown", ["store_id", "product_id"]]
    look_again = look_again.assign(plan_after=cooldown_end[look_again.index])
    look_again = look_again.groupby(["store_id", "product_id"], as_index=False).agg({"plan_after": "min"})
    return Placement(closed, passed, _place(candidates[verdict == "queue"], settings, clock), look_again)


def _place(candidates: pd.DataFrame, settings: Settings, clock: datetime) -> pd.DataFrame:
    """Rules 5 and 6: positions follow on behind those given before; a due time in the past is now."""
    order = ["episode_id", "requested_at", "request_id"]
    ascending = [True, True, True]
    if settings.priority == "tier":
        order.insert(1, "tier")
        ascending.insert(1, False)
    queue = candidates.sort_values(order, ascending=ascending)
    position = queue["last_position"] + queue.groupby("episode_id").cumcount() + 1
    if settings.notify_per_unit > 0:
        wave_size = np.ceil(queue["quantity"] * settings.notify_per_unit).clip(lower=1).astype("int64")
        wave = (position - 1) // wave_size
    else:
        wave = position * 0
    due_at = queue["opened_at"] + pd.to_timedelta(wave * settings.wave_interval_minutes, unit="min")
    return queue[["bucket", "episode_id", "request_key"]].assign(
        position=position, wave=wave, due_at=due_at.clip(lower=pd.Timestamp(clock))
    )
