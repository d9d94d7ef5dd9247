"""Writes out a warehouse with rows in every table, made by the pipeline of this version, as `filled/<version>.sql`,
and the views of this version as `filled/<version>_views.sql`.

`make filled` runs it before a migration is added to those that landed: the tests of upgrades begin with these files,
because the pipeline of a later version can no longer fill an older warehouse.
"""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from restock.erasure import carry_out
from restock.feeds.inbox import load_waiting
from restock.feeds.ledger import find_unrecorded
from restock.feeds.load import load_files
from restock.feeds.replay import replay_rejects
from restock.local.postgres import EmbeddedPostgres
from restock.maintenance import expire_requests
from restock.marts import refresh
from restock.policy import resolve_policy
from restock.schedule.plan import rank_requests
from restock.warehouse import SQL_ROOT, read_sql
from restock.warehouse.migrate import migrate
from tests.conftest import database_url, free_port
from tests.warehouse.landing import Landing
from tests.warehouse.old_warehouse import TABLES
from tests.warehouse.told import SECRET, Told, told_shoppers, visit

FOLDER = Path(__file__).with_name("filled")
PRODUCTS = ("lamp", "chair", "desk", "sofa", "vase", "rug")
SHOPPERS = [f"shopper-{number:02}" for number in range(30)]

# What no run of the pipeline leaves on its own in so small a shop.
RARE_ROWS = """
    insert into restock.gate (gate, feed, scope, severity, clears, debug_value, since, checked_at) values
    ('freshness', 'inventory', 'feed', 'warn', 'by itself', 'no file for 30 hours', now(), now());
    insert into restock.source_watermark values ('shop_db/stock', 'inventory', '2026-11-20 10:00:00+00', now());
    insert into restock.store_suppression (channel, contact_hash, store_id)
    values ('email', restock.hash_contact('shopper-09@example.com'), 'berlin');
    insert into restock.suppression (channel, contact_hash, reason) values
    ('email', restock.hash_contact('shopper-12@example.com'), 'unsubscribe'),
    ('sms', restock.hash_contact('+49 170 5550112'), 'complaint');
    insert into restock.console_action (user_name, action, subject, detail)
    values ('eve', 'replay_dead', '554', '{"why": "x"}');
    insert into restock.breaker values ('chat', 1, now(), now() + interval '1 hour', 'no answer');
    insert into restock.archive_file (
        family, table_name, from_key, to_key, path, row_count, fingerprint, file_hash, begun_at, verified_at, removed_at
    ) values ('purchase', 'purchase', 1, 2, 'purchase/1.parquet', 3, 4, 'c0ffee', now(), now(), now());
    insert into restock.kept_from values ('notification', 1, now() - interval '400 days', now());
    insert into restock.removed_delivery values ('email', now() - interval '500 days', 2, 1, 1, 0, 0, 0, 1, 1);
    insert into restock.removed_demand values ('main', 'lamp', 2, 3);
    insert into restock.removed_effect select max(policy_id), 5, 4, 0, 3, 2, 1, 1 from restock.policy;
    insert into restock.removed_episode select min(episode_id), 5, 6, 4, 1, 3, 2, 1, 1 from restock.episode;
    insert into restock.removed_funnel values ('main', current_date - 500, 6, 5, 4, 3, 2, 1, 0);
    insert into restock.removed_message
    values (gen_random_uuid(), 'email', 'main', null, restock.hash_name('contact:shopper-10@example.com'), now());
    insert into restock.restore (
        backup_at, restored_at, settled_at, settled_by, unknown, listed_count, sent_count, told_count, dropped_count
    ) values (now(), now(), now(), 'eve', 'drop', 3, 2, 1, 0);
    insert into restock.alert (name, subject, detail, since, raised_at, seen_at, send_after)
    values ('dead_messages', 'email', 'one message is dead', now(), now(), now(), now());
    insert into restock.task_failure values ('restock_ingest', 'load_file', 'run', 'the file was gone', now());
    insert into restock.heartbeat values ('restock_notify', now());
    insert into restock.check_result values ('wanted_product_is_known', 'warn', true, 'It holds.', now(), now());
    insert into restock.figure values ('restock.messages_sent', '{"channel": "email"}', 7);
    insert into restock.watch (looked_at, looked_by, watching_since) values (now(), 'fill', now());
"""


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def load(told: Told, landing: Landing) -> None:
    load_files(landing.url, landing.folder, find_unrecorded(told.shop.warehouse, landing.listed()), "fill")
    load_waiting(told.shop.warehouse, "fill")


def put_files(landing: Landing) -> None:
    """Every feed, with rows that are rejected, stale, joined and cancelled."""
    landing.put(
        "products",
        [
            {
                "product_id": name,
                "name": name.title(),
                "price": 9,
                "currency": "EUR",
                "url": f"https://shop.example/p/{name}",
            }
            for name in PRODUCTS
        ],
    )
    landing.put(
        "customers",
        [{"user_id": user, "email": f"{user}@example.com", "timezone": "Europe/Berlin", "tier": number % 3,
          "phone": f"+49 170 55501{number:02}"} for number, user in enumerate(SHOPPERS)],
    )  # fmt: skip
    landing.put(
        "inventory", [{"product_id": name, "available_quantity": 0, "snapshot_at": ago(60)} for name in PRODUCTS]
    )
    asked = [
        {"request_id": f"{user}/{product}", "user_id": user, "product_id": product, "requested_at": ago(50 - number),
         "surface": "app", "contact": "home@example.com" if number == 4 else ""}
        for number, user in enumerate(SHOPPERS) for product in PRODUCTS[number % 3 : number % 3 + 2 + number % 2]
    ]  # fmt: skip
    again = [
        row | {"request_id": row["request_id"] + "/again", "surface": "web", "requested_at": ago(9)} for row in asked
    ]
    landing.put("requests", asked)
    # Most bring the address of the request that they join, or none; some another one, or none where it has one.
    again[0]["contact"] = "work@example.com"
    again[7]["contact"] = "Second.Home@example.com"
    at_home = next(number for number, row in enumerate(asked) if row["contact"])
    landing.put("requests", [*again[::7], again[at_home] | {"request_id": "anywhere", "contact": ""}])
    landing.put("requests", [row | {"action": "cancel"} for row in again[5::20]])
    landing.put("requests", [{**asked[0], "request_id": "never-seen", "product_id": "ghost", "action": "cancel"}])
    landing.put(
        "requests", [{**asked[0], "request_id": "old", "product_id": "rug", "requested_at": ago(60 * 24 * 100)}]
    )
    landing.put(
        "requests", [{**row, "request_id": f"bad-{n}", "timezone": "Mars/Olympus"} for n, row in enumerate(asked[:2])]
    )
    landing.put("suppressions", [{"channel": "email", "contact": "shopper-08@example.com", "reason": "complaint"}])
    landing.put("requests", "nothing that can be read", "broken.parquet")


def bring_back(told: Told, landing: Landing, quantity: int, *products: str) -> None:
    rows = [{"product_id": name, "available_quantity": quantity, "snapshot_at": ago(0)} for name in products]
    landing.put("inventory", rows)
    load(told, landing)
    told.shop.clock = datetime.now(UTC)


def call_http(told: Told, landing: Landing) -> None:
    post = told.service.post
    body = {"product_id": "lamp", "contact": "web@example.com", "channel": "email"}
    assert post("/v1/requests", body | {"request_id": "web/1", "user_id": "web-1"}, Idempotency_Key="k-1").is_success
    load(told, landing)
    told.shop.settings |= {"overrides": '{"store": {"berlin": {"double_opt_in": true}}}'}
    resolve_policy(told.shop.warehouse, told.shop.settings)
    assert post("/v1/requests", body | {"store_id": "berlin"}, "page").json()["status"] == "confirmation_needed"


def tell(told: Told, landing: Landing) -> None:
    """Messages that were sent, clicked, refused for now and for good, given up, sold out, bought, and that wait."""
    told.mailbox.answers = {
        "shopper-01@example.com": "451 4.2.0 later",
        "shopper-03@example.com": "550 5.1.1 nobody of that name",
        "shopper-06@example.com": "554 5.6.0 not that",
    }
    bring_back(told, landing, 40, "lamp")
    told.shop.plan()
    told.send()
    words = [word for mail in told.mailbox.mails for word in mail.get_body(("plain",)).get_content().split()]
    links = sorted({word for word in words if "/c/" in word})
    assert len(links) > 5
    for link in links[::2]:
        assert visit(link).status_code == 302
    orders = [{"order_id": f"o-{n}", "user_id": user, "product_id": "lamp", "ordered_at": ago(0), "amount": "9.50"}
              for n, user in enumerate(SHOPPERS[9:20:3])]  # fmt: skip
    landing.put("orders", orders)
    # Planned for later, and sold out before.
    told.shop.settings |= {"notify_per_unit": "1", "wave_interval_minutes": "600", "daily_cap": "2"}
    bring_back(told, landing, 4, "chair", "desk")
    told.shop.plan()
    bring_back(told, landing, 0, "desk")
    told.shop.plan()


def leave_in_the_middle(told: Told, landing: Landing) -> None:
    """What stands there while things are under way: a sender died, a place has no message, the inbox is not empty."""
    shop = told.shop
    bring_back(told, landing, 3, "sofa")
    shop.plan()
    (accepted, request), (leaving, _) = shop.rows(
        "update restock.outbox set lease_until = now() + interval '5 minutes', leased_by = 'a dead sender'"
        " from (select notification_key, min(request_key) as request_key from restock.decision"
        " join restock.outbox using (notification_key) group by 1 order by 1 limit 2) as o"
        " where outbox.notification_key = o.notification_key returning o.notification_key, o.request_key"
    )
    now = datetime.now(UTC)
    step = {"leased_by": "a dead sender", "part_number": 1, "departing": [leaving], "clock": now, "started_at": now}
    step |= {"notification_keys": [accepted], "attempt_numbers": [1], "finished_at": [now]}
    step |= {"provider_codes": ["250"], "provider_messages": ["2.0.0 Ok"]}
    step |= {"request_keys": [request], "answering_keys": [accepted]}
    shop.warehouse.execute(read_sql("notify/note_part.sql"), step)
    bring_back(told, landing, 5, "vase")
    shop.update_episodes()
    policy = resolve_policy(shop.warehouse, shop.settings)
    rank_requests(shop.warehouse, policy.policy_id, {"email"}, datetime.now(UTC), shard_size=0)
    post = told.service.post
    body = {"product_id": "rug", "contact": "web@example.com", "channel": "email", "user_id": "web-1"}
    assert post("/v1/requests", body | {"request_id": "web/2"}).status_code == 202
    pending = {"items": [{"channel": "email", "contact": "web@example.com", "reason": "unsubscribe"}]}
    assert post("/v1/suppressions", pending, "warehouse").status_code == 202
    shop.look_at("rug")


def fill(told: Told, landing: Landing) -> None:
    """Everything, in the order in which it happens in a shop.

    Raises:
        RuntimeError: A table is still empty: this version has one that this file does not know of yet.
    """
    shop = told.shop
    shop.settings |= {"rate_per_minute": '{"email": 6000}'}
    put_files(landing)
    load(told, landing)
    call_http(told, landing)
    tell(told, landing)
    shop.run("update restock.rejected_row set corrected_text = replace(raw_text, 'Mars/Olympus', 'UTC'),"
             " corrected_at = now(), corrected_by = 'eve' where reason_code = 'unknown_time_zone'")  # fmt: skip
    replay_rejects(landing.url, "fill", None, "unknown_time_zone")
    expire_requests(shop.warehouse, datetime.now(UTC))
    leave_in_the_middle(told, landing)
    shop.warehouse.execute(RARE_ROWS)
    carry_out(shop.warehouse, landing.folder, export=None, erase="shopper-08", asked_by="fill", secret=SECRET)
    refresh(shop.warehouse)
    empty = [
        f"{schema}.{table}"
        for schema, table in shop.rows(TABLES)
        if not shop.warehouse.execute(
            sql.SQL("select 1 from {} limit 1").format(sql.Identifier(schema, table))
        ).fetchone()
    ]
    if empty:
        raise RuntimeError(f"No row was made in {', '.join(empty)}: tests/warehouse/fill.py has to make one.")


def dump(server: EmbeddedPostgres, url: str) -> str:
    """The rows as one insert a table; without the lines that differ from one dump to the next, or only psql reads."""
    arguments = ["--data-only", "--column-inserts", "--rows-per-insert=1000", "--exclude-table=restock.migration"]
    # Which partitions there are is not the same in every warehouse.
    arguments.append("--load-via-partition-root")
    done = subprocess.run(
        [str(server.binaries / "pg_dump"), *arguments, url], check=True, capture_output=True, text=True
    )
    return re.sub(r"^(--.*|\\.*|SET .*|SELECT pg_catalog.set_config.*|)\n", "", done.stdout, flags=re.MULTILINE)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="restock-fill-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres", free_port(), secrets.token_hex(8))
    server.start()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("create database template_warehouse")
        migrate(database_url(server.url("postgres"), "template_warehouse"))
        with told_shoppers(server.url("postgres"), "template_warehouse", folder) as told:
            os.environ |= {"RESTOCK_PUBLIC_URL": told.service.url, "RESTOCK_LINK_SECRET": SECRET}
            fill(told, Landing(folder / "landing", told.service.warehouse_url, told.shop.warehouse))
            [version] = told.shop.rows("select version_num from restock.migration")[0]
            text = dump(server, told.service.warehouse_url)
        FOLDER.mkdir(exist_ok=True)
        header = (
            f"-- Purpose: rows of a warehouse of version {version}, a few in every table, as its pipeline left them.\n"
            "-- Made by: tests/warehouse/fill.py of that version. Never changed: a later one cannot make it again.\n"
        )
        (FOLDER / f"{version}.sql").write_text(header + text, encoding="utf-8")
        views = "".join(file.read_text(encoding="utf-8") for file in sorted((SQL_ROOT / "marts").glob("*.sql")))
        (FOLDER / f"{version}_views.sql").write_text(views, encoding="utf-8")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
