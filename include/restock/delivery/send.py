"""The loop of a sending task: claim, send, settle, until nothing is due on its channel."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import psycopg

from restock.channels import Channel, ChannelUnreachableError, OutgoingMessage, Result
from restock.delivery.message import BatchRow
from restock.delivery.outbox import BATCH_TIMEOUT_SECONDS, claim_batch, settle_batch
from restock.policy import Settings


async def send_due(
    connection: psycopg.Connection,
    channel_name: str,
    channel: Channel,
    write: Callable[[Sequence[BatchRow]], OutgoingMessage],
    settings: Settings,
    sender: str,
) -> dict[str, int]:
    """Send what is due on one channel. Any number of these may run at once; they share the work.

    The channel is entered before anything is claimed: when the provider is out of reach, no message is touched.

    Args:
        connection: Warehouse; used between the batches only.
        channel_name: Channel as the requests name it.
        channel: Not yet entered.
        write: Makes the message out of its items.
        settings: Policy in force.
        sender: Run and task, for the record.

    Returns:
        How many attempts ended in each outcome.

    Raises:
        ChannelUnreachableError: See `Channel`.
    """
    outcomes: Counter[str] = Counter()

    def settle(results: Sequence[Result], batch: Sequence[Sequence[BatchRow]], claimed_at: datetime) -> None:
        settle_batch(
            connection,
            batch,
            results,
            settings,
            claimed_at=claimed_at,
            settled_at=datetime.now(UTC),
            sender=sender,
        )

    async with channel:
        while True:
            claimed_at = datetime.now(UTC)
            batch = claim_batch(connection, channel_name, settings, claimed_at)
            if batch is None:
                return dict(outcomes)
            if not batch:
                continue
            messages, unwritable = _write_all(batch, write)
            try:
                results = unwritable + await channel.send_batch(messages, BATCH_TIMEOUT_SECONDS)
            except ChannelUnreachableError:
                settle([], batch, claimed_at)
                raise
            # After any other error nobody knows what left: the lease runs out, and the batch is in doubt.
            settle(results, batch, claimed_at)
            outcomes.update(result.outcome for result in results)


def _write_all(
    batch: Sequence[Sequence[BatchRow]], write: Callable[[Sequence[BatchRow]], OutgoingMessage]
) -> tuple[list[OutgoingMessage], list[Result]]:
    """The messages of a batch, and a refusal for each that cannot be written."""
    messages: list[OutgoingMessage] = []
    refused: list[Result] = []
    for items in batch:
        try:
            messages.append(write(items))
        except Exception as error:
            # Whatever is wrong with one message, the others must leave.
            text = f"the message cannot be written: {error}"
            refused.append(Result(items[0].notification_key, "permanent", None, text[:500], datetime.now(UTC)))
    return messages, refused
