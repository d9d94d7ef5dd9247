"""Channels: how a message reaches a provider, and what the provider's answer means."""

from restock.channels.base import (
    Channel,
    ChannelConfig,
    ChannelMisconfiguredError,
    ChannelUnreachableError,
    CodeMeaning,
    ConnectionDetails,
    OutgoingMessage,
    ProviderCodes,
    Result,
    load_kind,
)

__all__ = [
    "Channel",
    "ChannelConfig",
    "ChannelMisconfiguredError",
    "ChannelUnreachableError",
    "CodeMeaning",
    "ConnectionDetails",
    "OutgoingMessage",
    "ProviderCodes",
    "Result",
    "load_kind",
]
