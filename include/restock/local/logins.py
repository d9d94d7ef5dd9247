"""The logins of the stack at PostgreSQL: one for each role, so that no process may do more than it has to."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from restock.local.state import StackError
from restock.warehouse import connect
from restock.warehouse.roles import OWNER_ROLE, hand_over

# As the migrations make them, which may run later.
ROLES = (OWNER_ROLE, "restock_pipeline", "restock_intake", "restock_console", "restock_analyst")


@dataclass(frozen=True)
class Login:
    """One login.

    Attributes:
        name: It is the server's, so it is named after its database.
        password: Its password.
        role: The role that it is in.
    """

    name: str
    password: str
    role: str

    @classmethod
    def of_url(cls, url: str, role: str) -> "Login":
        """The login that a URL names."""
        parts = conninfo_to_dict(url)
        return cls(str(parts["user"]), str(parts["password"]), role)


def make_logins(url: str, logins: Sequence[Login]) -> None:
    """Make logins, or give them the passwords that the stack knows, and put them into their roles.

    Args:
        url: The warehouse, for a user who may make roles.
        logins: What to make; the roles are there.

    Raises:
        StackError: The user may not make roles.
    """
    with connect(url, application="restock logins", any_version=True) as connection:
        for login in logins:
            try:
                _make_login(connection, login)
            except psycopg.Error as error:
                raise _refused(f"The login {login.name} cannot be made", error) from error


def settle_warehouse(url: str, owner: Login, others: Sequence[Login]) -> None:
    """Make the roles and logins of a warehouse of the stack's own, and give it to its owner.

    What an earlier version left to the server's administrator is handed over as well.

    Args:
        url: The warehouse, for the administrator of the server.
        owner: Owns the database, and migrates it: the migrations make roles.
        others: The other logins.

    Raises:
        StackError: The user is no such administrator.
    """
    with connect(url, application="restock logins", any_version=True) as connection:
        try:
            for role in ROLES:
                _make_role(connection, role)
            for login in (owner, *others):
                _make_login(connection, login)
            connection.execute(sql.SQL("alter role {} createrole").format(sql.Identifier(owner.name)))
            _act_as(connection, OWNER_ROLE)
            _own_database(connection, owner.name, ROLES)
            hand_over(connection)
        except psycopg.Error as error:
            raise _refused("The logins of the warehouse cannot be made", error) from error


def settle_metadata(url: str, owner: Login) -> None:
    """Make the login of Airflow's own database, and give it everything in there.

    Args:
        url: Airflow's database, for the administrator of the server.
        owner: The login, whose role is its own.

    Raises:
        StackError: The user is no such administrator.
    """
    with connect(url, application="restock logins", any_version=True) as connection:
        try:
            _make_login(connection, owner)
            _own_database(connection, owner.name, ())
            hand_over(connection, owner.name, ("public",))
        except psycopg.Error as error:
            raise _refused(f"The login {owner.name} of Airflow's database cannot be made", error) from error


def _make_role(connection: psycopg.Connection, name: str) -> None:
    if _is_known(connection, name):
        return
    # Roles are the server's: another warehouse there may be about to make it.
    with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(name)))


def _make_login(connection: psycopg.Connection, login: Login) -> None:
    # As the server would keep it: statements that fail stand in its log.
    kept = connection.pgconn.encrypt_password(login.password.encode(), login.name.encode(), b"scram-sha-256")
    verb = sql.SQL("alter" if _is_known(connection, login.name) else "create")
    name, password = sql.Identifier(login.name), sql.Literal(kept.decode())
    connection.execute(sql.SQL("{} role {} login password {}").format(verb, name, password))
    if login.role != login.name:
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(login.role), name))


def _is_known(connection: psycopg.Connection, name: str) -> bool:
    query = "select exists(select 1 from pg_roles where rolname = %(name)s)"
    return connection.execute(query, {"name": name}).fetchone() == (True,)


def _own_database(connection: psycopg.Connection, owner: str, roles: Sequence[str]) -> None:
    """Give the database to its owner, and let nobody else in but these roles; only loads make temporary tables."""
    _act_as(connection, owner)
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("revoke all on database {} from public").format(database))
    connection.execute("revoke all on schema public from public")
    for role in roles:
        connection.execute(sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(role)))
    if roles:
        connection.execute(sql.SQL("grant temporary on database {} to restock_pipeline").format(database))
    connection.execute(sql.SQL("alter database {} owner to {}").format(database, sql.Identifier(owner)))


def _act_as(connection: psycopg.Connection, role: str) -> None:
    """Let the administrator act as a role that it made; a superuser may anyway."""
    known = connection.execute("select pg_has_role(%(role)s, 'set')", {"role": role}).fetchone()
    if known != (True,):
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))


def _refused(what: str, error: psycopg.Error) -> StackError:
    return StackError(
        f"{what}: {' '.join(str(error).split())}. Let RESTOCK_POSTGRES_URL (or RESTOCK_WAREHOUSE_OWNER_URL, where you "
        "set RESTOCK_WAREHOUSE_URL) name a user who may make roles and databases."
    )
