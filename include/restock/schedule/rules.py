"""Rules 3 to 8 in one call: from candidates to one decision each, and the messages. Pure, and the same to the row."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from restock.policy import Settings
from restock.schedule.arrange import arrange
from restock.schedule.queue import rank


@dataclass(frozen=True)
class Schedule:
    """What the rules say.

    Attributes:
        decisions: One row a candidate, by its index and in its order: outcome (told, delayed, merged, capped, skipped,
            held), rule, position and wave (missing unless it has a place), due_at, scheduled_at, message (number in
            `messages`; -1 for none), trace (as restock.decision.trace; missing where the request has ended: rule
            expired, suppressed or purchased).
        messages: By number, those of earlier runs first, as `restock.schedule.arrange.Arrangement.messages`.
    """

    decisions: pd.DataFrame
    messages: pd.DataFrame


def build(
    candidates: pd.DataFrame, earlier: pd.DataFrame, settings: Settings, channels: set[str], clock: datetime
) -> Schedule:
    """Apply rules 3 to 8.

    Args:
        candidates: One row a request and open episode that is not held and has no place or decision yet (but to be
            passed over for want of an address, a channel or in a cooldown). All those of an episode. request_key,
            request_id, user_id, store_id, product_id, category, channel, contact (null: no address), requested_at,
            timezone (null: the default), locale, tier, episode_id, opened_at, quantity (at the opening),
            notify_per_unit (of the episode; null: by the settings), last_position (given in the episode so far),
            suppressed, purchased, last_told_at (about this product, or NaT), holdout_draw (0 to under 100),
            looks (trace of earlier looks, each with "; " behind; null for none).
        earlier: The messages of these shoppers from earlier runs that count for the cap (sent, claimed or to be
            sent), on the days in question: notification_key, user_id, store_id, channel, contact, product_id and
            category (of the item that opened it), local_day (naive midnight), first_due_at, due_at, joinable (not
            claimed).
        settings: Policy with its overrides. Each item goes by the settings for its store, category and product; the
            item that opened a message decides the message's digest window.
        channels: The channels that messages can leave on.
        clock: The moment of the run, with a time zone.
    """
    ranking = rank(candidates, settings, channels, clock)
    placed = pd.concat([candidates.loc[ranking.placed.index], ranking.placed], axis=1)
    arrangement = arrange(placed, earlier, settings, clock)
    told = ranking.placed[["position", "wave"]].join(arrangement.decisions)
    closed = ranking.closed.assign(outcome="skipped")
    decisions = pd.concat([told, ranking.passed_over.drop(columns="look_again_at"), closed])
    decisions["message"] = decisions["message"].fillna(-1).astype("int64")
    return Schedule(decisions.reindex(candidates.index), arrangement.messages)
