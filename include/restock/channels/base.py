"""What every channel offers.

A channel is one module and one row of `restock.channel`. The module (`restock.channels.<kind>`, or any dotted path)
exports `open_channel` and `make_writer`, as `ChannelModule` says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, Self, cast

if TYPE_CHECKING:
    from restock.delivery.message import BatchRow, Letterhead

Outcome = Literal["accepted", "retryable", "permanent", "in_doubt", "unavailable"]


class ChannelUnreachableError(RuntimeError):
    """The provider cannot be reached or refuses us altogether. No message was touched; all stay due."""


class ChannelMisconfiguredError(RuntimeError):
    """The row in `restock.channel` or the Airflow connection cannot be used. No message was touched."""


class CodeMeaning(NamedTuple):
    """What one code of a provider means: a row of `restock.provider_code`.

    Attributes:
        outcome: unavailable means that the provider refuses everybody's messages for now.
        suppress: The address is bad: nothing must be sent to it again.
        meaning: In words.
    """

    outcome: Outcome
    suppress: bool
    meaning: str


@dataclass(frozen=True)
class ProviderCodes:
    """The codes of one kind of channel. A row serves every code that begins with its own; the longest row wins."""

    rows: Mapping[str, CodeMeaning]

    def look_up(self, code: str) -> CodeMeaning:
        """What a code means. One that no row serves is retryable: the limit of tries ends it."""
        for length in range(len(code), -1, -1):
            if code[:length] in self.rows:
                return self.rows[code[:length]]
        return CodeMeaning("retryable", suppress=False, meaning="a code that restock.provider_code does not know")


@dataclass(frozen=True)
class ChannelConfig:
    """One channel: a row of `restock.channel`, and the codes of its kind.

    Attributes:
        name: As requests name it, such as email.
        kind: Module below `restock.channels`, or the dotted path of any module.
        connection_id: Airflow connection that says where the provider is.
        connections: Connections that one sending task holds at most.
        options: What the module further wants to know.
        codes: What the provider's codes mean.
    """

    name: str
    kind: str
    connection_id: str
    connections: int
    options: Mapping[str, object]
    codes: ProviderCodes = field(default=ProviderCodes({}), repr=False)

    @property
    def messages_per_call(self) -> int:
        """The option `batch_size`: how many messages one call to the provider carries, where it can carry several."""
        size = self.options.get("batch_size")
        return size if isinstance(size, int) and size > 0 else 1


@dataclass(frozen=True)
class ConnectionDetails:
    """What the Airflow connection of a channel holds."""

    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    schema: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict, repr=False)


class OutgoingMessage(NamedTuple):
    """One message, ready to leave.

    Attributes:
        notification_key: Row of `restock.notification`.
        notification_id: Goes out as Message-ID or Idempotency-Key.
        recipient: Address on the channel.
        content: What the channel carries, for e-mail the bytes of the mail; or a template of it.
        values: What `%` fills into the template. Filled in only as they leave, the thousand mails of a batch share a
            few templates, and each is still at hand for the processor when it is written to its connection.
        is_ready: A mail is just as it goes down the wire: CRLF ends every line, the last one too, and no line begins
            with a dot. What is not is looked through and mended, which takes longer than writing it.
    """

    notification_key: int
    notification_id: str
    recipient: str
    content: bytes
    values: Mapping[bytes, bytes] | None = None
    is_ready: bool = False

    @property
    def payload(self) -> bytes:
        """What the channel carries, made anew by each call."""
        return self.content if self.values is None else self.content % self.values


class Result(NamedTuple):
    """How one attempt ended.

    Attributes:
        outcome: accepted, retryable (try again), permanent (never), in_doubt (the provider may have it), unavailable
            (the provider takes nothing for now; the message is not to blame and the attempt does not count).
        code: Code of the provider's answer, if it gave one.
        text: Text of the answer, or what went wrong.
        finished_at: When the answer came.
        retry_after: How long the provider asks us to wait.
        suppress: The address is bad: nothing must be sent to it again.
    """

    notification_key: int
    outcome: Outcome
    code: str | None
    text: str
    finished_at: datetime
    retry_after: timedelta | None = None
    suppress: bool = False


class Channel(Protocol):
    """An open channel. Entering connects; leaving disconnects."""

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ChannelUnreachableError: In words: where, why, what to do.
        """

    async def __aexit__(self, *_: object) -> None: ...

    async def send_batch(self, messages: Sequence[OutgoingMessage], timeout_seconds: float) -> list[Result]:
        """Hand messages to the provider. May be called again while earlier calls wait: connections never idle.

        Returns:
            One result, in any order, for each message that was begun; the others were not touched.

        Raises:
            ChannelUnreachableError: None was touched.
        """


class ChannelModule(Protocol):
    """What the module of a kind of channel exports.

    For double opt-in also `make_confirmation_writer(config, connection, letterhead)`: what writes one message out of a
    `restock.delivery.message.confirm.Confirmation`.
    """

    def open_channel(self, config: ChannelConfig, connection: ConnectionDetails) -> Channel:
        """A channel, not yet entered.

        Raises:
            ChannelMisconfiguredError: In words: what is wrong with which option or connection.
        """

    def make_writer(
        self, config: ChannelConfig, connection: ConnectionDetails, letterhead: "Letterhead"
    ) -> "Callable[[Sequence[BatchRow]], OutgoingMessage]":
        """What writes one message out of its items; an exception of it ends that message only."""


def load_kind(config: ChannelConfig) -> ChannelModule:
    """The module of a channel's kind.

    Raises:
        ChannelMisconfiguredError: There is no such module, or it is not that of a channel.
    """
    path = config.kind if "." in config.kind else f"restock.channels.{config.kind}"
    try:
        module = import_module(path)
    except ImportError as error:
        raise ChannelMisconfiguredError(
            f"The channel {config.name} is of kind {config.kind!r} in restock.channel, but the module {path} cannot be "
            f"imported: {error}. Correct the row, or install the module where Airflow's tasks run."
        ) from error
    missing = [name for name in ("open_channel", "make_writer") if not hasattr(module, name)]
    if missing:
        raise ChannelMisconfiguredError(
            f"The module {path} of the channel {config.name} has no {' and no '.join(missing)}: correct the kind in "
            "restock.channel."
        )
    return cast(ChannelModule, module)
