"""Connections to the warehouse."""

import os
from types import TracebackType

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from restock.feeds.masking import mask_addresses
from restock.warehouse.version import disagreement, read_version

CONNECT_TIMEOUT_SECONDS = 10
# What a merge or a plan keeps in temporary tables is read by each of its steps, so it stays in memory up to this size.
# A session cannot change it any more once it has seen a temporary table.
TEMP_BUFFERS = "64MB"
# For what changes the structure, or hands out keys; the pipeline's own login may do neither.
OWNER_URL = "RESTOCK_WAREHOUSE_OWNER_URL"


class WarehouseUnreachableError(RuntimeError):
    """The warehouse does not answer; the message says where it was looked for and what to check."""


class WarehouseVersionError(WarehouseUnreachableError):
    """The warehouse is of another version than this code; the message says which, and what to run."""


def mask_error(error: BaseException) -> None:
    """Take the addresses out of what PostgreSQL said, in an error and all that led to it: errors end in logs.

    It quotes the row that broke a rule, and the text that it could not read.
    """
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, psycopg.Error):
            found.args = tuple(mask_addresses(part) if isinstance(part, str) else part for part in found.args)
        found = found.__cause__ or found.__context__


class _Connection(psycopg.Connection[TupleRow]):
    """One whose errors quote no address once they have left its `with` block."""

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        if exc_val is not None:
            mask_error(exc_val)
        super().__exit__(exc_type, exc_val, exc_tb)


def connect(url: str, *, application: str = "restock", any_version: bool = False) -> psycopg.Connection:
    """Connect to the warehouse.

    The connection is in autocommit: what belongs together stands in a `connection.transaction()` block, which commits
    when it ends. (Otherwise a mere select would open a transaction, and the block would not commit.)

    Args:
        url: libpq connection string or `postgresql://` URL.
        application: Name shown in `pg_stat_activity`.
        any_version: For what sets a warehouse up before it is migrated.

    Raises:
        WarehouseUnreachableError: The server refuses, is not there, or does not know the database or the user.
        WarehouseVersionError: The warehouse is older or newer than this code. Nothing was done.
    """
    try:
        connection = _Connection.connect(
            url,
            autocommit=True,
            application_name=application,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            options=f"-c timezone=UTC -c temp_buffers={TEMP_BUFFERS}",
        )
    except psycopg.OperationalError as error:
        where = conninfo_to_dict(url)
        place = f"{where.get('host', 'local socket')}:{where.get('port', 5432)}/{where.get('dbname', '')}"
        reason = " ".join(str(error).split())
        raise WarehouseUnreachableError(
            f"The warehouse at {place} cannot be reached: {reason}. Check that PostgreSQL runs there and that the "
            "Airflow connection restock_warehouse names its host, port, database, user and password. "
            "Nothing is lost: the next run catches up."
        ) from error
    if not any_version:
        try:
            _require_version(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def connect_again(connection: psycopg.Connection) -> psycopg.Connection:
    """Another connection like one of `connect`: to the same warehouse, as the same user and under the same name."""
    parameters = connection.info.get_parameters()
    url = make_conninfo(**parameters, password=connection.info.password)
    return connect(url, application=parameters["application_name"], any_version=True)


def _require_version(connection: psycopg.Connection) -> None:
    try:
        wrong = disagreement(read_version(connection))
    except psycopg.errors.InsufficientPrivilege:
        # An analyst's login sees the views only, and those that it needs are there or are not.
        return
    if wrong:
        raise WarehouseVersionError(wrong)


def find_owner_url() -> str | None:
    """URL of the warehouse as its owner, from the environment: where one login does everything, that of the pipeline.

    None where neither is set.
    """
    return os.environ.get(OWNER_URL) or os.environ.get("RESTOCK_WAREHOUSE_URL")
