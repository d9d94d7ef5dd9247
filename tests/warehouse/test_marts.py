"""What analysts read: the figures of the mart views, and that the analysts' role reads them and nothing else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from restock.marts import refresh
from restock.warehouse import SQL_ROOT
from tests.warehouse.own_warehouse import connected

VIEWS = sorted(path.stem for path in (SQL_ROOT / "marts").glob("*.sql"))
PRIVATE = ("contact", "email", "phone", "address", "webhook", "provider_message", "last_error")


def rows(connection: psycopg.Connection, query: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


@pytest.fixture(scope="module")
def filled(postgres_url: str, warehouse_template: str) -> Iterator[psycopg.Connection]:
    """The rows of sample.sql, with a click and a purchase of ann, and the summaries."""
    with connected(postgres_url, warehouse_template) as warehouse:
        warehouse.execute(Path(__file__).with_name("sample.sql").read_text(encoding="utf-8"))
        warehouse.execute(
            "insert into restock.click (notification_key, store_id, product_id, clicked_at)"
            " values (1, 'main', 'chair', '2026-09-01T08:20Z')"
        )
        warehouse.execute(
            "insert into restock.purchase (order_id, user_id, store_id, product_id, ordered_at, quantity, amount)"
            " values ('o1', 'ann', 'main', 'chair', '2026-09-01T09:00Z', 2, 160)"
        )
        assert refresh(warehouse)
        yield warehouse


@pytest.fixture
def sample(filled: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The sample warehouse, in a transaction that leaves nothing behind."""
    with filled.transaction(force_rollback=True):
        yield filled


@pytest.fixture
def analyst(sample: psycopg.Connection) -> psycopg.Connection:
    """The sample warehouse as the role restock_analyst sees it."""
    # Whoever made a role may grant it, but does not have it by itself.
    sample.execute("grant restock_analyst to current_user with set true")
    sample.execute("set local role restock_analyst")
    return sample


@pytest.mark.parametrize("view", VIEWS)
def test_an_analyst_reads_every_mart_view(analyst, view):
    assert rows(analyst, f"select * from mart.{view}")


def test_an_analyst_reads_no_table_of_the_other_schemas(analyst):
    tables = analyst.execute(
        "select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
        "where n.nspname in ('restock', 'staging') and c.relkind in ('r', 'v', 'm', 'p')"
    ).fetchall()
    assert len(tables) > 20
    for table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), analyst.transaction():
            analyst.execute(sql.SQL("select * from {}").format(sql.Identifier(*table)))


@pytest.mark.parametrize(
    "call", ["restock.release_gate('x')", "restock.release_episodes()", "restock.correct_rejected_row(1, 'x')"]
)
def test_an_analyst_calls_no_function_of_the_pipeline(analyst, call):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), analyst.transaction():
        analyst.execute(f"select {call}")


@pytest.mark.parametrize("view", VIEWS)
def test_an_analyst_changes_nothing(analyst, view):
    # A view over several tables takes no rows from anybody; which of the two errors comes first is PostgreSQL's choice.
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
    with pytest.raises(refusals), analyst.transaction():
        analyst.execute(f"delete from mart.{view}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), analyst.transaction():
        analyst.execute("create table mart.mine (x integer)")


def test_every_mart_file_makes_the_view_it_is_named_after(sample):
    found = rows(sample, "select table_name as name from information_schema.views where table_schema = 'mart'")
    assert sorted(row["name"] for row in found) == VIEWS


def test_every_mart_view_and_column_has_a_comment(sample):
    bare = rows(
        sample,
        "select c.relname, a.attname from pg_class as c "
        "inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 "
        "where c.relnamespace = 'mart'::regnamespace "
        "and (obj_description(c.oid) is null or col_description(c.oid, a.attnum) is null)",
    )
    assert bare == []


def test_no_mart_column_is_named_like_an_address(sample):
    columns = rows(sample, "select column_name from information_schema.columns where table_schema = 'mart'")
    assert columns
    assert [row for row in columns if any(word in row["column_name"] for word in PRIVATE)] == []


def test_notification_fact_has_one_row_a_message_with_its_items_and_attempts(sample):
    facts = rows(
        sample,
        "select user_id, status, item_count, dropped_item_count, attempt_count, in_doubt_count, accepted_at "
        "from mart.notification_fact order by user_id, status",
    )
    assert [tuple(fact.values()) for fact in facts] == [
        ("ann", "sent", 1, 0, 2, 1, datetime(2026, 9, 1, 8, 11, tzinfo=UTC)),
        ("bob", "scheduled", 2, 0, 0, 0, None),
        ("cid", "cancelled", 0, 1, 0, 0, None),
        ("cid", "dead", 0, 0, 1, 0, None),
    ]


def test_decision_fact_says_for_each_request_and_restock_what_was_decided_and_how_it_ended(sample):
    facts = rows(
        sample,
        "select request_id, product_name, surface, tier, outcome, rule, notification_status, request_status, "
        "accepted_at is not null as accepted from mart.decision_fact order by request_id",
    )
    assert [tuple(fact.values()) for fact in facts] == [
        ("ann-chair", "Oak chair", "app", 2, "told", "queue", "sent", "notified", True),
        ("bob-chair", "Oak chair", "web", 0, "delayed", "quiet_hours", "scheduled", "open", False),
        ("bob-desk", "Oak desk", "web", 0, "merged", "digest", "scheduled", "open", False),
        ("cid-chair", "Oak chair", "cart", 1, "skipped", "cancelled", None, "cancelled", False),
        ("cid-lamp", "Brass lamp", "cart", 1, "skipped", "sold_out", "cancelled", "open", False),
        ("dee-desk", "Oak desk", "app", 0, "skipped", "no_address", None, "open", False),
    ]


def test_episode_outcome_counts_who_asked_who_was_told_and_who_was_held_back(sample):
    facts = rows(
        sample,
        "select product_name, quantity, asked_count, asked_units, told_count, sent_count, held_back_count, "
        "closed_at is null as is_open from mart.episode_outcome order by product_id",
    )
    assert [tuple(fact.values()) for fact in facts] == [
        ("Oak chair", 5, 3, 4, 2, 1, 1, True),
        ("Oak desk", 2, 2, 2, 1, 0, 1, True),
        ("Brass lamp", 4, 1, 1, 0, 0, 1, False),
    ]


def test_funnel_daily_counts_each_request_once_on_the_day_it_was_made(sample):
    facts = rows(
        sample,
        "select request_day, request_count, available_count, scheduled_count, sent_count "
        "from mart.funnel_daily order by request_day",
    )
    assert [tuple(fact.values()) for fact in facts] == [
        (date(2026, 8, 1), 1, 1, 1, 0),
        (date(2026, 8, 20), 1, 1, 1, 1),
        (date(2026, 8, 21), 2, 2, 2, 0),
        (date(2026, 8, 22), 1, 1, 0, 0),
        (date(2026, 8, 25), 1, 0, 0, 0),
        (date(2026, 8, 26), 1, 1, 0, 0),
    ]


def test_restock_latency_measures_from_the_restock_over_the_decision_to_the_acceptance(sample):
    facts = rows(
        sample,
        "select wave, channel, item_count, opening_to_decision_p50_seconds, decision_to_acceptance_p95_seconds, "
        "opening_to_acceptance_p99_seconds, due_to_acceptance_p50_seconds from mart.restock_latency",
    )
    assert [tuple(fact.values()) for fact in facts] == [(0, "email", 1, 60.0, 540.0, 600.0, 600.0)]


def test_product_demand_has_what_is_waited_for_now_with_the_stock(sample):
    facts = rows(
        sample,
        "select product_id, available_quantity, waiting_requests, waiting_units "
        "from mart.product_demand order by product_id",
    )
    assert [tuple(fact.values()) for fact in facts] == [("chair", 5, 1, 2), ("desk", 2, 2, 2), ("lamp", 0, 2, 4)]
