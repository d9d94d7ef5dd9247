"""Who is looking, and what Airflow allows them to do: the page offers no button that would be refused."""

from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails, VariableDetails
from fastapi import APIRouter

from restock_console_api.access import GetUserDep

router = APIRouter()


@router.get("/me")
def me(user: GetUserDep) -> dict[str, Any]:
    """The login, and the rights: notify, ingest (act on what these DAGs do) and tune (edit Variables)."""
    manager = get_auth_manager()

    def may_trigger(dag_id: str) -> bool:
        details = DagDetails(id=dag_id)
        return manager.is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, details=details, user=user)

    may = {
        "notify": may_trigger("restock_notify"),
        "ingest": may_trigger("restock_ingest"),
        "tune": manager.is_authorized_variable(method="PUT", details=VariableDetails(), user=user),
    }
    return {"user": user.get_name(), "may": may}
