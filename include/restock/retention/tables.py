"""What the archive holds of each table: no address, no id that the shop or a mail knows a person by.

Left out are user_id, request_id, order_id and notification_id, contacts, what providers said in words, and what
planning saw of an address. So an erased person is in no file, and no file has to be written anew for an erasure.
"""

from typing import NamedTuple

import pyarrow as pa

from restock.warehouse.frames import TIMESTAMP

# A stand-in for user_id: the same shopper has the same one within a file. What is mixed in is drawn for the file and
# kept nowhere, so that nobody can look for a person in it, with a guess neither.
SHOPPER = "left(encode(sha256(convert_to(%(salt)s || t.user_id, 'UTF8')), 'hex'), 16)"

_KEY, _TEXT, _NUMBER = pa.int64(), pa.string(), pa.int32()


class Archived(NamedTuple):
    """One table: the type of each column in the file, and what is not simply the column of that name."""

    columns: dict[str, pa.DataType]
    expressions: dict[str, str] = {}  # noqa: RUF012


TABLES = {
    "request": Archived(
        {
            "request_key": _KEY,
            "shopper": _TEXT,
            "store_id": _TEXT,
            "product_id": _TEXT,
            "channel": _TEXT,
            "surface": _TEXT,
            "locale": _TEXT,
            "timezone": _TEXT,
            "quantity": _NUMBER,
            "requested_at": TIMESTAMP,
            "recorded_at": TIMESTAMP,
        },
        {"shopper": SHOPPER},
    ),
    "joined_request": Archived(
        {
            "request_key": _KEY,
            "surface": _TEXT,
            "locale": _TEXT,
            "timezone": _TEXT,
            "quantity": _NUMBER,
            "requested_at": TIMESTAMP,
        }
    ),
    "request_outcome": Archived(
        {"request_key": _KEY, "status": _TEXT, "reason": _TEXT, "notification_key": _KEY, "closed_at": TIMESTAMP}
    ),
    "decision": Archived(
        {
            "episode_id": _KEY,
            "request_key": _KEY,
            "outcome": _TEXT,
            "rule": _TEXT,
            "position": _NUMBER,
            "wave": _NUMBER,
            "due_at": TIMESTAMP,
            "scheduled_at": TIMESTAMP,
            "notification_key": _KEY,
            "dropped_at": TIMESTAMP,
            "policy_id": _NUMBER,
            "decided_at": TIMESTAMP,
            "ranked_at": TIMESTAMP,
            "trace": _TEXT,
        }
    ),
    "notification": Archived(
        {
            "notification_key": _KEY,
            "channel": _TEXT,
            "store_id": _TEXT,
            "locale": _TEXT,
            "timezone": _TEXT,
            "local_day": pa.date32(),
            "first_due_at": TIMESTAMP,
            "due_at": TIMESTAMP,
            "status": _TEXT,
            "status_at": TIMESTAMP,
            "attempt_count": _NUMBER,
            "forgiven_count": _NUMBER,
            "policy_id": _NUMBER,
            "created_at": TIMESTAMP,
        }
    ),
    "delivery_attempt": Archived(
        {
            "notification_key": _KEY,
            "attempt_number": _NUMBER,
            "outcome": _TEXT,
            "provider_code": _TEXT,
            "started_at": TIMESTAMP,
            "finished_at": TIMESTAMP,
        }
    ),
    "click": Archived({"notification_key": _KEY, "store_id": _TEXT, "product_id": _TEXT, "clicked_at": TIMESTAMP}),
    "purchase": Archived(
        {
            "shopper": _TEXT,
            "store_id": _TEXT,
            "product_id": _TEXT,
            "ordered_at": TIMESTAMP,
            "quantity": _NUMBER,
            "amount": pa.decimal128(14, 2),
        },
        {"shopper": SHOPPER},
    ),
}


def select_list(table: str) -> str:
    """The columns of a table's file as SQL, of a table called t."""
    archived = TABLES[table]
    return ", ".join(f"{archived.expressions.get(name, f't.{name}')} as {name}" for name in archived.columns)
