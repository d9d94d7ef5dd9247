"""restock_notify with dry_run: what a run would do, and not a row of any table changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import sql

from tests.dags.conftest import ROOT, run_dag
from tests.warehouse.shop import Shop

TABLES = """
    select schemaname, tablename from pg_tables
    -- Who looked last for whoever is on call is no part of what a run does.
    where schemaname in ('restock', 'staging', 'mart') and tablename <> 'watch' order by 1, 2
"""


@pytest.fixture
def shop(warehouse, pipeline_url: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", pipeline_url)
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_SMTP", "smtp://127.0.0.1:1/?from_email=hello%40shop.example")
    return Shop(warehouse, datetime.now(UTC) - timedelta(seconds=1))


@pytest.fixture
def run(airflow_home: Path) -> Callable[..., dict[str, str]]:
    return lambda **params: run_dag(ROOT / "dags" / "restock_notify.py", **params)


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """What tasks logged: the first run in a process writes it out, later ones hand it to the logging of Python."""
    return lambda: capfd.readouterr().out + caplog.text


def contents(shop: Shop) -> dict[str, list]:
    """Every row of every table."""
    return {
        name: shop.warehouse.execute(
            sql.SQL("select t::text from {} as t order by 1").format(sql.Identifier(schema, name))
        ).fetchall()
        for schema, name in shop.rows(TABLES)
    }


def test_a_dry_run_shows_the_difference_and_leaves_every_table_as_it_was(
    shop: Shop, run, said: Callable[[], str]
) -> None:
    shop.settings = {"quiet_hours": ""}
    for user in ("ada", "bob", "cleo"):
        shop.customer(user)
        shop.request(user, "lamp")
    shop.stock("lamp", 9)
    shop.plan()
    shop.request("ada", "chair")
    shop.stock("chair", 1)
    before = contents(shop)

    states = run(dry_run={"min_quantity": 2})

    assert states.pop("plan_messages") == "success"
    assert set(states.values()) == {"skipped"}
    assert contents(shop) == before
    log = said()
    assert "min_quantity: 1 → 2" in log
    assert "Told only under the policy in force: 1 (then kept by below_threshold 1)" in log


def test_a_dry_run_of_a_wrong_setting_says_what_it_may_be(shop: Shop, run, said: Callable[[], str]) -> None:
    before = contents(shop)
    run(dry_run={"daily_cap": "many"})
    assert "restock_daily_cap is 'many', but must be a whole number from 0 to 1000" in said()
    assert contents(shop) == before
