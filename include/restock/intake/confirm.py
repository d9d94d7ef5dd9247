"""Double opt-in: requests over HTTP that wait until the owner of their address says that they are theirs.

The message that asks is sent by restock_notify (restock.delivery.confirmation); its link leads to /r/ (links.py).
"""

import re
from collections.abc import Mapping, Sequence

from restock.feeds.contract import CONTACT_KINDS
from restock.intake.check import to_line
from restock.intake.database import Connection, rows
from restock.intake.identity import keyed_hash
from restock.warehouse import read_sql


async def needs_confirmation(connection: Connection, requests: Sequence[Mapping[str, str]]) -> list[bool]:
    """Which requests must be confirmed: those that bring an address to a store whose policy wants it.

    A request without one is answered at the address that the shop itself knows of its customer. The answer must not
    depend on the address, or whoever asks could tell which ones are known.

    Args:
        connection: Warehouse.
        requests: Values of lines of the feed.
    """
    stores = {_store(values) for values in requests if values.get("contact")}
    if not stores:
        return [False] * len(requests)
    found = await rows(connection, "links/wants_confirmation.sql", {"store_ids": sorted(stores)})
    wanting = {store_id for (store_id,) in found}
    return [bool(values.get("contact")) and _store(values) in wanting for values in requests]


async def keep_unconfirmed(
    connection: Connection, secret: str, client: str, requests: Sequence[Mapping[str, str]]
) -> None:
    """Keep requests until they are confirmed; those of addresses that are confirmed already enter the inbox.

    Durable when this returns, unless a transaction is open. The same request_id again changes nothing.

    Args:
        connection: Warehouse.
        secret: Keys the hashes that stand for addresses.
        client: Name of the API key that they came with.
        requests: Values of lines of the feed, each with a contact.
    """
    lines = [{"channel": _channel(values["contact"]), **values} for values in requests]
    binds = {
        "client": client,
        "contact_hashes": [
            keyed_hash(secret, "confirmation", values["channel"], values["contact"].lower()) for values in lines
        ],
        "lines": [to_line(values) for values in lines],
    }
    await connection.execute(read_sql("links/keep_unconfirmed.sql"), binds)


def _channel(contact: str) -> str:
    """That of an address without one: what is confirmed is an address on a channel."""
    kinds = CONTACT_KINDS.items()
    return next((channel for channel, kind in kinds if kind.pattern and re.fullmatch(kind.pattern, contact)), "email")


def _store(values: Mapping[str, str]) -> str:
    return values.get("store_id") or "main"
