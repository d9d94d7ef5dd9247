"""`python -m restock.marts.document`: write docs/data_dictionary.md out of the comments in a warehouse.

RESTOCK_WAREHOUSE_URL says which.
"""

import os
import sys
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from string import Template
from typing import Any

import psycopg
from psycopg.rows import dict_row

from restock.warehouse import connect, read_sql

TEMPLATE = Path(__file__).with_name("document.md")
DOCUMENT = Path(__file__).parents[3] / "docs" / "data_dictionary.md"

Row = dict[str, Any]


def render(connection: psycopg.Connection) -> str:
    """The documentation of every mart view, in Markdown.

    Args:
        connection: A migrated warehouse, which may be empty.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        columns = cursor.execute(read_sql("marts/document/columns.sql")).fetchall()
    views = [(name, list(rows)) for name, rows in groupby(columns, key=itemgetter("view_name"))]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        list="\n".join(f"- [`{name}`](#{name}): {_first_sentence(rows[0]['view_comment'])}" for name, rows in views),
        views="\n\n".join(_view(name, rows) for name, rows in views),
    )


def _first_sentence(comment: str) -> str:
    return comment.split(". ", maxsplit=1)[0].rstrip(".") + "."


def _view(name: str, rows: list[Row]) -> str:
    lines = "\n".join(f"| {row['column_name']} | {row['column_type']} | {row['column_comment']} |" for row in rows)
    return f"## {name}\n\n{rows[0]['view_comment']}\n\n| column | type | meaning |\n|---|---|---|\n{lines}"


def main() -> None:
    url = os.environ.get("RESTOCK_WAREHOUSE_URL")
    if not url:
        sys.exit(
            "RESTOCK_WAREHOUSE_URL is not set: give it the URL of a migrated warehouse, "
            "postgresql://user:password@host/db."
        )
    with connect(url) as connection:
        DOCUMENT.write_text(render(connection), encoding="utf-8")
    print(f"Wrote {DOCUMENT}")


if __name__ == "__main__":
    main()
