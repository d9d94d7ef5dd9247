"""What a changed policy would do: `python -m restock.preview --set quiet_hours=22:00-07:00`. Writes nothing."""

import argparse
import json
import os
import sys
from datetime import UTC, datetime, timedelta

from restock.preview import HORIZON, PreviewResult, WrongChangeError, parse_change, preview
from restock.preview.replay import Replay, replay
from restock.preview.text import render, render_replay
from restock.warehouse import WarehouseUnreachableError, connect


def moment(text: str) -> datetime:
    """A moment as given on the command line; UTC where it has no offset."""
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m restock.preview", description=__doc__)
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="NAME=VALUE", help="a changed setting; repeatable"
    )
    parser.add_argument("--at", type=moment, help="moment of the next run, or end of the past stretch; default: now")
    parser.add_argument(
        "--since", type=moment, help="try the change on what happened since then, such as 2026-06-01T00:00"
    )
    parser.add_argument(
        "--hours", type=float, default=HORIZON / timedelta(hours=1), help="how far to look ahead; default: %(default)g"
    )
    parser.add_argument(
        "--replay",
        action="store_true",
        help="with --since: make the decisions of that time again under the policy of that time",
    )
    parser.add_argument("--channels", help="channels that messages can leave on, with commas; default: all")
    parser.add_argument("--ids", action="store_true", help="name the requests that fare otherwise")
    parser.add_argument("--json", action="store_true", help="JSON for machines")
    given = parser.parse_args(arguments)
    if given.replay and (given.since is None or given.changes):
        parser.error("--replay needs --since, and takes no --set: it goes by the policy of that time")
    return given


def run(given: argparse.Namespace, url: str) -> PreviewResult | Replay:
    """The preview, or replay, that the command line asks for."""
    until = given.at or datetime.now(UTC)
    with connect(url, application="restock preview") as connection:
        if given.replay:
            return replay(connection, given.since, until)
        return preview(
            connection,
            dict(parse_change(change) for change in given.changes),
            until,
            timedelta(hours=given.hours),
            since=given.since,
            channels=set(given.channels.split(",")) if given.channels else None,
            with_ids=given.ids,
        )


def main() -> None:
    """Print the preview; exit with one sentence where something is wrong."""
    given = parse_arguments()
    url = os.environ.get("RESTOCK_WAREHOUSE_URL")
    if not url:
        sys.exit("RESTOCK_WAREHOUSE_URL is not set: give it the URL of the warehouse (`. .local/env` sets it).")
    try:
        result = run(given, url)
    except (WrongChangeError, LookupError, WarehouseUnreachableError) as error:
        sys.exit(str(error))
    if given.json:
        print(json.dumps(result.as_json(), indent=2))
    else:
        print(render_replay(result) if isinstance(result, Replay) else render(result))
    if isinstance(result, Replay) and result.deviations:
        sys.exit(1)


if __name__ == "__main__":
    main()
