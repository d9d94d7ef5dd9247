"""A report of a period as one HTML file: `python -m restock.report --from 2026-06-01 --to 2026-06-07`."""

import argparse
import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg

from restock.report import Period, read_figures, render
from restock.warehouse import WarehouseUnreachableError, connect

DEFAULT_DAYS = 7


def parse_arguments(today: date, arguments: list[str] | None = None) -> tuple[Period, Path]:
    """Read the command line: the period and the file to write."""
    parser = argparse.ArgumentParser(prog="python -m restock.report", description=__doc__)
    parser.add_argument(
        "--from",
        dest="first_day",
        type=date.fromisoformat,
        metavar="DAY",
        help=f"first day (UTC), such as 2026-06-01; default: the {DEFAULT_DAYS} days that end with --to",
    )
    parser.add_argument(
        "--to", dest="last_day", type=date.fromisoformat, metavar="DAY", help="last day (UTC); default: today"
    )
    parser.add_argument("--output", type=Path, default=Path("report.html"), metavar="FILE", help="default: %(default)s")
    given = parser.parse_args(arguments)
    last_day = given.last_day or today
    try:
        period = Period(given.first_day or last_day - timedelta(days=DEFAULT_DAYS - 1), last_day)
    except ValueError as error:
        parser.error(str(error))
    return period, given.output


def main() -> None:
    """Write the report; exit with one sentence where something is wrong."""
    clock = datetime.now(UTC)
    period, output = parse_arguments(clock.date())
    url = os.environ.get("RESTOCK_WAREHOUSE_URL")
    if not url:
        sys.exit("RESTOCK_WAREHOUSE_URL is not set: give it the URL of the warehouse (`. .local/env` sets it).")
    try:
        with connect(url, application="restock report") as connection:
            figures = read_figures(connection, period)
    except WarehouseUnreachableError as error:
        sys.exit(str(error))
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        sys.exit(
            "The warehouse is not of this version: make up, or python -m restock.warehouse.migrate, brings it up to "
            f"date ({error.diag.message_primary})."
        )
    except psycopg.errors.InsufficientPrivilege as error:
        sys.exit(f"The role may not read schema mart ({error.diag.message_primary}): grant restock_analyst to it.")
    try:
        output.write_text(render(period, figures, clock), encoding="utf-8")
    except OSError as error:
        sys.exit(f"The report cannot be written to {output} ({error.strerror}): choose another file with --output.")
    print(f"Wrote the report of {period.first_day} to {period.last_day} to {output.absolute()}")


if __name__ == "__main__":
    main()
