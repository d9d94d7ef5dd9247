"""The pinned requirements."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
NAMES = ("requirements", "requirements-demo", "requirements-dev")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)( ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version, marker, _ in PIN.findall((CHECKOUT / f"{name}.txt").read_text()):
        found.setdefault(package, set()).add(f"{version}{marker}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_an_exact_version_with_hashes(name: str) -> None:
    text = (CHECKOUT / f"{name}.txt").read_text()
    left = [line for line in PIN.sub("", text).splitlines() if line.strip() and not line.strip().startswith("#")]
    assert left == []


@pytest.mark.parametrize("name", NAMES)
def test_no_registry_is_named(name: str) -> None:
    text = (CHECKOUT / f"{name}.txt").read_text()
    assert re.findall(r"://|index-url|find-links|trusted-host", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_direct_requirement_is_pinned(name: str) -> None:
    lines = (CHECKOUT / f"{name}.in").read_text().splitlines()
    direct = {re.split(r"[\[<=>~!]", line)[0] for line in lines if line and not line.startswith("#")}
    assert direct <= pins(name).keys()


@pytest.mark.parametrize("name", NAMES[1:])
def test_the_further_locks_agree_with_the_one_for_production(name: str) -> None:
    production = pins("requirements")
    shared = {package: versions for package, versions in pins(name).items() if package in production}
    # Markers may differ; the versions may not.
    strip = {package: {version.split(" ;")[0] for version in versions} for package, versions in shared.items()}
    for package, versions in strip.items():
        assert versions <= {version.split(" ;")[0] for version in production[package]}, package
