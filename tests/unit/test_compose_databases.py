"""The statements of docker-compose.yaml and docs/security.md that make databases and logins, run on a server."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from restock.local.postgres import EmbeddedPostgres
from restock.warehouse import WarehouseUnreachableError, connect
from restock.warehouse.migrate import migrate
from tests.conftest import free_port
from tests.unit.test_compose import TEXT, interpolate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Services as Compose sees them."""
    return yaml.safe_load(interpolate(TEXT))["services"]


def test_the_database_script_makes_databases_roles_and_logins_that_the_migrations_and_services_find(
    services,
):
    """Run by psql as the image runs it, on a server where none of this is there yet."""
    names = set(services["postgres"]["environment"])
    script = yaml.safe_load(interpolate(TEXT))["configs"]["create-databases"]["content"]
    target = services["postgres"]["configs"][0]
    assert target == {"source": "create-databases", "target": "/docker-entrypoint-initdb.d/create-databases.sh"}
    with own_server() as (server_url, environment):
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            check=False,
            capture_output=True,
            text=True,
            env=environment | {name: f"value-of-{name}" for name in names},
        )
        assert ran.returncode == 0, ran.stderr

        def reach(url: str) -> str:
            parts = conninfo_to_dict(url)
            where = conninfo_to_dict(server_url)
            return make_conninfo("", **parts | {"host": where["host"], "port": where["port"]})

        migrate(reach(services["airflow-init"]["environment"]["RESTOCK_WAREHOUSE_OWNER_URL"]))
        assert (
            find_identity(reach(services["intake"]["environment"]["RESTOCK_INTAKE_DATABASE_URL"])) == "restock_intake"
        )
        airflow = services["airflow-worker"]["environment"]
        for name, role in {"WAREHOUSE": "restock_pipeline", "CONSOLE": "restock_console"}.items():
            login = json.loads(airflow[f"AIRFLOW_CONN_RESTOCK_{name}"])
            url = f"postgresql://{login['login']}:{login['password']}@{login['host']}:{login['port']}/{login['schema']}"
            assert find_identity(reach(url)) == role
        analyst = services["postgres"]["environment"]["RESTOCK_ANALYST_DB_PASSWORD"]
        url = f"postgresql://restock_analyst_service:{analyst}@postgres:5432/restock"
        assert find_identity(reach(url)) == "restock_analyst"
        metadata = airflow["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
        with connect(reach(metadata)) as connection:
            connection.execute("create table public.anything ()")
        with pytest.raises(WarehouseUnreachableError, match='permission denied for database "airflow"'):
            connect(make_conninfo(reach(url), dbname="airflow"))
        with connect(reach(services["airflow-init"]["environment"]["RESTOCK_WAREHOUSE_OWNER_URL"])) as connection:
            owners = "select distinct tableowner from pg_tables where schemaname in ('restock', 'mart')"
            assert connection.execute(owners).fetchall() == [("restock_owner",)]


def test_the_statements_of_the_documentation_make_logins_that_work_on_ones_own_server():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    statements = text.partition("```sql\n")[2].partition("```")[0]
    with own_server() as (server_url, environment):
        psql = ["psql", "--set=ON_ERROR_STOP=1", "--username=postgres"]
        ran = subprocess.run(
            psql, input=statements, check=False, capture_output=True, text=True, env=os.environ | environment
        )
        assert ran.returncode == 0, ran.stderr

        def url_of(user: str, password: str) -> str:
            return make_conninfo(server_url, user=user, password=password, dbname="shop")

        migrate(url_of("shop_owner", "one"))
        for part, password in {"pipeline": "two", "console": "three", "intake": "four", "analyst": "five"}.items():
            assert find_identity(url_of(f"shop_{part}", password)) == f"restock_{part}"
        with connect(url_of("shop_pipeline", "two")) as pipeline:
            pipeline.execute("create temporary table mine as select * from restock.request")


def find_identity(url: str) -> str:
    """The one role that a login is in."""
    query = (
        "select string_agg(m.roleid::regrole::text, ' ') from pg_auth_members as m"
        " where m.member = current_user::regrole"
    )
    with connect(url) as connection:
        return connection.execute(query).fetchone()[0]


@contextmanager
def own_server() -> Iterator[tuple[str, dict[str, str]]]:
    """A server with the superuser of the image, and the environment in which psql reaches it."""
    folder = Path(tempfile.mkdtemp(prefix="restock-compose-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres", free_port(), "secret")
    server.start()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("create role postgres superuser login password 'secret'")
        # The image's own superuser is called postgres; ours has the name of the role that the script makes.
        with psycopg.connect(server.url("postgres"), autocommit=True, user="postgres") as connection:
            connection.execute("alter role restock rename to somebody")
        path = f"{server.binaries}{os.pathsep}{os.environ['PATH']}"
        place = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": "secret", "PGDATABASE": "postgres"}
        yield server.url("postgres"), {"PATH": path, **place}
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
