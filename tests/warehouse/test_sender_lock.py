"""A sender that dies is known at once, one that lives is never taken for dead."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from restock.delivery.alive import SenderLock, end_leases_of_the_dead
from restock.delivery.warehouse import SenderConnection
from tests.warehouse.shop import Shop

ROOT = Path(__file__).parents[2]
LEASE = timedelta(minutes=5)
PATIENCE_SECONDS = 60.0
# Holds a lock until it is killed, and says its token.
SENDER = """
import asyncio, sys
from restock.delivery.alive import SenderLock

async def hold():
    async with SenderLock(sys.argv[1]) as lock:
        print(lock.token, flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """One message is due."""
    shop.clock = datetime.now(UTC) - timedelta(minutes=1)
    shop.settings["quiet_hours"] = ""
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    shop.plan()
    return shop


def lease(shop: Shop, token: str) -> None:
    shop.run(
        "update restock.outbox set lease_until = %s, leased_by = %s",
        datetime.now(UTC) + LEASE,
        f"run/send_due/{token}/0",
    )


def is_leased(shop: Shop) -> bool:
    row = shop.warehouse.execute("select lease_until > now() from restock.outbox").fetchone()
    assert row is not None
    return bool(row[0])


def start_sender(url: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SENDER, url],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_the_leases_of_a_killed_sender_end_at_once_and_not_those_of_one_that_sleeps(
    shop: Shop, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How long a sender without its lock is watched is the subject of another test.
    monkeypatch.setattr("restock.delivery.alive.SURE_SECONDS", 0.6)
    process, token = start_sender(warehouse_url)
    lease(shop, token)
    os.kill(process.pid, signal.SIGSTOP)
    end_leases_of_the_dead(shop.warehouse, datetime.now(UTC))
    assert is_leased(shop)
    process.kill()
    process.wait()
    # The server sees a moment later that the connection is gone; each run looks again.
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_leased(shop):
        assert time.monotonic() < deadline, "nobody noticed that the sender died"
        end_leases_of_the_dead(shop.warehouse, datetime.now(UTC))


def test_leases_without_a_key_are_left_to_run_out(shop: Shop) -> None:
    lease(shop, "0a1b2c3d")
    end_leases_of_the_dead(shop.warehouse, datetime.now(UTC))
    assert is_leased(shop)


def test_a_sender_whose_connection_breaks_takes_its_lock_again_before_it_counts_as_dead(
    shop: Shop, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy this machine is: the look ends as soon as the lock is back.
    monkeypatch.setattr("restock.delivery.alive.SURE_SECONDS", PATIENCE_SECONDS)
    process, token = start_sender(warehouse_url)
    try:
        lease(shop, token)
        shop.run("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
        end_leases_of_the_dead(shop.warehouse, datetime.now(UTC))
        assert is_leased(shop)
    finally:
        process.kill()
        process.wait()


def test_a_sender_notices_within_half_a_minute_that_its_network_is_gone(warehouse_url: str) -> None:
    """Else its lock would stay lost once the network is back: it only waits, and would hear nothing for hours."""

    async def look(connection: psycopg.AsyncConnection) -> list[int]:
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
            return [wire.getsockopt(socket.IPPROTO_TCP, name) for name in names]

    async def connect_and_look() -> list[int]:
        warehouse = SenderConnection(warehouse_url)
        found = await warehouse.run(look)
        await warehouse.close()
        return found

    idle, interval, count, unanswered = asyncio.run(connect_and_look())
    assert idle + interval * count <= 30
    assert 0 < unanswered <= 30_000


def test_a_sender_without_a_warehouse_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restock.delivery.warehouse._PATIENCE_SECONDS", 0.1)

    async def begin() -> None:
        async with SenderLock("postgresql://nobody@127.0.0.1:1/nowhere"):
            pass

    with pytest.raises(psycopg.OperationalError):
        asyncio.run(begin())
