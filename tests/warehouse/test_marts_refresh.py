"""When the summaries behind the marts are written, and that what they show is of one moment."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.marts import REFRESH_LOCK, SOURCES, SUMMARIES, refresh, refresh_due
from restock.warehouse import SQL_ROOT, connect
from tests.warehouse.mart_facts import Facts

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def facts(warehouse: psycopg.Connection) -> Facts:
    facts = Facts(warehouse)
    facts.policy(NOON - timedelta(days=30))
    return facts


def flush(facts: Facts) -> None:
    """Let PostgreSQL count what this session changed; sessions that end, as those of tasks do, need not ask for it."""
    facts.warehouse.execute("select pg_stat_force_next_flush()")


def let_time_pass(facts: Facts) -> None:
    facts.warehouse.execute("update restock.mart_refresh set refreshed_at = refreshed_at - interval '1 hour'")


def sent_count(facts: Facts) -> int | None:
    return facts.warehouse.execute("select sum(sent_count) from mart.funnel_daily").fetchone()[0]


def test_the_first_refresh_is_due_at_once_and_the_next_when_something_changed(facts: Facts) -> None:
    facts.message("ann", "lamp", NOON)
    flush(facts)
    assert refresh_due(facts.warehouse)
    assert sent_count(facts) == 1
    let_time_pass(facts)
    assert not refresh_due(facts.warehouse)
    facts.message("bob", "lamp", NOON)
    flush(facts)
    assert refresh_due(facts.warehouse)
    assert sent_count(facts) == 2


def test_a_refresh_is_due_when_an_address_must_not_be_written_to(facts: Facts) -> None:
    refresh(facts.warehouse)
    let_time_pass(facts)
    assert not refresh_due(facts.warehouse)
    facts.warehouse.execute(
        "insert into restock.suppression values ('email', restock.hash_contact('ann@example.com'), 'bounce')"
    )
    flush(facts)
    assert refresh_due(facts.warehouse)


@pytest.mark.parametrize(("seconds_ago", "is_due"), [(39, False), (41, True)])
def test_a_refresh_waits_twenty_times_as_long_as_the_last_took(facts: Facts, seconds_ago: int, is_due: bool) -> None:
    refresh(facts.warehouse)
    facts.warehouse.execute(
        "update restock.mart_refresh set seconds = 2, refreshed_at = %s",
        [datetime.now(UTC) - timedelta(seconds=seconds_ago)],
    )
    facts.message("ann", "lamp", NOON)
    flush(facts)
    assert refresh_due(facts.warehouse) is is_due


def test_a_refresh_is_due_after_a_day_even_if_nothing_changed(facts: Facts) -> None:
    refresh(facts.warehouse)
    facts.warehouse.execute("update restock.mart_refresh set refreshed_at = now() - interval '1 day'")
    assert refresh_due(facts.warehouse)
    assert not refresh_due(facts.warehouse)


def test_while_one_refreshes_another_does_not(facts: Facts, warehouse_url: str) -> None:
    with connect(warehouse_url) as other:
        other.execute("select pg_advisory_lock(%s)", [REFRESH_LOCK])
        assert not refresh(facts.warehouse)
        other.execute("select pg_advisory_unlock(%s)", [REFRESH_LOCK])
        assert refresh(facts.warehouse)


def test_a_refresh_that_fails_leaves_the_old_figures_and_lets_the_next_one_in(facts: Facts, warehouse_url: str) -> None:
    facts.message("ann", "lamp", NOON)
    refresh(facts.warehouse)
    facts.message("bob", "lamp", NOON)
    facts.warehouse.execute("alter table restock.mart_effect add constraint broken check (sent_count < 2)")
    with pytest.raises(psycopg.errors.CheckViolation):
        refresh(facts.warehouse)
    assert sent_count(facts) == 1
    facts.warehouse.execute("alter table restock.mart_effect drop constraint broken")
    with connect(warehouse_url) as other:
        assert refresh(other)
    assert sent_count(facts) == 2


def test_a_refresh_does_not_wait_for_readers(facts: Facts, warehouse_url: str) -> None:
    facts.message("ann", "lamp", NOON)
    facts.warehouse.execute("set lock_timeout = '60s'")
    with connect(warehouse_url) as reader, reader.transaction():
        reader.execute("select * from mart.funnel_daily")
        assert refresh(facts.warehouse)
    assert sent_count(facts) == 1


def test_what_is_refreshed_is_said_with_the_moment(facts: Facts) -> None:
    assert facts.warehouse.execute("select * from mart.refreshed").fetchall() == []
    before = datetime.now(UTC)
    refresh(facts.warehouse)
    [(refreshed_at, seconds)] = facts.warehouse.execute("select refreshed_at, seconds from mart.refreshed").fetchall()
    assert before <= refreshed_at <= datetime.now(UTC)
    assert seconds > 0


def test_every_summary_has_its_file_and_every_source_is_a_table(facts: Facts) -> None:
    files = {path.stem for path in (SQL_ROOT / "marts" / "refresh").glob("*.sql")}
    assert files == {*SUMMARIES, "sent_item", "find_due", "record"}
    tables = {
        name
        for (name,) in facts.warehouse.execute("select relname from pg_stat_user_tables where schemaname = 'restock'")
    }
    assert set(SOURCES) <= tables
    assert {name for name in tables if name.startswith("mart_")} == {
        *(f"mart_{name}" for name in SUMMARIES),
        "mart_refresh",
        "mart_salt",
    }
