"""Watching over the pipeline, from outside Airflow: `python -m restock.watch health`.

It needs RESTOCK_WAREHOUSE_URL. Alerts go to the Airflow connection restock_alerts, which stands here in the environment
variable AIRFLOW_CONN_RESTOCK_ALERTS.
"""

import argparse
import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from restock.warehouse import WarehouseUnreachableError, connect
from restock.watch.catalogue import ALERTS, UNREACHABLE, WrongLimitError
from restock.watch.deliver import AlertConnection, DeliveryError, deliver
from restock.watch.health import Health, Part, read_health, render_health
from restock.watch.service import look_once, run_service
from restock.watch.text import write_trial


def main() -> None:
    """Do as the command says; health ends with status 1 where somebody has to act."""
    parser = argparse.ArgumentParser(prog="python -m restock.watch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    health = commands.add_parser("health", help="show how the pipeline is; status 1 where somebody has to act")
    health.add_argument("--json", action="store_true", help="for machines")
    commands.add_parser("look", help="look at the conditions of the alerts once, and send what is new")
    run = commands.add_parser("run", help="look every half minute until it is ended: the watch service")
    run.add_argument("--beat-file", type=Path, help="a file to touch after each look, for a health check")
    commands.add_parser("test", help="send a trial notice, to see that alerts arrive")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    try:
        if arguments.command == "test":
            deliver(AlertConnection.from_environment, write_trial(datetime.now(UTC)))
            print("The trial notice was taken.")
            return
        _require_limits()
        url = os.environ.get("RESTOCK_WAREHOUSE_URL")
        if not url:
            sys.exit("RESTOCK_WAREHOUSE_URL is not set: give it the URL of the warehouse (`. .local/env` sets it).")
        if arguments.command == "health":
            _show_health(url, as_json=arguments.json)
        elif arguments.command == "look":
            look_once(url, AlertConnection.from_environment, "command look")
        else:
            run_service(url, AlertConnection.from_environment, arguments.beat_file)
    except (DeliveryError, WrongLimitError) as error:
        sys.exit(str(error))


def _require_limits() -> None:
    for alert in ALERTS:
        alert.binds()


def _show_health(url: str, *, as_json: bool) -> None:
    clock = datetime.now(UTC)
    try:
        with connect(url, application="restock health") as connection:
            found = read_health(connection, clock, can_tell=AlertConnection.from_environment() is not None)
    except WarehouseUnreachableError as error:
        found = Health(clock, [Part("warehouse", "bad", f"{error} See docs/runbooks/{UNREACHABLE}.md.")], [])
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        sys.exit(
            "The warehouse is not of this version: make up, or python -m restock.warehouse.migrate, brings it up to "
            f"date ({error.diag.message_primary})."
        )
    print(json.dumps(found.as_json(), indent=2) if as_json else render_health(found))
    sys.exit(0 if found.is_well else 1)


if __name__ == "__main__":
    main()
