"""restock_maintenance run whole in a real Airflow, on a warehouse with a little of everything."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.dags.conftest import ROOT, run_dag

SAMPLE = ROOT / "tests" / "warehouse" / "sample.sql"


@pytest.fixture
def sample(
    warehouse: psycopg.Connection, pipeline_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> psycopg.Connection:
    """Connection to the warehouse that the Airflow connection points at."""
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", pipeline_url)
    monkeypatch.setenv("RESTOCK_LANDING", tmp_path.as_uri())
    warehouse.execute(SAMPLE.read_text(encoding="utf-8"))
    return warehouse


@pytest.fixture
def run(airflow_home: Path) -> Callable[..., dict[str, str]]:
    return lambda **params: run_dag(ROOT / "dags" / "restock_maintenance.py", **params)


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
    assert run() == {
        "expire_requests": "success",
        "export_or_erase_person": "success",
        "archive_old_rows": "success",
        "check_warehouse": "failed",
    }
    said = caplog.text + "".join(capsys.readouterr())
    assert "The warehouse check unsent_is_in_outbox does not hold" in said


def test_a_parameter_exports_a_person_and_another_one_erases_it(sample, run, tmp_path, monkeypatch):
    monkeypatch.setenv("RESTOCK_LANDING", tmp_path.as_uri())
    monkeypatch.setenv("RESTOCK_LINK_SECRET", "a secret of the tests")
    assert set(run(export_user="ann").values()) == {"success"}
    [file] = (tmp_path / "_exports").iterdir()
    assert {each["user_id"] for each in json.loads(file.read_text())["requests"]} == {"ann"}
    assert set(run(erase_user="ann").values()) == {"success"}
    assert sample.execute("select 1 from restock.request where user_id = 'ann'").fetchall() == []
    assert run(erase_user="bob", export_user="bob")["export_or_erase_person"] == "failed"


def test_what_ended_long_ago_goes_to_the_archive_by_the_rights_of_the_pipeline(sample, run, tmp_path, monkeypatch):
    sample.execute(
        "update restock.request set requested_at = now() - interval '500 days' where request_key = 1;"
        "update restock.request_outcome set closed_at = now() - interval '410 days' where request_key = 1;"
        "update restock.notification set status_at = now() - interval '410 days' where notification_key = 1"
    )
    assert set(run().values()) == {"success"}
    assert sample.execute("select 1 from restock.request where request_key = 1").fetchall() == []
    files = sample.execute("select path from restock.archive_file where removed_at is not null").fetchall()
    assert files
    assert all((tmp_path / "_archive" / path).is_file() for (path,) in files)


def test_a_retention_that_cannot_be_fails_with_a_sentence_and_removes_nothing(sample, run, monkeypatch, caplog, capsys):
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_RETENTION_DAYS", "7")
    assert run()["archive_old_rows"] == "failed"
    said = caplog.text + "".join(capsys.readouterr())
    assert "The Variable restock_retention_days is '7': give a whole number of days from 210 to 36500." in said
