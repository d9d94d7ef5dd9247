"""How PostgreSQL goes about planning's questions: a wrong way takes hours where the right one takes seconds."""

import re

import psycopg
import pytest

from tests.warehouse.shop import Shop

# Of a scan in a plan: its kind, its table, what the statement calls that, and whether it was looked into.
SCAN = re.compile(r"(\w+) Scan (?:using \w+ )?on (\w+) (\w*) +\(cost=[^)]*\) \((actual|never executed)")


@pytest.fixture
def plans(warehouse: psycopg.Connection) -> list[str]:
    """How each statement of the connection was carried out, as PostgreSQL itself reports it."""
    found: list[str] = []
    warehouse.execute(
        "load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;"
        " set auto_explain.log_level = 'notice'"
    )
    warehouse.add_notice_handler(lambda notice: found.append(notice.message_primary or ""))
    return found


def scans_of(plans: list[str], said: str) -> dict[str, str]:
    """How the statement that says this went about each table; those that it did not look into are missing."""
    [plan] = [plan for plan in plans if said in plan]
    scans = [scan for scan in SCAN.findall(plan) if scan[3] == "actual"]
    # Which key is the last is looked up once.
    return {table: kind for kind, table, alias, _ in scans if not alias.startswith("l")}


def test_what_is_empty_when_a_shard_begins_is_not_read_for_each_shopper(shop: Shop, plans: list[str]) -> None:
    # Another shard may be filling it: rows that nobody sees yet, which would be read again and again.
    shop.run("analyze")
    for number in range(40):
        shop.customer(f"u{number}")
        shop.request(f"u{number}", "lamp")
        shop.request(f"u{number}", "chair")
    shop.stock("lamp", 40)
    shop.plan()
    assert set(scans_of(plans, "create temporary table shopper_message")) == {"shard_shopper"}
    assert set(scans_of(plans, "create temporary table joinable_message")) <= {"outbox", "shopper_message"}

    shop.run("delete from restock.outbox where notification_key > 10")
    shop.run("analyze")
    plans.clear()
    shop.stock("chair", 40)
    shop.plan()

    assert len(shop.rows("select from restock.decision where outcome = 'merged'")) == 10
    for said in ("create temporary table shopper_message", "create temporary table joinable_message", "as joinable"):
        by_table = scans_of(plans, said)
        assert by_table["notification_1"] == "Index"
        assert not by_table.keys() & {"notification_2", "notification_default"}
