"""The list of what left, written beside the backups: with it a restore is settled exactly."""

import csv
import io
from datetime import datetime
from pathlib import Path

import psycopg

from restock.backup.settle import COLUMNS
from restock.local.state import write_private
from restock.warehouse import read_sql


def write_sent(connection: psycopg.Connection, path: Path, since: datetime) -> int:
    """Write what left since a moment, whole or not at all, for `settle` to read. It holds no address.

    Returns:
        How many requests were answered.
    """
    rows = connection.execute(read_sql("backup/list_sent.sql"), {"since": since}).fetchall()
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"message_id": key, "request_id": request_id} for key, request_id in rows)
    write_private(path, text.getvalue())
    return len(rows)
