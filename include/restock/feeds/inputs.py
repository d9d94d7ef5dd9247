"""What one run of restock_ingest loads: files, the inbox, sources, a replay; one input is the work of one task."""

import logging
from collections.abc import Callable
from typing import Any

import psycopg

from restock.feeds.inbox import find_inbox, load_inbox
from restock.feeds.landing import LandingFile, LandingPath, list_landing, plan_batches
from restock.feeds.ledger import find_unrecorded
from restock.feeds.load import load_files
from restock.feeds.replay import replay_rejects
from restock.feeds.source import list_sources, load_source, parse_source
from restock.warehouse import read_sql

log = logging.getLogger(__name__)


def find_inputs(
    connection: psycopg.Connection,
    landing: LandingPath,
    sources: str,
    replay_path: str | None,
    replay_reason: str | None,
) -> list[dict[str, object]]:
    """Find what there is to load.

    Args:
        connection: Warehouse.
        landing: The landing area.
        sources: The configured sources, as JSON; checked where they are loaded, so that a wrong one stops no other.
        replay_path: Path whose rejected rows are to be replayed.
        replay_reason: Reason code whose rejected rows are to be replayed.

    Returns:
        Inputs, each with a label for people and one of: `files` (LandingFile each), `inbox` (name of the feed),
        `source` (an entry of sources), `replay` (path and reason). Plain values, small between tasks.

    Raises:
        LandingMissingError: The landing area is not there.
    """
    listing = list_landing(landing)
    if listing.unknown_folders:
        log.warning("These folders belong to no feed and are left alone: %s", ", ".join(listing.unknown_folders))
    new = find_unrecorded(connection, listing.files)
    batches = plan_batches(new)
    log.info(
        "%s files lie there, %s are new, %s of them are loaded now.",
        len(listing.files),
        len(new),
        sum(map(len, batches)),
    )
    inputs: list[dict[str, object]] = [
        {
            "label": f"{batch[0].path} and {len(batch) - 1} more" if len(batch) > 1 else batch[0].path,
            "files": [list(file) for file in batch],
        }
        for batch in batches
    ]
    inputs += [{"label": f"inbox of {feed}", "inbox": feed} for feed in find_inbox(connection)]
    if not inputs:
        # A warehouse that was restored is settled only then.
        connection.execute(read_sql("backup/mark_loaded.sql"))
    for entry in list_sources(sources):
        name = entry.get("name") or entry.get("table") if isinstance(entry, dict) else entry
        inputs.append({"label": f"source {str(name)[:100]}", "source": entry})
    if replay_path or replay_reason:
        wanted = [word for word in (replay_path, replay_reason) if word]
        inputs.append({"label": f"replay of {', '.join(wanted)}", "replay": [replay_path, replay_reason]})
    return inputs


def load_input(
    find_url: Callable[[str], str], open_landing: Callable[[], LandingPath], inputs: dict[str, Any], run_id: str
) -> None:
    """Load one of the inputs that `find_inputs` found.

    Args:
        find_url: Gives the URL of the database that an Airflow connection names.
        open_landing: Gives the landing area.
        inputs: The input.
        run_id: The DAG run.

    Raises:
        WrongSourceError: A source is configured wrongly.
        SourceError: A source cannot be read.
        LoadError: A fault of the machine kept some of it from the warehouse; the rest is in.
        WarehouseUnreachableError: The warehouse cannot be reached.
    """
    warehouse_url = find_url("restock_warehouse")
    if files := inputs.get("files"):
        load_files(warehouse_url, open_landing(), [LandingFile(*file) for file in files], run_id)
    elif feed := inputs.get("inbox"):
        load_inbox(warehouse_url, feed, run_id)
    elif "source" in inputs:
        source = parse_source(inputs["source"])
        load_source(warehouse_url, find_url(source.connection), source, run_id)
    else:
        replay_rejects(warehouse_url, run_id, *inputs["replay"])
