"""A real Airflow for DAG tests: its own home and metadata database, set before anything imports airflow."""

import importlib
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.conftest import database_url

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def airflow_home(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of an Airflow that knows this project's DAGs; its metadata stands in a database of the session's own."""
    if "airflow" in sys.modules:
        raise RuntimeError("airflow was imported before its environment was set; import it inside the test instead.")
    home = tmp_path_factory.mktemp("airflow")
    name = f"airflow_test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=database_url(postgres_url, name).replace("://", "+psycopg2://"),
        AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__UNIT_TEST_MODE="False",
        AIRFLOW__CORE__FERNET_KEY="",
        AIRFLOW__API_AUTH__JWT_SECRET=secrets.token_hex(32),
        PYTHONPATH=str(ROOT / "include"),
    )
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    # The import hands every log line of this process to the standard output of its moment: that of a test which
    # captures output is closed with the test, and each later line, of whatever test, would be an error of logging.
    importlib.import_module("airflow.settings")
    yield home
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def run_dag(file: Path, **params: object) -> dict[str, str]:
    """Run a DAG whole in this process, with parameters; the state of each of its tasks, mapped ones together."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(str(file)).dags[file.stem]
    keep_loggers()
    # With a Deadline Alert `DAG.test` of Airflow 3.3.2 fails at the end of the run: it takes the alert for its row.
    dag.deadline = None
    for task in dag.tasks:
        # As often as ever, but at once: `DAG.test` sleeps out each wait.
        task.retry_delay = timedelta()
    run = dag.test(run_conf=params)
    return {instance.task_id: str(instance.state) for instance in run.get_task_instances()}


def keep_loggers() -> None:
    """Switch the loggers of this package on again.

    Airflow sets up logging when it is imported, and switches off every logger that was there before: a task of a real
    worker imports this package afterwards, a test has imported it already.
    """
    for name in logging.root.manager.loggerDict:
        if name.startswith("restock"):
            logging.getLogger(name).disabled = False
