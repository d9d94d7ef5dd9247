"""Planning without a warehouse: the rules, run after run, on what a stretch of time knew. Pure functions on frames."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

from restock.policy import Settings
from restock.schedule.codes import RowSettings
from restock.schedule.rules import build

INSTANT: Literal["datetime64[us, UTC]"] = "datetime64[us, UTC]"
# Keys of simulated messages stand above all real ones.
FIRST_KEY = 1 << 60


@dataclass(frozen=True)
class World:
    """What planning can know in a stretch of time. Times are UTC.

    Attributes:
        episodes: Indexed by episode_id: store_id, product_id, opened_at, closed_at (NaT: still open), plan_from (when
            the gate let it go; NaT: held to the end), quantity, on_hand (units for sale at the beginning),
            notify_per_unit, last_position.
        requests: One row a request and episode: episode_id, request_key, request_id, user_id, store_id, product_id,
            category, channel, contact, timezone (all but the ids may be missing), requested_at, units, tier,
            suppressed, purchased, last_told_at, holdout_draw, look_at (since when planning can see it), gone_at (when
            it ended for another reason than being told; NaT: not).
        messages: Messages from before: notification_key, user_id, store_id, channel, contact, product_id, category,
            local_day, first_due_at, due_at, joinable.
    """

    episodes: pd.DataFrame
    requests: pd.DataFrame
    messages: pd.DataFrame


@dataclass(frozen=True)
class Simulated:
    """What planning would do.

    Attributes:
        requests: Those of the world, by their index, with outcome, rule (both missing where planning never looked),
            position, wave, due_at, scheduled_at, notification_key (-1: in no message), sends_at (when that message is
            due; NaT: not told, or its product sold out or the request ended before).
    """

    requests: pd.DataFrame


def simulate(
    world: World,
    policy_at: Callable[[datetime], Settings],
    runs: Iterable[datetime],
    until: datetime,
    channels: set[str],
) -> Simulated:
    """Plan as each run would have planned.

    Args:
        world: What there is to know.
        policy_at: The settings in force at a moment.
        runs: Moments of the runs. Where a cooldown ends before `until`, a run at the next full hour is added.
        until: End of the stretch.
        channels: The channels that messages can leave on.
    """
    book = _Book(world)
    moments = sorted(set(runs))
    heapq.heapify(moments)
    done: datetime | None = None
    while moments:
        clock = heapq.heappop(moments)
        if clock == done or (clock >= until and done is not None):
            continue
        done = clock
        settings = policy_at(clock)
        if settings.paused:
            continue
        for again in book.run(settings, clock, channels):
            if again < until:
                heapq.heappush(moments, again)
    return book.result()


def look_up(values: pd.Series, keys: pd.Series) -> pd.Series:
    """The value for each key, by the index of the values; missing where there is none. As map, but keeps the type."""
    return pd.Series(values.reindex(keys).array, index=keys.index)


class _Book:
    """Where each request stands after the runs so far."""

    def __init__(self, world: World) -> None:
        self.episodes = world.episodes.copy()
        blank: pd.Series = pd.Series(pd.NaT, index=world.requests.index, dtype=INSTANT)
        self.requests = world.requests.assign(
            outcome=pd.Series(pd.NA, index=blank.index, dtype="str"),
            rule=pd.Series(pd.NA, index=blank.index, dtype="str"),
            position=0,
            wave=0,
            due_at=blank,
            scheduled_at=blank,
            notification_key=-1,
            next_look_at=world.requests["look_at"],
            closes_at=look_up(self.episodes["closed_at"], world.requests["episode_id"]),
            plan_from=look_up(self.episodes["plan_from"], world.requests["episode_id"]),
        )
        self.messages = world.messages.set_index("notification_key", drop=False).rename_axis(None)
        self.next_key = FIRST_KEY
        self.has_run = False

    def run(self, settings: Settings, clock: datetime, channels: set[str]) -> list[datetime]:
        """One run; when cooldowns that it met end, rounded up to full hours."""
        now = pd.Timestamp(clock)
        told = self._told()
        asks = self._asks(now) & ~self.requests["request_key"].isin(self.requests.loc[told, "request_key"])
        asking = self.requests[asks].drop(columns=["outcome", "rule", "position", "wave", "due_at", "scheduled_at"])
        earlier = self.messages[self.messages["user_id"].isin(asking["user_id"])]
        if self.has_run:
            # Sent meanwhile, as far as the preview knows.
            earlier = earlier.assign(joinable=earlier["joinable"] & (earlier["due_at"] > now))
        self.has_run = True
        if asking.empty:
            return []
        of_episode = self.episodes[["opened_at", "quantity", "notify_per_unit", "last_position"]]
        candidates = asking.drop(columns="notification_key").join(of_episode, on="episode_id")
        candidates = candidates.assign(last_told_at=self._last_told(asking, told, now))
        schedule = build(candidates, earlier, settings, channels, clock)
        keys = self._enter_messages(schedule.messages, candidates)
        return self._enter_decisions(schedule.decisions, keys, candidates, settings)

    def _enter_messages(self, messages: pd.DataFrame, candidates: pd.DataFrame) -> pd.Series:
        """Keep the messages as the run leaves them; returns the key of each."""
        old = messages[messages["notification_key"] >= 0].set_index("notification_key")
        self.messages.loc[old.index, ["first_due_at", "due_at"]] = old[["first_due_at", "due_at"]]
        new = messages[messages["notification_key"] < 0]
        opener = candidates.loc[new["opening_item"], ["contact", "product_id", "category"]].set_axis(new.index)
        new = new[["user_id", "store_id", "channel", "local_day", "first_due_at", "due_at"]].join(opener)
        new = new.assign(joinable=True, notification_key=range(self.next_key, self.next_key + len(new)))
        new = new.set_index("notification_key", drop=False).rename_axis(None)
        self.messages = pd.concat([self.messages, new[self.messages.columns]]) if len(self.messages) else new
        self.next_key += len(new)
        return pd.concat([pd.Series(old.index), pd.Series(new.index)], ignore_index=True)

    def _enter_decisions(
        self, decisions: pd.DataFrame, keys: pd.Series, candidates: pd.DataFrame, settings: Settings
    ) -> list[datetime]:
        placed = decisions[decisions["position"].notna()]
        columns = ["outcome", "rule", "due_at", "scheduled_at"]
        self.requests.loc[decisions.index, columns] = decisions[columns]
        self.requests.loc[placed.index, ["position", "wave"]] = placed[["position", "wave"]].astype("int64")
        # Messages of earlier runs come first in a schedule, then the new ones: -1, for none, finds the one behind.
        key = pd.concat([keys, pd.Series([-1])]).to_numpy("int64")
        self.requests.loc[decisions.index, "notification_key"] = key[decisions["message"].to_numpy()]
        last = placed.groupby(candidates.loc[placed.index, "episode_id"])["position"].max()
        self.episodes.loc[last.index, "last_position"] = last.astype("int64")
        self.requests.loc[decisions.index, "next_look_at"] = pd.NaT
        return self._look_again(candidates.loc[decisions.index[decisions["rule"] == "cooldown"]], settings)

    def _look_again(self, cooling: pd.DataFrame, settings: Settings) -> list[datetime]:
        if cooling.empty:
            return []
        hours = RowSettings(settings, cooling).each(lambda its: its.cooldown_hours)
        end = (cooling["last_told_at"] + pd.to_timedelta(hours, unit="h")).dt.ceil("h")
        self.requests.loc[cooling.index, "next_look_at"] = end
        return [moment.to_pydatetime() for moment in end.unique()]

    def _asks(self, now: pd.Timestamp) -> pd.Series:
        rows = self.requests
        return (
            (rows["next_look_at"] <= now)
            & (rows["plan_from"] <= now)
            & ~(rows["closes_at"] <= now)
            & ~(rows["gone_at"] <= now)
        )

    def _sends_at(self) -> pd.Series:
        return look_up(self.messages["due_at"], self.requests["notification_key"])

    def _told(self) -> pd.Series:
        """Whether each row's message leaves, or left, before its product sold out and its request ended."""
        sends_at = self._sends_at()
        return sends_at.notna() & ~(self.requests["closes_at"] <= sends_at) & ~(self.requests["gone_at"] <= sends_at)

    def _last_told(self, asking: pd.DataFrame, told: pd.Series, now: pd.Timestamp) -> pd.Series:
        sent = self.requests.loc[told, ["user_id", "product_id"]].assign(at=self._sends_at()[told])
        if sent.empty:
            return asking["last_told_at"]
        last = sent[sent["at"] <= now].groupby(["user_id", "product_id"])["at"].max().rename("at")
        simulated = asking[["user_id", "product_id"]].join(last, on=["user_id", "product_id"])["at"]
        return pd.concat([asking["last_told_at"], simulated], axis=1).max(axis=1).astype(INSTANT)

    def result(self) -> Simulated:
        """Where each request stands at the end."""
        return Simulated(self.requests.assign(sends_at=self._sends_at().where(self._told())))
