"""Values reach the database bound, never as part of the text of a statement."""

import ast
from pathlib import Path

import pytest

from tests.unit.sql_values import find_built_sql

ROOT = Path(__file__).parents[2]
CODE = [file for part in ("include", "dags", "plugins") for file in (ROOT / part).rglob("*.py")]

_CALLERS = "what its callers hand it is looked at where they do"
_BOUND = "the values in it were quoted by libpq's rules, as COPY binds none"
_OF_CODE = "a name that stands in our code: of a temporary table, its columns, a type or a clause for one"
# By file: what looks built, and why it may be.
ALLOWED = {
    "include/restock/warehouse/frames.py": {
        "query": _CALLERS,
        "statement.encode()": _CALLERS,
        "f\"copy ({bound.rstrip().rstrip(';')}) to stdout with (format csv, header)\"": _BOUND,
    },
    "include/restock/warehouse/migrate.py": {
        "file": "the text of a file in sql/marts",
        "f'drop view if exists {views}'": "names out of the files in sql/marts",
    },
    "include/restock/retention/run.py": {
        "sql.SQL(select_list(table).replace('%(salt)s', '{}'))": _OF_CODE,
        "sql.SQL(key)": _OF_CODE,
    },
    "include/restock/schedule/store.py": {
        "f'create temporary table {table} ({definition}) on commit drop'": _OF_CODE,
        "f'create temporary table {table} ({definition}) on commit drop'.encode()": _OF_CODE,
        "f'analyze {table}'.encode()": _OF_CODE,
    },
    "include/restock/feeds/checks.py": {
        "sql.SQL('{}::' + column.kind.sql_type)": _OF_CODE,
        "sql.SQL(kind.usual)": "a condition that stands in our code, with the feeds",
    },
    "include/restock/feeds/source.py": {
        "sql.SQL(self.query.rstrip().rstrip(';'))": "the query that an operator configured for a source database",
        "sql.SQL('{}::' + kind)": _OF_CODE,
        "sql.SQL(back)": _OF_CODE,
        "sql.SQL('{} <= ' + now)": _OF_CODE,
    },
    "include/restock_console_api/variables.py": {"entries": "a query of SQLAlchemy, which binds its values"},
}


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_no_sql_is_put_together_out_of_text():
    found = {
        (name(file), find.code): find.line for file in CODE for find in find_built_sql(file.read_text(encoding="utf-8"))
    }
    # Each version of Python has its own way of quoting what is unparsed.
    allowed = {(file, ast.unparse(ast.parse(code))) for file, codes in ALLOWED.items() for code in codes}
    faults = [f"{file}:{line}: {code}" for (file, code), line in found.items() if (file, code) not in allowed]
    assert not faults, "bind the value as %(name)s, or compose by psycopg.sql:\n" + "\n".join(faults)
    assert allowed <= set(found), "an exception that nothing needs any more"


@pytest.mark.parametrize(
    "line",
    [
        'connection.execute(f"select * from t where id = {wanted}")',
        'connection.execute("select * from t where id = %s" % wanted)',
        'connection.execute("select * from t where id = " + wanted)',
        'connection.execute("select * from t where id = {}".format(wanted))',
        'connection.execute("delete from t" if wanted else wanted)',
        "connection.execute(wanted)",
        "connection.execute(query=wanted)",
        "connection.execute(sql.SQL(obj=wanted))",
        "connection.execute(make(wanted))",
        'query = "select 1"\n    query = f"{query} where id = {wanted}"\n    connection.execute(query)',
        'query = "select 1 where id = " + wanted\n    return query',
        'return f"insert into t values ({wanted})"',
        'connection.execute(sql.SQL(f"select * from {wanted}"))',
        "connection.execute(sql.SQL(wanted).format(sql.Identifier(wanted)))",
        'connection.execute(f"set local statement_timeout = {LIMIT.value}")',
        'cursor.copy(f"copy {wanted} from stdin")',
        'connection.execute(read_sql("a.sql") + wanted)',
        'connection.execute(read_sql("a.sql").replace("id", wanted))',
        'connection.exec_driver_sql(text("select " + wanted))',
        'read_frame(connection, f"select {wanted}", {}, {})',
    ],
)
def test_what_is_put_together_is_found(line):
    source = f"LIMIT = object()\n\ndef ask(connection, cursor, wanted):\n    {line}\n"
    assert find_built_sql(source), line


@pytest.mark.parametrize(
    "line",
    [
        'connection.execute("select * from t where id = %(wanted)s", {"wanted": wanted})',
        'connection.execute("select * from t " "where id = 1")',
        'connection.execute(read_sql("a.sql"), {"wanted": wanted})',
        'connection.execute(read_sql(f"marts/{wanted}.sql"))',
        'connection.execute(sql.SQL("select * from {}").format(sql.Identifier(wanted)))',
        'query = sql.SQL("select * from {}")\n    connection.execute(query.format(sql.Identifier(wanted)))',
        "connection.execute(f\"set local statement_timeout = '{SECONDS}s'\")",
        'query = read_sql("a.sql")\n    connection.execute(query)',
        'for query in ("select 1", "select 2"):\n        connection.execute(query)',
        'log.info(f"Update {wanted} by hand")',
    ],
)
def test_what_is_bound_or_composed_passes(line):
    source = f"SECONDS = 5\n\ndef ask(connection, wanted):\n    {line}\n"
    assert find_built_sql(source) == []


def test_all_of_the_code_is_looked_at():
    assert len(CODE) > 150
