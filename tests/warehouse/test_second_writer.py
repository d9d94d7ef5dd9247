"""Where places are many, a second connection turns some of them into messages: nothing is lost, nothing told twice."""

import psycopg
import pytest

from restock.policy import resolve_policy
from restock.schedule import plan, second_writer
from restock.schedule.plan import SECOND, build_schedule, list_shards, rank_requests
from restock.schedule.second_writer import SecondWriter, lock_shoppers
from restock.schedule.store import write_schedule
from restock.warehouse import connect, connect_again
from tests.warehouse.shop import Shop

SCHEDULE = (
    "select d.episode_id, d.request_key, d.outcome, d.rule, d.position, d.wave, d.scheduled_at, d.trace, d.decided_at,"
    " d.ranked_at, d.seen_messages is null, n.notification_id, n.due_at, o.due_at from restock.decision d"
    " left join restock.notification n using (notification_key) left join restock.outbox o using (notification_key)"
    " order by 1, 2"
)
LEFT = "select count(*), count(*) filter (where bucket between 30 and 63) from restock.candidate"


@pytest.fixture
def full_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Three products are back that forty shoppers wait for; two writers plan however few there are."""
    monkeypatch.setattr(plan, "TWO_FROM", 1)
    shop.settings |= {"daily_cap": "1", "notify_per_unit": "2", "digest_window_minutes": "30"}
    for number in range(40):
        shop.customer(f"u{number}", timezone=("UTC", "Asia/Seoul")[number % 2])
        for product in ("lamp", "chair", "table"):
            shop.request(f"u{number}", product)
    for product in ("lamp", "chair", "table"):
        shop.stock(product, 5)
    shop.update_episodes()
    return shop


def rank(shop: Shop, warehouse: psycopg.Connection | None = None) -> dict[str, int]:
    policy = resolve_policy(shop.warehouse, shop.settings)
    return rank_requests(warehouse or shop.warehouse, policy.policy_id, {"email"}, shop.clock)


def plan_what_is_left(shop: Shop) -> None:
    policy = resolve_policy(shop.warehouse, shop.settings)
    for shard in list_shards(shop.warehouse):
        build_schedule(shop.warehouse, policy.policy_id, shard, shop.clock)


def planned_by_one(shop: Shop) -> tuple[dict[str, int], list[tuple]]:
    """Figures and schedule as one writer makes them, undone again: within a transaction there is no second."""
    with shop.warehouse.transaction(force_rollback=True):
        return rank(shop), shop.rows(SCHEDULE)


def test_two_writers_decide_what_one_does_and_leave_nothing_behind(full_shop: Shop) -> None:
    alone = planned_by_one(full_shop)
    figures = rank(full_shop)
    assert (figures, full_shop.rows(SCHEDULE)) == alone
    assert figures["placed"] == 120
    assert full_shop.rows(LEFT) == [(0, 0)]
    assert rank(full_shop)["placed"] == 0
    # The second wrote its share over a connection of its own: rows of both transactions are there.
    assert full_shop.rows("select count(distinct xmin::text) from restock.notification") == [(2,)]


def test_messages_of_an_earlier_run_are_joined_and_counted_by_both(full_shop: Shop) -> None:
    full_shop.plan()
    assert len(full_shop.messages()) == 40
    for number in range(40):
        full_shop.request(f"u{number}", "desk")
    full_shop.stock("desk", 5)
    full_shop.update_episodes()
    alone = planned_by_one(full_shop)
    assert alone[0]["joined"] + alone[0]["messages"] + alone[0]["capped"] == 40
    assert (rank(full_shop), full_shop.rows(SCHEDULE)) == alone


def test_a_run_that_dies_between_the_commits_leaves_the_second_share_to_the_next(
    full_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, wanted = planned_by_one(full_shop)

    def die(_: SecondWriter) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SecondWriter, "take_over", die)
    with pytest.raises(KeyboardInterrupt):
        rank(full_shop)
    [(left, of_second)] = full_shop.rows(LEFT)
    assert 0 < left == of_second < 120
    assert len(full_shop.decisions()) == 120 - left

    plan_what_is_left(full_shop)
    assert full_shop.rows(SCHEDULE) == wanted
    assert full_shop.rows(LEFT) == [(0, 0)]


def test_where_the_first_transaction_fails_nothing_of_the_second_stays(
    full_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, wanted = planned_by_one(full_shop)

    def fail(*_: object) -> dict[str, int]:
        raise OSError("No memory is left.")

    with monkeypatch.context() as patch:
        patch.setattr(plan, "write_schedule", fail)
        with pytest.raises(OSError, match="No memory"):
            rank(full_shop)
    assert (full_shop.rows(SCHEDULE), full_shop.messages(), full_shop.rows(LEFT)) == ([], [], [(0, 0)])

    rank(full_shop)
    assert full_shop.rows(SCHEDULE) == wanted


def test_where_the_second_writer_fails_the_run_says_so_and_its_share_is_planned_later(
    full_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, wanted = planned_by_one(full_shop)

    def fail(connection: psycopg.Connection, *arguments: object) -> dict[str, int]:
        write_schedule(connection, *arguments)
        connection.execute("select 1 / 0")
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(second_writer, "write_schedule", fail)
        with pytest.raises(psycopg.errors.DivisionByZero):
            rank(full_shop)
    assert 0 < len(full_shop.decisions()) < 120
    plan_what_is_left(full_shop)
    assert full_shop.rows(SCHEDULE) == wanted


def test_places_that_somebody_took_away_are_not_told_of(
    full_shop: Shop, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_over = SecondWriter.take_over

    def take_over_late(writer: SecondWriter) -> None:
        with connect(warehouse_url) as other, other.transaction():
            # Whoever keeps to the locks would wait here.
            other.execute("set local lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable), other.transaction():
                lock_shoppers(other, SECOND)
            other.execute("delete from restock.candidate where bucket = (select max(bucket) from restock.candidate)")
        take_over(writer)

    monkeypatch.setattr(SecondWriter, "take_over", take_over_late)
    with pytest.raises(RuntimeError, match="stood in"):
        rank(full_shop)
    assert full_shop.rows(
        "select count(*) from restock.decision d join restock.request r using (request_key)"
        " where hashtext(r.user_id) & 63 >= 30"
    ) == [(0,)]


def test_another_connection_is_like_the_first(warehouse: psycopg.Connection) -> None:
    with connect_again(warehouse) as other:
        query = (
            "select current_user, current_database(), current_setting('TimeZone'), current_setting('application_name')"
        )
        assert other.execute(query).fetchone() == warehouse.execute(query).fetchone()
        assert other.autocommit
        assert other.info.backend_pid != warehouse.info.backend_pid
