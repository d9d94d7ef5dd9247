"""docs/feeds.md says what the contract says."""

import re

from restock.feeds.contract import FEEDS, REASONS
from restock.feeds.document import DOCUMENT, render


def test_the_documentation_is_current():
    assert DOCUMENT.read_text(encoding="utf-8") == render(), "run `python -m restock.feeds.document`"


def test_every_column_and_every_reason_is_documented():
    text = render()
    for feed in FEEDS.values():
        section = text.partition(f"## `{feed.name}`")[2].partition("\n## ")[0]
        columns = re.findall(r"^\| \**(\w+)\** \|", section, re.MULTILINE)
        assert columns == ["column", *(column.name for column in feed.columns)]
    for reason in REASONS:
        assert f"| `{reason}` |" in text


def test_a_table_has_as_many_cells_in_each_line():
    lines = [line for line in render().splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in lines)
    tables = "\n".join(render().splitlines()).split("\n\n")
    for table in (part.splitlines() for part in tables if part.startswith("|")):
        assert len({line.count("|") for line in table}) == 1
