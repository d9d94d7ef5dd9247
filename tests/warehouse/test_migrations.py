"""The structure that the migrations make, held against the documented one; and that running them again does nothing."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from restock.warehouse import connect
from restock.warehouse.migrate import migrate

FINGERPRINT = Path(__file__).with_name("fingerprint.sql").read_text(encoding="utf-8")

# The documented tables, with the columns that the feeds and the rules name.
TABLES = {
    "request": "request_id user_id product_id requested_at store_id channel contact surface locale timezone quantity",
    "inventory": "product_id available_quantity snapshot_at store_id location_id orderable",
    "availability": "store_id product_id quantity",
    "episode": "store_id product_id opened_at quantity closed_at held_since",
    "notification": "notification_id user_id channel due_at status",
    "decision": "request_key episode_id outcome rule wave position policy_id notification_key",
    "delivery_attempt": "notification_key attempt_number outcome",
    "policy": "policy_id settings",
    "product": "product_id name store_id url image_url price currency category brand parent_id",
    "customer": "user_id email phone webhook_url locale timezone preferred_channel tier consent",
    "suppression": "channel contact_hash reason suppressed_at",
    "purchase": "order_id user_id product_id ordered_at store_id quantity amount",
    "feed_file": "feed path content_hash status reason",
    "rejected_row": "feed_file_id line_number raw_text reason_code",
    "request_state": "request_id status reason since",
}

# What the database itself keeps from happening twice.
UNIQUE = [
    ("open_request", "(store_id, product_id, user_id, channel)"),
    ("request", "(request_id)"),
    ("decision", "(episode_id, request_key)"),
    ("request_outcome", "(request_key)"),
    ("notification_1", "(notification_id)"),
    ("delivery_attempt", "(notification_key, attempt_number)"),
    ("outbox", "(notification_key)"),
    ("inventory", "(store_id, product_id, location_id)"),
    ("availability", "(store_id, product_id)"),
    ("product", "(store_id, product_id)"),
    ("customer", "(user_id)"),
    ("suppression", "(channel, contact_hash)"),
    ("episode", "(store_id, product_id) WHERE (closed_at IS NULL)"),
    ("feed_file", "(feed, content_hash) WHERE (status = 'loaded'::text)"),
]

ALLOWED = {
    ("request", "surface"): {"app", "web", "mobile_web", "cart"},
    ("request_outcome", "status"): {"notified", "cancelled", "expired", "purchased", "suppressed"},
    ("notification", "status"): {"scheduled", "claimed", "sent", "held", "cancelled", "failed", "dead"},
    ("decision", "outcome"): {"told", "delayed", "merged", "capped", "skipped", "held"},
    ("suppression", "reason"): {"unsubscribe", "bounce", "complaint"},
    ("feed_file", "status"): {"loaded", "failed", "duplicate"},
    ("delivery_attempt", "outcome"): {"accepted", "retryable", "permanent", "in_doubt"},
}


def fingerprint(connection: psycopg.Connection) -> list[tuple]:
    return connection.execute(FINGERPRINT).fetchall()


def without_oids(facts: list[tuple]) -> list[tuple]:
    """The facts of a database in a form that holds in another one as well."""
    return [(kind, what, re.sub(r"^\d+ ", "", detail or "")) for kind, what, detail in facts]


def test_the_schemas_are_the_documented_ones(warehouse):
    found = warehouse.execute("select nspname from pg_namespace where nspname !~ '^(pg_|information_schema|public)'")
    assert {row[0] for row in found} == {"restock", "staging", "mart"}


@pytest.mark.parametrize("table", TABLES)
def test_a_documented_table_has_its_columns(warehouse, table):
    found = warehouse.execute(
        "select column_name from information_schema.columns where table_schema = 'restock' and table_name = %(table)s",
        {"table": table},
    )
    assert {row[0] for row in found} >= set(TABLES[table].split())


@pytest.mark.parametrize(("table", "key"), UNIQUE)
def test_the_database_keeps_a_key_unique(warehouse, table, key):
    found = warehouse.execute(
        "select indexdef from pg_indexes where schemaname = 'restock' and tablename = %(table)s", {"table": table}
    )
    ends = [row[0].split(" USING btree ")[1] for row in found if row[0].startswith("CREATE UNIQUE")]
    assert key in ends


@pytest.mark.parametrize(("table", "column"), ALLOWED)
def test_a_column_allows_the_documented_values_and_no_other(warehouse, table, column):
    found = warehouse.execute(
        "select pg_get_constraintdef(c.oid) from pg_constraint as c "
        "inner join pg_attribute as a on a.attrelid = c.conrelid and c.conkey = array[a.attnum] "
        "where c.conrelid = to_regclass('restock.' || %(table)s) and a.attname = %(column)s and c.contype = 'c'",
        {"table": table, "column": column},
    ).fetchall()
    assert [set(re.findall(r"'(\w+)'::text", row[0])) for row in found] == [ALLOWED[table, column]]


def test_a_view_of_another_shape_is_made_anew(warehouse, warehouse_url):
    before = fingerprint(warehouse)
    warehouse.execute("drop view mart.feed_run, restock.decision_explained cascade")
    warehouse.execute("create view mart.feed_run as select 1 as something_else, 2 as more")
    migrate(warehouse_url)
    assert without_oids(fingerprint(warehouse)) == without_oids(before)


def test_every_schema_table_view_column_and_function_has_a_comment(warehouse):
    bare = warehouse.execute(
        "select c.oid::regclass::text || coalesce('.' || a.attname, '') from pg_class as c "
        "left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
        "where c.relnamespace::regnamespace::text in ('restock', 'staging', 'mart') "
        "and c.relkind in ('r', 'v', 'm', 'p') "
        "and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null) "
        "union all "
        "select oid::regprocedure::text from pg_proc "
        "where pronamespace::regnamespace::text in ('restock', 'staging', 'mart') "
        "and obj_description(oid, 'pg_proc') is null "
        "union all "
        "select nspname from pg_namespace "
        "where nspname in ('restock', 'staging', 'mart') and obj_description(oid, 'pg_namespace') is null"
    )
    assert bare.fetchall() == []


def test_migrating_again_changes_nothing_and_keeps_every_row(sample, warehouse_url):
    before = fingerprint(sample)
    requests = sample.execute("select * from restock.request_state order by request_id").fetchall()
    assert len(before) > 300
    migrate(warehouse_url)
    assert fingerprint(sample) == before
    assert sample.execute("select * from restock.request_state order by request_id").fetchall() == requests


@pytest.mark.parametrize(
    "change",
    [
        "comment on column restock.request.user_id is 'Somebody.'",
        "grant select on restock.customer to restock_analyst",
        "alter table restock.outbox set (fillfactor = 90)",
        "alter table restock.episode drop constraint episode_times_agree",
        "drop index restock.outbox_due",
        "alter table restock.request alter column quantity set default 2",
        "drop view mart.feed_run",
        "alter default privileges in schema mart revoke select on tables from restock_analyst",
        "create table mart.extra (x integer)",
    ],
)
def test_a_change_of_the_structure_would_be_noticed(warehouse, change):
    before = fingerprint(warehouse)
    with warehouse.transaction(force_rollback=True):
        warehouse.execute(change)
        assert fingerprint(warehouse) != before


def test_two_migrations_at_once_of_an_empty_database_end_in_one_structure(empty_database_url, warehouse):
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(migrate, empty_database_url) for _ in range(2)]:
            done.result()
    with connect(empty_database_url) as connection:
        found = fingerprint(connection)
    assert without_oids(found) == without_oids(fingerprint(warehouse))
