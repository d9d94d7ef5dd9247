"""The few questions that the demo asks Airflow's REST API."""

from typing import Any

import httpx

from restock.local.state import StackError


class AirflowApi:
    """One user's access to one Airflow."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Log in.

        Raises:
            StackError: The API does not let us in.
        """
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        token = self._call("POST", "/auth/token", {"username": user, "password": password})["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """What Airflow knows about a DAG; None while it has not read it."""
        found = self._call("GET", f"/api/v2/dags?dag_id_pattern={dag_id}")["dags"]
        return next((dag for dag in found if dag["dag_id"] == dag_id), None)

    def import_errors(self) -> list[str]:
        """One text for each DAG file that Airflow cannot read."""
        errors = self._call("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace'].strip()}" for error in errors]

    def trigger(self, dag_id: str) -> str:
        """Start a run; returns its id."""
        run: str = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"]
        return run

    def run_state(self, dag_id: str, run_id: str) -> str:
        """State of a run: queued, running, success or failed."""
        state: str = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"]
        return state

    def failed_tasks(self, dag_id: str, run_id: str) -> list[str]:
        """Ids of the tasks of a run that failed."""
        tasks = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?state=failed")
        return [task["task_id"] for task in tasks["task_instances"]]

    def task_hosts(self) -> list[str]:
        """The host of each task instance that succeeded."""
        path = "/api/v2/dags/~/dagRuns/~/taskInstances?state=success&limit=100&order_by=id"
        hosts: list[str] = []
        while True:
            page = self._call("GET", f"{path}&offset={len(hosts)}")["task_instances"]
            if not page:
                return hosts
            hosts += [str(task["hostname"] or "") for task in page]

    def get(self, path: str) -> dict[str, Any]:
        """What a path answers."""
        return self._call("GET", path)

    def put_variable(self, key: str, value: str) -> None:
        """Set a Variable, whether it is there already or not."""
        action = {"action": "create", "action_on_existence": "overwrite", "entities": [{"key": key, "value": value}]}
        self._call("PATCH", "/api/v2/variables", {"actions": [action]})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, json=body).raise_for_status()
        except httpx.HTTPError as error:
            reason = str(error).partition("\n")[0]
            raise StackError(f"Airflow does not answer {method} {path} as it should: {reason}.") from error
        content: dict[str, Any] = answer.json()
        return content
