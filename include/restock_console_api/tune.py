"""The section Tune. Who may edit Variables in Airflow may tune; the others look."""

import threading
from datetime import UTC, datetime
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, VariableDetails
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field

from restock import delivery
from restock.console import history, try_changes, tune
from restock.policy import Settings, as_texts
from restock_console_api.access import GetUserDep, Reader, Writer, may_tune, pipeline_url
from restock_console_api.inputs import NO_NUL, Key
from restock_console_api.variables import find_logged, read_stored, write_stored

router = APIRouter(prefix="/tune")

VERSIONS = 20
# Each takes a core and much memory for as long as it runs.
_previews = threading.BoundedSemaphore(2)

Text = Annotated[str, Field(max_length=1_000_000), NO_NUL]


class Changes(BaseModel):
    """New texts by setting."""

    changes: Annotated[dict[str, Text], Field(min_length=1, max_length=100)]


class Save(Changes):
    """New texts, what the page saw in their place, and the version that is set back to, if one is."""

    seen: dict[str, Text | None]
    back_to: Key | None = None


def _find_connection(connection_id: str) -> tuple[Any, ...] | None:
    try:
        found = Connection.get(connection_id)
    except AirflowNotFoundException:
        return None
    return found.host, found.port, found.login, found.password, found.schema, found.extra_dejson


def _wanted(changes: dict[str, str]) -> Settings:
    stored = read_stored()
    fixed = [name for name in changes if name in stored and stored[name].source != "variable"]
    if fixed:
        said = f"{', '.join(fixed)}: set by {stored[fixed[0]].source}, which goes before the Variable; change it there."
        raise HTTPException(422, {"message": said, "problems": {name: [said] for name in fixed}})
    texts = {name: of.text for name, of in stored.items() if of.text is not None}
    try:
        return tune.settings_with(texts, changes)
    except tune.WrongSettingsError as error:
        raise HTTPException(422, {"message": "Nothing was changed.", "problems": error.problems}) from error


@router.get("")
def read_settings(user: GetUserDep, warehouse: Reader) -> dict[str, Any]:
    """The settings."""
    may_read = get_auth_manager().is_authorized_variable(method="GET", details=VariableDetails(), user=user)
    return tune.read_settings(warehouse, read_stored() if may_read else None)


@router.get("/history")
def read_history(user: GetUserDep, warehouse: Reader, before: Key | None = None) -> dict[str, Any]:
    """The versions of the policy."""
    manager = get_auth_manager()
    may_read = manager.is_authorized_dag(method="GET", access_entity=DagAccessEntity.AUDIT_LOG, user=user)
    return history.read_history(warehouse, before, VERSIONS, find_logged if may_read else lambda *_: [])


@router.get("/versions/{policy_id}")
def read_version(policy_id: Key, warehouse: Reader) -> dict[str, str]:
    """The settings of one version."""
    try:
        return history.read_version(warehouse, policy_id)
    except LookupError as error:
        raise HTTPException(404, str(error)) from error


@router.post("/preview", dependencies=[Depends(may_tune)])
def preview(asked: Changes, warehouse: Writer) -> dict[str, Any]:
    """What the next run would do under changed settings; changes nothing."""
    changes = tune.changes_from_policy(warehouse, _wanted(asked.changes))
    channels = delivery.offered_channels(warehouse, _find_connection)
    if not _previews.acquire(blocking=False):
        raise HTTPException(429, "Two previews are being worked out already. Try again in a moment.")
    try:
        return try_changes.run(pipeline_url(), changes, channels)
    except try_changes.PreviewFailedError as error:
        raise HTTPException(503, str(error)) from error
    finally:
        _previews.release()


@router.post("/save", dependencies=[Depends(may_tune)])
def save(asked: Save, user: GetUserDep, warehouse: Writer) -> dict[str, Any]:
    """Change Variables; the next run puts them in force."""
    texts = as_texts(_wanted(asked.changes).model_dump(include=set(asked.changes)))
    at = datetime.now(UTC)
    try:
        before = write_stored(texts, asked.seen, user.get_name())
    except tune.ChangedMeanwhileError as error:
        raise HTTPException(409, {"message": str(error), "now": error.now}) from error
    # After the Variables: a crash in between leaves the change with its user in Airflow's event log, and history
    # finds it there. The other way round it could leave a record of what never was.
    tune.record_changes(
        warehouse, user.get_name(), {name: (before[name], text) for name, text in texts.items()}, asked.back_to, at
    )
    return {"saved": texts}
