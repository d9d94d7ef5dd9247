"""The outbox: claiming due messages within the rate, and the last look at them (rules 9 and 10).

A batch is claimed and looked at in one transaction right before it leaves, and a lease says until when its sender may
be busy with it. What of it is handed to the connections is written down before (settle.py): only that is in doubt when
the sender is killed; the rest is known not to have left.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
import psycopg

from restock.delivery.arrays import write_keys
from restock.delivery.batch import read_items
from restock.delivery.message import BatchRow
from restock.delivery.quiet import awake_at
from restock.policy import QuietHours, Settings
from restock.policy.overrides import settings_by_row
from restock.warehouse import read_sql

# What leaves must be settled well before its lease is over, or another task would take it for lost: it leaves at most
# LONGEST_HELD after its claim, takes at most BATCH_TIMEOUT_SECONDS, and the warehouse may be away while it is settled.
LONGEST_HELD = timedelta(seconds=60)
BATCH_TIMEOUT_SECONDS = 120.0
LEASE = timedelta(minutes=5)

# How often what was noted is settled anew because another wrote the same row at the same moment.
_SETTLING_TRIES = 5

# A sender that waits for the rate looks again at least so often.
_LONGEST_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Claim:
    """What may leave now.

    Attributes:
        messages: The items of each message, by its notification_key.
        wait_seconds: How long the rate makes us wait; 0 where it does not.
    """

    messages: Mapping[int, Sequence[BatchRow]] = field(default_factory=dict)
    wait_seconds: float = 0.0


async def claim_batch(
    connection: psycopg.AsyncConnection,
    channel: str,
    settings: Settings,
    clock: datetime,
    *,
    size: int,
    leased_by: str,
    probing: bool = False,
) -> Claim | None:
    """Claim the oldest due messages and take the last look at them. Commits.

    Args:
        connection: Warehouse, in autocommit.
        channel: Channel.
        settings: Policy; its rate is kept across everybody who claims.
        clock: Now.
        size: The most messages to claim.
        leased_by: Whose lease it is; everything that this one holds can be given back by it.
        probing: Claim although the channel's breaker is open.

    Returns:
        What may leave now, which may be nothing, or None when nothing is due any more or the breaker is open.
    """
    rate = settings.rate_for(channel)
    async with connection.transaction():
        if rate is not None:
            tokens = await fill_bucket(connection, channel, rate)
            if tokens < 1:
                return Claim(wait_seconds=min(60 * (1 - tokens) / rate, _LONGEST_WAIT_SECONDS))
            size = min(size, int(tokens))
        leased = await connection.execute(
            read_sql("notify/lease_due.sql"),
            {
                "clock": clock,
                "channel": channel,
                "batch_size": size,
                "lease_until": clock + LEASE,
                "leased_by": leased_by,
                "probing": probing,
            },
        )
        rows = await leased.fetchall()
        if not rows:
            return None
        keys = [key for (key,) in rows]
        items = await read_items(connection, keys)
        zones = {item.notification_key: item.timezone for item in items}
        asleep = await _find_sleepers(connection, zones, settings, clock)
        if asleep:
            await _give_back_sleepers(connection, asleep, zones, leased_by)
            keys = [key for key in keys if key not in asleep]
            items = [item for item in items if item.notification_key not in asleep]
        items = await _take_last_look(connection, keys, items, clock)
        if rate is not None:
            count = len({item.notification_key for item in items})
            await connection.execute(read_sql("notify/draw_tokens.sql"), {"channel": channel, "message_count": count})
    return Claim({key: list(group) for key, group in groupby(items, key=attrgetter("notification_key"))})


async def give_back_all(connection: psycopg.AsyncConnection, leased_by: str) -> None:
    """Give back whatever a sender holds that has nothing in flight."""
    await connection.execute(read_sql("notify/give_back_all.sql"), {"leased_by": leased_by})


async def fill_bucket(connection: psycopg.AsyncConnection, channel: str, rate: int) -> float:
    """Tokens in the bucket: what may leave at once. In no minute more than `rate` can be drawn.

    The bucket holds what is sent in a second, and is filled at a speed that leaves room in the minute for a full one.
    """
    capacity = max(1, rate // 60)
    binds = {"channel": channel, "capacity": capacity, "per_second": (rate - capacity + 1) / 60}
    row = await (await connection.execute(read_sql("notify/fill_bucket.sql"), binds)).fetchone()
    assert row is not None
    return float(row[0])


async def _find_sleepers(
    connection: psycopg.AsyncConnection, zones: Mapping[int, str], settings: Settings, clock: datetime
) -> dict[int, datetime]:
    """Messages to shoppers who are in quiet hours now, and when those end."""
    general = {settings.parsed_quiet_hours()}
    if not settings.overrides.model_dump():
        zone_ends = {zone: awake_at(clock, zone, general) for zone in set(zones.values())}
        asleep = {zone for zone, end in zone_ends.items() if end > clock}
        return {key: zone_ends[zone] for key, zone in zones.items() if zone in asleep}
    rows = await connection.execute(read_sql("notify/read_item_products.sql"), {"notification_keys": write_keys(zones)})
    items = pd.DataFrame(await rows.fetchall(), columns=["notification_key", "store_id", "category", "product_id"])
    numbers, variants = settings_by_row(settings, items)
    quiet_hours: defaultdict[int, set[QuietHours | None]] = defaultdict(lambda: general)
    for key, number in zip(items["notification_key"], numbers, strict=True):
        quiet_hours.setdefault(key, set()).add(variants[number].parsed_quiet_hours())
    ends = {key: awake_at(clock, zone, quiet_hours[key]) for key, zone in zones.items()}
    return {key: end for key, end in ends.items() if end > clock}


async def _give_back_sleepers(
    connection: psycopg.AsyncConnection,
    asleep: Mapping[int, datetime],
    zones: Mapping[int, str],
    leased_by: str,
) -> None:
    days = [end.astimezone(ZoneInfo(zones[key])).date() for key, end in asleep.items()]
    binds = give_back_binds(list(asleep), leased_by, due_at=list(asleep.values()), local_days=days)
    await connection.execute(read_sql("notify/give_back.sql"), binds)


def give_back_binds(
    keys: Sequence[int],
    leased_by: str,
    *,
    due_at: Sequence[object] | None = None,
    local_days: Sequence[object] | None = None,
) -> dict[str, object]:
    """What `notify/give_back.sql` binds to give back claimed messages that were not touched."""
    return {
        "leased_by": leased_by,
        "notification_keys": write_keys(keys),
        "due_at": list(due_at or [None] * len(keys)),
        "local_day": list(local_days or [None] * len(keys)),
    }


async def _take_last_look(
    connection: psycopg.AsyncConnection, keys: Sequence[int], items: list[BatchRow], clock: datetime
) -> list[BatchRow]:
    """Drop what must not leave (rule 9). Returns what may."""
    fallen_out = [item for item in items if item.rule is not None]
    if not fallen_out:
        return items
    binds = {
        "clock": clock,
        "notification_keys": write_keys(keys),
        "episode_ids": write_keys(item.episode_id for item in fallen_out),
        "request_keys": write_keys(item.request_key for item in fallen_out),
        "rules": [item.rule for item in fallen_out],
    }
    async with connection.pipeline():
        await connection.execute(read_sql("notify/close_sold_out.sql"), binds)
        await connection.execute(read_sql("notify/drop_items.sql"), binds)
        await connection.execute(read_sql("notify/cancel_empty.sql"), binds)
    return [item for item in items if item.rule is None]


def recover_leases(connection: psycopg.Connection, settings: Settings, clock: datetime) -> list[str]:
    """Take over messages whose lease ran out: their sender died. Commits. Returns the ids of those in doubt."""
    with connection.transaction():
        expired = connection.execute(read_sql("notify/lock_expired.sql"), {"clock": clock}).fetchall()
        settle_noted(connection)
        keys = write_keys(key for (key,) in expired)
        binds = {"notification_keys": keys, "clock": clock, "in_doubt": settings.in_doubt}
        rows = connection.execute(read_sql("notify/recover_leases.sql"), binds).fetchall()
        # A statement of its own: it must see what the one before did.
        connection.execute(read_sql("notify/forget_departures.sql"))
    return [str(notification_id) for (notification_id,) in rows]


def settle_noted(connection: psycopg.Connection) -> None:
    """Record as sent what senders noted as accepted, whether they live or not. For the caller's transaction."""
    # One after the other: two may have noted answers to the same request.
    for (sender,) in connection.execute(read_sql("notify/find_noted.sql")).fetchall():
        _settle_noted_by(connection, sender)


def _settle_noted_by(connection: psycopg.Connection, sender: str) -> None:
    for tries_left in reversed(range(_SETTLING_TRIES)):
        try:
            with connection.transaction():
                connection.execute(read_sql("notify/settle_sent.sql"), {"leased_by": sender})
        except psycopg.errors.UniqueViolation:
            # Another ended one of the requests at this moment: the next try sees it.
            if not tries_left:
                raise
        else:
            return


def count_due(connection: psycopg.Connection, clock: datetime) -> dict[str, int]:
    """How many messages are due on each channel."""
    return dict(connection.execute(read_sql("notify/count_due.sql"), {"clock": clock}).fetchall())


def has_due(connection: psycopg.Connection, channel: str, clock: datetime) -> bool:
    """Is any message due on a channel?"""
    binds = {"channel": channel, "clock": clock}
    [(found,)] = connection.execute(read_sql("notify/has_due.sql"), binds).fetchall()
    return bool(found)


def replay_dead(
    connection: psycopg.Connection,
    clock: datetime,
    *,
    channel: str | None = None,
    error: str | None = None,
    ids: Sequence[UUID] | None = None,
    dead_by: datetime | None = None,
) -> int:
    """Try dead messages once more; their tries start anew. Commits. Returns how many.

    Args:
        connection: Warehouse.
        clock: Now.
        channel: Only those of this channel.
        error: Only those whose last error begins like this, such as 451.
        ids: Only these; without, messages that the provider may have are left out.
        dead_by: Only what was dead by then, so that the same wish, heard again, tries nothing a second time.
    """
    binds = {
        "clock": clock,
        "channel": channel,
        "error": error,
        "notification_ids": ids and list(ids),
        "dead_by": dead_by,
    }
    with connection.transaction():
        return connection.execute(read_sql("notify/replay_dead.sql"), binds).rowcount
