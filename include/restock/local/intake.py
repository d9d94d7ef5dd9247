"""The intake service of the stack: its process, and whether it is well."""

from collections.abc import Mapping

import httpx

from restock.local import process
from restock.local.state import State

INTAKE = "intake"
ROLE = "restock_intake"
NEEDED = {"RESTOCK_INTAKE_DATABASE_URL", "RESTOCK_PUBLIC_URL", "RESTOCK_LINK_SECRET"}
_OTHERS = ("AIRFLOW", "RESTOCK")


def start(state: State, port: int, environment: Mapping[str, str]) -> None:
    """Start the service unless it runs. What faces shoppers gets no secret of Airflow's, and no login but its own."""
    if not process.is_running(state, INTAKE):
        own = {name: text for name, text in environment.items() if name in NEEDED or not name.startswith(_OTHERS)}
        process.start(state, INTAKE, ["-m", "restock.intake", "--port", str(port)], own)


def is_well(url: str) -> bool:
    """Whether the service and its database answer."""
    try:
        return httpx.get(f"{url}/v1/health", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
