"""What was noted as accepted is settled, whoever else writes about the same message or request at that moment."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from restock.delivery.outbox import settle_noted
from restock.delivery.settle import settle_sent
from restock.delivery.warehouse import SenderConnection
from restock.warehouse import connect
from tests.warehouse.shop import Shop
from tests.warehouse.test_delivery import AWAKE, claim_and_die, schedule_lamp_for, statuses

SENDER = "the one that died"


def settle_as_sender(url: str) -> None:
    async def settle() -> None:
        connection = SenderConnection(url)
        try:
            await connection.run(lambda it: settle_sent(it, SENDER))
        finally:
            await connection.close()

    asyncio.run(settle())


def settle_as_next_run(url: str) -> None:
    with connect(url) as connection, connection.transaction():
        settle_noted(connection)


@pytest.fixture(params=[settle_as_sender, settle_as_next_run])
def settle(request: pytest.FixtureRequest, warehouse_url: str) -> Callable[[], None]:
    """Settle what was noted, as either of the two who do."""
    return lambda: request.param(warehouse_url)


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.clock = datetime.now(UTC)
    shop.settings["quiet_hours"] = ""
    return shop


def while_another_writes(shop: Shop, url: str, statement: str, settle: Callable[[], None]) -> None:
    """The other has written and not committed when settling begins, and commits once settling waits for it."""
    with ThreadPoolExecutor(1) as threads, psycopg.connect(url) as other:
        other.execute(statement)
        settling = threads.submit(settle)
        while not shop.rows(
            f"select 1 from pg_locks where not granted and {other.info.backend_pid} = any(pg_blocking_pids(pid))"
        ):
            assert not settling.done(), settling.result()
            time.sleep(0.02)
        other.commit()
        settling.result(timeout=60)


def test_a_request_that_is_withdrawn_at_this_moment_stays_withdrawn(
    shop: Shop, warehouse_url: str, settle: Callable[[], None]
) -> None:
    ada, bob = schedule_lamp_for(shop, "ada", "bob")
    claim_and_die(warehouse_url, AWAKE, departing=[], accepted=["ada", "bob"])
    withdraw = (
        "with ended as (insert into restock.request_outcome (request_key, status, reason, closed_at)"
        f" select request_key, 'cancelled', 'cancelled', now() from restock.request where request_id = '{ada}'"
        " returning request_key) delete from restock.open_request using ended"
        " where open_request.request_key = ended.request_key"
    )
    while_another_writes(shop, warehouse_url, withdraw, settle)

    assert shop.states() == {ada: "cancelled", bob: "notified"}
    assert statuses(shop) == {"ada": "sent", "bob": "sent"}
    assert shop.rows("select outcome, count(*) from restock.delivery_attempt group by 1") == [("accepted", 2)]
    assert shop.rows("select * from restock.open_request") == []
    assert shop.rows("select * from restock.acceptance") == []


def test_an_attempt_that_is_taken_for_lost_at_this_moment_was_accepted(
    shop: Shop, warehouse_url: str, settle: Callable[[], None]
) -> None:
    schedule_lamp_for(shop, "ada", "bob")
    claim_and_die(warehouse_url, AWAKE, departing=[], accepted=["ada", "bob"])
    doubt = (
        "insert into restock.delivery_attempt"
        " (notification_key, attempt_number, outcome, provider_message, started_at, finished_at, sender)"
        " select notification_key, 1, 'in_doubt', 'nobody knows', now(), now(), 'unknown' from restock.notification"
        " where user_id = 'ada'"
    )
    while_another_writes(shop, warehouse_url, doubt, settle)

    attempts = "select user_id, outcome, provider_code, sender from restock.delivery_attempt"
    assert shop.rows(f"{attempts} inner join restock.notification using (notification_key) order by 1") == [
        ("ada", "accepted", "250", SENDER),
        ("bob", "accepted", "250", SENDER),
    ]


def test_a_request_that_expired_meanwhile_was_told(shop: Shop, warehouse_url: str, settle: Callable[[], None]) -> None:
    ada, bob = schedule_lamp_for(shop, "ada", "bob")
    claim_and_die(warehouse_url, AWAKE, departing=[], accepted=["ada", "bob"])
    shop.run(
        "insert into restock.request_outcome (request_key, status, reason, closed_at)"
        f" select request_key, 'expired', 'expired', now() from restock.request where request_id = '{ada}'"
    )
    settle()

    assert shop.states() == {ada: "notified", bob: "notified"}
    outcomes = "select status, reason, notification_key is not null from restock.request_outcome"
    assert shop.rows(outcomes) == [("notified", "sent", True)] * 2
