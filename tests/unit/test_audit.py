"""What `make audit` makes of what pip-audit says: found, clean and unknown are told apart."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "audit.py"
CLEAN = {"name": "idna", "version": "3.11", "vulns": []}
FLAWED = {
    "name": "jinja2",
    "version": "2.4.1",
    "vulns": [{"id": "PYSEC-2014-8", "aliases": ["CVE-2014-1402"], "fix_versions": ["2.7.2"], "description": ""}],
}
SKIPPED = {"name": "requests", "skip_reason": "Dependency not found on PyPI and could not be audited: requests"}


@pytest.mark.parametrize(
    ("dependencies", "status", "said"),
    [
        ([CLEAN], 0, "1 packages, none with a known vulnerability."),
        ([CLEAN, FLAWED], 1, "jinja2 2.4.1: PYSEC-2014-8 (CVE-2014-1402), mended in 2.7.2"),
        ([CLEAN, SKIPPED], 2, "1 of 2 packages are not among the advisories, requests for one"),
        ([FLAWED, SKIPPED], 1, "1 of 2 packages are not among"),
        ([], 2, "No package was looked up."),
    ],
)
def test_found_clean_and_unknown_are_told_apart(dependencies, status, said):
    found, text = runpy.run_path(str(SCRIPT))["judge"]({"dependencies": dependencies, "fixes": []})
    assert found == status
    assert said in text


def test_an_audit_that_breaks_off_is_unknown_and_not_clean():
    broken = "import sys; print('ERROR:pip_audit._cli:Could not connect to PyPI', file=sys.stderr); sys.exit(1)"
    done = run([sys.executable, "-c", broken])
    assert (done.returncode, done.stdout) == (
        2,
        "The advisories could not be asked, so nothing is known: ERROR:pip_audit._cli:Could not connect to PyPI\n",
    )
    text = json.dumps({"dependencies": [CLEAN], "fixes": []})
    assert run([sys.executable, "-c", f"print({text!r})"]).returncode == 0


def run(command):
    return subprocess.run([sys.executable, SCRIPT, *command], check=False, capture_output=True, text=True)


def test_all_three_locks_are_audited():
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\naudit:")[2].partition("\n\n")[0]
    assert "addprefix --requirement ,$(LOCKS) requirements-dev.txt" in recipe
    assert (ROOT / "Makefile").read_text(encoding="utf-8").count(
        "\nLOCKS := requirements.txt requirements-demo.txt\n"
    ) == 1
