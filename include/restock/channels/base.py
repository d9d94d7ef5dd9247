"""What every channel offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, Self


class ChannelUnreachableError(RuntimeError):
    """The provider cannot be reached or refuses us altogether. No message was touched; all stay due."""


@dataclass(frozen=True)
class OutgoingMessage:
    """One message, ready to leave.

    Attributes:
        notification_key: Row of `restock.notification`.
        notification_id: Goes out as Message-ID or Idempotency-Key.
        recipient: Address on the channel.
        payload: What the channel carries; for e-mail the bytes of the mail.
    """

    notification_key: int
    notification_id: str
    recipient: str
    payload: bytes


@dataclass(frozen=True)
class Result:
    """How one attempt ended.

    Attributes:
        outcome: accepted, retryable (try again), permanent (never), in_doubt (the provider may have it).
        code: Code of the provider's answer, if it gave one.
        text: Text of the answer, or what went wrong.
        finished_at: When the answer came.
    """

    notification_key: int
    outcome: Literal["accepted", "retryable", "permanent", "in_doubt"]
    code: str | None
    text: str
    finished_at: datetime


class Channel(Protocol):
    """An open channel. Entering connects; leaving disconnects."""

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ChannelUnreachableError: In words: where, why, what to do.
        """

    async def __aexit__(self, *_: object) -> None: ...

    async def send_batch(self, messages: Sequence[OutgoingMessage], timeout_seconds: float) -> list[Result]:
        """Hand messages to the provider.

        Returns:
            One result, in any order, for each message that was begun; the others were not touched.

        Raises:
            ChannelUnreachableError: None was touched.
        """
