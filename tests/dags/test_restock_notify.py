"""restock_notify run whole in a real Airflow, with mails over real SMTP."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from restock import notify
from restock.policy import Settings, resolve_policy
from restock.schedule.plan import rank_requests
from tests.conftest import free_port
from tests.dags.conftest import ROOT, run_dag
from tests.mail import MailServer, serve_mail
from tests.warehouse.shop import Shop

IDLE = {
    "plan_messages": "success",
    "build_schedule": "skipped",
    "send_due": "skipped",
    "send_messages": "skipped",
    "settle_run": "skipped",
}
# Most restocks are the work of one worker and one sender: nothing is shared out.
TOLD = IDLE | {"send_due": "success", "settle_run": "success"}


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with serve_mail() as server:
        yield server


@pytest.fixture
def shop(warehouse, pipeline_url: str, mailbox: MailServer, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose Airflow connections point at its warehouse and at the mail server."""
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", pipeline_url)
    use_mail_server(monkeypatch, mailbox.port)
    monkeypatch.setenv("RESTOCK_PUBLIC_URL", "https://shop.example")
    monkeypatch.setenv("RESTOCK_LINK_SECRET", "secret")
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_QUIET_HOURS", "")
    return Shop(warehouse, datetime.now(UTC) - timedelta(seconds=1))


def use_mail_server(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_RESTOCK_SMTP",
        f"smtp://127.0.0.1:{port}/?disable_ssl=true&disable_tls=true&from_email=hello%40shop.example",
    )


@pytest.fixture
def run(airflow_home: Path) -> Callable[..., dict[str, str]]:
    return partial(run_dag, ROOT / "dags" / "restock_notify.py")


def test_a_run_tells_who_waits_and_the_next_finds_nothing_to_do(shop: Shop, mailbox: MailServer, run) -> None:
    for user in ("ada", "bob"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 9)

    assert run() == TOLD
    assert mailbox.recipients() == ["ada@example.com", "bob@example.com"]
    assert set(shop.states().values()) == {"notified"}

    assert run() == IDLE
    assert len(mailbox.mails) == 2


def test_a_missing_setting_is_created_and_a_wrong_one_changes_nothing(
    shop: Shop, mailbox: MailServer, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    from airflow.models import Variable

    assert Variable.get("restock_daily_cap") == "3"
    assert {Variable.get(f"restock_{name}") is not None for name in Settings.model_fields} == {True}

    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_DAILY_CAP", "many")
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    assert run() == TOLD
    assert mailbox.recipients() == ["ada@example.com"]
    assert shop.rows("select count(*) from restock.policy") == [(1,)]


def test_paused_plans_and_sends_nothing(shop: Shop, mailbox: MailServer, run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_PAUSED", "true")
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    assert run() == IDLE
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_PAUSED", "false")
    assert run() == TOLD
    assert mailbox.recipients() == ["ada@example.com"]


def test_while_the_mail_server_is_down_the_run_is_green_with_a_warning_and_a_later_one_catches_up(
    shop: Shop, mailbox: MailServer, run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    use_mail_server(monkeypatch, free_port())
    assert run() == TOLD
    assert shop.rows("select status, attempt_count from restock.notification") == [("scheduled", 0)]
    assert "what did not leave waits. The mail server" in caplog.text
    assert "cannot be used: connection refused" in caplog.text

    # Until the next attempt nobody tries.
    caplog.clear()
    assert run() == TOLD
    assert "what did not leave waits" not in caplog.text
    assert "The provider of the channel email is down since" in caplog.text

    use_mail_server(monkeypatch, mailbox.port)
    shop.run("update restock.breaker set probe_at = now()")
    assert run() == TOLD
    assert mailbox.recipients() == ["ada@example.com"]


def test_messages_on_a_channel_without_a_connection_wait_and_the_run_says_so(
    shop: Shop, mailbox: MailServer, run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    shop.settings["quiet_hours"] = ""
    shop.plan()
    monkeypatch.delenv("AIRFLOW_CONN_RESTOCK_SMTP")
    assert run() == TOLD
    assert "1 messages are due on the channel email, which has no Airflow connection" in caplog.text


def test_dead_messages_are_replayed_by_a_parameter(shop: Shop, mailbox: MailServer, run) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    mailbox.answers = {"ada@example.com": "554 not today"}
    run()
    assert shop.rows("select channel, provider_code from mart.dead_message") == [("email", "554")]

    mailbox.answers.clear()
    assert run() == IDLE
    assert run(replay_dead={"channel": "email", "error": "554"}) == TOLD
    assert mailbox.recipients() == ["ada@example.com"]
    assert shop.rows("select * from mart.dead_message") == []


def test_while_the_warehouse_is_down_a_run_fails_and_the_next_catches_up(
    shop: Shop, mailbox: MailServer, run, pipeline_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", f"postgresql://shop:secret@127.0.0.1:{free_port()}/restock")
    assert run()["plan_messages"] in {"failed", "up_for_retry"}

    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", pipeline_url)
    assert run() == TOLD
    assert mailbox.recipients() == ["ada@example.com"]


def test_a_plan_that_is_shared_out_among_workers_is_sent_in_the_same_run(shop: Shop, mailbox: MailServer, run) -> None:
    for user in ("ada", "bob"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 9)
    shop.settings["quiet_hours"] = ""
    shop.update_episodes()
    policy_id = resolve_policy(shop.warehouse, shop.settings).policy_id
    rank_requests(shop.warehouse, policy_id, {"email"}, shop.clock, shard_size=0)

    assert run() == TOLD | {"build_schedule": "success"}
    assert mailbox.recipients() == ["ada@example.com", "bob@example.com"]


def test_what_is_due_leaves_where_planning_fails(
    shop: Shop, mailbox: MailServer, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    def fail(*_: object) -> None:
        raise AirflowFailException("no plan today")

    shop.customer("ada")
    shop.request("ada", "lamp")
    shop.stock("lamp", 9)
    shop.settings["quiet_hours"] = ""
    shop.plan()
    monkeypatch.setattr("restock.notify.plan.rank_requests", fail)
    shop.request("ada", "desk")
    assert run()["plan_messages"] == "failed"
    assert mailbox.recipients() == ["ada@example.com"]


def test_several_channels_are_sent_on_side_by_side(
    shop: Shop, mailbox: MailServer, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WEBHOOK", f"http://127.0.0.1:{free_port()}/hook")
    for channel, contact in (("email", "ada@example.com"), ("webhook", "https://shop.example/ada")):
        shop.request("ada", "lamp", channel=channel, contact=contact)
    shop.stock("lamp", 9)
    assert run() == TOLD | {"send_messages": "success"}
    assert mailbox.recipients() == ["ada@example.com"]
    assert shop.rows("select channel from restock.notification where status = 'sent'") == [("email",)]


def test_every_task_of_a_run_can_run_again_and_sends_nothing_twice(
    shop: Shop, mailbox: MailServer, run, warehouse_url: str
) -> None:
    for user in ("ada", "bob"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 9)
    run()
    before = shop.rows("select * from restock.decision order by 1, 2")
    # As clearing the tasks does: planning finds nothing to do, the others nothing left.
    assert run() == IDLE
    policy_id = resolve_policy(shop.warehouse, {"quiet_hours": ""}).policy_id
    everybody = {"first_bucket": 0, "last_bucket": 63}
    assert notify.build_schedule(warehouse_url, policy_id, everybody, datetime.now(UTC).isoformat())["candidates"] == 0
    assert notify.send_due(warehouse_url, lambda _: None, "again") == notify.Sent([], [])
    assert shop.rows("select * from restock.decision order by 1, 2") == before
    assert len(mailbox.mails) == 2
