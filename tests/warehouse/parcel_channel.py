"""A channel of the tests' own, as anybody can add one: this file, and a row of restock.channel that names it.

Its "provider" is a list; what it answers stands in `ANSWERS`, by address.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from restock.channels import (
    ChannelConfig,
    ChannelMisconfiguredError,
    ChannelUnreachableError,
    ConnectionDetails,
    OutgoingMessage,
    Result,
)
from restock.delivery.message import BatchRow, Letterhead

PARCELS: list[tuple[str, bytes]] = []
ANSWERS: dict[str, tuple[str, timedelta | None]] = {}


class ParcelChannel:
    def __init__(self, config: ChannelConfig, connection: ConnectionDetails) -> None:
        self._config = config
        self._connection = connection

    async def __aenter__(self) -> Self:
        if self._connection.host == "nowhere":
            raise ChannelUnreachableError("The parcel service does not answer.")
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def send_batch(self, messages: Sequence[OutgoingMessage], timeout_seconds: float) -> list[Result]:
        return [self._send(message) for message in messages]

    def _send(self, message: OutgoingMessage) -> Result:
        code, wait = ANSWERS.get(message.recipient, ("ok", None))
        meaning = self._config.codes.look_up(code)
        if meaning.outcome == "accepted":
            PARCELS.append((message.recipient, message.payload))
        now = datetime.now(UTC)
        return Result(message.notification_key, meaning.outcome, code, meaning.meaning, now, wait, meaning.suppress)


def open_channel(config: ChannelConfig, connection: ConnectionDetails) -> ParcelChannel:
    if "colour" not in config.options:
        raise ChannelMisconfiguredError(f"The channel {config.name} needs the option colour in restock.channel.")
    return ParcelChannel(config, connection)


def make_writer(
    config: ChannelConfig, connection: ConnectionDetails, letterhead: Letterhead
) -> Callable[[Sequence[BatchRow]], OutgoingMessage]:
    def write(rows: Sequence[BatchRow]) -> OutgoingMessage:
        text = f"{config.options['colour']} paper: {', '.join(row.product.name for row in rows)}"
        return OutgoingMessage(rows[0].notification_key, str(rows[0].notification_id), rows[0].contact, text.encode())

    return write
