"""The logs name run, batch and notifications, and hold no address, whatever providers and files say."""

import asyncio
import logging
import traceback
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock import notify
from restock.delivery import Letterhead, find_due, send_channel
from restock.delivery.warehouse import SenderConnection
from restock.feeds.landing import list_landing, plan_batches
from restock.feeds.ledger import find_unrecorded
from restock.feeds.load import load_files
from restock.feeds.masking import mask_addresses
from restock.policy import Settings
from restock.warehouse import connect
from tests.mail import serve_mail
from tests.warehouse.landing import Landing, subscribe
from tests.warehouse.shop import Shop
from tests.warehouse.test_delivery import claim_and_die, in_force, smtp

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
AWAKE = Settings(quiet_hours="")
# What must never stand in a log, in whatever spelling.
PLANTED = ("ann@", "bob@", "eve@", "+4915112345678")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def require_no_address(said: pytest.LogCaptureFixture) -> None:
    # The mail server of the test speaks of addresses itself.
    lines = [said.handler.format(record) for record in said.records if record.name != "mail.log"]
    assert [line for line in lines if any(address in line for address in PLANTED)] == []


def schedule(shop: Shop, *users: str) -> None:
    shop.clock = datetime.now(UTC) - timedelta(seconds=1)
    shop.settings["quiet_hours"] = ""
    for user in users:
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 99)
    shop.plan()


def id_of(warehouse: psycopg.Connection, user: str) -> str:
    return str(
        warehouse.execute("select notification_id from restock.notification where user_id = %s", [user]).fetchone()[0]
    )


def test_a_message_that_is_refused_is_one_line_with_batch_and_id_and_without_its_address(
    shop: Shop, pipeline_url: str, said: pytest.LogCaptureFixture
) -> None:
    with serve_mail() as provider:
        provider.answers = {
            "ann@example.com": "550 5.1.1 <ann@example.com> unknown, call +4915112345678",
            "bob@example.com": "451 4.7.1 greylisted bob@example.com",
        }
        schedule(shop, "ann", "bob", "eve")
        policy_id = in_force(shop.warehouse, AWAKE)
        send_channel(pipeline_url, "email", smtp(provider.port), LETTERHEAD, policy_id, "run 1/send_due")
    lines = [record.getMessage() for record in said.records if record.name == "restock.delivery.events"]
    refused = [line for line in lines if line.startswith("messages refused batch=run 1/send_due/")]
    assert {f"notification_ids={id_of(shop.warehouse, user)}" for user in ("ann", "bob")} == {
        line.rpartition(" ")[2] for line in refused
    }
    assert any("outcome=permanent code=550 status=dead count=1" in line for line in refused)
    assert any("outcome=retryable code=451 status=failed count=1" in line for line in refused)
    assert any(line.startswith("batch settled batch=run 1/send_due/") and "messages=3" in line for line in lines)
    require_no_address(said)


def test_a_provider_that_refuses_everybody_leaves_no_address_in_log_record_or_result(
    shop: Shop, pipeline_url: str, said: pytest.LogCaptureFixture
) -> None:
    users = [f"ann@{number}" for number in range(30)]
    with serve_mail() as provider:
        for number, user in enumerate(users):
            shop.customer(user, email=f"ann{number}@example.com")
            provider.answers[f"ann{number}@example.com"] = f"451 not now, ann@{number} <ann{number}@example.com>"
        shop.clock = datetime.now(UTC) - timedelta(seconds=1)
        shop.settings["quiet_hours"] = ""
        for user in users:
            shop.request(user, "lamp")
        shop.stock("lamp", 99)
        shop.plan()
        policy_id = in_force(shop.warehouse, AWAKE)
        result = send_channel(pipeline_url, "email", smtp(provider.port), LETTERHEAD, policy_id, "run/send_due")
        find_due(shop.warehouse, policy_id, datetime.now(UTC))
    assert result.warning is not None
    assert "ann" not in result.warning
    [(reason,)] = shop.rows("select reason from restock.breaker")
    assert "ann" not in reason
    require_no_address(said)


def test_what_a_dead_sender_left_in_doubt_is_named(
    shop: Shop, warehouse_url: str, said: pytest.LogCaptureFixture
) -> None:
    schedule(shop, "ann", "bob")
    policy_id = in_force(shop.warehouse, AWAKE)
    claim_and_die(warehouse_url, AWAKE, departing=["ann"])
    find_due(shop.warehouse, policy_id, datetime.now(UTC) + timedelta(hours=1))
    [line] = [r.getMessage() for r in said.records if r.getMessage().startswith("messages in doubt")]
    assert line == f"messages in doubt becomes=resend count=1 notification_ids={id_of(shop.warehouse, 'ann')}"
    require_no_address(said)


def test_the_whole_chain_with_faults_everywhere_leaves_no_address_in_any_line(
    landing: Landing, shop: Shop, pipeline_url: str, monkeypatch: pytest.MonkeyPatch, said: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RESTOCK_PUBLIC_URL", "https://shop.example")
    monkeypatch.setenv("RESTOCK_LINK_SECRET", "secret")
    now = datetime.now(UTC).isoformat()
    asked = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    landing.put("customers", [{"user_id": user, "email": f"{user}@example.com", "phone": "+4915112345678",
                               "timezone": "UTC"} for user in ("ann", "bob", "eve")])  # fmt: skip
    rows = [subscribe(f"r-{user}", user=user) | {"requested_at": asked} for user in ("ann", "bob", "eve")]
    rows.append(subscribe("r-bad", user="ann@example.com", timezone="ann@example.com"))
    landing.put("requests", rows)
    landing.put("requests", "request_id,ann@example.com\nbob@example.com", "odd.csv")
    landing.put("requests", b"\xff\xfe ann@example.com", "torn.parquet")
    landing.put("inventory", [{"product_id": "lamp", "available_quantity": 9, "snapshot_at": now}])
    with connect(landing.url) as connection:
        new = find_unrecorded(connection, list_landing(landing.folder).files)
    for batch in plan_batches(new):
        load_files(landing.url, landing.folder, batch, "run", datetime.now(UTC))

    with serve_mail() as provider:
        provider.answers = {"ann@example.com": "550 <ann@example.com> unknown"}
        provider.breaks = {"bob@example.com"}
        host = ("127.0.0.1", provider.port, None, None, None)
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "Shop <hello@shop.example>"}

        def find_connection(name: str) -> tuple | None:
            return (*host, extra) if name == "restock_smtp" else None

        params = {"release_gate": None, "replay_dead": None}
        planned = notify.plan_messages(pipeline_url, Quiet(), params, "run", datetime.now(UTC), find_connection)
        assert planned is not None
        sent = notify.send_due(pipeline_url, find_connection, "run/send_due")
        notify.sum_run(pipeline_url, planned.figures, None, sent.deliveries, None)
    assert provider.recipients() == ["bob@example.com", "eve@example.com"]
    assert any("notification_ids=" in record.getMessage() for record in said.records)
    require_no_address(said)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into restock.customer (user_id, email) select 'ann@example.com', 'ann@example.com'"
        " from generate_series(1, 2)",
        "select 'ann@example.com'::timestamptz",
    ],
)
def test_an_error_of_the_database_that_nobody_foresaw_quotes_no_address(pipeline_url: str, statement: str) -> None:
    def load() -> None:
        with connect(pipeline_url) as connection:
            try:
                connection.execute(statement)
            except psycopg.Error as error:
                raise RuntimeError("while loading") from error

    async def send() -> None:
        async def work(connection: psycopg.AsyncConnection) -> None:
            await connection.execute(statement)

        warehouse = SenderConnection(pipeline_url)
        try:
            await warehouse.run(work)
        finally:
            await warehouse.close()

    with pytest.raises(RuntimeError) as failed:
        load()
    require_masked(failed.value)
    with pytest.raises(psycopg.Error) as failed:
        asyncio.run(send())
    require_masked(failed.value)


def require_masked(error: BaseException) -> None:
    said = "".join(traceback.format_exception(error))
    assert "(an address)" in said
    assert "ann@" not in said


def test_masking_does_not_stand_still_at_a_long_word() -> None:
    word = "x" * 1_000_000
    assert mask_addresses("+49 151 1234567ann@example.com") == "+49 151 (an address)"
    assert mask_addresses(f"{word} (ann@example.com), tel:+4915112345678,https://example.com/ann") == (
        f"{word} (an address), tel:(an address),(an address)"
    )


class Quiet:
    """Airflow's Variables, with nobody asleep."""

    def get(self, key: str, default: str | None = None) -> str | None:
        return "" if key == "restock_quiet_hours" else default

    def set(self, key: str, value: str, description: str) -> None:
        pass
