"""Rules 7 and 8 on the places of some shoppers: when each is told, in which message, and the trace. Pure functions."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from restock.policy import Settings
from restock.schedule import trace
from restock.schedule.clocks import WallClocks
from restock.schedule.codes import (
    NEVER,
    Ints,
    RowSettings,
    combine,
    number_together,
    text_order,
    to_instants,
    to_micros,
    words,
)
from restock.schedule.digest import Digest, Earlier, Items, build_digests

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


@dataclass(frozen=True)
class Arrangement:
    """What rules 7 and 8 say.

    Attributes:
        decisions: The places given, by their index: outcome, rule, due_at (not before now), scheduled_at, message
            (its number in `messages`; -1 if capped), trace.
        messages: By number, those of earlier runs first: user_id, store_id, channel, timezone, locale, local_day,
            first_due_at, due_at, opening_item (label of its place; missing for a message of an earlier run),
            notification_key (of an earlier run's message, else -1), changed (whether items joined or opened it).
    """

    decisions: pd.DataFrame
    messages: pd.DataFrame


def arrange(placed: pd.DataFrame, earlier: pd.DataFrame, settings: Settings, clock: datetime) -> Arrangement:
    """Apply rules 7 and 8. All places of a shopper have to be there, and any number of shoppers.

    Args:
        placed: One row a place: request_id, user_id, store_id, product_id, category, channel, contact, timezone,
            locale, wave, due_at (of the wave) and looks.
        earlier: As for `restock.schedule.build`.
        settings: Policy.
        clock: The moment of this run, with a time zone.
    """
    now = to_micros(pd.Series([clock]))[0]
    of_row = RowSettings(settings, placed)
    of_earlier = RowSettings(settings, earlier)
    users, groups = _number_groups(placed, earlier)
    wave_due = to_micros(placed["due_at"])
    due = np.maximum(wave_due, now)
    clocks, clock_of_row, zones = _wall_clocks(placed["timezone"], of_row)
    awake = clocks.after_quiet_hours(due, clock_of_row)
    digest = build_digests(
        Items(
            user=users[0],
            group=groups[0],
            clock=clock_of_row,
            due=awake,
            order=text_order(placed["request_id"]),
            window=of_row.each(lambda its: its.digest_window_minutes) * _MINUTE,
            cap=of_row.each(lambda its: its.daily_cap),
            latest=of_row.each(lambda its: its.max_delay_hours) * _HOUR,
        ),
        Earlier(
            user=users[1],
            group=groups[1],
            day=to_micros(earlier["local_day"]) // _DAY,
            first=to_micros(earlier["first_due_at"]),
            last=to_micros(earlier["due_at"]),
            window=of_earlier.each(lambda its: its.digest_window_minutes) * _MINUTE,
            joinable=earlier["joinable"].to_numpy(bool),
            key=earlier["notification_key"].to_numpy(np.int64),
        ),
        clocks,
    )
    decisions = _explain(placed, wave_due, due, awake, digest)
    return Arrangement(decisions, _describe(placed, zones, earlier, digest))


def _number_groups(placed: pd.DataFrame, earlier: pd.DataFrame) -> tuple[list[Ints], list[Ints]]:
    """Numbers of the shoppers, and of those with the store, channel and contact, of places and of earlier messages."""
    users, *others = (
        number_together(placed[name], earlier[name])[0] for name in ("user_id", "store_id", "channel", "contact")
    )
    together = combine(*(np.concatenate(codes) for codes in (users, *others)))
    groups = pd.factorize(together)[0]
    return users, np.split(groups, [len(placed)])


def _wall_clocks(timezones: pd.Series, of_row: RowSettings) -> tuple[WallClocks, Ints, pd.Series]:
    """The wall clocks, the number of each row's, and each row's zone."""
    if timezones.isna().any():
        defaults = pd.Series(of_row.each(lambda its: its.default_timezone), index=timezones.index, dtype=object)
        timezones = timezones.astype(object).where(timezones.notna(), defaults)
    (zone,), names = number_together(timezones)
    quiet, hours = of_row.number(lambda its: its.parsed_quiet_hours())
    clocks = WallClocks(list(names), hours)
    return clocks, clocks.number(zone, quiet), timezones


def _explain(placed: pd.DataFrame, wave_due: Ints, due: Ints, awake: Ints, digest: Digest) -> pd.DataFrame:
    """The decision on each place: the rule that had the last word, and the trace of all."""
    capped = digest.message < 0
    place = np.arange(len(placed))
    message = np.where(capped, 0, digest.message)
    merged = ~capped & (digest.opener[message] != place)
    last = digest.last[message]
    moved = np.zeros(len(placed), bool)
    for items, _ in digest.moves:
        moved[items] = True
    together = merged | (~capped & (np.bincount(message[~capped], minlength=len(digest.opener))[message] > 1))
    verdict = np.select([capped, merged, moved, awake > due], [0, 1, 2, 3], 4)
    return pd.DataFrame(
        {
            "outcome": words(verdict, ["capped", "merged", "delayed", "delayed", "told"]).array,
            "rule": words(verdict, ["daily_cap", "digest", "daily_cap", "quiet_hours", "queue"]).array,
            "due_at": to_instants(due).array,
            "scheduled_at": to_instants(digest.scheduled).array,
            "message": digest.message,
            "trace": trace.join(
                trace.text(placed["looks"]),
                trace.word("queue", len(placed)),
                trace.step("waves", np.where(placed["wave"] > 0, wave_due, NEVER)),
                trace.step("now", np.where(due > wave_due, due, NEVER)),
                trace.step("quiet_hours", np.where(awake > due, awake, NEVER)),
                trace.text(_cap_steps(len(placed), digest)),
                trace.step("max_delay", np.full(len(placed), NEVER), capped),
                trace.step("digest", np.where(together & (last > digest.scheduled), last, NEVER), together),
            ).array,
        },
        index=placed.index,
    )


def _cap_steps(count: int, digest: Digest) -> pd.Series:
    """The steps of the daily cap, one for each full day."""
    texts = np.full(count, "", dtype=object)
    for items, times in digest.moves:
        texts[items] += np.asarray(trace.write_steps(" daily_cap", times), dtype=object)
    return pd.Series(texts)


def _describe(placed: pd.DataFrame, zones: pd.Series, earlier: pd.DataFrame, digest: Digest) -> pd.DataFrame:
    """The messages: those of earlier runs as they are now, and the new ones, each as the item that opened it."""
    opener = digest.opener[len(earlier) :]
    who = placed[["user_id", "store_id", "channel", "locale"]].iloc[opener]
    new = who.assign(timezone=zones.iloc[opener].array, opening_item=placed.index[opener], notification_key=-1)
    old = earlier[["user_id", "store_id", "channel", "notification_key"]].assign(opening_item=-1)
    messages = pd.concat([old, new], ignore_index=True) if len(old) else new.reset_index(drop=True)
    items = np.bincount(digest.message[digest.message >= 0], minlength=len(messages))
    return messages.assign(
        local_day=(digest.day * _DAY).view("datetime64[us]"),
        first_due_at=to_instants(digest.first).array,
        due_at=to_instants(digest.last).array,
        changed=items > 0,
    )
