"""SQL files: one statement or purpose a file, values bound as %(name)s."""

from functools import cache
from pathlib import Path

SQL_ROOT = Path(__file__).parents[3] / "sql"


@cache
def read_sql(name: str) -> str:
    """Text of a SQL file, named by its path below `sql/`, such as `notify/open_episodes.sql`.

    Without its indentation: what has more than 4,096 characters psycopg takes apart anew at each execution.
    """
    lines = (SQL_ROOT / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line.strip() for line in lines)
