"""Each alert is raised by what it is for, and arrives at a real mail server: once, as a reminder, and at its end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from restock.channels import ConnectionDetails
from restock.delivery import Letterhead, send_channel
from restock.episodes import release_gates
from restock.gates import release_gate
from restock.maintenance import check_warehouse
from restock.policy import Settings, resolve_policy
from restock.warehouse import connect
from restock.watch import outage
from restock.watch.catalogue import ALERTS, BY_NAME, UNREACHABLE
from restock.watch.deliver import AlertConnection, DeliveryError, deliver
from restock.watch.look import look
from restock.watch.service import look_once
from restock.watch.signs import beat, record_checks, record_failure
from restock.watch.text import write_trial
from tests.conftest import free_port
from tests.http import serve_http
from tests.mail import MailServer, serve_mail
from tests.warehouse.landing import Landing
from tests.warehouse.shop import Shop

ROOT = Path(__file__).parents[2]
LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
PLAIN = {"disable_ssl": True, "disable_tls": True}


@pytest.fixture
def oncall() -> Iterator[MailServer]:
    """The mailbox of the people on call."""
    with serve_mail() as server:
        yield server


class Watch:
    """Looks at a warehouse as the pipeline's role may, by a clock that is moved, and says what arrives."""

    def __init__(self, url: str, warehouse: psycopg.Connection, oncall: MailServer) -> None:
        self.clock = datetime.now(UTC)
        self.url = url
        self.warehouse_url = make_conninfo(warehouse.info.dsn, password=warehouse.info.password)
        self.warehouse = warehouse
        self.mailbox = oncall
        self.connection: AlertConnection | None = mail_connection(oncall.port)

    def pass_time(self, **amount: float) -> None:
        """Time goes by; somebody looks meanwhile, and each DAG comes to its end."""
        end = self.clock + timedelta(**amount)
        self.warehouse.execute("update restock.watch set looked_at = %s", [end])
        for name in ("restock_ingest", "restock_notify", "restock_maintenance"):
            self.warehouse.execute(
                "insert into restock.heartbeat values (%s, %s)"
                " on conflict (name) do update set beat_at = excluded.beat_at",
                [name, end],
            )
        self.clock = end

    def look(self) -> list[str]:
        """Look once; the subjects of the mails that arrived."""
        before = len(self.mailbox.mails)
        with connect(self.url) as connection:
            look(connection, lambda: self.connection, self.clock, "test")
        return [mail["Subject"] for mail in self.mailbox.mails[before:]]

    def text(self) -> str:
        """The newest mail."""
        return str(self.mailbox.mails[-1].get_content())


def mail_connection(port: int, **extra: object) -> AlertConnection:
    details = ConnectionDetails("127.0.0.1", port, extra=PLAIN | {"to": "oncall@shop.example"} | extra)
    return AlertConnection("smtp", details)


@pytest.fixture
def watch(pipeline_url: str, warehouse: psycopg.Connection, oncall: MailServer) -> Watch:
    watch = Watch(pipeline_url, warehouse, oncall)
    assert watch.look() == []
    return watch


def title(name: str, subject: str, label: str | None = None) -> str:
    alert = BY_NAME[name]
    return f"[{label or alert.severity}] Restock: {alert.title} ({subject})"


def require_once_and_over(watch: Watch, name: str, subject: str, mend: Callable[[], object]) -> None:
    """The alert arrives now, with what it means and what to do; not again; and its end arrives once it is mended."""
    alert = BY_NAME[name]
    assert watch.look() == [title(name, subject)]
    text = watch.text()
    assert {alert.meaning, alert.action, f"Runbook: {alert.runbook}"} <= {line.strip() for line in text.splitlines()}
    assert watch.mailbox.mails[-1]["Importance"] == ("high" if alert.severity == "page" else None)
    watch.clock += timedelta(seconds=30)
    assert watch.look() == []
    mend()
    assert watch.look() == []
    watch.clock += timedelta(minutes=5)
    assert watch.look() == [title(name, subject, "over")]
    assert watch.look() == []


# What each alert is for


def test_runs_of_notify_that_do_not_come_to_their_end_raise_an_alert(watch: Watch) -> None:
    beat(watch.warehouse, "restock_notify")
    watch.pass_time(minutes=16)
    watch.warehouse.execute(
        "update restock.heartbeat set beat_at = %s where name = 'restock_notify'", [datetime.now(UTC)]
    )
    require_once_and_over(watch, "no_notify_run", "restock_notify", lambda: watch.pass_time(minutes=1))


def test_a_run_that_sends_for_long_raises_no_alert(watch: Watch) -> None:
    watch.pass_time(minutes=60)
    watch.warehouse.execute("update restock.heartbeat set beat_at = %s", [datetime.now(UTC)])
    watch.warehouse.execute("delete from restock.heartbeat where name = 'restock_ingest'")
    watch.warehouse.execute("update restock.watch set watching_since = %s", [watch.clock])
    watch.warehouse.execute("insert into restock.departure values ('one', '{1}', %s)", [watch.clock])
    watch.warehouse.execute("update restock.watch set watching_since = %s", [watch.clock - timedelta(minutes=20)])
    assert watch.look() == []
    watch.warehouse.execute("delete from restock.departure")
    assert watch.look() == [title("no_notify_run", "restock_notify")]


def test_ingestion_that_stands_still_raises_an_alert(watch: Watch) -> None:
    watch.pass_time(minutes=31)
    watch.warehouse.execute(
        "update restock.heartbeat set beat_at = %s where name = 'restock_ingest'", [datetime.now(UTC)]
    )
    require_once_and_over(watch, "ingest_stands_still", "restock_ingest", lambda: watch.pass_time(minutes=1))


def test_upkeep_that_does_not_come_to_its_end_raises_an_alert(watch: Watch) -> None:
    watch.pass_time(hours=27)
    watch.warehouse.execute(
        "update restock.heartbeat set beat_at = %s where name = 'restock_maintenance'", [datetime.now(UTC)]
    )
    require_once_and_over(watch, "maintenance_late", "restock_maintenance", lambda: watch.pass_time(minutes=1))


def test_after_a_night_without_anybody_looking_the_pipeline_gets_time_to_catch_up(watch: Watch, shop: Shop) -> None:
    tell_lamp(shop, watch)
    watch.clock += timedelta(hours=12)
    assert watch.look() == []
    watch.clock += timedelta(minutes=9)
    watch.look()
    watch.clock += timedelta(minutes=9)
    assert watch.look() == [title("no_notify_run", "restock_notify"), title("messages_overdue", "email")]


def test_messages_that_are_overdue_raise_an_alert_and_those_that_wait_for_the_rate_do_not(
    watch: Watch, shop: Shop, oncall: MailServer
) -> None:
    tell_lamp(shop, watch)
    watch.pass_time(minutes=16)

    def leave() -> None:
        send(watch, oncall.port)
        del oncall.mails[-1]

    require_once_and_over(watch, "messages_overdue", "email", leave)


def test_a_provider_that_is_down_raises_an_alert_in_place_of_one_for_what_waits(watch: Watch, shop: Shop) -> None:
    tell_lamp(shop, watch)
    send(watch, free_port())
    watch.pass_time(minutes=16)

    def come_back() -> None:
        with serve_mail() as provider:
            watch.warehouse.execute("update restock.breaker set probe_at = now()")
            watch.warehouse.execute("update restock.outbox set due_at = now()")
            send(watch, provider.port)

    require_once_and_over(watch, "provider_down", "email", come_back)


def test_a_gate_that_holds_products_raises_an_alert(watch: Watch, shop: Shop) -> None:
    shop.clock = watch.clock
    for number in range(1_200):
        shop.run("insert into restock.availability values ('main', %s, 9, now())", f"p{number}")
    shop.run("insert into restock.product (store_id, product_id, name) select store_id, product_id, product_id"
             " from restock.availability")  # fmt: skip
    shop.update_episodes()
    watch.pass_time(minutes=11)
    [(gate, feed)] = shop.rows("select gate, feed from restock.gate where released_at is null")
    assert gate == "restock_share"
    require_once_and_over(
        watch, "gate_holds", f"{gate} of {feed}", lambda: release_gates(watch.warehouse, gate, "ann", datetime.now(UTC))
    )


def test_what_arrived_over_http_and_is_not_loaded_raises_an_alert(watch: Watch) -> None:
    watch.warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
    watch.pass_time(minutes=16)
    require_once_and_over(
        watch, "inbox_backlog", "requests", lambda: watch.warehouse.execute("delete from restock.inbox_pending")
    )


def test_a_file_that_cannot_be_read_raises_an_alert_until_it_is_delivered_again(watch: Watch, landing: Landing) -> None:
    landing.put("requests", b"\xff\xfe\x00 no csv", "monday.parquet")
    landing.load()

    def deliver_again() -> None:
        landing.put("requests", [{"request_id": "r1", "user_id": "u1", "product_id": "p1",
                                  "requested_at": "2026-06-01T00:00:00Z"}], "monday.parquet")  # fmt: skip
        landing.load()

    require_once_and_over(watch, "file_failed", "requests", deliver_again)


def test_a_feed_that_looks_wrong_raises_an_alert(watch: Watch, landing: Landing) -> None:
    good = {"product_id": "p", "name": "P"}
    landing.send("products", [good | {"product_id": f"p{number}"} for number in range(100)])
    landing.send("products", [{"product_id": "", "name": ""} for _ in range(100)])
    rows = landing.rows("select gate, feed from restock.gate where released_at is null and severity = 'warn'")
    assert rows, "the gate did not judge"
    watch.pass_time(minutes=11)
    gate, feed = rows[0]
    watch.warehouse.execute("update restock.gate set released_at = now() + interval '1 hour', released_by = 'check'"
                            " where gate <> %s", [gate])  # fmt: skip

    def clear() -> None:
        watch.warehouse.execute("update restock.gate set checked_at = since")
        release_gate(watch.warehouse, gate, "ann")

    require_once_and_over(watch, "feed_looks_wrong", f"{gate} of {feed}", clear)


def test_many_messages_that_were_given_up_raise_an_alert(watch: Watch, shop: Shop, oncall: MailServer) -> None:
    users = [f"u{number}" for number in range(25)]
    oncall.answers = {f"{user}@example.com": "554 5.7.1 we do not want you" for user in users}
    tell_lamp(shop, watch, *users)
    send(watch, oncall.port)
    assert shop.rows("select distinct status from restock.notification") == [("dead",)]
    watch.pass_time(minutes=1)
    require_once_and_over(watch, "dead_messages", "email", lambda: watch.pass_time(hours=2))


def test_a_check_that_does_not_hold_raises_an_alert(watch: Watch, shop: Shop) -> None:
    shop.stock("lamp", 9)

    def check() -> None:
        with connect(watch.url) as connection:
            record_checks(connection, check_warehouse(connection), watch.clock)

    check()
    # Nobody has this much of it.
    require_once_and_over(
        watch, "check_failed", "availability_is_sum_of_inventory",
        lambda: (shop.run("delete from restock.availability"), check()),
    )  # fmt: skip


def test_rows_in_a_default_partition_raise_an_alert(watch: Watch) -> None:
    watch.warehouse.execute("create table restock.by_day (day date) partition by range (day)")
    watch.warehouse.execute("create table restock.by_day_rest partition of restock.by_day default")
    watch.warehouse.execute("grant select on restock.by_day_rest to restock_pipeline")
    watch.warehouse.execute("insert into restock.by_day values ('2026-06-01')")
    require_once_and_over(
        watch, "default_partition", "by_day", lambda: watch.warehouse.execute("delete from restock.by_day")
    )


def test_a_pause_that_lasts_raises_an_alert(watch: Watch, shop: Shop) -> None:
    tell_lamp(shop, watch)
    resolve_policy(watch.warehouse, {"paused": "true", "quiet_hours": ""})
    watch.pass_time(hours=5)
    require_once_and_over(
        watch, "paused_long", "restock_paused",
        lambda: (
            resolve_policy(watch.warehouse, {"paused": "false", "quiet_hours": ""}),
            watch.warehouse.execute("delete from restock.outbox"),
        ),
    )  # fmt: skip


def test_a_task_that_fails_in_each_run_is_told_once_and_its_end_once_it_stays_away(watch: Watch) -> None:
    def fail() -> None:
        with connect(watch.url) as connection:
            record_failure(connection, "restock_ingest", "load_inputs", "a run", "no answer from ann@example.com")

    fail()
    assert watch.look() == [title("task_failed", "restock_ingest.load_inputs")]
    assert "ann@example.com" not in watch.text()
    for _ in range(5):
        watch.pass_time(minutes=1)
        fail()
        assert watch.look() == []
    watch.pass_time(minutes=17)
    assert watch.look() == []
    watch.pass_time(minutes=5)
    assert watch.look() == [title("task_failed", "restock_ingest.load_inputs", "over")]


def test_a_warehouse_that_is_away_raises_an_alert_once_it_has_lasted_and_its_end(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RESTOCK_ALERT_WAREHOUSE_UNREACHABLE", "0.01")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = re.search(r"@(\S+?):(\d+)/(\w+)", watch.url)
    away = watch.url.replace(f":{place[2]}/", f":{free_port()}/")
    for _ in range(3):
        look_once(away, lambda: watch.connection, "test")
        time.sleep(0.7)
    [mail] = watch.mailbox.mails
    assert mail["Subject"].startswith("[page] Restock: The warehouse cannot be used (127.0.0.1:")
    # It is back, at the same place.
    with psycopg.connect(watch.url) as there:
        assert there.info.status == psycopg.pq.ConnStatus.OK
    (note,) = tmp_path.glob("restock-watch-*/*.json")
    note.rename(note.with_name(outage._path(watch.url).name))
    look_once(watch.url, lambda: watch.connection, "test")
    look_once(watch.url, lambda: watch.connection, "test")
    assert [mail["Subject"].split("(")[0] for mail in watch.mailbox.mails[1:]] == [
        "[over] Restock: The warehouse cannot be used "
    ]


def test_each_alert_is_provoked_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    unprovoked = [alert.name for alert in ALERTS if f'"{alert.name}"' not in text and alert.name != UNREACHABLE]
    assert unprovoked == []


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
from tests.warehouse.test_watch import mail_connection

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
    monkeypatch.setattr("restock.watch.look._MOST_SECONDS", 1)
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
    monkeypatch.setattr("restock.watch.service._MOST_SECONDS", 1)
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


# Runbooks


def test_each_alert_has_its_runbook_and_each_runbook_its_alert() -> None:
    written = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert set(written) == set(BY_NAME)
    for name, text in written.items():
        parts = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert parts == [
            "What you see",
            "What it means for shoppers",
            "How to look",
            "How to mend it",
            "How to be sure",
        ]
        assert BY_NAME[name].title in text


def test_each_query_of_a_runbook_runs_with_the_login_of_the_pipeline(pipeline_url: str) -> None:
    queries = [
        query
        for path in (ROOT / "docs" / "runbooks").glob("*.md")
        for query in re.findall(r'-c "(select .*)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(queries) > 15
    with connect(pipeline_url) as connection:
        for query in queries:
            connection.execute(query)


def test_the_overview_lists_each_alert_with_its_limit() -> None:
    text = (ROOT / "docs" / "oncall.md").read_text(encoding="utf-8")
    for alert in ALERTS:
        [row] = re.findall(rf"^\| \[{alert.name}\]\(runbooks/{alert.name}\.md\) \|.*$", text, re.MULTILINE)
        limit = f"{alert.limit.default:g} {alert.limit.unit}" if alert.limit else "none"
        assert f"| {alert.severity} |" in row
        assert f"| {limit} |" in row


def tell_lamp(shop: Shop, watch: Watch, *users: str) -> None:
    """Messages that are due now."""
    shop.clock = watch.clock - timedelta(seconds=1)
    shop.settings["quiet_hours"] = ""
    for user in users or ("ada",):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 9)
    shop.plan()


def send(watch: Watch, port: int) -> None:
    policy = resolve_policy(watch.warehouse, Settings(quiet_hours="").model_dump(mode="json", include={"quiet_hours"}))
    connection = ConnectionDetails("127.0.0.1", port, extra=PLAIN | {"from_email": LETTERHEAD.sender})
    send_channel(watch.url, "email", connection, LETTERHEAD, policy.policy_id, "test")
