"""Restoring a backup into a new database, which appears under its name only once it is whole and marked."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from restock.backup.create import count_rows
from restock.backup.manifest import DUMP, Manifest, Role, read_manifest
from restock.backup.tools import BackupError, find_program, run_program, server_version
from restock.warehouse import connect, read_sql
from restock.warehouse.migrate import migrate
from restock.warehouse.roles import OWNER_ROLE

_RIGHTS = {"CONNECT": sql.SQL("connect"), "CREATE": sql.SQL("create"), "TEMPORARY": sql.SQL("temporary")}


def restore_backup(folder: Path, server_url: str, database: str, jobs: int) -> Manifest:
    """Restore a backup. The database must not be there; roles that are missing are made, logins without a password.

    A restore that was cut short leaves nothing under the name of the database, and is begun anew.

    Args:
        folder: The backup.
        server_url: Any database of the server, for a user who may make databases and roles.
        database: Name of the database to make.
        jobs: Connections that load side by side.

    Returns:
        What the backup says of itself.

    Raises:
        BackupError: The backup is damaged, or something is in the way.
        WarehouseUnreachableError: The server cannot be reached.
    """
    manifest = read_manifest(folder)
    with connect(server_url, application="restock restore") as server:
        _require_room(server, manifest, database)
        for role in manifest.roles:
            _make_role(server, role)
        for role in manifest.roles:
            if role.owns_database or not role.can_login:
                _act_as(server, role.role_name)
            for group in role.member_of:
                _join(server, role.role_name, group)
        unfinished = f"{database}_restoring"
        drop_database(server, unfinished)
        # A server may have another encoding by default, which not every name of a product fits into.
        server.execute(
            sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(unfinished))
        )
        try:
            _load(folder, make_conninfo(server_url, dbname=unfinished), jobs, manifest)
            _give_database(server, unfinished, manifest)
            server.execute(
                sql.SQL("alter database {} rename to {}").format(sql.Identifier(unfinished), sql.Identifier(database))
            )
        except BaseException:
            # It may hold addresses.
            with suppress(psycopg.Error):
                drop_database(server, unfinished)
            raise
    return manifest


def verify_backup(folder: Path, server_url: str, jobs: int) -> Manifest:
    """Restore a backup for a trial beside the warehouse, every row of it, and drop what was made.

    Returns:
        What the backup says of itself.

    Raises:
        BackupError: The backup is damaged, or something is in the way.
    """
    trial = f"{read_manifest(folder).database}_trial"
    with connect(server_url, application="restock restore") as server:
        drop_database(server, trial)
        try:
            return restore_backup(folder, server_url, trial, jobs)
        finally:
            drop_database(server, trial)


def mark_restored(warehouse: psycopg.Connection, backup_at: datetime) -> None:
    """Mark a warehouse that shows an earlier moment: nothing leaves it until it is settled. Commits.

    Args:
        warehouse: It, as its owner.
        backup_at: The moment.
    """
    with warehouse.transaction():
        warehouse.execute(read_sql("backup/mark_restored.sql"), {"backup_at": backup_at})
        warehouse.execute(read_sql("backup/advance_episodes.sql"))


def drop_database(server: psycopg.Connection, name: str) -> None:
    """Drop a database if it is there, whoever is in it."""
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _require_room(server: psycopg.Connection, manifest: Manifest, database: str) -> None:
    if server_version(server) < manifest.server_version:
        raise BackupError(
            f"The backup comes from PostgreSQL {manifest.server_version} and this server is "
            f"{server_version(server)}: restore it on one that is as new."
        )
    known = server.execute("select 1 from pg_database where datname = %(name)s", {"name": database}).fetchone()
    if known is not None:
        raise BackupError(
            f"There is a database {database} already, and a restore overwrites nothing: stop what uses it and rename "
            f"it (alter database {database} rename to {database}_lost), or give another name with --database."
        )


def _make_role(server: psycopg.Connection, role: Role) -> None:
    name = sql.Identifier(role.role_name)
    known = server.execute("select 1 from pg_roles where rolname = %(name)s", {"name": role.role_name}).fetchone()
    if known is None:
        server.execute(sql.SQL("create role {} nologin").format(name))
        if role.can_login:
            server.execute(sql.SQL("alter role {} login").format(name))
        if role.may_make_roles:
            server.execute(sql.SQL("alter role {} createrole").format(name))


def _join(server: psycopg.Connection, role: str, group: str) -> None:
    known = server.execute("select pg_has_role(%(role)s, %(group)s, 'set')", {"role": role, "group": group}).fetchone()
    if known != (True,):
        server.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(role)))


def _act_as(server: psycopg.Connection, role: str) -> None:
    """Who is no superuser gives tables away only to a role that he is in."""
    known = server.execute("select pg_has_role(%(role)s, 'set')", {"role": role}).fetchone()
    if known == (True,):
        return
    try:
        server.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupError(
            f"The role {role} is there already and {server.info.user} may not act as it, which a restore needs: let "
            f"who made it run `grant {role} to {server.info.user}`, or restore as a superuser."
        ) from error


def _load(folder: Path, url: str, jobs: int, manifest: Manifest) -> None:
    with connect(url, application="restock restore", any_version=True) as warehouse:
        program = find_program("pg_restore", server_version(warehouse))
        database = warehouse.info.dbname
    arguments = [f"--jobs={jobs}", "--exit-on-error", f"--dbname={database}", str(folder / DUMP)]
    run_program(program, arguments, url)
    with connect(url, application="restock restore", any_version=True) as warehouse:
        loaded = count_rows(warehouse)
        wrong = [name for name, count in manifest.row_counts.items() if loaded.get(name) != count]
        if wrong:
            raise BackupError(
                f"The restore lost rows: {wrong[0]} has {loaded.get(wrong[0])} and had {manifest.row_counts[wrong[0]]}."
                " Nothing was put under the name of the database; take another backup."
            )
    # An older backup comes to the newest structure, which has the table of the mark; grants are settled anew.
    migrate(url)
    with connect(url, application="restock restore") as warehouse:
        mark_restored(warehouse, manifest.backup_at)
        warehouse.execute("analyze")


def _give_database(server: psycopg.Connection, database: str, manifest: Manifest) -> None:
    """Its owner, and who may enter it."""
    name = sql.Identifier(database)
    if any(role.database_rights for role in manifest.roles):
        server.execute(sql.SQL("revoke all on database {} from public").format(name))
    for role in manifest.roles:
        to = sql.Identifier(role.role_name)
        for right in role.database_rights:
            server.execute(sql.SQL("grant {} on database {} to {}").format(_RIGHTS[right], name, to))
        if role.owns_database:
            server.execute(sql.SQL("alter database {} owner to {}").format(name, to))
            # A superuser of the old server needs it here, where it comes back as none.
            if any(each.role_name == OWNER_ROLE for each in manifest.roles):
                _join(server, role.role_name, OWNER_ROLE)
