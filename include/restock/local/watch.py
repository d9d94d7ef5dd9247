"""The watch service of the stack."""

from collections.abc import Mapping

from restock.local import process
from restock.local.state import State

WATCH = "watch"
_OWN = ("RESTOCK_WAREHOUSE_URL", "AIRFLOW_CONN_RESTOCK_ALERTS", "RESTOCK_ALERT_")
_OTHERS = ("AIRFLOW", "RESTOCK")


def start(state: State, environment: Mapping[str, str]) -> None:
    """Start the service unless it runs. It gets no secret of Airflow's, and no connection but that of the alerts."""
    if not process.is_running(state, WATCH):
        own = {
            name: text for name, text in environment.items() if name.startswith(_OWN) or not name.startswith(_OTHERS)
        }
        process.start(state, WATCH, ["-m", "restock.watch", "run"], own)
