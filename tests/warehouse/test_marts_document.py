"""docs/data_dictionary.md says what the comments in the warehouse say."""

import psycopg

from restock.marts.document import DOCUMENT, render
from restock.warehouse import SQL_ROOT


def test_the_data_dictionary_is_current(warehouse: psycopg.Connection) -> None:
    text = render(warehouse)
    assert DOCUMENT.read_text(encoding="utf-8") == text, "run `python -m restock.marts.document`"
    for view in (path.stem for path in (SQL_ROOT / "marts").glob("*.sql")):
        assert f"\n## {view}\n" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} == {4}
