"""The support desk's view: a shopper in Seoul, what became of her requests, and the sentences that say so."""

from datetime import UTC, datetime, timedelta

import psycopg

from restock.explain import explain_request
from restock.policy import resolve_policy
from restock.schedule.store import message_id

# 08:10 on 9 May in Seoul
BACK = datetime(2026, 5, 8, 23, 10, tzinfo=UTC)
ASKED = datetime(2026, 5, 3, 3, 0, tzinfo=UTC)
NINE = datetime(2026, 5, 9, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIRST = "asked on 3 May in the app; back on 9 May 08:10 with 40 units; "
PLACE = FIRST + "place 3, first wave; "
ZONE = "; all times in Asia/Seoul"


class Desk:
    """A warehouse with one shopper in Seoul, and the means to say what became of the requests."""

    def __init__(self, warehouse: psycopg.Connection) -> None:
        self.warehouse = warehouse
        self.policy_id = resolve_policy(warehouse, {}).policy_id
        self._insert("customer", user_id="ada", email="ada@example.com", timezone="Asia/Seoul")

    def request(
        self, request_id: str = "r1", product: str = "lamp", closed: str | None = None, **columns: object
    ) -> int:
        row = {"user_id": "ada", "store_id": "main", "channel": "email", "surface": "app", "requested_at": ASKED}
        key = self._insert(
            "request", "request_key", **row | {"request_id": request_id, "product_id": product} | columns
        )
        if closed:
            self.end(key, closed)
        return key

    def end(self, request: int, status: str, at: datetime = BACK + 40 * MINUTE, message: int | None = None) -> None:
        row = {"status": status, "reason": status, "closed_at": at, "notification_key": message}
        self._insert("request_outcome", request_key=request, **row)

    def episode(self, product: str = "lamp", **columns: object) -> int:
        row = {"store_id": "main", "quantity": 40, "opened_at": BACK, "notify_per_unit": 1.25}
        return self._insert(
            "episode", "episode_id", **row | {"product_id": product, "policy_id": self.policy_id} | columns
        )

    def message(self, episode: int, request: int, **columns: object) -> int:
        row = {
            "user_id": "ada",
            "channel": "email",
            "store_id": "main",
            "timezone": "Asia/Seoul",
            "local_day": "2026-05-09",
            "first_due_at": BACK,
            "due_at": BACK,
            "status_at": BACK,
            "created_at": BACK,
            "attempt_count": 0,
            "notification_id": message_id(episode, request),
            "opening_episode_id": episode,
            "opening_request_key": request,
            "policy_id": self.policy_id,
        }
        return self._insert("notification", "notification_key", **row | columns)

    def decide(
        self, episode: int, request: int, trace: str | None, message: int | None = None, **columns: object
    ) -> None:
        placed = trace is None or "queue" in trace
        row = {
            "outcome": "told" if message else "skipped",
            "rule": "queue",
            "position": 3 if placed else None,
            "wave": 0 if placed else None,
            "policy_id": self.policy_id,
            "decided_at": BACK,
        }
        self._insert(
            "decision",
            **row
            | {"episode_id": episode, "request_key": request, "trace": trace, "notification_key": message}
            | columns,
        )

    def say(self, request_id: str = "r1") -> list[str]:
        return explain_request(self.warehouse, request_id)

    def run(self, statement: str, *values: object) -> None:
        self.warehouse.execute(statement, values)

    def _insert(self, table: str, returning: str = "1", **row: object) -> int:
        names, values = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        statement = f"insert into restock.{table} ({names}) values ({values}) returning {returning}"
        return self.warehouse.execute(statement, row).fetchone()[0]
