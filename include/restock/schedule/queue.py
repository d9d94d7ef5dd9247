"""Rules 3 to 6: who waits, who is held out, the place in the queue, the wave. Pure functions on frames."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from restock.policy import Settings
from restock.schedule import trace
from restock.schedule.codes import (
    NEVER,
    Ints,
    RowSettings,
    combine,
    starts_of,
    text_order,
    to_instants,
    to_micros,
    words,
)

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

# In the order of rule 3, then rule 4: the first that holds has the last word.
_RULES = ["expired", "suppressed", "purchased", "no_channel", "no_address", "cooldown", "holdout", "queue"]
_CLOSED, _COOLDOWN, _QUEUE = 3, 5, 7
_OUTCOMES = ["skipped"] * 6 + ["held", "told"]


@dataclass(frozen=True)
class Ranking:
    """What rules 3 to 6 say of each candidate. Each candidate stands in exactly one of the frames, by its index.

    Attributes:
        closed: rule (expired, suppressed or purchased): the request has ended.
        passed_over: outcome, rule, trace, look_again_at (the end of a cooldown, else NaT): it goes on waiting.
        placed: position, wave, due_at (of the wave; may be past).
    """

    closed: pd.DataFrame
    passed_over: pd.DataFrame
    placed: pd.DataFrame


def rank(candidates: pd.DataFrame, settings: Settings, channels: set[str], clock: datetime) -> Ranking:
    """Apply rules 3 to 6. Positions are given across shoppers, so all candidates of an episode have to be there.

    Args:
        candidates: As for `restock.schedule.build`.
        settings: Policy.
        channels: The channels that messages can leave on.
        clock: The moment of this run, with a time zone.
    """
    now = to_micros(pd.Series([clock]))[0]
    of_row = RowSettings(settings, candidates)
    told_at = to_micros(candidates["last_told_at"])
    cooldown = of_row.each(lambda its: its.cooldown_hours) * _HOUR
    cooldown_end = np.where((told_at == NEVER) | (cooldown == 0), NEVER, told_at + cooldown)
    ttl = of_row.each(lambda its: its.request_ttl_days) * _DAY
    conditions = [
        to_micros(candidates["requested_at"]) < now - ttl,
        candidates["suppressed"].to_numpy(bool),
        candidates["purchased"].to_numpy(bool),
        ~candidates["channel"].isin(channels).to_numpy(bool),
        candidates["contact"].isna().to_numpy(),
        cooldown_end > now,
        candidates["holdout_draw"].to_numpy() < of_row.each(lambda its: its.holdout_percent),
    ]
    verdict = np.select(conditions, np.arange(_QUEUE).tolist(), _QUEUE)
    (closed,) = np.nonzero(verdict < _CLOSED)
    (passed,) = np.nonzero((verdict >= _CLOSED) & (verdict < _QUEUE))
    (queued,) = np.nonzero(verdict == _QUEUE)
    look_again_at = np.where(verdict[passed] == _COOLDOWN, cooldown_end[passed], NEVER)
    return Ranking(
        closed=pd.DataFrame({"rule": words(verdict[closed], _RULES).array}, index=candidates.index[closed]),
        passed_over=pd.DataFrame(
            {
                "outcome": words(verdict[passed], _OUTCOMES).array,
                "rule": words(verdict[passed], _RULES).array,
                "trace": _trace_passed(candidates["looks"].iloc[passed], verdict[passed], look_again_at).array,
                "look_again_at": to_instants(look_again_at).array,
            },
            index=candidates.index[passed],
        ),
        placed=_place(candidates, of_row, queued),
    )


def _trace_passed(looks: pd.Series, verdict: Ints, left_at: Ints) -> pd.Series:
    codes = list(enumerate(_RULES))[_CLOSED:_QUEUE]
    steps = [trace.step(code, left_at, verdict == number, before="") for number, code in codes]
    return trace.join(trace.text(looks), *steps)


def _place(candidates: pd.DataFrame, of_row: RowSettings, queued: Ints) -> pd.DataFrame:
    """Rules 5 and 6: positions follow on behind those given before. Where items go by tier, an episode's all do."""
    rows = candidates.iloc[queued]
    episode = rows["episode_id"].to_numpy(np.int64)
    by_tier = of_row.each(lambda its: its.priority == "tier")[queued]
    tier = np.where(by_tier, -rows["tier"].to_numpy(np.int64), 0)
    turn = combine(
        *(np.unique(key, return_inverse=True)[1] for key in (episode, tier, to_micros(rows["requested_at"])))
    )
    order = np.argsort(turn)
    # Only where some asked at the same moment do the ids decide.
    first = starts_of(turn[order])
    tied = ~first | np.append(~first[1:], False)
    among = order[tied]
    order[tied] = among[np.lexsort((text_order(rows["request_id"].iloc[among]), turn[among]))]
    starts = starts_of(episode[order])
    # The place within the episode: how far behind its first row.
    place = np.arange(len(order)) - np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    position = np.empty(len(order), np.int64)
    position[order] = place + 1
    position += rows["last_position"].to_numpy(np.int64)
    per_unit = rows["notify_per_unit"].to_numpy(np.float64, na_value=np.nan)
    # An episode that opened before this was kept with it goes by the settings; by evidence it cannot any more.
    general = of_row.each(lambda its: 0.0 if its.notify_per_unit == "auto" else its.notify_per_unit)[queued]
    per_unit = np.where(np.isnan(per_unit), general, per_unit)
    # 30 units times 0.1 are 3, not a little more.
    size = np.maximum(np.ceil(np.round(rows["quantity"].to_numpy(np.int64) * per_unit, 6)), 1).astype(np.int64)
    wave = np.where(per_unit > 0, (position - 1) // size, 0)
    interval = of_row.each(lambda its: its.wave_interval_minutes)[queued] * _MINUTE
    due_at = to_micros(rows["opened_at"]) + wave * interval
    return pd.DataFrame({"position": position, "wave": wave, "due_at": to_instants(due_at).array}, index=rows.index)
