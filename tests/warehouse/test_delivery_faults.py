"""Delivery while everything breaks: senders killed at random points, faulty providers, a database that restarts.

After each: nothing lost, nothing sent twice but what the record calls in doubt, and the counts add up.
`make soak` runs the same for longer.
"""

import os
import random
import secrets
import shutil
import tempfile
import time
from base64 import b64encode
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from restock.channels import ConnectionDetails
from restock.delivery import Letterhead, send_channel
from restock.delivery.send import CALLS_EACH
from restock.local.postgres import EmbeddedPostgres
from restock.policy import resolve_policy
from restock.warehouse import connect
from restock.warehouse.migrate import migrate
from tests.conftest import free_port
from tests.faults.http import serve_faulty_http
from tests.faults.senders import Senders, check_promise, count_unsettled, let_time_pass, read_ledger, serve_senders
from tests.faults.server import FaultPlan
from tests.faults.smtp import serve_faulty_smtp
from tests.warehouse.shop import Shop

# 1 in the test suite; `make soak` takes more.
TIMES = int(os.environ.get("RESTOCK_SOAK_TIMES", "1"))
CONNECTIONS = 4
# What the connections of a sender hold: claimed is three times as much in each lane.
IN_FLIGHT = CALLS_EACH * CONNECTIONS
SMTP_FAULTS = {
    "greet_421": 0.05,
    "drop_at_greeting": 0.05,
    "mail_451": 0.02,
    "rcpt_450": 0.02,
    "rcpt_550": 0.02,
    "data_452": 0.02,
    "data_554": 0.02,
    "drop_in_data": 0.02,
    "drop_before_taking": 0.02,
    "drop_after_taking": 0.02,
    "answer_421": 0.02,
    "answer_slowly": 0.1,
}
HTTP_FAULTS = {
    "drop_at_connect": 0.05,
    "status_400": 0.02,
    "status_429": 0.02,
    "status_500": 0.02,
    "drop_before_taking": 0.02,
    "drop_after_taking": 0.02,
    "garbage": 0.02,
    "answer_slowly": 0.1,
}


def schedule(warehouse: psycopg.Connection, count: int, channel: str = "email", **settings: str) -> int:
    """Schedule messages to so many shoppers, due now; the version of the policy."""
    shop = Shop(
        warehouse,
        clock=datetime.now(UTC) - timedelta(seconds=1),
        settings={"quiet_hours": "", **settings},
        channels={channel},
    )
    warehouse.execute(
        "insert into restock.customer (user_id, email, webhook_url)"
        " select 'u' || n, 'u' || n || '@example.com', 'https://shopper.example/u' || n"
        " from generate_series(1, %s) as n",
        [count],
    )
    warehouse.execute(
        "with asked as (insert into restock.request"
        " (request_id, user_id, store_id, product_id, channel, requested_at)"
        " select 'r' || n, 'u' || n, 'main', 'lamp', %s, now() - interval '1 hour' from generate_series(1, %s) as n"
        " returning *) insert into restock.open_request (store_id, product_id, user_id, channel, request_key)"
        " select store_id, product_id, user_id, channel, request_key from asked",
        [channel, count],
    )
    warehouse.execute("update restock.channel set connections = %s", [CONNECTIONS])
    shop.look_at("lamp")
    shop.stock("lamp", 9)
    shop.plan()
    assert count_unsettled(warehouse) == count
    return resolve_policy(warehouse, shop.settings).policy_id


class Left(NamedTuple):
    """What a killed sender left: how many messages were in doubt, and how many it held that had not begun to leave."""

    in_doubt: int
    not_begun: int


def kill_in_a_loop(warehouse: psycopg.Connection, senders: Senders, policy_id: int, kills: int) -> list[Left]:
    """Kill so many senders, each after a random time of work. Returns what each left."""
    chance = random.Random(kills)
    left = []
    for _ in range(kills):
        assert count_unsettled(warehouse), "everything was sent too soon: the last kills met nobody"
        doubtful = read_doubtful(warehouse)
        pid = senders.start()
        # Some while they start, most at work, however slow the machine is.
        if chance.random() < 0.75:
            wait_until_something_leaves(warehouse)
        time.sleep(chance.uniform(0.0, 0.1))
        senders.kill(pid)
        wait_for_its_last_commit(warehouse)
        held = dict(
            warehouse.execute(
                "select notification_key, notification_key in (select unnest(notification_keys) from restock.departure)"
                " from restock.outbox where lease_until is not null"
            ).fetchall()
        )
        let_time_pass(warehouse, policy_id)
        begun = {key for key, has_begun in held.items() if has_begun}
        assert read_doubtful(warehouse) - doubtful == Counter(begun), "in doubt is what had begun to leave, no more"
        for table in ("departure", "acceptance"):
            assert warehouse.execute(f"select count(*) from restock.{table}").fetchone() == (0,)
        left.append(Left(len(begun), len(held) - len(begun)))
    return left


def read_doubtful(warehouse: psycopg.Connection) -> Counter[int]:
    """The messages with attempts in doubt, and how many each has."""
    rows = warehouse.execute("select notification_key from restock.delivery_attempt where outcome = 'in_doubt'")
    return Counter(key for (key,) in rows)


def wait_until_something_leaves(warehouse: psycopg.Connection) -> None:
    deadline = time.monotonic() + 10
    while warehouse.execute("select 1 from restock.departure").fetchone() is None and time.monotonic() < deadline:
        time.sleep(0.002)


def wait_for_its_last_commit(warehouse: psycopg.Connection) -> None:
    """The server ends what a killed client had asked for."""
    while warehouse.execute(
        "select 1 from pg_stat_activity where datname = current_database() and application_name like 'restock_notify%'"
    ).fetchone():
        time.sleep(0.002)


def finish(warehouse: psycopg.Connection, senders: Senders, policy_id: int) -> None:
    """Run on until nothing is left to send."""
    for _ in range(60):
        let_time_pass(warehouse, policy_id)
        if not count_unsettled(warehouse):
            return
        assert senders.wait(senders.start()) == 0
    raise AssertionError(f"{count_unsettled(warehouse)} messages never left")


def mail_to(port: int) -> dict[str, object]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "extra": {"from_email": "Shop <hello@shop.example>", "disable_ssl": True, "disable_tls": True},
    }


def webhook_at(port: int) -> dict[str, object]:
    secret = "whsec_" + b64encode(b"a secret that only the tests know").decode()
    return {"host": "127.0.0.1", "schema": "http", "port": port, "password": secret}


@pytest.mark.parametrize(("in_doubt", "kills"), [("resend", 200), ("drop", 50)])
def test_senders_killed_at_random_points_lose_nothing_and_repeat_only_what_was_in_flight(
    warehouse, warehouse_url, in_doubt, kills
):
    kills *= TIMES
    policy_id = schedule(warehouse, 30 * kills, in_doubt=in_doubt)
    # Slow answers: most of a sender's time something is under way.
    plan = FaultPlan({"answer_slowly": 1.0})
    with (
        serve_faulty_smtp(plan, slow_answer_seconds=0.015) as provider,
        serve_senders(warehouse_url, "email", mail_to(provider.port), policy_id) as senders,
    ):
        left = kill_in_a_loop(warehouse, senders, policy_id, kills)
        finish(warehouse, senders, policy_id)
        ledger = read_ledger(warehouse)
        check_promise(ledger, provider.account)
        assert max(one.in_doubt for one in left) <= IN_FLIGHT
        assert sum(one.in_doubt > 0 for one in left) > kills / 4, "most senders were killed with nothing under way"
        assert sum(one.not_begun > 0 for one in left) > kills / 4, "most senders held nothing that had not begun"
        if in_doubt == "drop":
            assert max(provider.account.times_taken().values()) == 1


def test_a_receiver_that_honours_the_idempotency_key_never_gets_two_however_often_senders_are_killed(
    warehouse, warehouse_url
):
    kills = 50 * TIMES
    policy_id = schedule(warehouse, 30 * kills, channel="webhook")
    with (
        serve_faulty_http(FaultPlan({"answer_slowly": 1.0}), slow_answer_seconds=0.015) as receiver,
        serve_senders(warehouse_url, "webhook", webhook_at(receiver.port), policy_id) as senders,
    ):
        kill_in_a_loop(warehouse, senders, policy_id, kills)
        finish(warehouse, senders, policy_id)
        ledger = read_ledger(warehouse)
        check_promise(ledger, receiver.account)
        assert receiver.repeated, "no sender was killed with a call under way"
        sent = {key for key, message in ledger.items() if message.status == "sent"}
        assert Counter(receiver.account.taken) == Counter(sent)


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_mail_server_that_fails_in_every_way_gets_each_message_once(warehouse, warehouse_url, pipelining):
    policy_id = schedule(warehouse, 1_000 * TIMES)
    with (
        serve_faulty_smtp(FaultPlan(SMTP_FAULTS), pipelining=pipelining, slow_answer_seconds=0.05) as provider,
        serve_senders(warehouse_url, "email", mail_to(provider.port), policy_id) as senders,
    ):
        finish(warehouse, senders, policy_id)
        ledger = read_ledger(warehouse)
        check_promise(ledger, provider.account)
    assert provider.account.faults.keys() == SMTP_FAULTS.keys(), "some faults never happened"
    refused_for_good = provider.account.faults["rcpt_550"] + provider.account.faults["data_554"]
    dead = sum(message.status == "dead" for message in ledger.values())
    # A message has several tries; only few meet so many faults that these run out.
    assert refused_for_good <= dead <= refused_for_good + 20 * TIMES
    suppressed = warehouse.execute("select count(*) from restock.suppression where reason = 'bounce'").fetchone()[0]
    assert suppressed == provider.account.faults["rcpt_550"]


def test_a_receiver_that_fails_in_every_way_takes_each_message_once(warehouse, warehouse_url):
    policy_id = schedule(warehouse, 1_000 * TIMES, channel="webhook")
    with (
        serve_faulty_http(FaultPlan(HTTP_FAULTS), slow_answer_seconds=0.05) as receiver,
        serve_senders(warehouse_url, "webhook", webhook_at(receiver.port), policy_id) as senders,
    ):
        finish(warehouse, senders, policy_id)
        ledger = read_ledger(warehouse)
        check_promise(ledger, receiver.account)
    assert receiver.account.faults.keys() == HTTP_FAULTS.keys(), "some faults never happened"
    assert max(receiver.account.times_taken().values()) == 1
    assert sum(message.status == "dead" for message in ledger.values()) >= receiver.account.faults["status_400"]


@pytest.mark.parametrize(("fault", "odds"), [("stall_after_taking", 0.1), ("stall_at_greeting", 0.5)])
def test_a_mail_server_that_stalls_holds_nobody_up_for_ever(warehouse, warehouse_url, monkeypatch, fault, odds):
    monkeypatch.setattr("restock.delivery.send.BATCH_TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr("restock.channels.smtp.CONNECT_TIMEOUT_SECONDS", 1.0)
    policy_id = schedule(warehouse, 60)
    letterhead = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
    with serve_faulty_smtp(FaultPlan({fault: odds})) as provider:
        for _ in range(20):
            send_channel(
                warehouse_url, "email", ConnectionDetails(**mail_to(provider.port)), letterhead, policy_id, "test"
            )
            let_time_pass(warehouse, policy_id)
            if not count_unsettled(warehouse):
                break
        ledger = read_ledger(warehouse)
    assert provider.account.faults[fault]
    check_promise(ledger, provider.account)
    in_doubt = sum(message.attempts["in_doubt"] for message in ledger.values())
    assert in_doubt >= provider.account.faults["stall_after_taking"]


def test_senders_at_once_share_the_work(warehouse, warehouse_url):
    policy_id = schedule(warehouse, 1_000 * TIMES)
    with (
        serve_faulty_smtp(FaultPlan({"answer_slowly": 1.0}), slow_answer_seconds=0.01) as provider,
        serve_senders(warehouse_url, "email", mail_to(provider.port), policy_id) as senders,
    ):
        pids = [senders.start() for _ in range(3)]
        assert [senders.wait(pid) for pid in pids] == [0, 0, 0]
        ledger = read_ledger(warehouse)
        check_promise(ledger, provider.account)
    assert Counter(provider.account.taken) == Counter(ledger.keys()), "each message once"
    shares = warehouse.execute(
        "select count(*) from restock.delivery_attempt group by split_part(sender, '/', 1)"
    ).fetchall()
    assert len(shares) == 3


def test_a_database_that_restarts_in_the_middle_loses_nothing_and_repeats_only_what_is_in_doubt():
    folder = Path(tempfile.mkdtemp(prefix="restock-test-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres", free_port(), secrets.token_hex(8))
    server.start()
    try:
        server.create_database("restock")
        url = server.url("restock")
        migrate(url)
        with connect(url) as warehouse:
            policy_id = schedule(warehouse, 1_500 * TIMES)
        with (
            serve_faulty_smtp(FaultPlan({"answer_slowly": 1.0}), slow_answer_seconds=0.02) as provider,
            serve_senders(url, "email", mail_to(provider.port), policy_id) as senders,
        ):
            pid = senders.start()
            for _ in range(3 * TIMES):
                time.sleep(0.7)
                server.stop()
                server.start()
            senders.wait(pid)
            with connect(url) as warehouse:
                finish(warehouse, senders, policy_id)
                ledger = read_ledger(warehouse)
        check_promise(ledger, provider.account)
        assert all(message.status == "sent" for message in ledger.values())
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
