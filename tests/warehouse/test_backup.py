"""Backup and restore: a warehouse that was lost comes back, and nobody is told twice."""

import csv
import json
import os
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from restock import notify
from restock.backup import RestoredWarehouseError
from restock.backup.create import create_backup
from restock.backup.manifest import DUMP, NAME
from restock.backup.restore import drop_database, restore_backup, verify_backup
from restock.backup.sent import write_sent
from restock.backup.settle import NothingToSettleError, NotLoadedError, Settled, read_sent, settle
from restock.backup.tools import BackupError
from restock.delivery import run_sender
from restock.feeds.inputs import find_inputs, load_input
from restock.local.postgres import EmbeddedPostgres
from restock.maintenance import check_warehouse
from restock.warehouse import connect
from tests.conftest import database_url, free_port
from tests.mail import MailServer, serve_mail
from tests.roles import login_in
from tests.warehouse.landing import Landing, stock, subscribe

JOBS = 2
ROOT = Path(__file__).parents[2]


class Variables(dict):
    """Airflow's Variables."""

    def set(self, key: str, value: str, description: str) -> None:
        assert description
        self[key] = value

    def get(self, key: str, default: str | None = None) -> str | None:
        return super().get(key, default)


class Chain:
    """The whole chain over one warehouse, which can be lost: landing area, both DAGs' work, a mail server."""

    def __init__(self, folder: Path, server_url: str, database: str, mailbox: MailServer) -> None:
        self.folder = folder
        self.server_url = server_url
        self.database = database
        self.url = database_url(server_url, database)
        self.mailbox = mailbox
        self.variables = Variables(restock_quiet_hours="", restock_cooldown_hours="0")
        self._landing = Landing(folder / "landing", self.url, None)

    def connection(self, connection_id: str) -> tuple[object, ...] | None:
        extra = {"from_email": "hello@shop.example", "disable_ssl": True, "disable_tls": True}
        return ("127.0.0.1", self.mailbox.port, None, None, "", extra) if connection_id == "restock_smtp" else None

    def ask(self, *wishes: str) -> None:
        """Requests such as ada-lamp, an hour ago."""
        rows = [dict(zip(("user", "product"), wish.split("-"), strict=True)) for wish in wishes]
        at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        self._landing.put(
            "requests",
            [
                subscribe(wish, **row) | {"requested_at": at, "contact": f"{row['user']}@example.com"}
                for wish, row in zip(wishes, rows, strict=True)
            ],
        )

    def describe(self, *products: str) -> None:
        self._landing.put("products", [{"product_id": product, "name": product} for product in products])

    def deliver(self, *products: str) -> None:
        now = datetime.now(UTC).isoformat()
        self._landing.put("inventory", [stock(product, 9) | {"snapshot_at": now} for product in products])

    def load(self) -> bool:
        """What a run of restock_ingest does; whether there was something to load."""
        with connect(self.url) as warehouse:
            inputs = find_inputs(warehouse, self._landing.folder, "[]", None, None)
        for each in inputs:
            load_input(lambda _: self.url, lambda: self._landing.folder, each, "run")
        return bool(inputs)

    def run(self) -> None:
        """What both DAGs do."""
        self.load()
        self.plan()
        self.send()

    def plan(self) -> None:
        params = {"release_gate": None, "replay_dead": None}
        notify.plan_messages(self.url, self.variables, params, "vera", datetime.now(UTC), self.connection)

    def send(self) -> None:
        notify.send_due(self.url, self.connection, "run/send")

    def told(self) -> list[tuple[str, str]]:
        """Shopper and product of every mail."""
        return sorted((mail["To"].partition("@")[0], mail["Subject"].split()[0]) for mail in self.mailbox.mails)

    def lose(self) -> None:
        with connect(self.server_url) as server:
            drop_database(server, self.database)

    def list_mails(self) -> Path:
        """What the mail server has, as its log gives it: ids and recipients, other people's mails among them."""
        path = self.folder / "mails.csv"
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["message_id", "recipient"])
            writer.writerow(["<newsletter.7@shop.example>", "zoe@example.com"])
            writer.writerow([f"<{uuid4()}.0@shop.example>", "gus@example.com"])
            writer.writerows((mail["Message-ID"], mail["To"]) for mail in self.mailbox.mails)
        return path


@pytest.fixture
def chain(
    tmp_path: Path, postgres_url: str, warehouse_template: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Chain]:
    """Ada was told before the backup; Cem's mail waits for its next try; Bob, Fay and Gus wait."""
    monkeypatch.setenv("RESTOCK_PUBLIC_URL", "https://shop.example")
    monkeypatch.setenv("RESTOCK_LINK_SECRET", "secret")
    name = f"restock_test_{secrets.token_hex(6)}"
    with connect(postgres_url) as server, serve_mail() as mailbox:
        server.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(warehouse_template))
        )
        chain = Chain(tmp_path, postgres_url, name, mailbox)
        mailbox.answers = {"cem@example.com": "451 not now"}
        chain.describe("lamp", "desk", "rug", "vase")
        chain.ask("ada-lamp", "ada-vase", "cem-lamp", "bob-desk", "fay-desk", "fay-rug", "gus-vase")
        chain.deliver("lamp")
        chain.run()
        yield chain
        drop_database(server, name)


def go_on_and_lose(chain: Chain) -> Path:
    """Back up, go on: Cem's second try, Bob and Fay told by a new restock, Dora asks and is told; then all is lost."""
    backup = chain.folder / "backup"
    create_backup(chain.url, backup, JOBS)
    chain.mailbox.answers.clear()
    with connect(chain.url) as warehouse:
        warehouse.execute("update restock.outbox set due_at = now()")
    chain.ask("dora-lamp", "eve-vase")
    chain.deliver("desk")
    chain.run()
    assert chain.told() == [("ada", "lamp"), ("bob", "desk"), ("cem", "lamp"), ("dora", "lamp"), ("fay", "desk")]
    with connect(chain.url) as warehouse:
        write_sent(warehouse, chain.folder / "sent.csv", datetime.now(UTC) - timedelta(minutes=5))
    chain.lose()
    return backup


def restore_and_load(chain: Chain, backup: Path) -> None:
    restore_backup(backup, chain.server_url, chain.database, JOBS)
    # Whoever settles too early is stopped.
    with pytest.raises(NotLoadedError, match="--unloaded"):
        settle_chain(chain, None, "drop")
    assert chain.load()
    with pytest.raises(NotLoadedError):
        settle_chain(chain, None, "drop")
    assert not chain.load()
    with pytest.raises(RestoredWarehouseError, match=r"python -m restock\.backup settle"):
        chain.plan()
    with pytest.raises(RestoredWarehouseError):
        chain.send()


def settle_chain(chain: Chain, sent: Path | None, unknown: str) -> Settled:
    with connect(chain.url) as warehouse:
        return settle(warehouse, None if sent is None else read_sent(sent), unknown, "vera", dry_run=False)


def sell_on(chain: Chain) -> Sequence[tuple[str, str]]:
    """Everything comes back, and who still waits is told; what was told since."""
    before = chain.told()
    chain.deliver("vase", "rug", "desk", "lamp")
    chain.run()
    # No id that was given away by the lost part names another message now.
    ids = {mail["Message-ID"] for mail in chain.mailbox.mails}
    assert len({(mail["Message-ID"], mail["To"], mail["Subject"]) for mail in chain.mailbox.mails}) == len(ids)
    with connect(chain.url) as warehouse:
        assert [str(result) for result in check_warehouse(warehouse) if not result.is_valid] == []
    told = chain.told()
    for each in before:
        told.remove(each)
    return told


def test_with_the_list_that_is_kept_beside_the_backups_everybody_is_told_exactly_once(chain: Chain) -> None:
    restore_and_load(chain, go_on_and_lose(chain))
    with connect(chain.url) as warehouse:
        counted = settle(warehouse, read_sent(chain.folder / "sent.csv"), "drop", "vera", dry_run=True)
    # Cem's mail was known to the backup; Bob, Fay and Dora were told by messages that were not.
    assert counted == Settled(5, 1, 3, 0, 0, 0)
    with pytest.raises(RestoredWarehouseError):
        chain.send()
    # Two at once: one does it.
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(settle_chain, chain, chain.folder / "sent.csv", "drop") for _ in range(2)]
    faults = [each.exception() for each in done]
    assert {type(fault) for fault in faults} == {NothingToSettleError, type(None)}
    assert counted in [each.result() for each in done if each.exception() is None]
    assert sell_on(chain) == [("ada", "vase"), ("eve", "vase"), ("fay", "rug"), ("gus", "vase")]
    with pytest.raises(NothingToSettleError):
        settle_chain(chain, None, "drop")


def test_with_the_log_of_the_mail_server_nobody_who_got_a_mail_is_told_again(chain: Chain) -> None:
    restore_and_load(chain, go_on_and_lose(chain))
    # A sender that outlived the lost warehouse comes back to the restored one, and gets nothing.
    with connect(chain.url) as warehouse:
        warehouse.execute("update restock.outbox set due_at = now()")
        [(policy_id,)] = warehouse.execute("select max(policy_id) from restock.policy").fetchall()
    assert run_sender(chain.url, "email", chain.connection, policy_id, "old")["figures"] == {}
    # The log does not say what Fay was told about, so neither of her requests is answered again. That Ada got a mail
    # before the backup, and Gus was asked to confirm, takes nothing from them.
    assert settle_chain(chain, chain.list_mails(), "drop") == Settled(6, 1, 0, 4, 4, 0)
    assert sell_on(chain) == [("ada", "vase"), ("eve", "vase"), ("gus", "vase")]


def test_without_a_list_nobody_who_asked_before_the_loss_is_told_again(chain: Chain) -> None:
    restore_and_load(chain, go_on_and_lose(chain))
    settled = settle_chain(chain, None, "drop")
    assert (settled.doubtful, settled.dropped) == (8, 8)
    chain.ask("hal-vase")
    assert sell_on(chain) == [("hal", "vase")]


def test_who_would_rather_tell_twice_than_not_at_all_says_resend(chain: Chain) -> None:
    restore_and_load(chain, go_on_and_lose(chain))
    assert settle_chain(chain, None, "resend").dropped == 0
    assert ("bob", "desk") in sell_on(chain)


def test_what_a_sender_had_noted_as_accepted_when_the_backup_was_made_is_not_sent_again(chain: Chain) -> None:
    with connect(chain.url) as warehouse:
        warehouse.execute(
            "insert into restock.acceptance select 'run/1', 1, now(), array_agg(notification_key), '{2}', '{250}',"
            " '{Ok}', array[now()], array_agg(request_key), array_agg(notification_key)"
            " from restock.outbox join restock.decision using (notification_key)"
        )
    chain.mailbox.answers.clear()
    create_backup(chain.url, chain.folder / "backup", JOBS)
    chain.lose()
    restore_backup(chain.folder / "backup", chain.server_url, chain.database, JOBS)
    assert not chain.load()
    settle_chain(chain, None, "resend")
    with connect(chain.url) as warehouse:
        told = warehouse.execute("select request_id from restock.request_state where status = 'notified' order by 1")
        assert [request for (request,) in told.fetchall()] == ["ada-lamp", "cem-lamp"]
    assert sell_on(chain) == [("ada", "vase"), ("bob", "desk"), ("fay", "desk"), ("gus", "vase")]


def test_a_backup_is_for_its_owner_alone_and_damage_is_found(chain: Chain) -> None:
    backup = chain.folder / "backup"
    create_backup(chain.url, backup, JOBS)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in backup.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    with pytest.raises(BackupError, match="never overwritten"):
        create_backup(chain.url, backup, JOBS)
    assert verify_backup(backup, chain.server_url, JOBS).row_counts["request"] == 7
    with pytest.raises(BackupError, match="overwrites nothing"):
        restore_backup(backup, chain.server_url, chain.database, JOBS)

    # One that fails leaves no copy of the addresses.
    manifest = json.loads((backup / NAME).read_text())
    wrong = manifest | {"row_counts": manifest["row_counts"] | {"request": 8}}
    (backup / NAME).write_text(json.dumps(wrong))
    with pytest.raises(BackupError, match="request has 7 and had 8"):
        verify_backup(backup, chain.server_url, JOBS)
    with connect(chain.server_url) as server:
        left = server.execute("select datname from pg_database where datname like %s", [f"{chain.database}_%"])
        assert left.fetchall() == []
    (backup / NAME).write_text(json.dumps(manifest))

    data = max((backup / DUMP).iterdir(), key=lambda path: path.stat().st_size)
    data.write_bytes(data.read_bytes()[:-1] + b"?")
    with pytest.raises(BackupError, match="is damaged: 1 files"):
        verify_backup(backup, chain.server_url, JOBS)
    (backup / NAME).unlink()
    with pytest.raises(BackupError, match="holds no backup"):
        verify_backup(backup, chain.server_url, JOBS)


def test_a_server_without_the_roles_gets_them_and_a_restore_cut_short_is_begun_anew(chain: Chain) -> None:
    backup = chain.folder / "backup"
    with login_in("restock_pipeline", chain.url) as url:
        login = psycopg.conninfo.conninfo_to_dict(url)["user"]
        create_backup(chain.url, backup, JOBS)
        with connect(chain.server_url) as server:
            server.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))
            server.execute(sql.SQL("create database {}").format(sql.Identifier(f"{chain.database}_restoring")))
            chain.lose()
            restore_backup(backup, chain.server_url, chain.database, JOBS)
            found = server.execute(
                "select rolcanlogin, pg_has_role(rolname, 'restock_pipeline', 'member')"
                " from pg_roles where rolname = %s",
                [login],
            ).fetchall()
            left = server.execute("select 1 from pg_database where datname = %s", [f"{chain.database}_restoring"])
            assert left.fetchall() == []
    assert found == [(True, True)]


def test_a_list_without_a_message_of_ours_is_not_taken_for_nothing_left(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("message_id,recipient\nqueue-4711,ada@example.com\n")
    with pytest.raises(BackupError, match="No line of"):
        read_sent(path)
    path.write_text("message_id,recipient\n")
    assert read_sent(path) == []


def test_a_server_with_other_users_takes_it_from_one_who_is_no_superuser(chain: Chain) -> None:
    """As with a managed database: the superuser has another name, and nobody gets it."""
    backup = chain.folder / "backup"
    create_backup(chain.url, backup, JOBS)
    folder = Path(tempfile.mkdtemp(prefix="restock-test-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "other", free_port(), "secret", superuser="boss")
    server.start()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as boss:
            boss.execute("create role admin login password 'secret' createdb createrole")
        admin = server.url("postgres").replace("boss:", "admin:")
        restore_backup(backup, admin, "restock", JOBS)
        with psycopg.connect(server.url("restock"), autocommit=True) as boss:
            assert boss.execute("select count(*) from restock.request").fetchone() == (7,)
            # A superuser of the old server is none here, and owns the warehouse as before.
            assert boss.execute("select rolsuper from pg_roles where rolname = 'restock'").fetchone() == (False,)
            boss.execute("set role restock")
            boss.execute("update restock.restore set backup_at = backup_at")
            # Somebody else made the roles: then it takes a word from him.
            boss.execute("reset role")
            boss.execute("create role other login password 'secret' createdb createrole")
        with pytest.raises(BackupError, match="may not act as it, which a restore needs: let who made it run `grant"):
            restore_backup(backup, admin.replace("admin:", "other:"), "restock_too", JOBS)
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_commands_do_all_this_and_say_what_is_next(chain: Chain, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("RESTOCK_WAREHOUSE_OWNER_URL", chain.url)
    monkeypatch.setenv("RESTOCK_SERVER_URL", chain.server_url)
    assert "holds the warehouse as of" in command("create", str(tmp_path / "b"))
    assert "is whole" in command("verify", str(tmp_path / "b"))
    settings = json.loads(command("settings", str(tmp_path / "b")))
    assert settings["restock_quiet_hours"] == ""
    assert settings["restock_daily_cap"] == "3"
    assert "lists 1 requests" in command("sent", str(tmp_path / "s.csv"), "--since", "2026-01-01T00:00:00+00:00")
    chain.lose()
    assert "Nothing leaves it yet" in command("restore", str(tmp_path / "b"))
    chain.load()
    assert "Planning and sending go on" in command("settle", "--sent", str(tmp_path / "s.csv"), "--unknown", "drop")
    refused = run_command("settle", "--unknown", "drop")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    # After a recovery to an earlier moment.
    assert "Nothing is planned or sent" in command("mark", "--since", "2026-01-01T00:00:00+00:00")
    with pytest.raises(RestoredWarehouseError):
        chain.plan()


def command(*arguments: str) -> str:
    outcome = run_command(*arguments)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "restock.backup", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        capture_output=True,
        text=True,
        check=False,
    )
