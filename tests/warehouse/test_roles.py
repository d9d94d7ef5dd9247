"""What each role of the warehouse may do, found by trying, for every table and column that the catalogue knows."""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from psycopg import errors, sql

from restock.warehouse import connect
from restock.warehouse.migrate import migrate
from tests.conftest import database_url
from tests.roles import login_in

ROLES = ("restock_pipeline", "restock_console", "restock_intake", "restock_analyst")

# What may be done to each table of the schema restock: s(elect), i(nsert), u(pdate), d(elete). Whoever adds a table
# says here what the pipeline does to it, and takes the rest away in sql/roles/grants.sql.
PIPELINE = {
    "": "api_key intake_limit mart_salt",
    "s": "channel click erased_name erasure erasure_key kept_from key_growth migration partitioned_table provider_code"
    " removed_message restore storage_setting store_suppression unconfirmed_request",
    "sd": "idempotency_key intake_count link_visit",
    "si": "cancellation console_action policy purchase request suppression",
    "sid": "inbox joined_request",
    "siu": "availability check_result customer delivery_attempt episode feed_file figure figure_mark gate heartbeat"
    " inventory mart_refresh notification product rate_bucket rejected_row request_outcome source_watermark"
    " task_failure watch",
    "siud": "acceptance alert archive_file breaker candidate decision departure mart_delivery mart_demand mart_effect"
    " mart_episode mart_funnel mart_latency open_request outbox plan_queue removed_delivery removed_demand"
    " removed_effect removed_episode removed_funnel",
    "sud": "confirmation inbox_pending",
}
# The others: of the tables that are not named they may do nothing at all.
CONSOLE = {
    "s": "alert availability breaker channel click console_action decision episode gate heartbeat mart_refresh"
    " migration open_request outbox policy product provider_code purchase request_outcome watch",
}
INTAKE = {"si": "idempotency_key"}
ANALYST: dict[str, str] = {}
RIGHTS = dict(zip(ROLES, (PIPELINE, CONSOLE, INTAKE, ANALYST), strict=True))
VIEWS = {
    "restock_pipeline": "decision_explained holding_gate partition rejected_row_history request_state sent_item",
    "restock_console": "decision_explained holding_gate request_state",
}
# Where not a whole table is granted.
COLUMNS = {
    ("restock_pipeline", "console_action", "UPDATE"): "detail",
    ("restock_pipeline", "request", "UPDATE"): "joined_contacts",
    ("restock_console", "console_action", "INSERT"): "action detail done_at subject user_name",
    ("restock_console", "breaker", "UPDATE"): "probe_at",
    ("restock_console", "gate", "UPDATE"): "released_at released_by",
    ("restock_console", "request", "SELECT"): "channel product_id quantity request_id request_key requested_at store_id"
    " surface user_id",
    ("restock_console", "joined_request", "SELECT"): "request_id request_key requested_at surface",
    ("restock_console", "notification", "SELECT"): "attempt_count channel created_at due_at notification_id"
    " notification_key status status_at store_id timezone user_id",
    ("restock_console", "delivery_attempt", "SELECT"): "attempt_number finished_at notification_key outcome"
    " provider_code started_at",
    ("restock_console", "feed_file", "SELECT"): "feed feed_file_id header_text origin path recorded_at status",
    ("restock_console", "inbox", "SELECT"): "inbox_id received_at",
    ("restock_console", "inbox_pending", "SELECT"): "feed inbox_id",
    ("restock_console", "rejected_row", "SELECT"): "corrected_at detail feed_file_id line_number reason_code"
    " rejected_at rejected_row_id replayed_at",
    ("restock_intake", "inbox", "INSERT"): "client feed line",
}

# Columns made to hold an address, or the row of a feed in which one stands: see docs/security.md.
ADDRESSES = {
    "confirmation.contact",
    "customer.email",
    "customer.phone",
    "customer.webhook_url",
    "inbox.line",
    "rejected_row.corrected_text",
    "rejected_row.raw_text",
    "rejected_row_history.corrected_text",
    "rejected_row_history.raw_text",
    "request.contact",
    "request.joined_contacts",
    "unconfirmed_request.line",
}
# Words of a provider, a reader of files or a caller, who may quote one.
QUOTES = {
    "acceptance.provider_messages",
    "confirmation.last_error",
    "delivery_attempt.provider_message",
    "feed_file.reason",
    "feed_file.unknown_columns",
    "idempotency_key.answer",
    "idempotency_key.idempotency_key",
    "notification.last_error",
}
# Texts in which none stands: every other column of text has one of these names.
HARMLESS = (
    "action asked_by brand category changed channel clears client code connection_id content_hash corrected_by counts "
    "currency dag_id debug_value detail drawn_for explanation family feed file_hash gate header_text held_reason "
    "image_url joined_id key_name kind leased_by locale location_id looked_by looks meaning name options order_id "
    "origin origins outcome own_unique_column parameter parent_id partition_name path preferred_channel previous "
    "problem product_id provider_code provider_codes reason reason_code released_by released_hold_reason replay_path "
    "request_id route rule run_id salt "
    "scope seen_category seen_messages seen_timezone sender sentence settings settled_by severity source state status "
    "store_id subject surface table_name tags task_id timezone trace unknown url user_id user_name value watermark "
    "wave_evidence"
)


def spread(groups: dict[str, str]) -> dict[str, str]:
    """Rights by table."""
    return {table: rights for rights, tables in groups.items() for table in tables.split()}


@pytest.fixture(scope="module")
def warehouse(module_warehouse_url: str) -> Iterator[psycopg.Connection]:
    with connect(module_warehouse_url) as connection:
        yield connection


@pytest.fixture(scope="module")
def logins(module_warehouse_url: str) -> Iterator[dict[str, psycopg.Connection]]:
    """A connection in each role."""
    with ExitStack() as stack:
        yield {
            role: stack.enter_context(connect(stack.enter_context(login_in(role, module_warehouse_url))))
            for role in ROLES
        }


def is_allowed(connection: psycopg.Connection, statement: sql.Composable | str) -> bool:
    """Whether a statement is not refused for want of a right; nothing of it stays."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)  # type: ignore[arg-type]
    except errors.InsufficientPrivilege:
        return False
    except (errors.IntegrityError, errors.GeneratedAlways):
        return True
    return True


def relations(warehouse: psycopg.Connection, kinds: str) -> list[str]:
    query = (
        "select relname::text from pg_class where relnamespace = 'restock'::regnamespace and strpos(%s, relkind::text)"
        " > 0 and not relispartition order by 1"
    )
    return [name for (name,) in warehouse.execute(query, [kinds])]


def columns(warehouse: psycopg.Connection, table: str) -> dict[str, bool]:
    """Whether a statement may set it, by column."""
    query = (
        "select attname::text, attidentity = '' and attgenerated = '' from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped"
    )
    return dict(warehouse.execute(query, [f"restock.{table}"]).fetchall())


def attempts(table: str, settable: str) -> dict[str, sql.Composable]:
    name, column = sql.Identifier("restock", table), sql.Identifier(settable)
    return {
        "s": sql.SQL("select * from {} limit 0").format(name),
        "i": sql.SQL("insert into {} default values").format(name),
        "u": sql.SQL("update {} set {} = {} where false").format(name, column, column),
        "d": sql.SQL("delete from {} where false").format(name),
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_to_each_table_what_stands_here_and_nothing_else(role, warehouse, logins):
    tables = relations(warehouse, "rp")
    unknown = set(tables) ^ set(spread(PIPELINE))
    assert not unknown, f"say in PIPELINE, and where need be in CONSOLE, what may be done to {sorted(unknown)}"
    expected = {table: spread(RIGHTS[role]).get(table, "") for table in tables}
    found = {}
    for table in tables:
        settable = next(name for name, may_set in columns(warehouse, table).items() if may_set)
        tried = attempts(table, settable)
        found[table] = "".join(right for right, statement in tried.items() if is_allowed(logins[role], statement))
        for action in ("truncate {}", "drop table {}", "alter table {} add column x int", "lock table {}"):
            may_lock = action.startswith("lock") and role == "restock_pipeline"
            statement = sql.SQL(action).format(sql.Identifier("restock", table))
            assert may_lock or not is_allowed(logins[role], statement), f"{role} may {action} {table}"
    # Rights on single columns have a test of their own.
    for of, table, right in COLUMNS:
        letter = right[0].lower()
        if of == role and letter not in expected[table]:
            found[table] = found[table].replace(letter, "")
    assert found == expected


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_the_views_that_stand_here_and_nothing_else(role, warehouse, logins):
    readable = [
        view
        for view in relations(warehouse, "vm")
        if is_allowed(logins[role], sql.SQL("select * from {} limit 0").format(sql.Identifier("restock", view)))
    ]
    assert readable == VIEWS.get(role, "").split()


def test_rights_on_single_columns_are_those_that_stand_here(warehouse):
    granted = warehouse.execute(
        "select a.grantee::regrole::text, c.relname, a.privilege_type, string_agg(t.attname, ' ' order by t.attname)"
        " from pg_attribute as t join pg_class as c on t.attrelid = c.oid cross join lateral aclexplode(t.attacl) as a"
        " where c.relnamespace = 'restock'::regnamespace and not c.relispartition group by 1, 2, 3"
    )
    assert {(role, table, right): names for role, table, right, names in granted} == COLUMNS


def test_every_column_of_text_is_known_to_hold_an_address_or_not(warehouse):
    texts = warehouse.execute(
        "select c.relname || '.' || a.attname from pg_attribute as a join pg_class as c on a.attrelid = c.oid"
        " where c.relnamespace = 'restock'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition"
        " and a.attnum > 0 and not a.attisdropped and a.atttypid::regtype::text in ('text', 'jsonb', 'text[]', 'json')"
    )
    found = {name for (name,) in texts}
    assert found >= ADDRESSES | QUOTES
    unknown = {name for name in found - ADDRESSES - QUOTES if name.partition(".")[2] not in HARMLESS.split()}
    assert not unknown, f"say in ADDRESSES, QUOTES or HARMLESS whether an address can stand in {sorted(unknown)}"


@pytest.mark.parametrize("column", sorted(ADDRESSES | QUOTES))
def test_only_owner_and_pipeline_read_a_column_with_addresses(column, logins):
    table, _, name = column.partition(".")
    query = sql.SQL("select {} from {} limit 0").format(sql.Identifier(name), sql.Identifier("restock", table))
    readers = {role for role, connection in logins.items() if is_allowed(connection, query)}
    # What was answered before is said again by the intake service itself.
    assert readers == {"restock_pipeline"} | ({"restock_intake"} if table == "idempotency_key" else set())


def test_analysts_read_every_mart_and_write_none(warehouse, logins):
    marts = [
        name for (name,) in warehouse.execute("select relname from pg_class where relnamespace = 'mart'::regnamespace")
    ]
    assert len(marts) > 10
    for mart in marts:
        name = sql.Identifier("mart", mart)
        for role in ("restock_analyst", "restock_console", "restock_pipeline"):
            assert is_allowed(logins[role], sql.SQL("select * from {} limit 0").format(name)), mart
            # A view of several tables refuses a change before it asks who makes it.
            query = "select has_table_privilege(%s, %s, 'insert,update,delete')"
            assert warehouse.execute(query, [role, f"mart.{mart}"]).fetchone() == (False,), mart
        assert not is_allowed(logins["restock_intake"], sql.SQL("select * from {} limit 0").format(name)), mart


FORBIDDEN = (
    "create table restock.intruder ()",
    "create table mart.intruder ()",
    "create table public.intruder ()",
    "create schema intruder",
    "create function restock.intruder() returns int language sql return 1",
    "create or replace function restock.hash_name(name text) returns bytea language sql stable as 'select null::bytea'",
    "create function public.intruder() returns int language sql return 1",
    "create or replace view mart.day as select 1 as day",
    "drop view mart.day",
    "drop function restock.erase_person",
    "alter function restock.find_api_key(bytea) security invoker",
    "create role intruder",
    "alter role restock_owner login",
    "grant restock_owner to current_user",
    "set role restock_owner",
    "alter database {database} owner to current_user",
    "copy restock.policy to program 'cat'",
    "select pg_read_file('/etc/passwd')",
    "create extension btree_gist",
    "alter table restock.request disable trigger all",
)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_only_the_owner_changes_the_structure_and_the_rights(role, statement, logins):
    connection = logins[role]
    assert not is_allowed(connection, statement.format(database=connection.info.dbname))


def test_the_pipeline_cannot_hand_its_rights_on(logins):
    # PostgreSQL only warns.
    logins["restock_pipeline"].execute("grant select on restock.customer to restock_analyst")
    assert not is_allowed(logins["restock_analyst"], "select * from restock.customer")


@pytest.mark.parametrize("role", ["restock_console", "restock_intake", "restock_analyst"])
def test_only_the_pipeline_loads_and_erases(role, logins):
    for statement in (
        "create table staging.intruder ()",
        "select restock.erase_person('u', null, null, 'me', '{}')",
        "select * from restock.export_person('u', null, null)",
        "select restock.hash_name('x')",
        "select restock.hash_contact('a@b.c')",
    ):
        assert not is_allowed(logins[role], statement), statement
        assert is_allowed(logins["restock_pipeline"], statement), statement


def test_functions_with_the_rights_of_the_owner_are_safe_to_call(warehouse):
    found = warehouse.execute(
        "select p.oid::regprocedure::text, p.proowner::regrole::text, coalesce(p.proconfig::text, ''),"
        " has_function_privilege('public', p.oid, 'execute')"
        " from pg_proc as p where p.pronamespace = 'restock'::regnamespace and p.prosecdef"
    ).fetchall()
    assert len(found) > 15
    for name, owner, config, is_public in found:
        assert owner == "restock_owner", name
        # What somebody else makes must not be found in the place of what the function means.
        assert re.search(r"search_path=(restock, |pg_catalog, )*pg_temp", config), name
        assert not is_public, f"everybody may call {name}"
    roles = "select rolsuper or rolcanlogin or rolcreaterole or rolbypassrls from pg_roles where rolname ~ '^restock_'"
    own = f"{roles} and rolname = any(%s)"
    assert set(warehouse.execute(own, [["restock_owner", *ROLES]]).fetchall()) == {(False,)}


def test_everybody_else_may_do_nothing(warehouse):
    granted = warehouse.execute(
        "select n.nspname || '.' || c.relname from pg_class as c join pg_namespace as n on c.relnamespace = n.oid"
        " cross join lateral aclexplode(c.relacl) as a"
        " where n.nspname in ('restock', 'mart', 'staging') and a.grantee = 0 union all"
        " select n.nspname from pg_namespace as n cross join lateral aclexplode(n.nspacl) as a"
        " where n.nspname in ('restock', 'mart', 'staging') and a.grantee = 0"
    )
    assert granted.fetchall() == []


def test_what_an_earlier_version_left_to_the_administrator_is_handed_over(postgres_url, module_warehouse_url):
    with own_database(postgres_url, "restock") as url:
        migrate(url)
        with connect(url) as warehouse:
            warehouse.execute("alter table restock.request owner to current_user")
            warehouse.execute("alter view mart.day owner to current_user")
            warehouse.execute("alter function restock.erase_person owner to current_user")
            warehouse.execute("alter schema mart owner to current_user")
        migrate(url)
        with connect(url) as warehouse:
            assert owners(warehouse) == {"restock_owner"}


def test_what_somebody_else_made_stays_theirs_and_holds_up_no_migration(postgres_url, warehouse):
    name = f"owner_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"create role {name} login createrole password 'secret' in role restock_owner")
    try:
        with own_database(postgres_url, name) as url:
            login = f"postgresql://{name}:secret@{url.partition('@')[2]}"
            migrate(login)
            with connect(url) as server:
                server.execute("create view mart.report_of_others as select 1 as salary")
                server.execute("create table restock.report_of_others ()")
                server.execute("create function mart.report_of_others() returns int language sql return 1")
            migrate(login)
            with connect(url) as server:
                rights = "select relowner = current_user::regrole, relacl is null from pg_class where relname = %s"
                assert server.execute(rights, ["report_of_others"]).fetchall() == [(True, True)] * 2
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as server:
            server.execute(f"drop role {name}")


def test_where_one_login_does_everything_it_goes_on_doing_so(postgres_url, warehouse):
    """On a server whose restock_owner is somebody else's: it may make roles, and is in none of these."""
    name = f"one_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"create role {name} login createrole password 'secret'")
    try:
        with own_database(postgres_url, name) as url:
            parts = url.partition("@")[2]
            migrate(f"postgresql://{name}:secret@{parts}")
            migrate(f"postgresql://{name}:secret@{parts}")
            with connect(f"postgresql://{name}:secret@{parts}") as connection:
                assert owners(connection) == {name}
                connection.execute("insert into restock.policy (settings, changed) values ('{}', '{}')")
                connection.execute("create table restock.later ()")
                migrate(f"postgresql://{name}:secret@{parts}")
            with login_in("restock_pipeline", url) as login, connect(login) as pipeline:
                assert is_allowed(pipeline, "select * from restock.later")
                assert not is_allowed(pipeline, "drop table restock.later")
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as server:
            server.execute(f"drop role {name}")


def owners(warehouse: psycopg.Connection) -> set[str]:
    found = warehouse.execute(
        "select relowner::regrole::text from pg_class where relnamespace::regnamespace::text in ('restock', 'mart')"
        " and relkind in ('r', 'p', 'v', 'S') union select proowner::regrole::text from pg_proc"
        " where pronamespace = 'restock'::regnamespace union select nspowner::regrole::text from pg_namespace"
        " where nspname in ('restock', 'mart', 'staging')"
    )
    return {name for (name,) in found}


class own_database:  # noqa: N801 (used as a function)
    """URL of a new database of one owner, for the administrator."""

    def __init__(self, server_url: str, owner: str) -> None:
        self._server_url = server_url
        self._owner = owner
        self._name = f"restock_roles_{secrets.token_hex(4)}"

    def __enter__(self) -> str:
        with psycopg.connect(self._server_url, autocommit=True) as server:
            server.execute(f"create database {self._name} owner {self._owner}")
        return database_url(self._server_url, self._name)

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as server:
            server.execute(f"drop database {self._name} with (force)")
