"""One person, named by a user_id or an address: found, erased, exported."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import args_row

from restock.erasure.document import Item
from restock.intake.identity import keyed_hash
from restock.warehouse import read_sql

# Rows of an export in memory at a time.
_ROWS_AT_ONCE = 1_000


class Person(NamedTuple):
    """Whom somebody asks about: a user_id, or else a channel and an address on it."""

    user_id: str | None = None
    channel: str | None = None
    contact: str | None = None


def read_person(connection: psycopg.Connection, text: str) -> Person:
    """The person that a text names: channel:address, where it begins with a channel of the warehouse, else a user_id.

    Args:
        connection: Warehouse.
        text: Such as `email:ann@example.com` or `u-1234`.
    """
    channel, _, contact = text.partition(":")
    if contact and (channel,) in connection.execute(read_sql("console/channel_names.sql")):
        return Person(channel=channel, contact=contact.strip())
    return Person(user_id=text)


def confirmation_hashes(secret: str, addresses: Iterable[str]) -> list[bytes]:
    """What stands for addresses in restock.confirmation, once they are confirmed (restock.intake.confirm).

    Args:
        secret: RESTOCK_LINK_SECRET.
        addresses: Each as channel:address in lower case.
    """
    parts = (address.partition(":") for address in addresses)
    return [keyed_hash(secret, "confirmation", channel, contact) for channel, _, contact in parts]


def erase_person(connection: psycopg.Connection, person: Person, *, asked_by: str, secret: str) -> dict[str, Any]:
    """Erase a person: all of it in one transaction, or nothing. Commits. Again, it finds nothing.

    Waits for loads that run.

    Args:
        connection: Warehouse, as its owner, not in a transaction.
        person: Whom.
        asked_by: For the record; no name of the person.
        secret: RESTOCK_LINK_SECRET.

    Returns:
        erasure_id, shoppers (how many user ids the person had) and counts (rows, by table).

    Raises:
        psycopg.errors.LockNotAvailable: A message to the person is leaving at this moment; nothing is erased.
        psycopg.errors.InvalidParameterValue: The address is no one person's.
    """
    binds = person._asdict()
    with connection.transaction():
        addresses = [address for (address,) in connection.execute(read_sql("erasure/find_addresses.sql"), binds)]
        binds |= {"asked_by": asked_by, "confirmation_hashes": confirmation_hashes(secret, addresses)}
        row = connection.execute(read_sql("erasure/erase.sql"), binds).fetchone()
    assert row is not None
    erased: dict[str, Any] = row[0]
    return erased


def export_person(connection: psycopg.Connection, person: Person) -> Iterator[Item]:
    """Everything that is known of a person, item by item; those of a part stand together.

    Args:
        connection: Warehouse, as its owner, not in a transaction.
        person: Whom.
    """
    with (
        connection.transaction(),
        connection.cursor("export_of_a_person", row_factory=args_row(Item)) as cursor,
    ):
        cursor.itersize = _ROWS_AT_ONCE
        yield from cursor.execute(read_sql("erasure/export.sql"), person._asdict())
