"""What the tasks of restock_notify call: which senders a run needs, and one sender from claim to settled."""

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
import uvloop

from restock.channels import ChannelMisconfiguredError, ConnectionDetails, load_kind
from restock.delivery.alive import end_leases_of_the_dead
from restock.delivery.breaker import read_breakers
from restock.delivery.channels import list_channels
from restock.delivery.confirmation import count_confirmations, send_confirmations
from restock.delivery.events import log_in_doubt
from restock.delivery.message import Letterhead
from restock.delivery.outbox import count_due, has_due, recover_leases
from restock.delivery.send import Delivery, send_due
from restock.policy import load_policy
from restock.warehouse import connect

log = logging.getLogger(__name__)

# A task of Airflow costs seconds: another sender is worth it only for so many messages.
MESSAGES_PER_SENDER = 5_000
MOST_SENDERS_PER_CHANNEL = 4
# Objects that are made between two looks of the garbage collector; hardly any of a sender's are garbage to it.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000

# Who writes on channels whose connection does not say it.
_SENDER = "Restock <restock@localhost>"

# An Airflow connection as host, port, login, password, schema and extra; None where there is none.
FindConnection = Callable[[str], tuple[Any, ...] | None]


class Due(NamedTuple):
    """The channels to send on, each as often as senders are worth starting for it, and what somebody should know."""

    senders: list[str]
    warnings: list[str]


def offered_channels(connection: psycopg.Connection, find_connection: FindConnection) -> set[str]:
    """The channels that have their Airflow connection."""
    configs = list_channels(connection).values()
    return {config.name for config in configs if find_connection(config.connection_id) is not None}


def find_due(
    connection: psycopg.Connection, policy_id: int, clock: datetime, offered: Collection[str] | None = None
) -> Due:
    """Which senders this run needs. Messages whose sender died are taken over first. Commits.

    Args:
        connection: Warehouse.
        policy_id: Policy in force.
        clock: Now.
        offered: The channels that have their Airflow connection; None for all.
    """
    end_leases_of_the_dead(connection, clock)
    settings = load_policy(connection, policy_id)
    log_in_doubt(recover_leases(connection, settings, clock), settings.in_doubt)
    breakers = read_breakers(connection)
    due = Due([], [])
    # Tasks send confirmations first, and then the messages.
    waiting = Counter(count_due(connection, clock)) + Counter(count_confirmations(connection, clock))
    for channel, count in sorted(waiting.items()):
        breaker = breakers.get(channel)
        if offered is not None and channel not in offered:
            due.warnings.append(
                f"{count} messages are due on the channel {channel}, which has no Airflow connection: make it, and "
                "they leave with the next run."
            )
        elif breaker is None:
            due.senders.extend([channel] * min(MOST_SENDERS_PER_CHANNEL, -(-count // MESSAGES_PER_SENDER)))
        elif breaker.probe_at <= clock:
            due.senders.append(channel)
        else:
            due.warnings.append(
                f"The provider of the channel {channel} is down since {breaker.tripped_at:%H:%M:%S} UTC and "
                f"{count} messages wait; the next attempt is after {breaker.probe_at:%H:%M:%S}. {breaker.reason}"
            )
    for warning in due.warnings:
        log.warning(warning)
    return due


def send_channel(
    warehouse_url: str,
    channel: str,
    connection: ConnectionDetails,
    letterhead: Letterhead,
    policy_id: int,
    sender: str,
) -> Delivery:
    """Send what is due on a channel until nothing is left, its provider is down, or the rate is used up.

    Args:
        warehouse_url: Warehouse.
        channel: Channel, as `restock.channel` names it.
        connection: What its Airflow connection holds.
        letterhead: What every message carries.
        policy_id: Policy in force.
        sender: Run and task, for the record.
    """
    with connect(warehouse_url, application="restock_notify") as warehouse:
        settings = load_policy(warehouse, policy_id)
        config = list_channels(warehouse)[channel]
    try:
        module = load_kind(config)
        opened = module.open_channel(config, connection)
        write = module.make_writer(config, connection, letterhead)
    except ChannelMisconfiguredError as error:
        log.error("%s No message was touched; they stay due.", error)
        return Delivery({}, str(error))
    sending = send_due(
        warehouse_url,
        channel,
        opened,
        write,
        settings,
        held_at_once=config.connections * config.messages_per_call,
        sender=sender,
    )
    with _rare_collections(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        delivery = runner.run(sending)
    if delivery.warning:
        log.warning(
            "The provider of the channel %s is down, and what did not leave waits. %s", channel, delivery.warning
        )
    return delivery


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the garbage collector look rarely: hardly any of a sender's objects are garbage."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def run_sender(
    warehouse_url: str, channel: str, find_connection: FindConnection, policy_id: int, sender: str
) -> dict[str, Any]:
    """What a sending task does: confirmations, then `send_channel`, with the Airflow connection of the channel.

    Returns:
        `Delivery` as a dict.

    Raises:
        RuntimeError: RESTOCK_PUBLIC_URL or RESTOCK_LINK_SECRET is not set.
    """
    with connect(warehouse_url, application="restock_notify") as warehouse:
        config = list_channels(warehouse)[channel]
        has_messages = has_due(warehouse, channel, datetime.now(UTC))
    found = find_connection(config.connection_id)
    if found is None:
        return Delivery({}, f"The Airflow connection {config.connection_id} is gone; no message was touched.")._asdict()
    connection = ConnectionDetails(*found)
    letterhead = Letterhead.from_environment(str(connection.extra.get("from_email") or _SENDER))
    asked = send_confirmations(warehouse_url, config, connection, letterhead, policy_id, sender)
    # Whoever finds the rate used up waits for it.
    told = (
        send_channel(warehouse_url, channel, connection, letterhead, policy_id, sender)
        if has_messages
        else Delivery({})
    )
    return Delivery(asked.figures | told.figures, told.warning or asked.warning)._asdict()


def sum_figures(figures: Iterable[Mapping[str, int]] | None) -> dict[str, int]:
    """Sum of the figures of mapped tasks; empty where none ran."""
    total: Counter[str] = Counter()
    for figure in figures or ():
        total.update(figure)
    return dict(total)


def sum_deliveries(deliveries: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Sum of what sending tasks returned (`Delivery` as a dict), and their warnings; empty where none ran."""
    delivered = list(deliveries or ())
    warnings = sorted({delivery["warning"] for delivery in delivered if delivery["warning"]})
    return sum_figures(delivery["figures"] for delivery in delivered) | ({"warnings": warnings} if warnings else {})
