"""Health, for monitors with a login in Airflow."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from restock.watch.health import read_known_health
from restock_console_api.access import Reader

router = APIRouter(prefix="/health")


@router.get("")
def read_health(warehouse: Reader) -> dict[str, Any]:
    """How the pipeline is, with the alerts of the latest look."""
    return read_known_health(warehouse, datetime.now(UTC)).as_json()
