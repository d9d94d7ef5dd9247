"""What a preview says: each policy's side in figures, and the difference between the two. Turns into JSON as it is."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from restock.policy import Settings
from restock.preview.simulate import Simulated, World, look_up

_MINUTE = pd.Timedelta(minutes=1)
TOLD = "told"


@dataclass(frozen=True)
class CurvePoint:
    """Requests that are answered in one hour (UTC, its beginning), on one channel, in one wave."""

    hour: datetime
    channel: str
    wave: int
    requests: int


@dataclass(frozen=True)
class SellOut:
    """A product that is expected to sell out by the messages about it.

    Attributes:
        at: Due time of the message that is expected to sell the last unit.
        units: Units for sale.
        told_after: Requests whose message is due later; they are likely to find it sold out.
    """

    store_id: str
    product_id: str
    at: datetime
    units: int
    told_after: int


@dataclass(frozen=True)
class Side:
    """What happens under one policy.

    Attributes:
        requests: How many requests end where: told, and by rule: capped, holdout, cooldown, no_address, no_channel,
            expired, suppressed, purchased, sold_out (before the message left), ended (by a cancellation, a purchase or
            a suppression before it left), gate (held), not_planned.
        shoppers: How many different shoppers are told.
        messages: Messages that leave, with at least one of these requests in them.
        waves: How many waves the longest queue has.
        largest_wave: Requests in the largest wave of a product.
        episodes: Episodes planned for.
        held_episodes: Episodes that a gate holds.
        last_at: When the last of the messages leaves.
        curve: By hour, channel and wave, at the times at which the messages can leave (rule 10).
        sell_outs: Expected ones, the earliest first.
    """

    requests: dict[str, int]
    shoppers: int
    messages: int
    waves: int
    largest_wave: int
    episodes: int
    held_episodes: int
    last_at: datetime | None
    curve: list[CurvePoint]
    sell_outs: list[SellOut]


@dataclass(frozen=True)
class Difference:
    """Which requests fare otherwise under the changed policy.

    Attributes:
        newly_told: How many are told that would not be, by the rule that keeps them from it now.
        no_longer_told: How many are not told that would be, by the rule that will keep them from it.
        earlier, later: How many are told at another time.
        median_shift_minutes: Of those, how much later (below 0: earlier) the median one is told.
        request_ids: The requests of newly_told, no_longer_told, earlier and later; empty unless asked for.
    """

    newly_told: dict[str, int]
    no_longer_told: dict[str, int]
    earlier: int
    later: int
    median_shift_minutes: float
    request_ids: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PreviewResult:
    """What a changed policy would do.

    Attributes:
        since, until: The stretch of time looked at.
        replayed: Whether it is past.
        changed: Each changed setting with its value in force and the new one.
        in_force, proposed: Both policies' sides.
        difference: Between the two.
        unsent_messages, unsent_requests: What is scheduled already and stays as it is under either.
        notes: What has to be known to read the figures, in sentences.
    """

    since: datetime
    until: datetime
    replayed: bool
    changed: dict[str, tuple[Any, Any]]
    in_force: Side
    proposed: Side
    difference: Difference
    unsent_messages: int
    unsent_requests: int
    notes: list[str]

    def as_json(self) -> dict[str, Any]:
        """The same as dicts, lists, numbers and texts; times in ISO 8601."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def fates(world: World, simulated: Simulated) -> pd.DataFrame:
    """What became of each request over all its episodes: one row a request_key, with fate and at (when it is told)."""
    rows = simulated.requests
    held = world.episodes["plan_from"].isna().reindex(rows["episode_id"]).to_numpy(bool)
    told = rows["sends_at"].notna().to_numpy()
    dropped = (rows["notification_key"] >= 0).to_numpy() & ~told
    fate = np.select(
        [told, dropped, held],
        [TOLD, "sold_out", "gate"],
        rows["rule"].replace("daily_cap", "capped").fillna("not_planned"),
    )
    judged = rows.assign(fate=fate, told=told).sort_values(["told", "episode_id"], ascending=[False, True])
    return judged.drop_duplicates("request_key").set_index("request_key")


def summarize(world: World, simulated: Simulated, settings: Settings, conversion: pd.Series) -> Side:
    """One policy's side.

    Args:
        world: What planning knew.
        simulated: What it would do.
        settings: Policy; its rates say when messages leave.
        conversion: Share of messages that lead to a purchase, by (store_id, product_id).
    """
    fate = fates(world, simulated)
    told = fate[fate["fate"] == TOLD]
    leaves_at = _leaving_times(told.drop_duplicates("notification_key"), settings)
    told = told.assign(leaves_at=look_up(leaves_at, told["notification_key"]))
    waves = told.groupby(["episode_id", "wave"]).size()
    by_hour = told.assign(hour=told["leaves_at"].dt.floor("h")).groupby(["hour", "channel", "wave"])
    curve = by_hour.size().rename("requests").reset_index()
    planned = world.episodes["plan_from"].notna()
    return Side(
        requests={str(name): int(count) for name, count in fate["fate"].value_counts().items()},
        shoppers=int(told["user_id"].nunique()),
        messages=int(told["notification_key"].nunique()),
        waves=int(told["wave"].max()) + 1 if len(told) else 0,
        largest_wave=int(waves.max()) if len(waves) else 0,
        episodes=int(planned.sum()),
        held_episodes=int((~planned).sum()),
        last_at=told["leaves_at"].max().to_pydatetime() if len(told) else None,
        curve=[
            CurvePoint(point["hour"].to_pydatetime(), point["channel"], point["wave"], point["requests"])
            for point in curve.to_dict("records")
        ],
        sell_outs=_expected_sell_outs(world, told, conversion),
    )


def _leaving_times(messages: pd.DataFrame, settings: Settings) -> pd.Series:
    """Rule 10: when each message leaves, by notification_key: due first, first out, so many a minute and channel."""
    parts: list[pd.Series] = [messages["sends_at"].iloc[:0]]
    for channel, of_channel in messages.sort_values(["sends_at", "notification_key"]).groupby("channel"):
        due = of_channel.set_index("notification_key")["sends_at"]
        rate = settings.rate_for(str(channel))
        if rate is not None:
            spacing = np.arange(len(due)) * (_MINUTE / rate)
            due = pd.Series((due - spacing).cummax() + spacing)
        parts.append(due)
    leaving: pd.Series = pd.concat(parts)
    return leaving


def _expected_sell_outs(world: World, told: pd.DataFrame, conversion: pd.Series) -> list[SellOut]:
    """Where the units that those told are expected to buy reach what is for sale."""
    rate = conversion.reindex(pd.MultiIndex.from_frame(told[["store_id", "product_id"]])).to_numpy()
    queue = told.assign(expected=told["units"].to_numpy() * rate).sort_values(["leaves_at", "position"])
    of_episode = queue.groupby("episode_id")
    units = look_up(world.episodes["on_hand"], queue["episode_id"])
    # A wave of thousands would otherwise miss its last unit by the rounding of sums.
    over = queue[of_episode["expected"].cumsum() >= units - 1e-9]
    at = over.groupby("episode_id")["leaves_at"].first()
    later = (queue["leaves_at"] > look_up(at, queue["episode_id"])).groupby(queue["episode_id"]).sum()
    # By position: a column with an index of its own would bring rows to a frame without any.
    rows = world.episodes.loc[at.index, ["store_id", "product_id", "on_hand"]]
    rows = rows.assign(at=at.array, later=later.reindex(at.index).array)
    return [
        SellOut(row["store_id"], row["product_id"], row["at"].to_pydatetime(), row["on_hand"], row["later"])
        for row in rows.sort_values(["at", "store_id", "product_id"]).to_dict("records")
    ]


def compare(in_force: pd.DataFrame, proposed: pd.DataFrame, *, with_ids: bool) -> Difference:
    """The difference between the fates (see `fates`) under two policies."""
    columns = ["request_id", "fate", "sends_at"]
    both = in_force[columns].merge(
        proposed[columns], left_index=True, right_index=True, how="outer", suffixes=("_now", "_then")
    )
    now, then = (both[f"fate_{side}"].fillna("below_threshold") for side in ("now", "then"))
    shift = (both["sends_at_then"] - both["sends_at_now"]).dt.total_seconds() / 60
    groups = {
        "newly_told": (then == TOLD) & (now != TOLD),
        "no_longer_told": (now == TOLD) & (then != TOLD),
        "earlier": shift < 0,
        "later": shift > 0,
    }
    ids = both["request_id_now"].fillna(both["request_id_then"])
    moved = shift[shift.notna() & (shift != 0)]
    return Difference(
        newly_told=_count(now[groups["newly_told"]]),
        no_longer_told=_count(then[groups["no_longer_told"]]),
        earlier=int(groups["earlier"].sum()),
        later=int(groups["later"].sum()),
        median_shift_minutes=float(moved.median()) if len(moved) else 0.0,
        request_ids={name: sorted(ids[chosen]) for name, chosen in groups.items()} if with_ids else {},
    )


def _count(rules: pd.Series) -> dict[str, int]:
    return {str(rule): int(count) for rule, count in rules.value_counts().items()}
