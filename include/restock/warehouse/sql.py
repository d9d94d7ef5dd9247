"""SQL files: one statement or purpose a file, values bound as %(name)s."""

from functools import cache
from pathlib import Path

SQL_ROOT = Path(__file__).parents[3] / "sql"


@cache
def read_sql(name: str) -> str:
    """Text of a SQL file, named by its path below `sql/`, such as `notify/open_episodes.sql`."""
    return (SQL_ROOT / name).read_text(encoding="utf-8")
