"""Cleaning Airflow's own history, on the real metadata of a real Airflow."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from restock.history import _remove_files, clean_history
from tests.dags.conftest import ROOT, run_dag

DAG = "restock_maintenance"
LONG_AGO = datetime.now(UTC) - timedelta(days=40)
CUT = datetime.now(UTC) - timedelta(days=30)


@pytest.fixture
def metadata(airflow_home: Path):
    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_old_runs_and_logs_go_and_recent_ones_and_watchers_stay(
    metadata: psycopg.Connection, airflow_home: Path, warehouse, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", warehouse_url)
    monkeypatch.setenv("RESTOCK_LANDING", (airflow_home / "landing").as_uri())
    states = [run_dag(ROOT / "dags" / f"{DAG}.py") for _ in range(3)]
    assert len(states) == 3
    runs = [
        row[0] for row in metadata.execute("select run_id from dag_run where dag_id = %s order by id", [DAG]).fetchall()
    ][-3:]
    age(metadata, runs[:2])
    # As a stopped stack leaves it: a scheduled run that nobody has begun, and the row of a watcher, as old as its DAG.
    metadata.execute(
        "insert into trigger (classpath, kwargs, created_date) values ('watcher.of.stock', '{}', %s)", [LONG_AGO]
    )
    old, new = logs(airflow_home)

    clean_history(CUT)

    left = [row[0] for row in metadata.execute("select run_id from dag_run where dag_id = %s", [DAG]).fetchall()]
    assert runs[2] in left
    assert not {*runs[:2]} & {*left}
    for table in ("task_instance", "xcom"):
        found = {row[0] for row in metadata.execute(f"select distinct run_id from {table} where dag_id = '{DAG}'")}
        assert not {*runs[:2]} & found
    assert metadata.execute("select 1 from log where dttm < %s", [CUT]).fetchall() == []
    assert metadata.execute("select 1 from trigger where classpath = 'watcher.of.stock'").fetchall() == [(1,)]
    assert metadata.execute("select 1 from pg_tables where tablename like '\\_airflow\\_deleted%%'").fetchall() == []
    assert not old.exists()
    assert not old.parent.exists()
    assert new.exists()
    # The scheduler's side and the tasks' go on.
    assert set(run_dag(ROOT / "dags" / f"{DAG}.py").values()) == {"success"}


def age(metadata: psycopg.Connection, runs: list[str]) -> None:
    metadata.execute("update dag_run set start_date = %s where run_id = any(%s)", [LONG_AGO, runs])
    metadata.execute("update task_instance set start_date = %s where run_id = any(%s)", [LONG_AGO, runs])
    metadata.execute("update xcom set timestamp = %s where run_id = any(%s)", [LONG_AGO, runs])
    metadata.execute("insert into log (dttm, event, owner) values (%s, 'an old event', 'vera')", [LONG_AGO])


def logs(home: Path) -> tuple[Path, Path]:
    """A log file of long ago and one of now."""
    paths = tuple(home / "logs" / "dag_id=x" / f"run_id={name}" / "attempt=1.log" for name in ("old", "new"))
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text("a line\n")
    os.utime(paths[0], (LONG_AGO.timestamp(),) * 2)
    return paths[0], paths[1]


def test_a_folder_that_a_task_writes_into_at_this_moment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "dag_id=x" / "attempt=1.log"
    old.parent.mkdir()
    old.write_text("a line\n")
    os.utime(old, (LONG_AGO.timestamp(),) * 2)
    remove = Path.rmdir

    def write_first(folder: Path) -> None:
        (folder / "attempt=2.log").write_text("a line\n")
        remove(folder)

    monkeypatch.setattr(Path, "rmdir", write_first)
    assert _remove_files(tmp_path, CUT) == 1
    assert [path.name for path in old.parent.iterdir()] == ["attempt=2.log"]


def test_without_airflows_database_the_command_says_where_it_has_to_run(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environment |= {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/nothing",
        "PYTHONPATH": str(ROOT / "include"),
    }
    outcome = subprocess.run(
        [sys.executable, "-m", "restock.history"], env=environment, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 1
    assert "run it where the scheduler runs" in outcome.stderr
    environment["RESTOCK_HISTORY_DAYS"] = "0"
    outcome = subprocess.run(
        [sys.executable, "-m", "restock.history"], env=environment, capture_output=True, text=True, check=False
    )
    assert "RESTOCK_HISTORY_DAYS is '0'" in outcome.stderr
