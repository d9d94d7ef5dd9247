"""Airflow's part of the stack: its processes, its metadata and its health."""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version

import httpx
import psycopg

from restock.local import process
from restock.local.airflow_api import AirflowApi
from restock.local.environment import ADMIN, SEND_POOL, password_file
from restock.local.state import Secrets, StackError, State, write_private

# Tasks write their logs to files that the API server reads, so nobody need serve them.
PROCESSES: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
# What Airflow calls the jobs of those that beat.
_JOBS = {"scheduler": "SchedulerJob", "dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}
_MIGRATION = "airflow-db-migrate"
# A busy machine answers late, which is not to be down.
_ANSWER_SECONDS = 20
# As many senders at once, each with the connections of its channel.
SEND_SLOTS = "4"


def write_password(state: State, secrets: Secrets) -> None:
    """Tell Airflow's simple auth manager the password of the administrator."""
    write_private(password_file(state), json.dumps({ADMIN: secrets.admin_password}))


def migrate_metadata(state: State, metadata_url: str, environment: Mapping[str, str]) -> None:
    """Bring Airflow's own database to the structure of the installed version, and make the pool of the senders there.

    The commands take seconds even with nothing to do, so what they left is remembered.

    Raises:
        StackError: A command failed; the message has the end of its log.
    """
    note = state.airflow_home / "migrated.json"
    reached = [version("apache-airflow"), _revision(metadata_url), SEND_POOL]
    if reached[1] is not None and note.exists() and json.loads(note.read_text(encoding="utf-8")) == reached:
        return
    _run(state, ("db", "migrate"), environment)
    _run(state, ("pools", "set", SEND_POOL, SEND_SLOTS, "Senders of restock_notify"), environment)
    write_private(note, json.dumps([reached[0], _revision(metadata_url), SEND_POOL]))


def _run(state: State, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
    if process.start(state, _MIGRATION, ["-m", "airflow", *command], environment).wait() != 0:
        log = process.log_path(state, _MIGRATION)
        raise StackError(f"`airflow {' '.join(command)}` failed. The end of {log}:\n{process.last_lines(log)}")


def start(state: State, environment: Mapping[str, str]) -> None:
    """Start those of Airflow's processes that do not run."""
    for name, command in PROCESSES.items():
        if not process.is_running(state, name):
            process.start(state, name, ["-m", "airflow", *command], environment)


def unhealthy_parts(url: str, since: datetime) -> list[str]:
    """Which of Airflow's parts (names as in PROCESSES) have not shown a sign of life since a moment.

    Args:
        url: URL of the API server.
        since: With time zone. Earlier signs may come from processes that are gone.
    """
    try:
        answer = httpx.get(f"{url}/api/v2/monitor/health", timeout=_ANSWER_SECONDS, trust_env=False)
        health = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return list(PROCESSES)
    missing = []
    for name in list(PROCESSES)[1:]:
        part = name.replace("-", "_")
        beat = health[part][f"latest_{part}_heartbeat"]
        if health[part]["status"] != "healthy" or beat is None or datetime.fromisoformat(beat) < since:
            missing.append(name)
    return missing


def idle_parts(api: AirflowApi, since: datetime) -> list[str]:
    """Which of Airflow's parts that beat (names as in PROCESSES) have not begun to work since a moment.

    The first beat of a job comes with its birth, before it imports what it needs. On a busy machine that beat is
    too old to count as healthy by the time the next one comes.

    Args:
        api: Of the API server.
        since: With time zone.

    Raises:
        StackError: The API does not answer.
    """
    jobs = api.get("/api/v2/jobs?job_state=running&order_by=-latest_heartbeat")["jobs"]
    at_work = {
        job["job_type"]
        for job in jobs
        if max(since, datetime.fromisoformat(job["start_date"])) < datetime.fromisoformat(job["latest_heartbeat"])
    }
    return [name for name, job_type in _JOBS.items() if job_type not in at_work]


def _revision(metadata_url: str) -> str | None:
    with psycopg.connect(metadata_url) as connection:
        known = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
        if known != (True,):
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
        return row[0] if row else None
