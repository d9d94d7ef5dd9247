"""Explain: what became of a request, or of those of a shopper or for a product: sentences, and a timeline."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg

from restock.console import read_rows
from restock.warehouse import read_sql

# Each costs some milliseconds to explain.
PAGE = 10

_SURFACES = {"app": "in the app", "web": "on the website", "mobile_web": "on the mobile website", "cart": "in the cart"}
_RULES = {
    "now": "its due time was past: planned at once",
    "quiet_hours": "quiet hours: moved to their end",
    "daily_cap": "daily limit reached: moved to the next day",
    "max_delay": "the next free day is too late",
    "digest": "goes with other products in one message",
    "no_address": "there is no address to write to",
    "no_channel": "its channel is not offered",
    "cooldown": "told about this product shortly before",
    "holdout": "left out of this restock by lot, to measure the effect of messages",
    "sold_out": "sold out before it left",
    "cancelled": "withdrawn by the shopper",
    "purchased": "the shopper had bought it",
    "suppressed": "the address must not be written to",
    "expired": "the request was too old",
}
_OUTCOMES = {
    "told": "To be told",
    "delayed": "To be told later",
    "merged": "To be told together with other products",
    "capped": "Not told in this restock: daily limit",
    "skipped": "Passed over in this restock",
    "held": "Not told in this restock",
}
_ENDINGS = {
    "cancelled": "Withdrawn by the shopper",
    "expired": "Expired",
    "purchased": "Ended, because the shopper had bought it",
    "suppressed": "Ended, because the address must not be written to",
}
_ATTEMPTS = {
    "retryable": "Not taken by the provider for now",
    "permanent": "Refused by the provider",
    "in_doubt": "Left without an answer: the provider may or may not have it",
}


def find(
    connection: psycopg.Connection, name: str, before: tuple[datetime, int] | None = None, most: int = PAGE
) -> dict[str, Any]:
    """The requests that someone may mean, with what became of each.

    Args:
        connection: Warehouse.
        name: Id of a request or a shopper, a product, or store/product.
        before: What `next` of the page before said; None for the first page.
        most: How many requests at most.

    Returns:
        name; kind (request, shopper, product; None where nothing is called so); requests, the newest first: request_id,
        request_key, user_id, store_id, product_id, product_name, channel, requested_at, status, since, joined_id (the
        request that it was answered with, else None) and sentences; and next: where the next page begins, None at the
        end.
    """
    by_id = read_rows(connection, "console/find_by_id.sql", {"name": name}) if before is None else []
    if by_id:
        return {"name": name, "kind": "request", "requests": _explain(connection, by_id), "next": None}
    binds = {
        "name": name,
        "products": [name[at + 1 :] for at, letter in enumerate(name) if letter == "/"],
        "before_at": before and before[0],
        "before_key": before and before[1],
        "most": most + 1,
    }
    found = read_rows(connection, "console/find_by_shopper_or_product.sql", binds)
    page = found[:most]
    return {
        "name": name,
        "kind": None if not page else "shopper" if page[0]["is_shopper"] else "product",
        "requests": _explain(connection, page),
        "next": [page[-1]["requested_at"], page[-1]["request_key"]] if len(found) > most else None,
    }


def _explain(connection: psycopg.Connection, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [row["request_id"] for row in found]
    sentences: dict[str, list[str]] = {request_id: [] for request_id in ids}
    rows = connection.execute(read_sql("console/explain_requests.sql"), {"request_ids": ids})
    for request_id, sentence in rows.fetchall():
        sentences[request_id].append(sentence)
    own = [row.get("joined_id") or row["request_id"] for row in found]
    details = {
        row["request_id"]: row for row in read_rows(connection, "console/read_requests.sql", {"request_ids": own})
    }
    return [
        details[of]
        | {
            "request_id": row["request_id"],
            "requested_at": row["requested_at"],
            "joined_id": row.get("joined_id"),
            "sentences": sentences[row["request_id"]],
        }
        for row, of in zip(found, own, strict=True)
    ]


def read_timeline(connection: psycopg.Connection, request_key: int) -> list[dict[str, Any]]:
    """What happened to a request, in order.

    Args:
        connection: Warehouse.
        request_key: Of a request, as `find` gives it; that of the request that was joined, where it joined one.

    Returns:
        For each event at, kind, text, until (the time that the text leads to; else None) and steps: for a decision the
        rules that touched it, each with text and until. No event where there is no such request.
    """
    rows = read_rows(connection, "console/timeline.sql", {"request_key": request_key})
    return [
        {
            "at": row["at"],
            "kind": row["kind"],
            "text": _SENTENCES[row["kind"]](row["detail"]),
            "until": row["detail"].get("until"),
            "steps": _steps(row["detail"]),
        }
        for row in rows
    ]


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "asked": lambda of: f"Asked for {_units(of['quantity'])}{_where(of)}, to be told by {of['channel']}",
    "asked_again": lambda of: f"Asked again{_where(of)} (request {of['request_id']})",
    "back": lambda of: f"Back in stock with {_units(of['quantity'])}",
    "held": lambda of: f"Held by a gate: {of['reason']}",
    "released": lambda of: f"Let go; it was held, because {of['reason']}",
    "decided": lambda of: f"{_OUTCOMES[of['outcome']]} (policy {of['policy_id']})",
    "scheduled": lambda _: "Message planned, to leave",
    "sent": lambda of: f"Sent by {of['channel']}: the provider has it",
    "attempt": lambda of: _ATTEMPTS[of["outcome"]] + (f" (code {of['code']})" if of["code"] else ""),
    "dropped": lambda of: f"Taken out of its message: {_RULES.get(of['rule'], of['rule'])}",
    "clicked": lambda _: "Clicked in the message",
    "bought": lambda of: f"Bought {_units(of['quantity'])}",
    "gone": lambda _: "Sold out",
    "ended": lambda of: _ENDINGS[of["status"]],
}


def _steps(detail: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"text": _say_step(step["rule"], detail), "until": step["until"]} for step in detail.get("steps") or []]


def _say_step(rule: str, detail: dict[str, Any]) -> str:
    if rule == "queue":
        return f"place {detail['position']:,} in the queue"
    if rule == "waves":
        return f"wave {detail['wave'] + 1:,}, due"
    return _RULES[rule]


def _units(count: int) -> str:
    return f"{count:,} unit{'s' * (count != 1)}"


def _where(detail: dict[str, Any]) -> str:
    return f" {_SURFACES[detail['surface']]}" if detail["surface"] else ""
