"""A slice of the demo's data on fixed clocks, through the functions of the DAGs; only the provider is made up.

Two drops of the replay, a day apart, are landed, loaded, planned and sent. Then shoppers click and buy, and the oldest
requests expire. What was landed, answered by the provider, clicked and bought is remembered here, to be counted again.
"""

import asyncio
import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from restock.channels import Result
from restock.delivery.outbox import claim_batch
from restock.delivery.settle import note_part, settle_sent
from restock.demo.replay import Replay
from restock.feeds.landing import list_landing, plan_batches
from restock.feeds.ledger import find_unrecorded
from restock.feeds.load import load_files
from restock.maintenance import expire_requests
from restock.marts import refresh
from restock.policy import load_policy, resolve_policy
from tests.warehouse.shop import Shop

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SETTINGS = {"holdout_percent": "20", "notify_per_unit": "2", "wave_interval_minutes": "60", "daily_cap": "2"}
DAY = timedelta(days=1)


class Sent(NamedTuple):
    """One product in one message that the provider took."""

    notification_key: int
    user_id: str
    product_id: str
    request_id: str
    requested_at: datetime
    sent_at: datetime


class Order(NamedTuple):
    """One product bought, one unit, at 3."""

    order_id: str
    user_id: str
    product_id: str
    ordered_at: datetime


@dataclass
class DemoSlice:
    """What happened.

    Attributes:
        warehouse: With the figures of all of it in the marts.
        sent: What the provider took.
        attempts: Outcome and time of each attempt.
        clicked: Of which message which product was clicked.
        orders: What was bought.
        expired_before: Requests made before this that still waited at the end expired.
    """

    warehouse: psycopg.Connection
    url: str
    folder: Path
    sent: list[Sent] = field(default_factory=list)
    attempts: list[tuple[str, datetime]] = field(default_factory=list)
    clicked: set[tuple[int, str]] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)
    expired_before: datetime = START

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    def happen(self) -> None:
        replay = Replay(self.landing, self.folder / "state", "https://shop.example")
        for number in range(2):
            clock = START + number * DAY
            replay.land(number, clock)
            self._load(clock)
            policy_id = self._plan(clock)
            # In the evening those are told who slept at first, and the later waves.
            for hours in (0, 12):
                asyncio.run(self._send(policy_id, clock + timedelta(hours=hours, minutes=1)))
        self._click_and_buy()
        self._load(START + 7 * DAY)
        expire_requests(self.warehouse, self.expired_before + timedelta(days=90))
        assert refresh(self.warehouse)
        # As autovacuum does by and by.
        self.warehouse.execute("analyze")

    def _load(self, clock: datetime) -> None:
        new = find_unrecorded(self.warehouse, list_landing(self.landing).files)
        for batch in plan_batches(new):
            load_files(self.url, self.landing, batch, f"run {clock:%d}", clock)

    def _plan(self, clock: datetime) -> int:
        shop = Shop(self.warehouse, clock, dict(SETTINGS))
        shop.plan()
        return resolve_policy(self.warehouse, SETTINGS).policy_id

    async def _send(self, policy_id: int, clock: datetime) -> None:
        """Of each 40 messages the provider refuses one for good and cannot take another now."""
        settings = load_policy(self.warehouse, policy_id)
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True, options="-c timezone=UTC")
        async with connection:
            while claim := await claim_batch(connection, "email", settings, clock, size=1000, leased_by="slice"):
                results = []
                for items in claim.messages.values():
                    key, at = items[0].notification_key, clock + timedelta(seconds=items[0].notification_key % 50)
                    outcome = {0: "permanent", 20: "retryable"}.get(key % 40, "accepted")
                    results.append(Result(key, outcome, "code", "text", at))
                    self.attempts.append((outcome, at))
                    if outcome == "accepted":
                        self.sent += [
                            Sent(key, item.user_id, item.product.product_id, item.request_id, item.requested_at, at)
                            for item in items
                        ]
                await note_part(
                    connection,
                    "email",
                    claim,
                    results,
                    settings,
                    claimed_at=clock,
                    settled_at=clock,
                    sender="slice",
                    forgiving=False,
                    part_number=0,
                )
                await settle_sent(connection, "slice")

    def _click_and_buy(self) -> None:
        """A third of what was sent is clicked and a fifth bought, and one in ten of what nobody was told of."""
        for number, item in enumerate(self.sent):
            if number % 3 == 0:
                self.clicked.add((item.notification_key, item.product_id))
            if number % 5 == 0:
                self._buy(item.user_id, item.product_id, item.sent_at + timedelta(hours=5))
        self.warehouse.cursor().executemany(
            "insert into restock.click (notification_key, store_id, product_id, clicked_at)"
            " values (%s, 'main', %s, now())",
            sorted(self.clicked),
        )
        held_out = self.warehouse.execute(
            "select user_id, product_id, decided_at from mart.decision_fact where rule = 'holdout' order by request_id"
        ).fetchall()
        for user_id, product_id, decided_at in held_out[::10]:
            self._buy(user_id, product_id, decided_at + timedelta(hours=5))
        folder = self.landing / "orders"
        folder.mkdir()
        with (folder / "orders.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*Order._fields, "amount"])
            writer.writerows([*order[:3], order.ordered_at.isoformat(), "3.00"] for order in self.orders)

    def _buy(self, user_id: str, product_id: str, at: datetime) -> None:
        self.orders.append(Order(f"order-{len(self.orders)}", user_id, product_id, at))

    def raw(self, feed: str) -> Iterator[dict[str, Any]]:
        """The rows of a feed as they were landed, without those that are broken on purpose."""
        for path in sorted((self.landing / feed).iterdir()):
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            text = content.decode()
            if ".jsonl" in path.name:
                rows: Iterator[dict[str, Any]] = (json.loads(line) for line in text.splitlines() if line.endswith("}"))
            else:
                rows = csv.DictReader(io.StringIO(text))
            for row in rows:
                count = int(row.get("quantity") or row.get("available_quantity") or 1)
                if row["product_id"] and count >= 0 and row.get("timezone") != "Mars/Olympus_Mons":
                    yield row
