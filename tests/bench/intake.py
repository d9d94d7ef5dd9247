"""The intake service at 200 requests a second beside bare inserts of the same rows, by as many connections, as often.

What is measured is how long an answer takes, from the moment that the request was due to be sent. What was accepted has
to be in the inbox, and then loaded or rejected.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from restock.feeds.inbox import load_inbox
from restock.warehouse import connect
from tests.bench.common import Measurement, scratch_warehouse
from tests.bench.intake_client import RATE
from tests.intake import intake_service

SECONDS = 10
LONG_SECONDS = 60


class Answers(NamedTuple):
    """What a client saw: seconds that each answer took, and how many were of which status."""

    seconds: Sequence[float]
    statuses: dict[str, int]


def measure(folder: Path, seconds: float = SECONDS) -> list[Measurement]:
    """p50 and p99 of the answers."""
    with scratch_warehouse(folder) as url:
        with connect(url) as warehouse:
            warehouse.execute("create table bare (like restock.inbox including all)")
        with intake_service(url, folder) as service:
            answers = _run_client(service.url, service.keys["shop"], seconds)
        limit = _run_client(url, "-", seconds)
        _require_nothing_lost(url, answers)
    step = f"the same inserts, {RATE} a second"
    return [
        Measurement(f"intake, {name}", len(answers.seconds), of(answers.seconds), step, of(limit.seconds))
        for name, of in (("p50", partial(_percentile, 50)), ("p99", partial(_percentile, 99)))
    ]


def _run_client(url: str, key: str, seconds: float) -> Answers:
    command = [sys.executable, "-m", "tests.bench.intake_client", url, key, str(seconds)]
    outcome = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 60)
    return Answers(**json.loads(outcome.stdout))


def _percentile(number: int, values: Sequence[float]) -> float:
    return quantiles(values, n=100)[number - 1]


def _require_nothing_lost(url: str, answers: Answers) -> None:
    """Accepted = in the inbox = loaded, rejected with a reason, or known before."""
    if set(answers.statuses) != {"202"}:
        raise RuntimeError(f"The service did not accept everything: {answers.statuses}.")
    load_inbox(url, "requests", "bench")
    with connect(url) as warehouse:
        row = warehouse.execute(
            "select count(*) filter (where found > 0), count(*), sum(found) from ("
            "select i.line::json ->> 'request_id' as id, (select count(*) from restock.request as r"
            " where r.request_id = i.line::json ->> 'request_id') + (select count(*) from restock.joined_request as j"
            " where j.request_id = i.line::json ->> 'request_id') + (select count(*) from restock.rejected_row as x"
            " where x.raw_text = i.line) as found from restock.inbox as i) as f"
        ).fetchone()
    warm = int(0.5 * RATE)
    # The requests that warm up come again.
    expected = (len(answers.seconds) + warm, len(answers.seconds) + warm, len(answers.seconds) + warm)
    if row != expected:
        raise RuntimeError(f"Of the accepted requests (found, in the inbox, loaded) = {row}, expected {expected}.")
