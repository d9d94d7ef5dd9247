"""What the tests of the distributed stack do to it, and how they see that nobody was forgotten or told twice."""

import base64
import csv
import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from redis import Redis

from restock.local import process
from restock.local.airflow_api import AirflowApi
from restock.local.distributed import stack
from restock.warehouse import connect

PATIENCE_SECONDS = 180.0
# More than one sender leases at once, so that there is work for a second one.
SHOPPERS = 1_500
SENT_BEFORE_A_FAULT = 40
_PULSE_SECONDS = 0.03


def wait_until(holds: Callable[[], bool], what: str, pause: float = 0.2) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(pause)


@dataclass
class Plant:
    """A distributed stack that runs, and what it took to recover from each fault, in seconds."""

    stack: stack.Distributed
    api: AirflowApi
    warehouse: psycopg.Connection
    seconds: dict[str, float] = field(default_factory=dict)

    def land(self, name: str) -> None:
        """SHOPPERS of this name ask for a product, which comes back; restock_ingest starts."""
        now = datetime.now(UTC)
        requests = [
            {
                "request_id": f"{name}-{number}",
                "user_id": f"{name}-{number}",
                "product_id": name,
                "requested_at": now.isoformat(),
                "channel": "email",
                "contact": f"{name}-{number}@example.com",
            }
            for number in range(SHOPPERS)
        ]
        stock = [{"product_id": name, "available_quantity": 5, "snapshot_at": now.isoformat()}]
        for feed, rows in (("requests", requests), ("inventory", stock)):
            path = self.stack.state.landing / feed / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            with path.with_suffix(".part").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            path.with_suffix(".part").rename(path)
        self.api.trigger("restock_ingest")

    def count_mails(self, name: str) -> int:
        return sum(self.mails(name).values())

    def mails(self, name: str) -> Counter[str]:
        """How often each message to these shoppers lies in the mailbox, by notification id."""
        with sqlite3.connect(f"file:{self.stack.state.mailbox}?mode=ro", uri=True) as mailbox:
            rows = mailbox.execute("select message_id from message where recipients like ?", (f"{name}-%",))
            return Counter(message_id.strip("<>").partition("@")[0] for (message_id,) in rows)

    def count_sent(self, name: str) -> int:
        return self.scalar(
            "select count(*) from restock.notification where user_id like %s and status = 'sent'", f"{name}-%"
        )

    def scalar(self, query: str, *values: object) -> Any:
        row = self.warehouse.execute(query, values).fetchone()
        assert row is not None
        return row[0]

    def reconnect(self) -> None:
        self.warehouse = connect(self.stack.owner_url, application="test of faults")

    @contextmanager
    def held_in_mid_send(self, name: str) -> Iterator[None]:
        """The mail server stands still, and some of the messages are out; at the end it goes on.

        It is let go for an instant at a time until it took some: so the sender is at work for certain, and stays so.
        """
        pid = process.pid_of(self.stack.state, stack.MAILPIT)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            self.land(name)
            self._pulse_until_some_arrived(pid, name)
            assert self.count_mails(name) < SHOPPERS, "all were sent before the fault"
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def _pulse_until_some_arrived(self, mailbox: int, name: str) -> None:
        def arrived() -> bool:
            os.kill(mailbox, signal.SIGCONT)
            time.sleep(_PULSE_SECONDS)
            os.kill(mailbox, signal.SIGSTOP)
            return self.count_mails(name) >= SENT_BEFORE_A_FAULT

        wait_until(arrived, "the mail server to take some", pause=0.1)

    def count_living_senders(self) -> int:
        """How many senders hold the lock that shows that they live; other locks of the project have small numbers."""
        return self.scalar(
            "select count(*) from pg_locks where locktype = 'advisory' and granted and objsubid = 1 and classid <> 0"
            " and database = (select oid from pg_database where datname = current_database())"
        )

    def tokens_of_senders(self, name: str) -> set[str]:
        """The senders whose attempts were accepted."""
        rows = self.warehouse.execute(
            "select distinct sender from restock.delivery_attempt inner join restock.notification"
            " using (notification_key) where user_id like %s and outcome = 'accepted'",
            (f"{name}-%",),
        )
        return {sender.rsplit("/", 2)[1] for (sender,) in rows}

    def worker_of(self, dag_id: str, run_id: str, task_id: str) -> str:
        """The worker that runs a task at this moment."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?state=running"
        tasks = self.api.get(path)["task_instances"]
        return next(task["hostname"] for task in tasks if task["task_id"] == task_id)

    def sending_worker(self) -> str:
        """The worker whose task holds most of the messages."""
        sender = self.scalar(
            "select leased_by from restock.outbox where lease_until is not null"
            " group by 1 order by count(*) desc limit 1"
        )
        run_id, task_id, *_ = sender.rsplit("/", 3)
        return self.worker_of("restock_notify", run_id, task_id)

    @contextmanager
    def held_in_mid_load(self, name: str) -> Iterator[str]:
        """restock_ingest stands in the middle of its load, behind a lock; at the end it goes on. Gives its worker."""
        waiting = "select count(*) from pg_locks where relation = 'restock.request'::regclass and not granted"
        with connect(self.stack.owner_url, application="test of faults") as blocker, blocker.transaction():
            blocker.execute("lock table restock.request in share row exclusive mode")
            self.land(name)
            wait_until(lambda: self.scalar(waiting) > 0, "restock_ingest to stand in its load")
            runs = self.api.get("/api/v2/dags/restock_ingest/dagRuns?state=running")["dag_runs"]
            path = f"/api/v2/dags/restock_ingest/dagRuns/{runs[0]['dag_run_id']}/taskInstances?state=running"
            yield self.api.get(path)["task_instances"][0]["hostname"]

    def fetch_and_begin_nothing(self) -> None:
        """Take the task of restock_ingest out of Redis, where a worker leaves it that is killed before it begins it."""
        redis = self.stack.environment(f"{stack.WORKER}-1")["AIRFLOW__CELERY__BROKER_URL"]

        def took() -> bool:
            found = queue.brpop(["default"], timeout=1)
            return found is not None and b"dag_id=restock_ingest/" in base64.b64decode(json.loads(found[1])["body"])

        with Redis.from_url(redis) as queue:
            wait_until(took, "a task of restock_ingest in Redis")

    def recover(self, fault: str, name: str, since: float) -> None:
        """Wait until everybody of this name was told, and note how long it took; then see that nobody was told twice.

        Args:
            fault: What happened, for the table.
            name: Whose messages.
            since: When it happened, monotonic.
        """
        wait_until(lambda: self.count_sent(name) == SHOPPERS, f"the messages of {name}")
        self.seconds[fault] = time.monotonic() - since
        wait_until(lambda: len(self.mails(name)) == SHOPPERS, f"the mails of {name}")
        self.check_promise(name)

    def check_promise(self, name: str) -> None:
        """Each message arrived, and a second time only where an attempt in doubt explains it."""
        rows = self.warehouse.execute(
            "select n.notification_id::text, count(*) filter (where a.outcome = 'accepted'),"
            " count(*) filter (where a.outcome = 'in_doubt')"
            " from restock.notification as n left join restock.delivery_attempt as a using (notification_key)"
            " where n.user_id like %s group by 1",
            (f"{name}-%",),
        ).fetchall()
        mails = self.mails(name)
        assert len(rows) == SHOPPERS
        assert [(found, accepted) for found, accepted, _ in rows if accepted != 1] == []
        assert set(mails) == {found for found, _, _ in rows}
        twice = {found: mails[found] for found, _, in_doubt in rows if mails[found] > 1 + in_doubt}
        assert twice == {}, "arrived more often than the attempts in doubt explain"
