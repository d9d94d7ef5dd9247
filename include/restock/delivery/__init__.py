"""Delivery: from due to the provider has it, once."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import psycopg

from restock.channels.email import EmailChannel, SmtpServer
from restock.delivery.message import EmailWriter, Letterhead
from restock.delivery.outbox import count_due, recover_leases
from restock.delivery.send import send_due
from restock.policy import load_policy

__all__ = ["CHANNELS", "Letterhead", "find_due", "send_emails", "sum_figures"]

CHANNELS = {"email"}
MESSAGES_PER_SENDER = 2_000
MOST_SENDERS_PER_CHANNEL = 4


def find_due(connection: psycopg.Connection, policy_id: int, clock: datetime) -> list[str]:
    """The channels with something due, each as often as senders are worth starting for it. Commits.

    Messages whose sender died are taken over first.
    """
    recover_leases(connection, load_policy(connection, policy_id), clock)
    senders: list[str] = []
    for channel, due in count_due(connection, clock).items():
        senders += [channel] * min(MOST_SENDERS_PER_CHANNEL, -(-due // MESSAGES_PER_SENDER))
    return senders


def send_emails(
    connection: psycopg.Connection, server: SmtpServer, letterhead: Letterhead, policy_id: int, sender: str
) -> dict[str, int]:
    """Send the e-mails that are due until none is left. See `send_due`."""
    settings = load_policy(connection, policy_id)
    channel, writer = EmailChannel(server), EmailWriter(letterhead)
    return asyncio.run(send_due(connection, "email", channel, writer.write, settings, sender))


def sum_figures(figures: Iterable[Mapping[str, int]] | None) -> dict[str, int]:
    """Sum of the figures of mapped tasks; empty where none ran."""
    total: Counter[str] = Counter()
    for figure in figures or ():
        total.update(figure)
    return dict(total)
