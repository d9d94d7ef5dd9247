"""Partitions: made of a warehouse that is in use, made ahead, crossed by planning and sending, mended when late."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from restock.channels import ConnectionDetails
from restock.delivery import Letterhead, send_channel
from restock.maintenance import check_warehouse
from restock.policy import resolve_policy
from restock.warehouse import SQL_ROOT, connect
from restock.warehouse.migrate import migrate
from restock.warehouse.partitions import analyze_partitioned, make_partitions
from tests.mail import MailServer, serve_mail
from tests.warehouse.shop import Shop

TABLES = ("decision", "delivery_attempt", "inbox", "notification", "request_outcome")
FIRST_BORDER = 10_000_000


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with serve_mail() as server:
        yield server


def migrate_to(url: str, version: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    with engine.connect() as connection:
        connection.exec_driver_sql("create schema if not exists restock")
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(SQL_ROOT / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.commit()
    engine.dispose()


def contents(warehouse: psycopg.Connection) -> dict[str, list]:
    """What stands in the tables, and in the view that reads most of them."""
    return {
        name: warehouse.execute(f"select t::text from restock.{name} as t order by 1").fetchall()
        for name in (*TABLES, "request_state")
    }


def partition_of(warehouse: psycopg.Connection, table: str, key: str) -> dict[int, str]:
    return dict(warehouse.execute(f"select {key}, tableoid::regclass::text from {table}").fetchall())


def start_keys_at(warehouse: psycopg.Connection, table: str, key: str, start: int) -> None:
    warehouse.execute(f"alter table restock.{table} alter column {key} restart with {start}")


def copy_a_message(warehouse: psycopg.Connection) -> None:
    columns = (
        "notification_id, opening_episode_id, opening_request_key, user_id, channel, store_id, timezone, local_day,"
        " first_due_at, due_at, status_at, policy_id, created_at"
    )
    warehouse.execute(
        f"insert into restock.notification ({columns}) select {columns} from restock.notification limit 1"
    )


def failing(warehouse: psycopg.Connection) -> set[str]:
    return {result.name for result in check_warehouse(warehouse) if not result.is_valid}


def test_a_warehouse_in_use_keeps_every_row_right_and_key_when_it_is_partitioned(empty_database_url: str) -> None:
    migrate_to(empty_database_url, "0011")
    with connect(empty_database_url, any_version=True) as warehouse:
        sample = Path(__file__).with_name("sample.sql").read_text(encoding="utf-8")
        # Tables of that version made the ids of messages themselves.
        warehouse.execute(re.sub(r" {4}(notification_id|restock\.message_id\(.*\)),\n", "", sample))
        warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
        warehouse.execute("create view restock.of_the_shop as select count(*) as sent from restock.notification")
        drawn = warehouse.execute("select nextval('restock.notification_notification_key_seq')").fetchone()[0]
        before = contents(warehouse)
        assert all(before.values())
    migrate(empty_database_url)
    with connect(empty_database_url) as warehouse:
        assert contents(warehouse) == before
        sample = len(before["notification"])
        # The view of somebody else's, too, sees what lies in another partition.
        start_keys_at(warehouse, "notification", "notification_key", 15_000_000)
        copy_a_message(warehouse)
        assert warehouse.execute("select sent from restock.of_the_shop").fetchone() == (sample + 1,)
        assert drawn < 15_000_000


def test_keys_go_on_where_they_were_and_the_inbox_still_queues_what_comes(empty_database_url: str) -> None:
    migrate_to(empty_database_url, "0011")
    with connect(empty_database_url, any_version=True) as warehouse:
        for _ in range(3):
            warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
    migrate(empty_database_url)
    with connect(empty_database_url) as warehouse:
        key = warehouse.execute(
            "insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop') returning inbox_id"
        ).fetchone()
        assert key == (4,)
        assert warehouse.execute("select count(*) from restock.inbox_pending").fetchone() == (4,)


def test_planning_and_sending_cross_the_border_between_partitions(
    shop: Shop, mailbox: MailServer, warehouse_url: str
) -> None:
    shop.clock = datetime.now(UTC) - timedelta(seconds=1)
    shop.settings["quiet_hours"] = ""
    start_keys_at(shop.warehouse, "request", "request_key", FIRST_BORDER - 2)
    start_keys_at(shop.warehouse, "notification", "notification_key", FIRST_BORDER - 2)
    users = ["ann", "bob", "cid", "dee"]
    for user in users:
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 9)
    shop.plan()
    policy = resolve_policy(shop.warehouse, shop.settings)
    details = ConnectionDetails(
        "127.0.0.1", mailbox.port, extra={"disable_ssl": True, "disable_tls": True, "from_email": "a@shop.example"}
    )
    letterhead = Letterhead("Shop <a@shop.example>", "https://shop.example", "secret")
    sent = send_channel(warehouse_url, "email", details, letterhead, policy.policy_id, "test")

    assert sent.figures == {"accepted": 4}
    assert set(shop.states().values()) == {"notified"}
    for table, key in [
        ("notification", "notification_key"),
        ("delivery_attempt", "notification_key"),
        ("decision", "request_key"),
        ("request_outcome", "request_key"),
    ]:
        found = partition_of(shop.warehouse, f"restock.{table}", key)
        assert found == {
            FIRST_BORDER - 2: f"{table}_1",
            FIRST_BORDER - 1: f"{table}_1",
            FIRST_BORDER: f"{table}_2",
            FIRST_BORDER + 1: f"{table}_2",
        }
    # The shop of these tests has neither locations nor a catalogue.
    assert failing(shop.warehouse) <= {"wanted_product_is_known", "availability_is_sum_of_inventory"}


def test_what_nobody_made_room_for_is_kept_and_mended(shop: Shop) -> None:
    start_keys_at(shop.warehouse, "request", "request_key", 7 * FIRST_BORDER + 5)
    start_keys_at(shop.warehouse, "notification", "notification_key", 7 * FIRST_BORDER + 5)
    shop.settings["quiet_hours"] = ""
    shop.customer("ann")
    shop.request("ann", "lamp")
    shop.stock("lamp", 9)
    shop.plan()
    assert "default_partition_is_empty" in failing(shop.warehouse)
    before = contents(shop.warehouse)

    made = make_partitions(shop.warehouse)

    assert {"decision_3", "notification_3"} <= set(made)
    assert "default_partition_is_empty" not in failing(shop.warehouse)
    assert contents(shop.warehouse) == before
    assert set(partition_of(shop.warehouse, "restock.decision", "request_key").values()) == {"decision_3"}
    assert make_partitions(shop.warehouse) == []
    assert "storage_is_set" not in failing(shop.warehouse)
    # The partition that was the default one, and the new default one, keep ids unique as the others do.
    found = shop.rows(
        "select p.partition_name from restock.partition as p where p.table_name = 'notification' and not exists ("
        " select 1 from pg_index as i where i.indrelid = p.partition_id and i.indisunique and"
        " pg_get_indexdef(i.indexrelid) like '%(notification_id)')"
    )
    assert found == []


def test_a_new_partition_is_as_wide_as_a_month_needs(warehouse: psycopg.Connection) -> None:
    start_keys_at(warehouse, "notification", "notification_key", 14_000_000)
    warehouse.execute("select nextval('restock.notification_notification_key_seq')")
    warehouse.execute(
        "insert into restock.key_growth values ('notification', current_date - 10, 2000000) "
        "on conflict (drawn_for, noted_on) do update set next_key = excluded.next_key"
    )
    made = make_partitions(warehouse)
    assert made == ["delivery_attempt_3", "notification_3"]
    # 12 million keys in ten days.
    bounds = "select from_key, to_key from restock.partition where partition_name = 'notification_3'"
    assert warehouse.execute(bounds).fetchone() == (20_000_000, 57_000_000)


def test_partitions_are_left_to_the_next_time_while_the_tables_are_in_use(
    warehouse: psycopg.Connection, warehouse_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("restock.warehouse.partitions._TRIES", 1)
    start_keys_at(warehouse, "inbox", "inbox_id", 19_000_000)
    warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
    with connect(warehouse_url) as other, other.transaction():
        other.execute("lock table restock.inbox in share mode")
        assert make_partitions(warehouse) == []
    assert "tries again" in caplog.text
    assert make_partitions(warehouse) == ["inbox_3"]


def test_whoever_keeps_one_table_from_being_cut_can_work_with_the_others(warehouse_url: str) -> None:
    with connect(warehouse_url) as worker, ThreadPoolExecutor(1) as pool:
        for table in ("request", "notification"):
            start_keys_at(worker, table, f"{table}_key", 35_000_000)
            worker.execute(f"select nextval('restock.{table}_{table}_key_seq')")
        worker.execute("begin")
        worker.execute("select from restock.notification")

        def upkeep() -> list[str]:
            with connect(warehouse_url) as connection:
                return make_partitions(connection)

        made = pool.submit(upkeep)
        waiting = "select 1 from pg_locks where not granted and relation::regclass::text like '%notification%'"
        while not worker.execute(waiting).fetchall():
            assert not made.done()
        # Not in line behind who waits for the worker itself.
        worker.execute("set local lock_timeout = '500ms'")
        worker.execute("select from restock.decision")
        worker.execute("commit")
        assert {"decision_3", "notification_3"} <= set(made.result())


def test_statistics_cover_all_partitions(warehouse: psycopg.Connection, pipeline_url: str) -> None:
    warehouse.execute("insert into restock.inbox (feed, line, client) values ('requests', '{}', 'shop')")
    analyzed = "select count(*) from pg_statistic where starelid = 'restock.inbox'::regclass and stainherit"
    assert warehouse.execute(analyzed).fetchone() == (0,)
    with connect(pipeline_url) as pipeline:
        analyze_partitioned(pipeline)
    assert warehouse.execute(analyzed).fetchone()[0] > 3


def test_two_upkeeps_at_once_make_each_partition_once(warehouse_url: str) -> None:
    with connect(warehouse_url) as warehouse:
        start_keys_at(warehouse, "request", "request_key", 35_000_000)
        warehouse.execute("select nextval('restock.request_request_key_seq')")

    def upkeep(_: int) -> list[str]:
        with connect(warehouse_url) as connection:
            return make_partitions(connection)

    with ThreadPoolExecutor(2) as pool:
        made = [name for names in pool.map(upkeep, range(2)) for name in names]
    assert sorted(made) == sorted(set(made))
    assert len(made) == 6


def test_a_look_up_by_keys_reads_indexes_and_only_the_partition_that_has_them(warehouse: psycopg.Connection) -> None:
    warehouse.execute("set enable_seqscan = off")
    plan = "\n".join(
        line
        for (line,) in warehouse.execute(
            "explain select * from restock.notification where notification_key = any(array[5, 6]::bigint[])"
        )
    )
    assert "notification_1_pkey" in plan
    assert "notification_2" not in plan
