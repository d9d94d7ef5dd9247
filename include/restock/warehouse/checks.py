"""Checks: queries below `sql/checks` that return one row, `is_valid, debug_value`; their headers say what holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from restock.warehouse.sql import SQL_ROOT, read_sql

_HEADER_LINE = re.compile(r"-- (?P<key>[A-Z][a-z]+): +(?P<value>.+)")


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        file: Below `sql`.
        header: What its header says, by key: `Purpose` is what the check makes sure of, `Severity` is fail or warn.
    """

    file: str
    header: Mapping[str, str]

    @property
    def name(self) -> str:
        """Name of its file without the ending."""
        return self.file.rpartition("/")[2].removesuffix(".sql")

    @property
    def claim(self) -> str:
        """What the check makes sure of, to follow "it should be that"."""
        return self.header["Purpose"].removesuffix(".")

    def run(self, connection: psycopg.Connection, binds: Mapping[str, object] | None = None) -> tuple[bool, str]:
        """Whether it holds, and which rows break it. One statement, and so on one consistent state; writes nothing."""
        row = connection.execute(read_sql(self.file), binds).fetchone()
        assert row is not None
        return row[0], row[1]


def read_checks(folder: str, *keys: str) -> list[Check]:
    """The checks of a folder below `sql`, not of those within it.

    Args:
        folder: Such as `checks` or `checks/feeds`.
        keys: What each header has to say besides `Purpose` and `Severity`.

    Raises:
        ValueError: A header does not say all that.
    """
    checks = []
    for path in sorted((SQL_ROOT / folder).glob("*.sql")):
        file = f"{folder}/{path.name}"
        header = {}
        for line in read_sql(file).splitlines():
            if not line.startswith("--"):
                break
            if found := _HEADER_LINE.fullmatch(line):
                header[found["key"]] = found["value"]
        if missing := [key for key in ("Purpose", "Severity", *keys) if key not in header]:
            raise ValueError(f"sql/{file} has to begin with comment lines; the line `-- {missing[0]}:` is missing.")
        checks.append(Check(file, header))
    return checks
