"""From the accepted stock message to the mail server's acceptance of the first e-mail, on an idle embedded stack.

Messages go in one after the other, each about a product of its own that one shopper waits for. Where the time goes is
read from the warehouse and from Airflow's own tables; all clocks are this machine's.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.rows import namedtuple_row

from restock.local.environment import read_env_file
from restock.local.ports import Ports
from restock.local.postgres import EmbeddedPostgres
from restock.local.state import CHECKOUT, State
from restock.warehouse import connect
from tests.bench.common import Measurement
from tests.conftest import free_port

MESSAGES = 20
# So that messages do not come in step with the runs of the minute, or with Airflow's own loops.
PAUSES = random.Random(1)
GOAL_SECONDS = 10.0
PATIENCE_SECONDS = 180
SQL = Path(__file__).parent


def measure(folder: Path, messages: int = MESSAGES) -> list[Measurement]:
    """Start a stack in the folder, send the messages, end the stack. A row for the whole way and for each step."""
    with _stack(State(folder / "stack")) as (state, settings):
        stack = _Stack(state, settings)
        stack.land_requests(messages)
        ways = [stack.follow(product) for product in _products(messages)]
    totals = sorted(sum(way.values()) for way in ways)
    rows = [
        Measurement("latency: half", messages, statistics.median(totals), "the goal", GOAL_SECONDS),
        Measurement("latency: 95 of 100", messages, _percentile(totals, 95), "the goal for half", GOAL_SECONDS),
    ]
    for step in dict.fromkeys(step for way in ways for step in way):
        seconds = [way.get(step, 0.0) for way in ways]
        limit = f"the whole way (half: {statistics.median(seconds):.2f} s, 95: {_percentile(seconds, 95):.2f} s)"
        rows.append(Measurement(step, messages, statistics.fmean(seconds), limit, statistics.fmean(totals)))
    return rows


class _Stack:
    """A running stack, and what the benchmark asks of it."""

    def __init__(self, state: State, settings: Mapping[str, str]) -> None:
        self._warehouse_url = settings["RESTOCK_WAREHOUSE_URL"]
        self._airflow_url = settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
        self._landing = state.landing
        self._intake = httpx.Client(
            base_url=settings["RESTOCK_INTAKE_URL"],
            headers={"Authorization": f"Bearer {state.secrets().operator_key}"},
            timeout=30,
            trust_env=False,
        )

    def land_requests(self, count: int) -> None:
        """One shopper waits for each product; wait until the warehouse knows them, and nothing runs any more."""
        asked_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        requests = [
            {
                "request_id": f"ask-{product}",
                "user_id": f"shopper-{product}",
                "product_id": product,
                "requested_at": asked_at,
                "contact": f"{product}@example.com",
                "channel": "email",
            }
            for product in _products(count)
        ]
        products = [{"product_id": product, "name": f"Product {product}"} for product in _products(count)]
        for feed, rows in {"requests": requests, "products": products}.items():
            (self._landing / feed).mkdir(parents=True, exist_ok=True)
            part = self._landing / feed / ".bench.part"
            part.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            part.rename(part.with_name("bench.jsonl"))
        self._wait_for("select 1 from restock.request having count(*) = %(count)s", {"count": count})
        self._wait_until_idle()

    def follow(self, product: str) -> dict[str, float]:
        """Say that a product is back; seconds of each step until the mail server has its mail."""
        self._wait_until_idle()
        time.sleep(PAUSES.uniform(1, 4))
        item = {"product_id": product, "available_quantity": 5, "snapshot_at": datetime.now(UTC).isoformat()}
        self._intake.post("/v1/stock", json={"items": [item]}).raise_for_status()
        answered_at = datetime.now(UTC)
        way = self._wait_for((SQL / "path_of_message.sql").read_text(encoding="utf-8"), {"product_id": product})
        with psycopg.connect(self._airflow_url, row_factory=namedtuple_row) as airflow:
            runs = airflow.execute(
                (SQL / "path_of_runs.sql").read_text(encoding="utf-8").encode(),
                {"run_ids": [way.ingest_run, way.notify_run]},
            ).fetchall()
        return _steps(answered_at, runs, way)

    def _wait_for(self, query: str, binds: Mapping[str, object]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        with connect(self._warehouse_url) as warehouse, warehouse.cursor(row_factory=namedtuple_row) as cursor:
            while (row := cursor.execute(query.encode(), binds).fetchone()) is None:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"Nothing came within {PATIENCE_SECONDS} s of {dict(binds)}.")
                time.sleep(0.25)
            return row

    def _wait_until_idle(self) -> None:
        with psycopg.connect(self._airflow_url, autocommit=True) as airflow:
            while airflow.execute("select 1 from dag_run where state in ('queued', 'running') limit 1").fetchone():
                time.sleep(0.25)


def _steps(answered_at: datetime, runs: list[Any], way: Any) -> dict[str, float]:
    """Seconds from each moment of the way to the one before it, by what they were spent on."""
    moments: list[tuple[str, datetime]] = []
    for run in runs:
        if run.started_at >= way.accepted_at:
            continue
        if run.task_id is None:
            moments.append((f"{run.dag_id} run", run.started_at))
        else:
            moments.append((f"{run.task_id} queued", run.queued_at))
            moments.append((f"{run.task_id} starts", run.started_at))
            moments.append((run.task_id, min(run.ended_at or way.accepted_at, way.accepted_at)))
    steps: dict[str, float] = {}
    before = answered_at
    for step, moment in sorted(moments, key=lambda each: each[1]):
        steps[step] = steps.get(step, 0.0) + (max(moment, before) - before).total_seconds()
        before = max(moment, before)
    return steps


def _products(count: int) -> list[str]:
    return [f"p{number}" for number in range(count)]


def _percentile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]


@contextmanager
def _stack(state: State) -> Iterator[tuple[State, Mapping[str, str]]]:
    """A stack of its own on free ports; nothing of it is left afterwards."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RESTOCK", "AIRFLOW"))}
    # Shoppers who sleep would wait until morning.
    own = {"RESTOCK_STATE_DIR": str(state.root), "PYTHONPATH": "include", "AIRFLOW_VAR_RESTOCK_QUIET_HOURS": ""}
    # The usual ports are left to the stack of this checkout.
    own |= {f"RESTOCK_{field.name.upper()}_PORT": str(free_port()) for field in fields(Ports)}

    def restock(command: str, *, check: bool) -> None:
        arguments = [sys.executable, "-m", "restock.local", command]
        subprocess.run(arguments, cwd=CHECKOUT, env=inherited | own, check=check, stdout=sys.stderr)

    try:
        restock("up", check=True)
        yield state, read_env_file(state.env)
    finally:
        restock("down", check=False)
        # As root its data lies outside the folder.
        EmbeddedPostgres(state.postgres, 0, "").remove()
        shutil.rmtree(state.root, ignore_errors=True)
