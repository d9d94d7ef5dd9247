"""The README says what is so."""

import re
from pathlib import Path

from restock.policy import missing_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_settings_are_listed_with_their_defaults() -> None:
    listed = dict(re.findall(r"^\| `restock_(\w+)` \| `([^`]*)` \|", README, re.MULTILINE))
    assert listed == {name: default for name, (default, _) in missing_settings({}).items()}


def leads_somewhere(link: str) -> bool:
    """Whether the file is there, and where the link names a heading, that as well."""
    path, _, anchor = link.partition("#")
    if not (ROOT / path).exists():
        return False
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
    return not anchor or anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_what_it_links_to_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not leads_somewhere(link)] == []


def test_the_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"`?make ([a-z-]+)", README))
    assert {"demo", "down", "test"} <= commands
    assert [command for command in commands if not re.search(rf"^{command}:", makefile, re.MULTILINE)] == []
