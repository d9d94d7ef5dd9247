"""Sending the messages that ask whether a request is the shopper's own (double opt-in).

They leave through the channels of the other messages, within the same rate and behind the same breakers, before them:
the shopper is waiting now, so quiet hours do not count. What a sender that was killed held leaves once more, with the
next run (delivery/alive.py): twice the same question does no harm.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
import uvloop
from psycopg.rows import args_row

from restock.channels import (
    Channel,
    ChannelConfig,
    ChannelMisconfiguredError,
    ChannelUnreachableError,
    ConnectionDetails,
    load_kind,
)
from restock.channels.base import OutgoingMessage, Result
from restock.delivery.alive import SenderLock
from restock.delivery.breaker import PROBE_SIZE, close_breaker, start_probe, trip_breaker
from restock.delivery.message import Letterhead
from restock.delivery.message.confirm import Confirmation
from restock.delivery.outbox import BATCH_TIMEOUT_SECONDS, LEASE, fill_bucket
from restock.delivery.send import Delivery
from restock.delivery.settle import MOST_TRIES, retry_at
from restock.delivery.warehouse import SenderConnection
from restock.feeds.masking import mask_recipient
from restock.policy import Settings, load_policy
from restock.warehouse import connect, read_sql

log = logging.getLogger(__name__)

Writer = Callable[[Confirmation], OutgoingMessage]


class _Ended(NamedTuple):
    """How the attempt to send one confirmation ended; no result where it was not touched."""

    confirmation: Confirmation
    result: Result | None


def count_confirmations(connection: psycopg.Connection, clock: datetime) -> dict[str, int]:
    """How many are due on each channel."""
    return dict(connection.execute(read_sql("notify/count_confirmations.sql"), {"clock": clock}).fetchall())


def send_confirmations(
    warehouse_url: str,
    config: ChannelConfig,
    connection: ConnectionDetails,
    letterhead: Letterhead,
    policy_id: int,
    sender: str,
) -> Delivery:
    """Send what is due on a channel until nothing is left, its provider is down, or the rate is used up.

    Args:
        warehouse_url: Warehouse.
        config: The channel.
        connection: What its Airflow connection holds.
        letterhead: What every message carries.
        policy_id: Policy in force.
        sender: Run and task, for the record.
    """
    with connect(warehouse_url, application="restock_notify") as warehouse:
        if config.name not in count_confirmations(warehouse, datetime.now(UTC)):
            return Delivery({})
        settings = load_policy(warehouse, policy_id)
    try:
        module = load_kind(config)
        make_writer = getattr(module, "make_confirmation_writer", None)
        if make_writer is None:
            raise ChannelMisconfiguredError(
                f"Confirmations wait on the channel {config.name}, whose module {config.kind} has no "
                "make_confirmation_writer: add it (docs/delivery.md), or take no addresses on this channel."
            )
        opened = module.open_channel(config, connection)
        write = make_writer(config, connection, letterhead)
    except ChannelMisconfiguredError as error:
        log.error("%s", error)
        return Delivery({}, str(error))
    sending = _Sending(warehouse_url, config, write, settings, f"{sender}/confirm")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        delivery = runner.run(sending.run(opened))
    if delivery.warning:
        log.warning("The provider of the channel %s is down; confirmations wait. %s", config.name, delivery.warning)
    return delivery


class _Sending:
    def __init__(
        self, warehouse_url: str, config: ChannelConfig, write: Writer, settings: Settings, sender: str
    ) -> None:
        self._warehouse = SenderConnection(warehouse_url)
        self._lock = SenderLock(warehouse_url)
        self._name = config.name
        self._size = config.connections * config.messages_per_call
        self._write = write
        self._settings = settings
        self._leased_by = f"{sender}/{self._lock.token}/0"
        self._outcomes: Counter[str] = Counter()

    async def run(self, channel: Channel) -> Delivery:
        began_at = datetime.now(UTC)
        trouble = None
        try:
            is_open, may_probe = await self._warehouse.run(lambda it: start_probe(it, self._name, began_at))
            if is_open and not may_probe:
                return Delivery({})
            try:
                async with self._lock, channel:
                    trouble = await self._send_all(channel, probing=is_open)
            except ChannelUnreachableError as error:
                trouble = str(error)
            if trouble is not None:
                reason = trouble
                await self._warehouse.run(
                    lambda it: trip_breaker(it, self._name, reason, began_at=began_at, clock=datetime.now(UTC))
                )
        finally:
            await self._warehouse.close()
        return Delivery(dict(self._outcomes), trouble)

    async def _send_all(self, channel: Channel, *, probing: bool) -> str | None:
        """Send until nothing is left; what is wrong with the provider, in words, or None."""
        while claimed := await self._claim(PROBE_SIZE if probing else self._size):
            try:
                ended = await self._send_batch(channel, claimed)
            except ChannelUnreachableError:
                await self._settle([_Ended(confirmation, None) for confirmation in claimed], forgiving=True)
                raise
            results = [result for _, result in ended if result is not None]
            trouble = next((result.text for result in results if result.outcome == "unavailable"), None)
            answered = any(result.outcome in {"accepted", "permanent"} for result in results)
            if probing and not answered:
                trouble = trouble or f"none of the {len(claimed)} messages that tried was taken"
            await self._settle(ended, forgiving=trouble is not None)
            self._outcomes.update(f"confirmation_{result.outcome}" for result in results)
            if trouble is not None:
                return trouble
            if probing:
                await self._warehouse.run(lambda it: close_breaker(it, self._name))
                probing = False
        return None

    async def _claim(self, size: int) -> list[Confirmation]:
        """The oldest that are due, as many as the rate allows."""
        return await self._warehouse.run(lambda it: self._claim_over(it, size))

    async def _claim_over(self, connection: psycopg.AsyncConnection, size: int) -> list[Confirmation]:
        rate = self._settings.rate_for(self._name)
        clock = datetime.now(UTC)
        async with connection.transaction():
            if rate is not None:
                size = min(size, int(await fill_bucket(connection, self._name, rate)))
            binds = {
                "clock": clock,
                "channel": self._name,
                "batch_size": size,
                "lease_until": clock + LEASE,
                "leased_by": self._leased_by,
                "most_tries": MOST_TRIES,
            }
            cursor = connection.cursor(row_factory=args_row(Confirmation))
            await cursor.execute(read_sql("notify/claim_confirmations.sql"), binds)
            claimed = await cursor.fetchall()
            if rate is not None:
                binds = {"channel": self._name, "message_count": len(claimed)}
                await connection.execute(read_sql("notify/draw_tokens.sql"), binds)
        return claimed

    async def _send_batch(self, channel: Channel, claimed: Sequence[Confirmation]) -> list[_Ended]:
        messages: list[OutgoingMessage] = []
        results: dict[int, Result] = {}
        for confirmation in claimed:
            try:
                messages.append(self._write(confirmation))
            except Exception as error:
                # Whatever is wrong with one message, the others must leave.
                key, text = confirmation.confirmation_key, f"the message cannot be written: {error}"
                results[key] = Result(key, "permanent", None, text[:500], datetime.now(UTC))
        if messages:
            sent = await channel.send_batch(messages, BATCH_TIMEOUT_SECONDS)
            results |= {result.notification_key: result for result in sent}
        return [_Ended(confirmation, results.get(confirmation.confirmation_key)) for confirmation in claimed]

    async def _settle(self, ended: Sequence[_Ended], *, forgiving: bool) -> None:
        """Record how attempts ended. Commits; may be done again."""
        clock = datetime.now(UTC)
        rows = [self._outcome(one, clock, forgiving=forgiving) for one in ended]
        columns = ("statuses", "forgiven", "retry_at", "errors")
        binds = {
            "clock": clock,
            "leased_by": self._leased_by,
            "confirmation_keys": [confirmation.confirmation_key for confirmation, _ in ended],
        } | {name: list(values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)}
        bad = [confirmation.contact for confirmation, result in ended if result is not None and result.suppress]

        async def settle(connection: psycopg.AsyncConnection) -> None:
            async with connection.transaction():
                await connection.execute(read_sql("notify/settle_confirmations.sql"), binds)
                if bad:
                    suppressed = {"clock": clock, "channel": self._name, "contacts": bad}
                    await connection.execute(read_sql("notify/suppress_unconfirmed.sql"), suppressed)

        await self._warehouse.run(settle)

    def _outcome(
        self, ended: _Ended, clock: datetime, *, forgiving: bool
    ) -> tuple[str, bool, datetime | None, str | None]:
        """Status, whether the attempt is forgiven, when to try again and what went wrong."""
        confirmation, result = ended
        if result is None:
            return "waiting", True, None, None
        if result.outcome == "accepted":
            return "sent", False, None, None
        error = mask_recipient(f"{result.code or ''} {result.text}".strip(), confirmation.contact)
        if result.outcome == "unavailable" or (forgiving and result.outcome == "retryable"):
            # The breaker says when.
            return "waiting", True, None, error
        again_at = retry_at(result, confirmation.attempt_count, self._settings, clock)
        return ("refused" if again_at is None else "waiting"), False, again_at, error
