"""Preview: what a changed policy would do, from now on or in a past stretch of time. Reads, and writes nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import psycopg

from restock.policy import Settings
from restock.preview.changes import WrongChangeError, apply_changes, parse_change
from restock.preview.past import read_evidence, read_past, read_policies, try_policy
from restock.preview.present import read_present
from restock.preview.result import PreviewResult, compare, fates, summarize
from restock.preview.simulate import simulate
from restock.warehouse import read_sql

__all__ = ["HORIZON", "PreviewResult", "WrongChangeError", "parse_change", "preview"]

HORIZON = timedelta(hours=72)

_UNSENT = "What is scheduled already and has not left ({messages} messages) leaves as it is under either policy."
_NOTES_PRESENT = [
    "Nobody else is assumed to ask, and no stock to change.",
    "Open episodes keep the size of wave they were opened with, and what was decided in them stays decided: "
    "a change counts for whom no run has looked at yet, and for what comes back.",
    "Whom the holdout leaves out of an episode that has yet to open is drawn anew when it opens.",
]
_NOTES_PAST = [
    "Both sides are planned again from what planning saw at the time, run by run, so that they can be compared; "
    "messages are taken to leave when due.",
    "Restocks below the threshold of their time are not known: a lower min_quantity shows nothing here, "
    "and what a gate held stays held.",
]


def preview(
    connection: psycopg.Connection,
    changes: Mapping[str, object],
    clock: datetime,
    horizon: timedelta = HORIZON,
    *,
    since: datetime | None = None,
    channels: set[str] | None = None,
    with_ids: bool = False,
) -> PreviewResult:
    """The difference between the policy in force and a changed one.

    Runs in one transaction that is read only and sees one state of the warehouse; it takes no lock that a run of
    the pipeline waits for.

    Args:
        connection: Warehouse; in autocommit.
        changes: New values of settings by name without prefix, as text or as JSON gives them.
        clock: The moment of the next run; with `since` the end of the past stretch.
        horizon: How far to look ahead for cooldowns that end; not used with `since`.
        since: Beginning of a past stretch of time, to try the change on what happened then.
        channels: The channels that messages can leave on; all in restock.channel unless given.
        with_ids: Whether to name the requests that fare otherwise.

    Raises:
        WrongChangeError: A changed setting does not exist or has a wrong value.
        LookupError: Nothing was decided in the past stretch.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        if channels is None:
            channels = {str(name) for (name,) in connection.execute("select name from restock.channel")}
        unsent = connection.execute(read_sql("preview/count_unsent.sql")).fetchone()
        assert unsent is not None
        if since is None:
            row = connection.execute(read_sql("notify/latest_policy.sql")).fetchone()
            in_force = Settings() if row is None else Settings.model_validate(row[1])
            proposed = apply_changes(in_force, changes)
            worlds = read_present(connection, [in_force, proposed], clock)
            policies = [lambda _: in_force, lambda _: proposed]
            runs, until = [clock], clock + horizon
            notes = [_UNSENT.format(messages=unsent[0]), *_NOTES_PRESENT]
        else:
            history = read_policies(connection, since, clock)
            other = history.changed(changes)
            in_force, proposed = history.last(), other.last()
            world = read_past(connection, since, clock)
            worlds = [world, try_policy(connection, world, proposed, changes, clock)]
            policies = [history.at, other.at]
            runs, until, notes = history.clocks, clock, _NOTES_PAST
        asked = pd.concat([world.episodes[["store_id", "product_id"]] for world in worlds])
        conversion = read_evidence(connection, asked, clock)["conversion"]
    planned = [
        simulate(world, policy_at, runs, until, channels) for world, policy_at in zip(worlds, policies, strict=True)
    ]
    sides = [
        summarize(world, simulated, settings, conversion)
        for world, simulated, settings in zip(worlds, planned, (in_force, proposed), strict=True)
    ]
    both = [fates(world, simulated) for world, simulated in zip(worlds, planned, strict=True)]
    return PreviewResult(
        since=since or clock,
        until=until,
        replayed=since is not None,
        changed=_changed(in_force, proposed),
        in_force=sides[0],
        proposed=sides[1],
        difference=compare(both[0], both[1], with_ids=with_ids),
        unsent_messages=unsent[0],
        unsent_requests=unsent[1],
        notes=notes,
    )


def _changed(in_force: Settings, proposed: Settings) -> dict[str, tuple[Any, Any]]:
    old, new = in_force.model_dump(), proposed.model_dump()
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}
