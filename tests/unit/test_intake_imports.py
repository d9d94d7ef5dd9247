"""What the intake service loads: it serves shoppers in little memory, and starts at once."""

import os
import subprocess
import sys
from pathlib import Path

INCLUDE = Path(__file__).parents[2] / "include"
HEAVY = ("airflow", "pandas", "numpy", "pyarrow")


def test_the_intake_service_starts_without_what_only_tasks_need() -> None:
    script = f"import sys, restock.intake.app; print([name for name in {HEAVY} if name in sys.modules])"
    environment = os.environ | {"PYTHONPATH": str(INCLUDE)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
