"""Removes Airflow's own old history: rows of its metadata and the log files of its tasks. `python -m restock.history`

Where it runs it needs Airflow's settings and its database, which tasks do not have in Airflow 3: so it is a process of
its own, once a day (`--daily`), or a job of cron or Kubernetes.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from logging import INFO, basicConfig, getLogger
from pathlib import Path

log = getLogger(__name__)

KEEP_DAYS = "RESTOCK_HISTORY_DAYS"
_DEFAULT_DAYS = "30"
_BATCH_ROWS = "10000"
# The schedulers have to come up first.
_FIRST_AFTER = timedelta(minutes=10)
_EVERY = timedelta(days=1)

# What grows. Not `trigger`: the row of a watcher that lives is as old as its DAG, and without it stock would not start
# a run any more; Airflow itself removes those that nobody uses. Not `dag`: a DAG whose file is gone keeps its history.
TABLES = (
    "asset_event",
    "callback",
    "celery_taskmeta",
    "celery_tasksetmeta",
    "dag_run",
    "dag_version",
    "deadline",
    "import_error",
    "job",
    "log",
    "revoked_token",
    "session",
    "task_instance",
    "task_instance_history",
    "task_reschedule",
    "xcom",
)


class HistoryError(RuntimeError):
    """The history could not be cleaned; the message says why and what to do."""


def clean_history(before: datetime) -> None:
    """Remove what is older than a moment; the newest run of each DAG stays, by which the scheduler counts on.

    Args:
        before: With time zone.

    Raises:
        HistoryError: Airflow could not do it, or log files are not ours to remove; the next time goes on.
    """
    # Left by one that was killed between copying and removing.
    _run_airflow("db", "drop-archived", "--yes")
    options = ("--skip-archive", "--yes", "--error-on-cleanup-failure", "--batch-size", _BATCH_ROWS)
    _run_airflow("db", "clean", "--clean-before-timestamp", before.isoformat(), "--tables", ",".join(TABLES), *options)
    try:
        files = sum(_remove_files(folder, before) for folder in _log_folders())
    except OSError as error:
        raise HistoryError(
            f"Old log files cannot be removed ({error}): run this as the user whose tasks wrote them."
        ) from error
    log.info("Airflow's history before %s is removed; %s log files were.", f"{before:%Y-%m-%d %H:%M} UTC", f"{files:,}")


def _run_airflow(*arguments: str) -> str:
    outcome = subprocess.run(
        [sys.executable, "-m", "airflow", *arguments],
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if outcome.returncode != 0:
        said = (outcome.stderr.strip() or outcome.stdout.strip()).splitlines()[-3:]
        raise HistoryError(
            f"`airflow {' '.join(arguments[:2])}` failed: {' '.join(said)}. It needs Airflow's settings and its "
            "database: run it where the scheduler runs."
        )
    return outcome.stdout


def _log_folders() -> Iterator[Path]:
    options = (("logging", "base_log_folder"), ("logging", "dag_processor_child_process_log_directory"))
    for section, option in options:
        # Warnings may stand before the value.
        lines = _run_airflow("config", "get-value", section, option).strip().splitlines()
        if lines and Path(lines[-1]).is_dir():
            yield Path(lines[-1])


def _remove_files(folder: Path, before: datetime) -> int:
    """Remove the files that nobody wrote to since, and the folders that this empties. Returns how many files."""
    removed = 0
    emptied: set[Path] = set()
    for parent, _, names in os.walk(folder, topdown=False):
        path = Path(parent)
        old = [name for name in names if _is_older(path / name, before)]
        for name in old:
            (path / name).unlink(missing_ok=True)
        removed += len(old)
        # Others may be empty because a task is about to write its first line. Such a task keeps this one, too.
        if (old or path in emptied) and path != folder:
            with suppress(OSError):
                path.rmdir()
                emptied.add(path.parent)
    return removed


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.lstat().st_mtime < before.timestamp()
    except FileNotFoundError:
        # Airflow itself, or another cleaner, was quicker.
        return False


def main() -> int:
    """Clean once, or every day. Exit status 0 when it did."""
    parser = argparse.ArgumentParser(prog="python -m restock.history", description=__doc__)
    parser.add_argument("--daily", action="store_true", help="go on for ever, once a day")
    daily = parser.parse_args().daily
    basicConfig(level=INFO, format="%(asctime)s %(message)s")
    try:
        days = _keep_days()
        if not daily:
            clean_history(datetime.now(UTC) - timedelta(days=days))
            return 0
    except HistoryError as error:
        print(error, file=sys.stderr)
        return 1
    time.sleep(_FIRST_AFTER.total_seconds())
    while True:
        try:
            clean_history(datetime.now(UTC) - timedelta(days=days))
        except HistoryError as error:
            log.error("%s It is tried again tomorrow.", error)
        time.sleep(_EVERY.total_seconds())


def _keep_days() -> int:
    text = os.environ.get(KEEP_DAYS) or _DEFAULT_DAYS
    if not text.isdecimal() or int(text) < 1:
        raise HistoryError(f"{KEEP_DAYS} is {text!r}: it must be a number of days, 1 or more.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
