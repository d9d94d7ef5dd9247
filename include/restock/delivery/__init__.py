"""Delivery: from due to the provider has it, once."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restock.delivery.channels import list_channels
    from restock.delivery.message import Letterhead
    from restock.delivery.outbox import replay_dead
    from restock.delivery.run import (
        Due,
        find_due,
        offered_channels,
        run_sender,
        send_channel,
        sum_deliveries,
        sum_figures,
    )
    from restock.delivery.send import Delivery
else:
    # Each is imported when it is first asked for: the intake service needs `restock.delivery.message` alone, and not
    # the pandas behind the rest, which would take half of its memory.
    _MODULES = {
        "Delivery": "send",
        "Due": "run",
        "Letterhead": "message",
        "find_due": "run",
        "list_channels": "channels",
        "offered_channels": "run",
        "replay_dead": "outbox",
        "run_sender": "run",
        "send_channel": "run",
        "sum_deliveries": "run",
        "sum_figures": "run",
    }

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


__all__ = [
    "Delivery",
    "Due",
    "Letterhead",
    "find_due",
    "list_channels",
    "offered_channels",
    "replay_dead",
    "run_sender",
    "send_channel",
    "sum_deliveries",
    "sum_figures",
]
