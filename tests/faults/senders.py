"""Senders in processes of their own, to be killed; and the account that must add up afterwards."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from restock.delivery import find_due
from tests.faults.server import Account

ROOT = Path(__file__).parents[2]


@dataclass
class Senders:
    """Starts and ends sending tasks; see tests.faults.victim."""

    process: subprocess.Popen[str]

    def _ask(self, command: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self) -> int:
        """Process id of a new sender."""
        return self._ask("send")

    def wait(self, pid: int) -> int:
        """Exit status of a sender; waits for its end."""
        return self._ask(f"wait {pid}")

    def kill(self, pid: int) -> int:
        """Kill -9; the exit status, 0 where the sender had ended well before."""
        os.kill(pid, signal.SIGKILL)
        return self.wait(pid)


@contextmanager
def serve_senders(url: str, channel: str, connection: dict[str, object], policy_id: int) -> Iterator[Senders]:
    """Senders for one channel of one warehouse."""
    job = json.dumps({"url": url, "channel": channel, "connection": connection, "policy_id": policy_id})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.victim", job],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'include'}{os.pathsep}{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Senders(process)
    finally:
        # End of input ends it; a sender that a failed test left behind goes with its database.
        process.communicate(timeout=60)


def let_time_pass(warehouse: psycopg.Connection, policy_id: int) -> None:
    """What the next runs do, without the waiting: leases run out, the waits after failed attempts are over."""
    long_ago = "now() - interval '1 second'"
    warehouse.execute(f"update restock.outbox set lease_until = {long_ago} where lease_until is not null")
    warehouse.execute("delete from restock.breaker")
    find_due(warehouse, policy_id, datetime.now(UTC))
    warehouse.execute(f"update restock.outbox set due_at = {long_ago} where due_at > now()")


def count_unsettled(warehouse: psycopg.Connection) -> int:
    """Messages that are still to leave, or may be leaving."""
    row = warehouse.execute("select count(*) from restock.outbox").fetchone()
    assert row is not None
    return int(row[0])


@dataclass(frozen=True)
class Delivered:
    """What the warehouse says of one message."""

    status: str
    attempts: Counter[str]


def read_ledger(warehouse: psycopg.Connection) -> dict[str, Delivered]:
    """What the warehouse says of each message, by notification id."""
    ledger = {
        str(notification_id): Delivered(status, Counter())
        for notification_id, status in warehouse.execute("select notification_id, status from restock.notification")
    }
    for notification_id, outcome, count in warehouse.execute(
        "select notification_id, outcome, count(*) from restock.delivery_attempt"
        " inner join restock.notification using (notification_key) group by 1, 2"
    ):
        ledger[str(notification_id)].attempts[outcome] = count
    return ledger


def check_promise(ledger: dict[str, Delivered], account: Account) -> None:
    """Nothing lost, nothing sent twice except what is recorded as in doubt, and the counts add up."""
    taken = account.times_taken()
    assert taken.keys() <= ledger.keys(), "the provider took a message that the warehouse does not know"
    lost = [key for key, message in ledger.items() if message.status == "sent" and not taken[key]]
    assert lost == [], "recorded as sent, and the provider never had it"
    unrecorded = {
        key: (count, message)
        for key, count in taken.items()
        if count > (message := ledger[key]).attempts["accepted"] + message.attempts["in_doubt"]
    }
    assert unrecorded == {}, "taken more often than the attempts say"
    assert all(message.attempts["accepted"] <= 1 for message in ledger.values())
    assert all((message.status == "sent") == (message.attempts["accepted"] == 1) for message in ledger.values())
    open_ends = Counter(message.status for message in ledger.values() if message.status not in {"sent", "dead"})
    assert open_ends == {}, "neither sent nor given up"
