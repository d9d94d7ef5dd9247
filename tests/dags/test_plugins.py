"""Airflow's plugins: every task, the scheduler and the triggerer load them, so that they must cost next to nothing."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# As a task does, and then what of these is imported that was not before.
LOAD = """
import sys
from airflow.sdk import plugins_manager as of_tasks
from airflow import plugins_manager as of_airflow
before = set(sys.modules)
plugins, faults = of_tasks._get_plugins()
of_airflow.ensure_plugins_loaded()
assert not faults, faults
assert "restock_console" in {plugin.name for plugin in plugins}
heavy = {"fastapi", "airflow.api_fastapi", "psycopg", "pandas", "pydantic"}
heavy |= {"restock", "restock_console_api", "restock_triggers"}
imported = (set(sys.modules) - before) & heavy
assert not imported, imported
"""


def test_a_task_loads_the_plugins_without_the_console_behind_them(tmp_path: Path) -> None:
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT / "include"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert loaded.returncode == 0, loaded.stderr


def test_the_folder_of_plugins_has_nothing_but_plugins() -> None:
    """Each task runs every file there; a file .airflowignore that kept it off would put a warning into each log."""
    assert [path.name for path in (ROOT / "plugins").iterdir() if path.is_file()] == ["restock_console.py"]
