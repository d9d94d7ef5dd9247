"""Delivery: from due to the provider has it, once."""

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
