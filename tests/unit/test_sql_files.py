"""Every SQL file says what it is for, is lowercase, and is used; every SQL file that code names exists."""

import re
from itertools import chain
from pathlib import Path

import pytest

from restock.warehouse import SQL_ROOT

ROOT = Path(__file__).parents[2]
FILES = sorted(SQL_ROOT.rglob("*.sql"))
CODE = {
    path: path.read_text(encoding="utf-8")
    for path in chain((ROOT / "include").rglob("*.py"), (ROOT / "dags").rglob("*.py"), (ROOT / "plugins").rglob("*.py"))
}
# Folders whose every file is run, whatever its name: by migrate(), by check_warehouse(), and by analysts.
RUN_WHOLE = {"marts", "checks", "analysis"}


def name(file: Path) -> str:
    return str(file.relative_to(SQL_ROOT))


def header(text: str) -> str:
    """The comment lines at the top."""
    return re.match(r"(--.*\n)*", text)[0]


def without_comments_and_literals(text: str) -> str:
    return re.sub(r"--.*|'[^']*'|\"[^\"]*\"|\$\$", "", text)


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_sql_file_says_what_it_is_for_and_names_the_values_it_takes(file):
    text = file.read_text(encoding="utf-8")
    assert re.match(r"-- Purpose: +\S", text), "the first line has to be `-- Purpose: …`"
    binds = set(re.findall(r"%\((\w+)\)s", text))
    said = re.search(r"^-- Binds: (.*\n(?:-- {5,}.*\n)*)", header(text), re.MULTILINE)
    missing = binds - set(re.findall(r"\w+", said[1] if said else ""))
    assert not missing, f"`-- Binds:` has to name {sorted(missing)}"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_sql_file_is_lowercase_and_ends_with_one_newline(file):
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"\b[A-Z]\w*", without_comments_and_literals(text)) == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_sql_file_is_used(file):
    folder = file.relative_to(SQL_ROOT).parts[0]
    if folder == "migrations":
        assert file.with_suffix(".py").exists()
    elif folder not in RUN_WHOLE:
        mention = re.compile(rf"[\"/]{file.stem}(\.sql)?\"")
        assert any(mention.search(code) for code in CODE.values()), "nothing reads this file"


def test_every_sql_file_that_code_reads_exists():
    named = {(path.name, found) for path, code in CODE.items() for found in re.findall(r"\"([\w/]+/\w+\.sql)\"", code)}
    assert len(named) > 10
    assert [(module, found) for module, found in sorted(named) if not (SQL_ROOT / found).exists()] == []


def test_the_folders_that_are_run_whole_are_not_empty():
    assert {file.relative_to(SQL_ROOT).parts[0] for file in FILES} >= RUN_WHOLE
