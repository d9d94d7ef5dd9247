"""The intake service of the stack: its login, its process, and whether it is well."""

from collections.abc import Mapping

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from restock.local import process
from restock.local.state import StackError, State
from restock.warehouse import connect

INTAKE = "intake"
ROLE = "restock_intake"
NEEDED = {"RESTOCK_INTAKE_DATABASE_URL", "RESTOCK_PUBLIC_URL", "RESTOCK_LINK_SECRET"}
_OTHERS = ("AIRFLOW", "RESTOCK")


def make_login(warehouse_url: str, intake_database_url: str) -> None:
    """Make the login of the service, or give it the password that the stack knows, and let it do what its role may.

    Args:
        warehouse_url: For a user who may make roles, as the migrations need one.
        intake_database_url: For the login.

    Raises:
        StackError: The user may not make roles.
    """
    parts = conninfo_to_dict(intake_database_url)
    login, password = sql.Identifier(str(parts["user"])), sql.Literal(str(parts["password"]))
    with connect(warehouse_url, application="restock intake login") as warehouse:
        try:
            try:
                warehouse.execute(sql.SQL("create role {} login password {}").format(login, password))
            except psycopg.errors.DuplicateObject:
                warehouse.execute(sql.SQL("alter role {} login password {}").format(login, password))
            warehouse.execute(sql.SQL("grant {} to {}").format(sql.Identifier(ROLE), login))
        except psycopg.Error as error:
            raise StackError(
                f"The login {parts['user']} of the intake service cannot be made: {' '.join(str(error).split())}. Let "
                "RESTOCK_WAREHOUSE_URL name a user who may make roles."
            ) from error


def start(state: State, port: int, environment: Mapping[str, str]) -> None:
    """Start the service unless it runs. What faces shoppers gets no secret of Airflow's, and no login but its own."""
    if not process.is_running(state, INTAKE):
        own = {name: text for name, text in environment.items() if name in NEEDED or not name.startswith(_OTHERS)}
        process.start(state, INTAKE, ["-m", "restock.intake", "--port", str(port)], own)


def is_well(url: str) -> bool:
    """Whether the service and its database answer."""
    try:
        return httpx.get(f"{url}/v1/health", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
