"""Notices arrive once whatever happens to who looks, with a reminder while it lasts, and where they are to go."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import sql

from restock.channels import ConnectionDetails
from restock.warehouse import connect
from restock.watch.deliver import AlertConnection, DeliveryError, deliver
from restock.watch.look import look
from restock.watch.service import look_once
from restock.watch.signs import record_failure
from restock.watch.text import write_trial
from tests.conftest import free_port
from tests.http import serve_http
from tests.mail import MailServer
from tests.warehouse.watching import PLAIN, Watch, mail_connection, title

ROOT = Path(__file__).parents[2]


# Once, whatever happens


def test_a_reminder_follows_while_it_lasts_and_belongs_to_the_first_mail(watch: Watch) -> None:
    watch.pass_time(minutes=31)
    watch.warehouse.execute(
        "update restock.heartbeat set beat_at = %s where name = 'restock_ingest'", [datetime.now(UTC)]
    )
    subject = "restock_ingest"
    assert watch.look() == [title("ingest_stands_still", subject)]
    for _ in range(12):
        watch.clock += timedelta(minutes=5)
        watch.warehouse.execute("update restock.watch set looked_at = %s", [watch.clock])
        watch.warehouse.execute("update restock.heartbeat set beat_at = %s where name <> %s", [watch.clock, subject])
        arrived = watch.look()
    assert arrived == [title("ingest_stands_still", subject, "page, again")]
    first, second = watch.mailbox.mails
    assert second["References"] == first["Message-ID"] != second["Message-ID"]


def test_what_could_not_be_sent_is_tried_again_and_the_health_says_why(watch: Watch, oncall: MailServer) -> None:
    watch.connection = mail_connection(free_port())
    record_failure(watch.warehouse, "restock_ingest", "load_inputs", "a run", "no answer")
    assert watch.look() == []
    (problem,) = watch.warehouse.execute("select problem from restock.alert").fetchone()
    assert "restock_alerts did not take the notice" in problem
    watch.connection = mail_connection(oncall.port)
    watch.clock += timedelta(seconds=30)
    assert watch.look() == []
    watch.clock += timedelta(minutes=2)
    assert watch.look() == [title("task_failed", "restock_ingest.load_inputs")]
    assert watch.warehouse.execute("select problem from restock.alert").fetchone() == (None,)


def test_a_look_that_is_killed_repeats_one_notice_at_most_under_the_same_id(watch: Watch, oncall: MailServer) -> None:
    for task in ("one", "two", "three"):
        record_failure(watch.warehouse, "restock_ingest", task, "a run", "no answer")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_THE_FIRST, watch.url, str(oncall.port)],
        env=os.environ | {"PYTHONPATH": f"{ROOT}/include:{ROOT}"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(oncall.mails) == 1
    watch.clock = datetime.now(UTC)
    watch.look()
    watch.look()
    ids = [mail["Message-ID"] for mail in oncall.mails]
    assert len(ids) == 4
    assert len(set(ids)) == 3


KILLED_AFTER_THE_FIRST = """
import os, signal, sys
from datetime import UTC, datetime
from restock.warehouse import connect
from restock.watch import look
from tests.warehouse.watching import mail_connection

sent = look.deliver

def deliver_and_die(find_connection, notice):
    sent(find_connection, notice)
    os.kill(os.getpid(), signal.SIGKILL)

look.deliver = deliver_and_die
with connect(sys.argv[1]) as connection:
    look.look(connection, lambda: mail_connection(int(sys.argv[2])), datetime.now(UTC), "test")
"""


def test_a_notice_has_an_id_that_no_other_warehouse_gives_and_says_which_it_is_from(watch: Watch) -> None:
    for _ in range(2):
        # As in another warehouse, or in this one restored: the numbers begin anew.
        watch.warehouse.execute("truncate restock.alert restart identity")
        record_failure(watch.warehouse, "restock_ingest", "load_inputs", "a run", "no answer")
        watch.clock = datetime.now(UTC)
        assert watch.look() == [title("task_failed", "restock_ingest.load_inputs")]
    assert len({mail["Message-ID"] for mail in watch.mailbox.mails}) == 2
    info = watch.warehouse.info
    assert f"Warehouse: {info.host}:{info.port}/{info.dbname}" in watch.text()


def test_two_who_look_at_once_send_one_notice(watch: Watch) -> None:
    record_failure(watch.warehouse, "restock_ingest", "load_inputs", "a run", "no answer")
    with connect(watch.url) as one, connect(watch.url) as other:

        def find() -> AlertConnection | None:
            # While the first sends, the second looks.
            look(other, lambda: watch.connection, watch.clock, "other")
            return watch.connection

        look(one, find, watch.clock, "one")
    assert len(watch.mailbox.mails) == 1


def test_a_condition_that_cannot_be_read_ends_no_alert(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restock.watch.look._MOST_SECONDS", 3)
    record_failure(watch.warehouse, "restock_ingest", "load_inputs", "a run", "no answer")
    assert watch.look() == [title("task_failed", "restock_ingest.load_inputs")]
    with watch.warehouse.transaction():
        watch.warehouse.execute("lock table restock.task_failure in access exclusive mode")
        assert watch.look() == []
    assert watch.warehouse.execute("select ended_at from restock.alert").fetchone() == (None,)


def test_what_comes_and_goes_is_one_alert_with_its_reminders(watch: Watch) -> None:
    def beat_at(moment: datetime) -> None:
        watch.warehouse.execute("update restock.heartbeat set beat_at = %s where name = 'restock_ingest'", [moment])

    watch.pass_time(minutes=31)
    began = watch.clock
    beat_at(began - timedelta(minutes=31))
    arrived = watch.look()
    while watch.clock < began + timedelta(minutes=66):
        watch.pass_time(minutes=2)
        assert watch.look() == [], "its end is told at once"
        watch.pass_time(minutes=2)
        beat_at(watch.clock - timedelta(minutes=31))
        arrived += watch.look()
    again = title("ingest_stands_still", "restock_ingest", "page, again")
    assert arrived == [title("ingest_stands_still", "restock_ingest"), again]
    watch.pass_time(minutes=1)
    assert watch.look() == []
    watch.pass_time(minutes=5)
    assert watch.look() == [title("ingest_stands_still", "restock_ingest", "over")]


def test_a_notice_that_cannot_be_sent_for_whatever_reason_keeps_no_other_back(watch: Watch) -> None:
    calls: list[int] = []

    def find() -> AlertConnection | None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the password is a secret")
        return watch.connection

    for task in ("one", "two"):
        record_failure(watch.warehouse, "restock_ingest", task, "a run", "no answer")
    watch.clock = datetime.now(UTC)
    for seconds, expected in ((0, []), (30, ["two"]), (120, ["one"])):
        before = len(watch.mailbox.mails)
        with connect(watch.url) as connection:
            look(connection, find, watch.clock + timedelta(seconds=seconds), "test")
        subjects = [mail["Subject"] for mail in watch.mailbox.mails[before:]]
        assert subjects == [title("task_failed", f"restock_ingest.{task}") for task in expected]
        if not expected:
            problems = watch.warehouse.execute("select problem from restock.alert order by alert_id").fetchall()
            assert ["RuntimeError" in str(problem) for (problem,) in problems] == [True, False]
            assert "secret" not in str(problems)


def test_a_condition_that_may_not_be_read_keeps_no_other_from_being_raised(watch: Watch) -> None:
    watch.warehouse.execute("revoke select on restock.check_result from restock_pipeline")
    record_failure(watch.warehouse, "restock_ingest", "load_inputs", "a run", "no answer")
    watch.clock = datetime.now(UTC)
    assert watch.look() == [title("task_failed", "restock_ingest.load_inputs")]
    # That nobody watches for it is told, too, unless it was a matter of minutes.
    watch.pass_time(minutes=10)
    assert watch.look() == [title("condition_unread", "check_failed")]
    assert "permission denied for table check_result" in watch.text()


@pytest.mark.parametrize("broken", ["alter database {} set default_transaction_read_only = on", None])
def test_a_warehouse_in_which_nothing_can_be_written_down_raises_an_alert_all_the_same(
    watch: Watch, broken: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RESTOCK_ALERT_WAREHOUSE_UNREACHABLE", "0")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("restock.watch.service._MOST_SECONDS", 3)
    name = sql.Identifier(watch.warehouse.info.dbname)
    with watch.warehouse.transaction():
        if broken is None:
            watch.warehouse.execute("lock table restock.watch in access exclusive mode")
        else:
            # Another connection: this one is in a transaction.
            with connect(watch.warehouse_url) as owner:
                owner.execute(sql.SQL(broken).format(name))
        for _ in range(2):
            look_once(watch.url, lambda: watch.connection, "test")
    if broken is not None:
        with connect(watch.warehouse_url, any_version=True) as owner:
            owner.execute("set default_transaction_read_only = off")
            owner.execute(sql.SQL("alter database {} reset default_transaction_read_only").format(name))
    look_once(watch.url, lambda: watch.connection, "test")
    assert [mail["Subject"].split("(")[0] for mail in watch.mailbox.mails] == [
        "[page] Restock: The warehouse cannot be used ",
        "[over] Restock: The warehouse cannot be used ",
    ]
    said = "canceling statement due to statement timeout" if broken is None else "read-only transaction"
    assert said in str(watch.mailbox.mails[0].get_content())


def test_the_clock_of_a_machine_that_goes_wrong_matters_to_no_look(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Tomorrow":
            return super().now(UTC) + timedelta(days=1)

    monkeypatch.setattr("restock.watch.service.datetime", Tomorrow)
    look_once(watch.url, lambda: watch.connection, "test")
    (age,) = watch.warehouse.execute("select clock_timestamp() - looked_at from restock.watch").fetchone()
    assert timedelta(0) <= age < timedelta(hours=1)


# Where notices go


def test_a_notice_goes_to_a_service_of_apprise_as_well() -> None:
    with serve_http() as server:
        url = f"json://127.0.0.1:{server.port}/hook"
        deliver(lambda: AlertConnection("apprise", ConnectionDetails(password=url)), write_trial(datetime.now(UTC)))
    [call] = server.calls
    said = json.loads(call.body)
    assert (call.path, said["title"], said["type"]) == ("/hook", "[trial] Restock: alerts arrive here", "warning")


def test_a_connection_is_read_from_the_environment_as_airflow_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    as_json = {"conn_type": "smtp", "host": "mail", "port": 25, "login": "a", "password": "p/w", "extra": {"to": "x@y"}}
    expected = AlertConnection("smtp", ConnectionDetails("mail", 25, "a", "p/w", None, {"to": "x@y"}))
    for text in (json.dumps(as_json), "smtp://a:p%2Fw@mail:25/?to=x%40y"):
        monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_ALERTS", text)
        assert AlertConnection.from_environment() == expected


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        (None, "no Airflow connection restock_alerts"),
        (AlertConnection("smtp", ConnectionDetails("127.0.0.1", 1, extra=PLAIN)), "no extra `to`"),
        (AlertConnection("apprise", ConnectionDetails(password="a secret")), "no URL of a service"),
    ],
)
def test_a_connection_that_cannot_be_used_is_said_without_its_secret(connection, said: str) -> None:
    with pytest.raises(DeliveryError, match=said) as failed:
        deliver(lambda: connection, write_trial(datetime.now(UTC)))
    assert "a secret" not in str(failed.value)
