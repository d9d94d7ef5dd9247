"""restock_maintenance run whole in a real Airflow, on a warehouse with a little of everything."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.dags.conftest import ROOT, run_dag

SAMPLE = ROOT / "tests" / "warehouse" / "sample.sql"


@pytest.fixture
def sample(warehouse: psycopg.Connection, warehouse_url: str, monkeypatch: pytest.MonkeyPatch) -> psycopg.Connection:
    """Connection to the warehouse that the Airflow connection points at."""
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", warehouse_url)
    warehouse.execute(SAMPLE.read_text(encoding="utf-8"))
    return warehouse


@pytest.fixture
def run(airflow_home: Path) -> Callable[[], dict[str, str]]:
    return lambda: run_dag(ROOT / "dags" / "restock_maintenance.py")


def expired(connection: psycopg.Connection) -> list[tuple]:
    return connection.execute(
        "select request_id from restock.request_state where status = 'expired' order by request_id"
    ).fetchall()


def test_a_run_expires_what_is_too_old_and_a_second_one_changes_nothing(sample, run):
    sample.execute("update restock.request set requested_at = now()")
    sample.execute("update restock.request set requested_at = now() - interval '91 days' where request_id = 'ann-lamp'")
    assert set(run().values()) == {"success"}
    assert expired(sample) == [("ann-lamp",)]
    assert set(run().values()) == {"success"}
    assert expired(sample) == [("ann-lamp",)]


def test_a_broken_warehouse_fails_the_check_without_trying_again_and_says_what_is_wrong(sample, run, capsys, caplog):
    sample.execute("delete from restock.outbox")
    assert run() == {"expire_requests": "success", "check_warehouse": "failed"}
    said = caplog.text + "".join(capsys.readouterr())
    assert "The warehouse check unsent_is_in_outbox does not hold" in said
