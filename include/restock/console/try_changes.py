"""What changed settings would do, worked out in a process of its own: `python -m restock.console.try_changes`.

A preview over many requests takes seconds of one core and much memory. In the API server it would hold up the tasks,
which report there; a process can also be ended when it takes too long. It reads {"changes": …, "channels": …} and
writes what `shape` returns, or {"problem": sentence}.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from restock.policy import as_texts
from restock.preview import PreviewResult, WrongChangeError, preview
from restock.preview.result import TOLD, Side
from restock.warehouse import connect

SECONDS = 120
STATEMENT_SECONDS = 60
MOST_HOURS = 7 * 24
MOST_SELL_OUTS = 8
_HOUR = timedelta(hours=1)


class PreviewFailedError(RuntimeError):
    """There is no preview; the message says why."""


def run(warehouse_url: str, changes: Mapping[str, object], channels: Iterable[str]) -> dict[str, Any]:
    """Preview changed settings in another process.

    Args:
        warehouse_url: Warehouse.
        changes: New values by setting.
        channels: The channels that messages can leave on.

    Returns:
        As `shape`.

    Raises:
        PreviewFailedError: It took too long, or ended with an error.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "restock.console.try_changes"],
            input=json.dumps({"changes": changes, "channels": sorted(channels)}),
            env=os.environ | {"RESTOCK_WAREHOUSE_URL": warehouse_url, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PreviewFailedError(
            f"The preview took longer than {SECONDS} seconds and was ended. Nothing was changed; try fewer changes, or "
            "python -m restock.preview on the command line."
        ) from error
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise PreviewFailedError(f"The preview ended with an error: {last[0]}. Nothing was changed.")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "problem" in answer:
        raise PreviewFailedError(answer["problem"])
    return answer


def shape(result: PreviewResult) -> dict[str, Any]:
    """A preview as the page shows it.

    Returns:
        changed (texts in force and new, by setting); since; in_force and proposed, each with told, shoppers, messages,
        waves, largest_wave, episodes, held_episodes, last_at, not_told (requests by rule), sell_out_count and the first
        of the sell_outs; difference (as restock.preview.result.Difference); curve: hours, and for both sides the
        requests answered in each; later: those after the last hour; unsent_messages; notes.
    """
    plain = result.as_json()
    hours, curve, later = _curves([result.in_force, result.proposed])
    texts = {name: [as_texts({name: value})[name] for value in values] for name, values in result.changed.items()}
    return {
        "changed": texts,
        "since": plain["since"],
        "in_force": _side(plain["in_force"]),
        "proposed": _side(plain["proposed"]),
        "difference": {name: value for name, value in asdict(result.difference).items() if name != "request_ids"},
        "curve": {"hours": hours, "in_force": curve[0], "proposed": curve[1]},
        "later": later,
        "unsent_messages": result.unsent_messages,
        "notes": result.notes,
    }


def _side(side: dict[str, Any]) -> dict[str, Any]:
    requests, sell_outs = dict(side.pop("requests")), side.pop("sell_outs")
    del side["curve"]
    return side | {
        "told": requests.pop(TOLD, 0),
        "not_told": requests,
        "sell_out_count": len(sell_outs),
        "sell_outs": sell_outs[:MOST_SELL_OUTS],
    }


def _curves(sides: list[Side]) -> tuple[list[str], list[list[int]], list[int]]:
    """Every hour from the first to the last, the requests of each side in it, and those of hours beyond the page."""
    counts: list[Counter[datetime]] = []
    for side in sides:
        count: Counter[datetime] = Counter()
        for point in side.curve:
            count[point.hour] += point.requests
        counts.append(count)
    known = sorted({hour for count in counts for hour in count})
    if not known:
        return [], [[] for _ in sides], [0 for _ in sides]
    length = min((known[-1] - known[0]) // _HOUR + 1, MOST_HOURS)
    hours = [known[0] + number * _HOUR for number in range(length)]
    curves = [[count[hour] for hour in hours] for count in counts]
    later = [sum(count.values()) - sum(curve) for count, curve in zip(counts, curves, strict=True)]
    return [hour.isoformat() for hour in hours], curves, later


def main() -> None:
    """Answer one question."""
    asked = json.load(sys.stdin)
    with connect(os.environ["RESTOCK_WAREHOUSE_URL"], application="restock preview") as connection:
        connection.execute(f"set statement_timeout = '{STATEMENT_SECONDS}s'")
        try:
            answer = shape(preview(connection, asked["changes"], datetime.now(UTC), channels=set(asked["channels"])))
        except WrongChangeError as error:
            answer = {"problem": str(error)}
        except psycopg.errors.QueryCanceled:
            answer = {"problem": f"The warehouse took longer than {STATEMENT_SECONDS} seconds, so there is no preview."}
        except psycopg.Error as error:
            answer = {"problem": f"No preview: the warehouse answered with {error.diag.message_primary or error}."}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
