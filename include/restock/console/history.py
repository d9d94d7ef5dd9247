"""The versions of the policy: what changed, who changed it, and what a version said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

import psycopg

from restock.policy import Settings, as_texts
from restock.warehouse import read_sql

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LoggedChange:
    """A change of one setting that Airflow's event log knows of."""

    name: str
    user: str
    at: datetime


class _Change(NamedTuple):
    policy_id: int
    valid_from: datetime
    name: str | None
    old: Any
    new: Any
    since: datetime | None
    user: str | None
    detail: dict[str, Any] | None

    def made_here(self) -> bool:
        """Whether the console's record is of this change: a value set elsewhere right after it is another one."""
        return self.detail is not None and self.detail["to"] == as_texts({"": self.new})[""]


def read_history(
    connection: psycopg.Connection,
    before: int | None,
    most: int,
    find_logged: Callable[[datetime, datetime], list[LoggedChange]],
) -> dict[str, Any]:
    """Versions of the policy, the newest first, with who changed what.

    Args:
        connection: Warehouse.
        before: Versions below this number; None from the newest.
        most: How many versions at most.
        find_logged: What Airflow's event log knows of between two moments; asked only for what the console did not do.

    Returns:
        versions, each with policy_id, valid_from, back_to (the version that was set back to; else None) and changes
        (name, old and new text, and user: None where it was made neither here nor in Airflow's own pages); and more:
        whether older ones follow. The first version of all has no changes.
    """
    binds = {"before": before, "most": most + 1}
    rows = [_Change(*row) for row in connection.execute(read_sql("console/policy_history.sql"), binds)]
    elsewhere = [row for row in rows if row.name and not row.made_here()]
    logged = (
        find_logged(
            min(row.since or _LONG_AGO for row in elsewhere),
            max(row.valid_from for row in elsewhere),
        )
        if elsewhere
        else []
    )
    versions = [_version(list(changes), logged) for _, changes in groupby(rows, lambda row: row.policy_id)]
    return {"versions": versions[:most], "more": len(versions) > most}


def _version(rows: list[_Change], logged: list[LoggedChange]) -> dict[str, Any]:
    changes = [row for row in rows if row.name]
    here = [row.detail for row in changes if row.detail and row.made_here()]
    return {
        "policy_id": rows[0].policy_id,
        "valid_from": rows[0].valid_from.isoformat(),
        "back_to": next((detail["back_to"] for detail in here if detail["back_to"]), None),
        "changes": [
            {"name": row.name, **as_texts({"from": row.old, "to": row.new}), "user": _user(row, logged)}
            for row in changes
        ],
    }


def _user(change: _Change, logged: list[LoggedChange]) -> str | None:
    if change.made_here():
        return change.user
    entries = [
        entry
        for entry in logged
        if entry.name == change.name
        and (change.since is None or entry.at > change.since)
        and entry.at <= change.valid_from
    ]
    return max(entries, key=lambda entry: entry.at).user if entries else None


def read_version(connection: psycopg.Connection, policy_id: int) -> dict[str, str]:
    """The text of every setting in one version; one that the version does not know has its default.

    Raises:
        LookupError: There is no such version.
    """
    row = connection.execute(read_sql("notify/read_policy.sql"), {"policy_id": policy_id}).fetchone()
    if row is None:
        raise LookupError(f"There is no version {policy_id} of the policy.")
    return {
        name: text for name, text in as_texts(Settings().model_dump() | row[0]).items() if name in Settings.model_fields
    }
