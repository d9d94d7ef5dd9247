"""Each alert is raised by what it is for, and arrives at a real mail server: once, and at its end."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from restock.episodes import release_gates
from restock.gates import release_gate
from restock.maintenance import check_warehouse
from restock.policy import resolve_policy
from restock.warehouse import connect
from restock.watch import outage
from restock.watch.catalogue import ALERTS, BY_NAME, UNREACHABLE
from restock.watch.service import look_once
from restock.watch.signs import beat, record_checks, record_failure
from tests.conftest import free_port
from tests.mail import MailServer, serve_mail
from tests.warehouse.landing import Landing
from tests.warehouse.shop import Shop
from tests.warehouse.watching import Watch, send, tell_lamp, title


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
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_watch*.py"))
    unprovoked = [alert.name for alert in ALERTS if f'"{alert.name}"' not in text and alert.name != UNREACHABLE]
    assert unprovoked == []
