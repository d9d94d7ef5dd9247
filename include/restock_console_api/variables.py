"""The settings as Airflow's Variables: what is stored, changing it, and what the event log knows of changes."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow.configuration import ensure_secrets_loaded
from airflow.models.log import Log
from airflow.models.variable import Variable
from airflow.sdk import SecretCache
from airflow.secrets.environment_variables import EnvironmentVariablesBackend
from airflow.secrets.metastore import MetastoreBackend
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from restock.console.history import LoggedChange
from restock.console.tune import ChangedMeanwhileError, Stored, refuse_if_changed
from restock.policy import VARIABLE_PREFIX, Settings, describe

log = logging.getLogger(__name__)

# As Airflow's own pages and API write them.
_EVENTS = ("patch_variable", "post_variable", "delete_variable", "bulk_variables")
_MOST_ENTRIES = 2_000


def _keys(names: Mapping[str, object] | type[Settings]) -> list[str]:
    of = names.model_fields if isinstance(names, type) else names
    return [VARIABLE_PREFIX + name for name in of]


def read_stored() -> dict[str, Stored]:
    """What Airflow has for each setting, looked up where a task would: secrets backends first, then Variables."""
    with create_session() as session:
        found = {one.key: one.val for one in session.scalars(select(Variable).where(Variable.key.in_(_keys(Settings))))}
    stored = {name: Stored(found.get(VARIABLE_PREFIX + name)) for name in Settings.model_fields}
    for backend in reversed([one for one in ensure_secrets_loaded() if not isinstance(one, MetastoreBackend)]):
        source = "environment" if isinstance(backend, EnvironmentVariablesBackend) else type(backend).__name__
        try:
            texts = {name: backend.get_variable(key=VARIABLE_PREFIX + name) for name in stored}
        except Exception:
            # As Airflow does when it reads a Variable: the next place may have it.
            log.exception("The secrets backend %s does not answer.", source)
            continue
        stored |= {name: Stored(text, source) for name, text in texts.items() if text is not None}
    return stored


def write_stored(changes: Mapping[str, str], seen: Mapping[str, str | None], user: str) -> dict[str, str | None]:
    """Change Variables, all or none, and put it into Airflow's event log as Airflow's own pages do.

    Args:
        changes: New texts by setting.
        seen: What the user saw in their place; None where there was no Variable.
        user: Login.

    Returns:
        The texts from before, by setting.

    Raises:
        ChangedMeanwhileError: What stands there is not what the user saw. Nothing is changed.
    """
    try:
        with create_session() as session:
            # Locked: who reads after us reads what we wrote, and who wrote before us is seen here.
            held = select(Variable).where(Variable.key.in_(_keys(changes))).with_for_update()
            found = {one.key: one for one in session.scalars(held)}
            before = {name: one.val if (one := found.get(VARIABLE_PREFIX + name)) else None for name in changes}
            refuse_if_changed(before, seen)
            for name, text in changes.items():
                key = VARIABLE_PREFIX + name
                if key in found:
                    found[key].val = text
                else:
                    made = Variable(key=key, val=text, description=describe(name))  # type: ignore[no-untyped-call]
                    session.add(made)
                session.add(_entry("patch_variable" if key in found else "post_variable", key, user))
    except IntegrityError:
        # Somebody else made a Variable that was missing a moment ago.
        raise ChangedMeanwhileError({name: read_stored()[name].text for name in changes}) from None
    for key in _keys(changes):
        SecretCache.invalidate_variable(key)
    return before


def _entry(event: str, key: str, user: str) -> Log:
    # The value is hidden, as Airflow hides it: the console's own record has it.
    extra = json.dumps({"key": key, "val": "***", "by": "Restock console"})
    return Log(event=event, task_instance=None, owner=user, owner_display_name=user, extra=extra)


def find_logged(since: datetime, until: datetime) -> list[LoggedChange]:
    """The changes of settings between two moments that Airflow's event log knows of; of very many the latest."""
    entries = (
        select(Log.dttm, Log.owner, Log.extra)
        .where(Log.event.in_(_EVENTS), Log.dttm > since, Log.dttm <= until, Log.extra.contains(VARIABLE_PREFIX))
        .order_by(Log.dttm.desc())
        .limit(_MOST_ENTRIES)
    )
    with create_session() as session:
        rows = session.execute(entries).all()
    return [
        LoggedChange(key.removeprefix(VARIABLE_PREFIX), user, at)
        for at, user, extra in rows
        # To Airflow each may be null; an entry without a user names nobody.
        if at and user and extra
        for key in _changed_keys(extra)
        if key.startswith(VARIABLE_PREFIX)
    ]


def _changed_keys(extra: str) -> list[str]:
    try:
        said: Any = json.loads(extra)
    except ValueError:
        return []
    entities = [said] + [entity for action in said.get("actions", []) for entity in action.get("entities", [])]
    # To be deleted, a Variable is named by its key alone.
    keys = [entity if isinstance(entity, str) else entity.get("key", entity.get("variable_key")) for entity in entities]
    return [key for key in keys if isinstance(key, str)]
