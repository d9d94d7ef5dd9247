"""Rule 8: which items go into one message, and which wait for another day because of the daily cap.

The rule takes a shopper's items one after the other. Here every shopper takes one step at a time, all shoppers
together: in a step the first item of each shopper opens a message and draws in all that belong to it, or finds
its day full and moves, with the rest of that day, to the next. The number of steps is that of the messages of the
busiest shopper, never that of the rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from restock.policy import Settings
from restock.schedule.wall_clock import first_time_of_next_day, local_day

_GROUP = ["user_id", "store_id", "channel", "contact"]


@dataclass(frozen=True)
class Digest:
    """Outcome of rule 8.

    Attributes:
        items: The items given, by their index, with scheduled_at (UTC), message (row of `messages`, -1 if capped)
            and moved (whether the daily cap moved it).
        messages: Row number as index; user_id, store_id, channel, contact, local_day, first_due_at, due_at,
            opening_item (index of `items`, -1 for a message of an earlier run), notification_key (of an earlier
            run's message, else -1), changed (whether items joined).
    """

    items: pd.DataFrame
    messages: pd.DataFrame


def build_digests(items: pd.DataFrame, earlier: pd.DataFrame, settings: Settings) -> Digest:
    """Apply rule 8.

    Args:
        items: One row an item: user_id, store_id, channel, contact, timezone, request_id, due_at (after rule 7).
            All items of a shopper, and any number of shoppers.
        earlier: The messages of these shoppers from earlier runs, on the days in question: notification_key,
            user_id, store_id, channel, contact, local_day, first_due_at, due_at, joinable (not yet claimed).
        settings: Policy.
    """
    state = _State(items, earlier, settings)
    state.join_earlier(state.active)
    while len(state.active):
        state.step()
    return state.result()


class _State:
    """Items still without a message, and the messages so far."""

    def __init__(self, items: pd.DataFrame, earlier: pd.DataFrame, settings: Settings) -> None:
        self.settings = settings
        self.quiet = settings.parsed_quiet_hours()
        self.window = pd.Timedelta(minutes=settings.digest_window_minutes)
        self.items = items.assign(
            scheduled_at=items["due_at"], day=local_day(items["due_at"], items["timezone"]), message=-1, moved=False
        ).sort_values(["user_id", "scheduled_at", "request_id"])
        both = pd.concat([self.items[_GROUP], earlier[_GROUP]], ignore_index=True)
        groups = both.groupby(_GROUP, sort=False, dropna=False).ngroup().to_numpy()
        self.items["group"] = groups[: len(items)]
        self.messages = pd.DataFrame(
            {
                "item": -1,
                "notification_key": earlier["notification_key"].to_numpy(),
                "user_id": earlier["user_id"].to_numpy(),
                "group": groups[len(items) :],
                "day": earlier["local_day"].to_numpy(),
                "first_due_at": earlier["first_due_at"].to_numpy(),
                "due_at": earlier["due_at"].to_numpy(),
                "joinable": earlier["joinable"].to_numpy(dtype=bool),
                "changed": False,
            }
        )
        # to_numpy drops the zone of a timestamp
        for name in ("first_due_at", "due_at"):
            self.messages[name] = pd.to_datetime(self.messages[name], utc=True).astype(self.items["due_at"].dtype)
        self.on_day = self.messages.groupby(["user_id", "day"]).size()
        self.active = self.items.index

    def join_earlier(self, index: pd.Index) -> None:
        """Let items join messages of earlier runs, the earliest message first.

        A message spans at most the window. An item before the message's first one becomes its first, as long as
        the last stays within the window.
        """
        open_messages = self.messages[self.messages["joinable"]].sort_values("first_due_at")
        rank = open_messages.groupby(["group", "day"]).cumcount()
        for turn in range(int(rank.max()) + 1 if len(rank) else 0):
            of_turn = open_messages[rank == turn][["group", "day", "first_due_at", "due_at"]]
            waiting = self.items.loc[index]
            waiting = waiting[waiting["message"] < 0].rename_axis("item").reset_index()
            pairs = waiting.merge(
                of_turn.rename_axis("to").reset_index(), on=["group", "day"], suffixes=("_of_item", "")
            )
            reachable = pairs[pairs["scheduled_at"] >= pairs["due_at"] - self.window]
            if reachable.empty:
                continue
            first = np.minimum(reachable.groupby("to")["scheduled_at"].transform("min"), reachable["first_due_at"])
            joining = reachable[
                (reachable["scheduled_at"] >= first) & (reachable["scheduled_at"] <= first + self.window)
            ]
            if joining.empty:
                continue
            self.items.loc[joining["item"], "message"] = joining["to"].to_numpy()
            of_message = joining.groupby("to")["scheduled_at"]
            touched = of_message.min().index
            message = self.messages.loc[touched]
            self.messages.loc[touched, "first_due_at"] = np.minimum(of_message.min(), message["first_due_at"])
            self.messages.loc[touched, "due_at"] = np.maximum(of_message.max(), message["due_at"])
            self.messages.loc[touched, "changed"] = True
        self._drop_settled()

    def _drop_settled(self) -> None:
        self.active = self.active[(self.items.loc[self.active, "message"] < 0).to_numpy()]

    def step(self) -> None:
        """One step of every shopper who has items left."""
        waiting = self.items.loc[self.active]
        head = waiting.drop_duplicates("user_id")
        day_of_head = pd.MultiIndex.from_frame(head[["user_id", "day"]])
        sent = self.on_day.reindex(day_of_head, fill_value=0).to_numpy()
        full = (sent >= self.settings.daily_cap) & (self.settings.daily_cap > 0)
        self._open(waiting, head[~full])
        self._move(waiting, head[full])
        self._drop_settled()

    def _open(self, waiting: pd.DataFrame, heads: pd.DataFrame) -> None:
        if heads.empty:
            return
        number = pd.RangeIndex(len(self.messages), len(self.messages) + len(heads))
        opened = pd.Series(number, index=heads["group"].to_numpy())
        of_group = waiting["group"].map(opened)
        candidates = waiting[of_group.notna()]
        to = of_group[candidates.index].astype("int64")
        head_of = heads.set_index(number)
        head_due = to.map(head_of["scheduled_at"])
        belongs = (candidates["scheduled_at"] <= head_due + self.window) & (candidates["day"] == to.map(head_of["day"]))
        to = to[belongs]
        self.items.loc[to.index, "message"] = to
        due_at = self.items.loc[to.index, "scheduled_at"].groupby(to).max()
        self.messages = pd.concat(
            [
                self.messages,
                pd.DataFrame(
                    {
                        "item": heads.index.to_numpy(),
                        "notification_key": -1,
                        "user_id": heads["user_id"].to_numpy(),
                        "group": heads["group"].to_numpy(),
                        "day": heads["day"].to_numpy(),
                        "first_due_at": heads["scheduled_at"].array,
                        "due_at": due_at.reindex(number).array,
                        "joinable": False,
                        "changed": True,
                    },
                    index=number,
                ),
            ]
        )
        self.on_day = self.on_day.add(heads.groupby(["user_id", "day"]).size(), fill_value=0)

    def _move(self, waiting: pd.DataFrame, heads: pd.DataFrame) -> None:
        """Move what is left of a full day to the first free time of the next, or give it up where that is too late."""
        if heads.empty:
            return
        full_days = heads[["user_id", "day"]]
        moving = waiting[["user_id", "day", "timezone", "due_at"]].rename_axis("row").reset_index()
        moving = moving.merge(full_days, on=["user_id", "day"]).set_index("row")
        later = first_time_of_next_day(moving["day"], moving["timezone"], self.quiet)
        too_late = later > moving["due_at"] + pd.Timedelta(hours=self.settings.max_delay_hours)
        kept = moving.index[~too_late]
        self.items.loc[moving.index, "scheduled_at"] = later
        self.items.loc[kept, "day"] = local_day(later[kept], moving.loc[kept, "timezone"])
        self.items.loc[moving.index, "moved"] = True
        self.active = self.active.difference(moving.index[too_late], sort=False)
        self.items = self.items.sort_values(["user_id", "scheduled_at", "request_id"])
        self.active = self.items.index[self.items.index.isin(self.active)]
        self.join_earlier(kept)

    def result(self) -> Digest:
        group = self.items.drop_duplicates("group").set_index("group")[["store_id", "channel", "contact"]]
        messages = self.messages.join(group, on="group").rename(columns={"day": "local_day", "item": "opening_item"})
        return Digest(self.items[["scheduled_at", "message", "moved"]], messages.drop(columns=["group", "joinable"]))
