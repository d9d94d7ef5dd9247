"""Asks whether a locked package has a published vulnerability: `make audit`.

Exit status 0: all were looked up and none has one; 1: some have; 2: the advisories could not be asked, or not about all
packages, so nothing is known.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

CLEAN, FOUND, UNKNOWN = 0, 1, 2


def judge(report: Mapping[str, Any]) -> tuple[int, str]:
    """Exit status and what to say, from the JSON document that pip-audit writes.

    pip-audit itself counts what it could not look up as clean.
    """
    dependencies = report["dependencies"]
    lines = [
        f"{one['name']} {one['version']}: {flaw['id']}"
        + (f" ({', '.join(flaw['aliases'])})" if flaw.get("aliases") else "")
        + (f", mended in {', '.join(flaw['fix_versions'])}" if flaw["fix_versions"] else ", not mended yet")
        for one in dependencies
        for flaw in one.get("vulns", [])
    ]
    skipped = [one["name"] for one in dependencies if "skip_reason" in one]
    if skipped:
        lines.append(
            f"{len(skipped)} of {len(dependencies)} packages are not among the advisories, {skipped[0]} for one: "
            "nothing is known of them. Is https://pypi.org, and not a mirror without advisories, reachable?"
        )
    if not dependencies:
        return UNKNOWN, "No package was looked up."
    if len(lines) > bool(skipped):
        return FOUND, "\n".join([*lines, "Raise what is mended (make lock), or say in docs/security.md why it stays."])
    if skipped:
        return UNKNOWN, lines[0]
    return CLEAN, f"{len(dependencies)} packages, none with a known vulnerability."


def main(command: Sequence[str]) -> int:
    """Run pip-audit, as the arguments say, and judge what it found."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        status, text = judge(json.loads(done.stdout))
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        status, text = UNKNOWN, f"The advisories could not be asked, so nothing is known: {last[0]}"
    print(text)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
