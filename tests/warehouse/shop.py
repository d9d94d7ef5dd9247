"""A small shop to plan for: puts rows into the warehouse as ingestion would leave them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg

from restock.episodes import EpisodeCounts, update_episodes
from restock.policy import resolve_policy
from restock.schedule.plan import build_schedule, list_shards, rank_requests

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


@dataclass
class Shop:
    """One store called main. The clock stands until it is moved."""

    warehouse: psycopg.Connection
    clock: datetime = NOON
    settings: dict[str, str] = field(default_factory=dict)
    channels: set[str] = field(default_factory=lambda: {"email"})
    _numbers: count = field(default_factory=lambda: count(1))

    def customer(self, user_id: str, **columns: object) -> None:
        row = {"user_id": user_id, "email": f"{user_id}@example.com", "timezone": "UTC"} | columns
        self._insert("customer", row)

    def request(self, user_id: str, product_id: str, **columns: object) -> str:
        """A request made an hour ago unless `requested_at` says otherwise; returns its id."""
        row = {
            "request_id": f"r{next(self._numbers):04}",
            "user_id": user_id,
            "store_id": "main",
            "product_id": product_id,
            "channel": "email",
            "requested_at": self.clock - timedelta(hours=1),
        } | columns
        key = self._insert("request", row, returning="request_key")
        opened = {name: row[name] for name in ("store_id", "product_id", "user_id", "channel")}
        self._insert("open_request", opened | {"request_key": key})
        self.look_at(product_id)
        return str(row["request_id"])

    def look_at(self, product_id: str) -> None:
        self.run(
            "insert into restock.plan_queue values ('main', %s, %s) on conflict do nothing", product_id, self.clock
        )

    def stock(self, product_id: str, quantity: int) -> None:
        self.run(
            "insert into restock.availability values ('main', %s, %s, %s)"
            " on conflict (store_id, product_id) do update set quantity = excluded.quantity",
            product_id,
            quantity,
            self.clock,
        )

    def update_episodes(self) -> EpisodeCounts:
        policy = resolve_policy(self.warehouse, self.settings)
        return update_episodes(self.warehouse, policy.policy_id, self.clock)

    def plan(self) -> None:
        """What a run of restock_notify does before it sends."""
        policy = resolve_policy(self.warehouse, self.settings)
        update_episodes(self.warehouse, policy.policy_id, self.clock)
        rank_requests(self.warehouse, policy.policy_id, self.channels, self.clock)
        for shard in list_shards(self.warehouse):
            build_schedule(self.warehouse, policy.policy_id, shard, self.clock)

    def decisions(self) -> dict[str, tuple[str, str]]:
        """Outcome and rule of the newest decision on each request."""
        rows = self.rows(
            "select request_id, outcome, rule from restock.decision join restock.request using (request_key)"
            " order by episode_id"
        )
        return {request_id: (outcome, rule) for request_id, outcome, rule in rows}

    def states(self) -> dict[str, str]:
        return dict(self.rows("select request_id, status from restock.request_state"))

    def suppressions(self, address: str) -> list[tuple[str, str]]:
        """Channel and reason of the suppressions of an address, which nobody can list."""
        return self.warehouse.execute(
            "select channel, reason from restock.suppression where contact_hash = restock.hash_contact(%s) order by 1",
            [address],
        ).fetchall()

    def messages(self) -> list[tuple[str, datetime, list[str]]]:
        """Shopper, due time and request ids of each message that has items, in order."""
        return self.rows(
            "select n.user_id, n.due_at, array_agg(r.request_id order by r.request_id)"
            " from restock.notification n join restock.decision d using (notification_key)"
            " join restock.request r using (request_key) where d.dropped_at is null"
            " group by n.notification_key order by n.user_id, n.due_at, n.notification_key"
        )

    def run(self, statement: str, *values: object) -> None:
        self.warehouse.execute(statement, values)

    def rows(self, query: str) -> list[tuple]:
        return self.warehouse.execute(query).fetchall()

    def _insert(self, table: str, row: dict[str, object], returning: str = "1") -> object:
        names = ", ".join(row)
        values = ", ".join(f"%({name})s" for name in row)
        statement = f"insert into restock.{table} ({names}) values ({values}) returning {returning}"
        return self.warehouse.execute(statement, row).fetchone()[0]
