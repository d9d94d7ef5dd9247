"""Channels: how a message reaches a provider, and what the provider's answer means."""

from restock.channels.base import Channel, ChannelUnreachableError, OutgoingMessage, Result

__all__ = ["Channel", "ChannelUnreachableError", "OutgoingMessage", "Result"]
