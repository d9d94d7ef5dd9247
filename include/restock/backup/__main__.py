"""Backup and restore of the warehouse: `python -m restock.backup create|verify|restore|mark|settle|sent|settings`."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from restock.backup.create import create_backup
from restock.backup.manifest import read_manifest
from restock.backup.restore import mark_restored, restore_backup, verify_backup
from restock.backup.sent import write_sent
from restock.backup.settle import is_loaded, read_sent, settle
from restock.policy import VARIABLE_PREFIX, as_texts
from restock.warehouse import connect
from restock.warehouse.connection import OWNER_URL, find_owner_url

_JOBS = 2
# In the environment, because everybody on the machine may read the arguments of a command.
SERVER_URL = "RESTOCK_SERVER_URL"


def main() -> int:
    """Run one command. Exit status 0 when it did what it says."""
    arguments = _parser().parse_args()
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
    except psycopg.Error as error:
        print(f"PostgreSQL refused: {' '.join(str(error).split())}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m restock.backup", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    create = commands.add_parser("create", help="write a backup into a new folder, while everything goes on")
    create.set_defaults(run=_create)
    verify = commands.add_parser("verify", help="restore a backup for a trial, and drop what was made")
    verify.set_defaults(run=_verify)
    restore = commands.add_parser("restore", help="restore a backup into a database that is not there yet")
    restore.set_defaults(run=_restore)
    restore.add_argument("--database", help="name of the database (default: as it was)")
    settings = commands.add_parser("settings", help="the settings in a backup, for `airflow variables import`")
    settings.set_defaults(run=_settings)
    for each in (create, verify, restore, settings):
        each.add_argument("folder", type=Path, help="folder of the backup")
    for each in (create, verify, restore):
        each.add_argument("--jobs", type=int, default=_JOBS, help=f"connections side by side (default: {_JOBS})")

    mark = commands.add_parser(
        "mark", help="stop planning and sending: the warehouse was recovered to an earlier moment"
    )
    mark.set_defaults(run=_mark)
    mark.add_argument("--since", required=True, type=_moment, help="the moment that it shows, with offset")

    settle_ = commands.add_parser("settle", help="say what left after the backup; planning and sending then go on")
    settle_.set_defaults(run=_settle)
    settle_.add_argument(
        "--sent",
        type=Path,
        action="append",
        help="list of what left: CSV with message_id, recipient or request_id; may be given several times",
    )
    settle_.add_argument(
        "--unknown",
        required=True,
        choices=["drop", "resend"],
        help="requests that may have been answered: end them, or let them be answered, perhaps twice",
    )
    settle_.add_argument("--by", default=getpass.getuser(), help="who says so (default: who runs this)")
    settle_.add_argument("--dry-run", action="store_true", help="only count")
    settle_.add_argument(
        "--unloaded", action="store_true", help="although restock_ingest has not found that nothing is left to load"
    )

    sent = commands.add_parser("sent", help="write the list of what left since a moment, to be kept beside the backups")
    sent.set_defaults(run=_sent)
    sent.add_argument("file", type=Path, help="CSV to write")
    sent.add_argument("--since", required=True, type=_moment, help="moment with offset: backup_at")
    return parser


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no offset: write {text}+00:00 for UTC.")
    if moment > datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text} is still to come.")
    return moment


def _mark(arguments: argparse.Namespace) -> int:
    with connect(_warehouse(), application="restock mark") as warehouse:
        mark_restored(warehouse, arguments.since)
    print("Nothing is planned or sent any more, until `python -m restock.backup settle`.")
    return 0


def _create(arguments: argparse.Namespace) -> int:
    manifest = create_backup(_warehouse(), arguments.folder, arguments.jobs)
    rows = sum(manifest.row_counts.values())
    print(f"{arguments.folder} holds the warehouse as of {manifest.backup_at:%Y-%m-%d %H:%M:%S} UTC: {rows:,} rows.")
    print("It holds addresses and the key of erased names: keep it as closed as the warehouse itself.")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    manifest = verify_backup(arguments.folder, _server(), arguments.jobs)
    rows = sum(manifest.row_counts.values())
    print(f"{arguments.folder} is whole: all {rows:,} rows were restored for a trial, which is gone again.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    database = arguments.database or read_manifest(arguments.folder).database
    manifest = restore_backup(arguments.folder, _server(), database, arguments.jobs)
    print(f"{database} is restored as of {manifest.backup_at:%Y-%m-%d %H:%M:%S} UTC. Nothing leaves it yet:")
    print("  1. Let restock_ingest run until it finds nothing to load: files that landed since are loaded again.")
    print("  2. python -m restock.backup settle --sent LIST --unknown drop   (docs/backup.md says what LIST is)")
    logins = [role.role_name for role in manifest.roles if role.can_login]
    print(f"Logins that were missing have no password yet: alter role … password. It needs {', '.join(logins)}.")
    return 0


def _settle(arguments: argparse.Namespace) -> int:
    sent = None if arguments.sent is None else [message for path in arguments.sent for message in read_sent(path)]
    how = {"dry_run": arguments.dry_run, "unloaded": arguments.unloaded}
    with connect(_warehouse(), application="restock settle") as warehouse:
        found = settle(warehouse, sent, arguments.unknown, arguments.by, **how)
        loaded = is_loaded(warehouse)
    print(f"{found.listed:,} messages on the list; {found.sent:,} of them waited in the backup and are sent.")
    print(f"{found.told:,} open requests are on the list as answered, and end.")
    what = "end" if arguments.unknown == "drop" else "may be answered again"
    print(f"{found.doubtful:,} open requests may have been answered, and {what}.")
    if found.missing:
        print(f"{found.missing:,} requests on the list are not in the warehouse: would restock_ingest load them still?")
    if arguments.dry_run and not loaded:
        print("These figures may grow: restock_ingest has not found yet that nothing is left to load.")
    print("Nothing was changed." if arguments.dry_run else "Planning and sending go on with the next run.")
    return 0


def _sent(arguments: argparse.Namespace) -> int:
    with connect(_warehouse(), application="restock sent") as warehouse:
        count = write_sent(warehouse, arguments.file, arguments.since)
    print(f"{arguments.file} lists {count:,} requests that were answered.")
    return 0


def _settings(arguments: argparse.Namespace) -> int:
    texts = as_texts(read_manifest(arguments.folder).settings)
    print(json.dumps({f"{VARIABLE_PREFIX}{name}": text for name, text in texts.items()}, indent=2))
    return 0


def _server() -> str:
    url = os.environ.get(SERVER_URL)
    if not url:
        raise RuntimeError(
            f"{SERVER_URL} is not set: give it the URL of any database of the server, as a user who may make databases "
            "and roles."
        )
    return url


def _warehouse() -> str:
    url = find_owner_url()
    if not url:
        raise RuntimeError(
            f"{OWNER_URL} is not set: give it the URL of the warehouse as its owner, or source .local/env."
        )
    return url


if __name__ == "__main__":
    sys.exit(main())
