"""Rows of the warehouse as restocks, messages and purchases leave them, written down directly for tests of figures."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import psycopg

from restock.schedule.store import message_id


@dataclass
class Facts:
    """Each call makes what it names, with a restock and a request of its own where one is needed."""

    warehouse: psycopg.Connection
    _numbers: count = field(default_factory=lambda: count(1))

    def policy(self, at: datetime, settings: str = '{"holdout_percent": 10}') -> None:
        self.warehouse.execute(
            "insert into restock.policy (settings, changed, valid_from) values (%s, '{}', %s)", [settings, at]
        )

    def request(self, user_id: str, product_id: str, at: datetime, **columns: object) -> int:
        """A request; its key."""
        row = {
            "request_id": f"r{next(self._numbers)}",
            "user_id": user_id,
            "store_id": "main",
            "product_id": product_id,
            "channel": "email",
            "requested_at": at,
        } | columns
        return self._insert("request", row, "request_key")

    def open_request(self, user_id: str, product_id: str, at: datetime, **columns: object) -> None:
        """A request that waits."""
        key = self.request(user_id, product_id, at, **columns)
        self.warehouse.execute(
            "insert into restock.open_request (store_id, product_id, user_id, channel, request_key)"
            " select store_id, product_id, user_id, channel, request_key from restock.request where request_key = %s",
            [key],
        )

    def episode(self, product_id: str, at: datetime) -> int:
        """A restock that is over again; its id."""
        return self._insert(
            "episode",
            {
                "store_id": "main",
                "product_id": product_id,
                "quantity": 5,
                "snapshot_at": at - timedelta(minutes=1),
                "opened_at": at,
                "closed_at": at,
                "policy_id": 1,
            },
            "episode_id",
        )

    def message(
        self,
        user_id: str,
        product_id: str,
        at: datetime,
        *,
        episode_id: int | None = None,
        channel: str = "email",
        status: str = "sent",
        dropped: bool = False,
    ) -> int:
        """A message about one product, decided, due and sent at one moment; its key."""
        request_key = self.request(user_id, product_id, at - timedelta(days=1), channel=channel)
        episode_id = episode_id or self.episode(product_id, at)
        key = self._insert(
            "notification",
            {
                "notification_id": message_id(episode_id, request_key),
                "opening_episode_id": episode_id,
                "opening_request_key": request_key,
                "user_id": user_id,
                "channel": channel,
                "store_id": "main",
                "timezone": "UTC",
                "local_day": at.date(),
                "first_due_at": at,
                "due_at": at,
                "status": status,
                "status_at": at,
                "policy_id": 1,
                "created_at": at,
            },
            "notification_key",
        )
        self._decide(
            episode_id,
            request_key,
            at,
            outcome="skipped" if dropped else "told",
            rule="sold_out" if dropped else "queue",
            position=1,
            wave=0,
            notification_key=key,
            dropped_at=at if dropped else None,
        )
        return key

    def hold_out(self, user_id: str, product_id: str, at: datetime, episode_id: int) -> None:
        """A shopper who is left out of a restock by lot."""
        request_key = self.request(user_id, product_id, at - timedelta(days=1))
        self._decide(episode_id, request_key, at, outcome="held", rule="holdout")

    def attempt(self, notification_key: int, number: int, outcome: str, at: datetime) -> None:
        self._insert(
            "delivery_attempt",
            {
                "notification_key": notification_key,
                "attempt_number": number,
                "outcome": outcome,
                "started_at": at,
                "finished_at": at,
                "sender": "test",
            },
        )

    def click(self, notification_key: int, product_id: str, at: datetime) -> None:
        self._insert(
            "click",
            {"notification_key": notification_key, "store_id": "main", "product_id": product_id, "clicked_at": at},
        )

    def purchase(self, user_id: str, product_id: str, at: datetime, store_id: str = "main", quantity: int = 1) -> None:
        """A purchase at 10 a unit."""
        self._insert(
            "purchase",
            {
                "order_id": f"o{next(self._numbers)}",
                "user_id": user_id,
                "store_id": store_id,
                "product_id": product_id,
                "ordered_at": at,
                "quantity": quantity,
                "amount": 10 * quantity,
            },
        )

    def _decide(self, episode_id: int, request_key: int, at: datetime, **columns: object) -> None:
        self._insert(
            "decision",
            {"episode_id": episode_id, "request_key": request_key, "policy_id": 1, "decided_at": at} | columns,
        )

    def _insert(self, table: str, row: dict[str, object], returning: str = "0") -> int:
        names = ", ".join(row)
        values = ", ".join(f"%({name})s" for name in row)
        query = f"insert into restock.{table} ({names}) values ({values}) returning {returning}"
        return self.warehouse.execute(query, row).fetchone()[0]
