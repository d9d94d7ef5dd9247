"""The loop of a sending task: claim, write, send, settle, until nothing is due on its channel.

Several lanes do this side by side over the same connections to the provider: while some send, another claims and
writes. A batch is handed to the connections in parts, and each part is written down before, in the statement that
notes the answers to the part before it; once the last is noted the whole batch is settled. What is under way, and so
what a killed sender leaves in doubt, is at most `CALLS_EACH` calls for each connection.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg

from restock.channels import Channel, ChannelUnreachableError, OutgoingMessage, Result
from restock.delivery.alive import SenderLock
from restock.delivery.breaker import PROBE_SIZE, FailureCounter, close_breaker, start_probe, trip_breaker
from restock.delivery.events import log_batch
from restock.delivery.message import BatchRow
from restock.delivery.outbox import BATCH_TIMEOUT_SECONDS, LONGEST_HELD, Claim, claim_batch, give_back_all
from restock.delivery.settle import note_part, settle_sent
from restock.delivery.warehouse import SenderConnection
from restock.policy import Settings

Writer = Callable[[Sequence[BatchRow]], OutgoingMessage]

# Of a provider that answers at once they are one part, because each part costs a statement. Where calls take their time
# they are a part each, of which one is on the wire while the other is settled.
CALLS_EACH = 2
_SLOW_CALL_SECONDS = 0.015
# One more than send at once claims and writes.
_LANES = CALLS_EACH + 1
# Claiming is dear by the statement; but the last look should not be long ago when a part leaves. So a batch has about
# so many messages while each is gone soon, and a few parts where the provider takes its time.
_QUICK_BATCH = 1_000
_QUICK_SECONDS = 2.0
_PARTS_IN_SLOW_BATCH = 3
# Where calls take long, what was accepted is settled before the end of the batch: its requests wait no longer.
_LONGEST_NOTED_SECONDS = 1.0
# Writing takes the event loop for itself: after so many messages the wire has its turn.
_WRITTEN_AT_ONCE = 16
# A task that the rate slows down leaves the rest to the next run, which starts every minute.
_RATE_PATIENCE_SECONDS = 55.0
# So that a new policy reaches also whoever sends for hours.
_LONGEST_SECONDS = 1_800.0


class Delivery(NamedTuple):
    """What a sending task did: how many attempts ended in each outcome, and what somebody should know, if anything."""

    figures: dict[str, int]
    warning: str | None = None


async def send_due(
    warehouse_url: str,
    channel_name: str,
    channel: Channel,
    write: Writer,
    settings: Settings,
    *,
    held_at_once: int,
    sender: str,
) -> Delivery:
    """Send what is due on one channel. Any number of these may run at once; they share the work.

    A provider that is down trips the breaker of the channel: messages that were not touched stay due.

    Args:
        warehouse_url: Warehouse; each lane has a connection of its own.
        channel_name: Channel as the requests name it.
        channel: Not yet entered.
        write: Makes the message out of its items.
        settings: Policy in force.
        held_at_once: Messages that all connections of the channel together hold at once.
        sender: Run and task, for the record.
    """
    return await _Sending(warehouse_url, channel_name, channel, write, settings, held_at_once, sender).run()


class _Sending:
    def __init__(
        self,
        warehouse_url: str,
        channel_name: str,
        channel: Channel,
        write: Writer,
        settings: Settings,
        held_at_once: int,
        sender: str,
    ) -> None:
        self._url = warehouse_url
        self._channel_name = channel_name
        self._channel = channel
        self._write = write
        self._settings = settings
        self._held_at_once = held_at_once
        self._answers_slowly = True
        self._room = asyncio.Semaphore(CALLS_EACH)
        # Whoever takes all of the room must not wait for another who does.
        self._turn = asyncio.Lock()
        # No two tries of a task, nor two lanes, may take each other for themselves.
        self._lock = SenderLock(warehouse_url)
        self._sender = f"{sender}/{self._lock.token}"
        self._part_numbers = itertools.count()
        self._outcomes: Counter[str] = Counter()
        self._failures = FailureCounter()
        self._began_at = datetime.now(UTC)
        self._began = time.monotonic()
        self._trouble: str | None = None
        self._broken = False

    async def run(self) -> Delivery:
        warehouse = SenderConnection(self._url)
        try:
            is_open, may_probe = await warehouse.run(lambda it: start_probe(it, self._channel_name, datetime.now(UTC)))
            if is_open and not may_probe:
                return Delivery({})
            async with self._lock, self._channel:
                if not is_open or await self._probe(warehouse):
                    await self._run_lanes()
        except ChannelUnreachableError as error:
            self._trouble = str(error)
        finally:
            if self._trouble is not None:
                reason = self._trouble
                await warehouse.run(lambda it: self._trip(it, reason))
            await warehouse.close()
        return Delivery(dict(self._outcomes), self._trouble)

    async def _trip(self, connection: psycopg.AsyncConnection, reason: str) -> None:
        await trip_breaker(connection, self._channel_name, reason, began_at=self._began_at, clock=datetime.now(UTC))

    async def _probe(self, warehouse: SenderConnection) -> bool:
        """Is the provider back? A few messages show it."""
        await self._run_batch(warehouse, f"{self._sender}/probe", PROBE_SIZE, probing=True)
        if self._trouble is None and not (self._outcomes["accepted"] or self._outcomes["permanent"]):
            failed = sum(self._outcomes.values())
            if failed:
                self._trouble = f"none of the {failed} messages that tried was taken"
            return False
        if self._trouble is None:
            await warehouse.run(lambda it: close_breaker(it, self._channel_name))
        return self._trouble is None

    async def _run_lanes(self) -> None:
        ended = await asyncio.gather(*(self._run_lane(number) for number in range(_LANES)), return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _run_lane(self, number: int) -> None:
        warehouse = SenderConnection(self._url)
        is_quick = False
        try:
            while self._goes_on():
                began = time.monotonic()
                part_size = self._calls_each() * self._held_at_once
                parts = max(1, _QUICK_BATCH // part_size)
                if not is_quick:
                    parts = min(parts, _PARTS_IN_SLOW_BATCH)
                if not await self._run_batch(warehouse, f"{self._sender}/{number}", parts * part_size):
                    break
                is_quick = time.monotonic() - began < _QUICK_SECONDS
        except BaseException:
            self._broken = True
            raise
        finally:
            await warehouse.close()

    def _goes_on(self) -> bool:
        elapsed = time.monotonic() - self._began
        return self._trouble is None and not self._broken and elapsed < _LONGEST_SECONDS

    async def _run_batch(
        self, warehouse: SenderConnection, leased_by: str, size: int, *, probing: bool = False
    ) -> bool:
        """Claim, write, send and settle one batch. False when nothing is left to do."""
        claimed_at = datetime.now(UTC)
        claim = await warehouse.run(
            lambda it: claim_batch(
                it,
                self._channel_name,
                self._settings,
                claimed_at,
                size=size,
                leased_by=leased_by,
                probing=probing,
            ),
            # A claim whose commit was not answered may stand: nothing of it has left.
            before_retry=lambda it: give_back_all(it, leased_by),
        )
        if claim is None:
            return False
        if claim.wait_seconds:
            if time.monotonic() - self._began + claim.wait_seconds > _RATE_PATIENCE_SECONDS:
                return False
            await asyncio.sleep(claim.wait_seconds)
        elif claim.messages:
            messages, refused = await self._write_all(claim)
            async with self._take_room() as calls_each:
                await self._send_parts(warehouse, claim, messages, refused, claimed_at, leased_by, calls_each)
            # All is noted: others have the room meanwhile.
            await warehouse.run(lambda it: settle_sent(it, leased_by))
        return True

    def _calls_each(self) -> int:
        """How many calls of a part each connection has."""
        return 1 if self._answers_slowly else CALLS_EACH

    @asynccontextmanager
    async def _take_room(self) -> AsyncIterator[int]:
        async with AsyncExitStack() as stack:
            async with self._turn:
                calls_each = self._calls_each()
                for _ in range(calls_each):
                    await stack.enter_async_context(self._room)
            yield calls_each

    async def _send_parts(
        self,
        warehouse: SenderConnection,
        claim: Claim,
        messages: Sequence[OutgoingMessage],
        refused: Sequence[Result],
        claimed_at: datetime,
        leased_by: str,
        calls_each: int,
    ) -> None:
        """Send a batch part by part, each only once it is written down that it leaves."""
        part_size = calls_each * self._held_at_once
        left = set(claim.messages)
        results = refused
        settled_at = time.monotonic()
        for start in range(0, len(messages), part_size):
            part = messages[start : start + part_size]
            left -= {result.notification_key for result in results}
            departing = [message.notification_key for message in part]
            may_leave = await self._note(warehouse, claim, results, claimed_at, leased_by, departing=departing)
            results = []
            if time.monotonic() - settled_at > _LONGEST_NOTED_SECONDS:
                await warehouse.run(lambda it: settle_sent(it, leased_by))
                settled_at = time.monotonic()
            if self._trouble is not None or datetime.now(UTC) - claimed_at > LONGEST_HELD:
                break
            part = [message for message in part if message.notification_key in may_leave]
            if not part:
                continue
            began = time.monotonic()
            try:
                results = await self._channel.send_batch(part, BATCH_TIMEOUT_SECONDS)
            except ChannelUnreachableError as error:
                self._trouble = self._trouble or str(error)
            # After any other error nobody knows what left: the lease runs out, and the part is in doubt.
            self._answers_slowly = time.monotonic() - began > calls_each * _SLOW_CALL_SECONDS
        left -= {result.notification_key for result in results}
        await self._note(warehouse, claim, results, claimed_at, leased_by, untouched=left)
        log_batch(self._channel_name, leased_by, claim, left)

    async def _note(
        self,
        warehouse: SenderConnection,
        claim: Claim,
        results: Sequence[Result],
        claimed_at: datetime,
        leased_by: str,
        *,
        departing: Collection[int] = (),
        untouched: Collection[int] = (),
    ) -> set[int]:
        self._trouble = self._trouble or self._failures.add(results)
        self._outcomes.update(result.outcome for result in results)
        # The same for each try, unlike the time.
        part_number = next(self._part_numbers)
        return await warehouse.run(
            lambda it: note_part(
                it,
                self._channel_name,
                claim,
                results,
                self._settings,
                claimed_at=claimed_at,
                settled_at=datetime.now(UTC),
                sender=leased_by,
                forgiving=self._trouble is not None,
                part_number=part_number,
                departing=departing,
                untouched=untouched,
            )
        )

    async def _write_all(self, claim: Claim) -> tuple[list[OutgoingMessage], list[Result]]:
        """The messages of a batch, and a refusal for each that cannot be written."""
        messages: list[OutgoingMessage] = []
        refused: list[Result] = []
        for number, (key, items) in enumerate(claim.messages.items(), start=1):
            try:
                messages.append(self._write(items))
            except Exception as error:
                # Whatever is wrong with one message, the others must leave.
                text = f"the message cannot be written: {error}"
                refused.append(Result(key, "permanent", None, text[:500], datetime.now(UTC)))
            if number % _WRITTEN_AT_ONCE == 0:
                await asyncio.sleep(0)
        return messages, refused
