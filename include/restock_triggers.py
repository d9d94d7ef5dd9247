"""What wakes restock_ingest: run by Airflow's triggerer, named by the DAG file.

Outside the folder of plugins, of which every task runs each file.
"""

import os
from collections.abc import AsyncIterator
from typing import Protocol
from urllib.parse import urlsplit

from airflow.sdk import AssetWatcher, Connection
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

QUEUE = "RESTOCK_STOCK_QUEUE"


class StockTrigger(BaseEventTrigger):
    """Fires when stock waits in the inbox of the warehouse, and not again before it is loaded."""

    def serialize(self) -> tuple[str, dict[str, object]]:
        return "restock_triggers.StockTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        from restock.feeds.wake import watch_stock

        async for newest in watch_stock(find_warehouse):
            yield TriggerEvent({"inbox_id": newest})  # type: ignore[no-untyped-call]


async def find_warehouse() -> str:
    """URL of the warehouse, as the Airflow connection has it now."""
    url: str = await (await Connection.async_get("restock_warehouse")).aget_uri()
    return url


class Message(Protocol):
    """What is needed of a message of Kafka."""

    def value(self) -> bytes | None: ...
    def topic(self) -> str: ...


def keep_message(message: Message) -> None:
    """Put a message of the queue into the inbox. Its offset is committed afterwards, so that none is lost.

    To the triggerer no message is an event of its own, as nothing is returned: the inbox wakes the DAG.
    """
    from restock.feeds.inbox import keep_stock

    if (content := message.value()) is not None:
        keep_stock(Connection.get("restock_warehouse").get_uri(), content, f"kafka:{message.topic()}")


def stock_watchers() -> list[AssetWatcher]:
    """What watches for stock: the inbox, and the queue that RESTOCK_STOCK_QUEUE names, if any.

    Raises:
        ValueError: RESTOCK_STOCK_QUEUE names no queue.
    """
    trigger = StockTrigger()  # type: ignore[no-untyped-call]
    watchers = [AssetWatcher(name="restock_inbox", trigger=trigger)]
    if queue := os.environ.get(QUEUE):
        watchers.append(AssetWatcher(name="restock_stock_queue", trigger=_queue_trigger(queue)))
    return watchers


def _queue_trigger(url: str) -> BaseEventTrigger:
    # It looks through all providers of Airflow, which takes a second.
    from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger

    parts = urlsplit(url)
    connection, topic = parts.netloc, parts.path.strip("/")
    if parts.scheme != "kafka" or not connection or not topic:
        raise ValueError(
            f"{QUEUE} is {url!r}: set it to kafka://<Airflow connection>/<topic>, or unset it to do without a queue."
        )
    return MessageQueueTrigger(
        scheme="kafka",
        kafka_config_id=connection,
        topics=[topic],
        apply_function="restock_triggers.keep_message",
        # Without a pause after each message.
        poll_interval=0,
    )
