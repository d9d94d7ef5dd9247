"""Clearing, backfilling and running again, over all tasks of all DAGs: nobody gets a second message."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from restock import notify
from restock.delivery import run_sender
from restock.maintenance import check_warehouse
from restock.schedule.plan import rank_requests
from tests.dags.conftest import ROOT, run_dag
from tests.dags.rerun import Reruns
from tests.dags.test_restock_notify import use_mail_server
from tests.http import HttpServer, serve_http
from tests.mail import MailServer, serve_mail
from tests.warehouse.landing import Landing, stock, subscribe
from tests.warehouse.test_backup import Variables

SECRET = f"whsec_{b64encode(bytes(32)).decode()}"
DAG_IDS = ("restock_ingest", "restock_notify", "restock_maintenance")

# All that a second look could change: what was decided, planned, answered and loaded.
STANDING = """
    select 'decision', d.episode_id, d.request_key, concat(outcome, rule, notification_key) from restock.decision d
    union all select 'message', 0, n.notification_key, n.status from restock.notification n
    union all select 'outcome', 0, o.request_key, concat(o.status, o.notification_key) from restock.request_outcome o
    union all select 'accepted', a.attempt_number, a.notification_key, a.outcome from restock.delivery_attempt a
    union all select 'file', 0, f.feed_file_id, concat(f.status, f.loaded_count) from restock.feed_file f
    union all select 'rejected', 0, r.rejected_row_id, r.reason_code from restock.rejected_row r
    union all select 'episode', 0, e.episode_id, coalesce(e.closed_at::text, 'open') from restock.episode e
    order by 1, 2, 3
"""
# Each shopper, product and restock for which a message left, as many times as one did.
TOLD = """
    select r.user_id, r.product_id, d.episode_id, count(*)
    from restock.delivery_attempt a
    join restock.decision d using (notification_key)
    join restock.request r using (request_key)
    where a.outcome in ('accepted', 'in_doubt') and d.dropped_at is null
    group by r.user_id, r.product_id, d.episode_id
"""


def airflow_connection(shop: "Shop", connection_id: str) -> tuple[object, ...] | None:
    """What Airflow knows of a connection."""
    extra = {"from_email": "hello@shop.example", "disable_ssl": True, "disable_tls": True}
    return {
        "restock_smtp": ("127.0.0.1", shop.mailbox.port, None, None, "", extra),
        "restock_webhook": (f"{shop.hook.url}/hook", None, None, SECRET, "", {}),
    }.get(connection_id)


class Shop(Landing):
    """A landing area, a warehouse and two providers, over which the three DAGs have run until messages left."""

    mailbox: MailServer
    hook: HttpServer
    reruns: Reruns

    def run_all(self) -> dict[str, str]:
        """Run each DAG once; their run ids."""
        for dag_id in DAG_IDS:
            run_dag(ROOT / "dags" / f"{dag_id}.py")
        return {dag_id: self.reruns.newest(dag_id) for dag_id in DAG_IDS}

    def left(self) -> Counter[str]:
        """How often each message left, by its id, as the providers have it."""
        mails = (mail["Message-ID"].strip("<>").partition("@")[0] for mail in self.mailbox.mails)
        return Counter([*mails, *(call.headers["idempotency-key"] for call in self.hook.calls)])

    def standing(self) -> list[tuple]:
        return self.rows(STANDING)

    def require_told_once(self) -> None:
        assert set(self.left().values()) == {1}
        assert {count for *_, count in self.rows(TOLD)} == {1}
        assert [str(result) for result in check_warehouse(self.warehouse) if not result.is_valid] == []


@pytest.fixture
def shop(
    tmp_path: Path, airflow_home: Path, warehouse, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """Everything that can become of a message has become of one; mapped tasks are made although little is to do."""
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WAREHOUSE", warehouse_url)
    monkeypatch.setenv("RESTOCK_LANDING", tmp_path.as_uri())
    monkeypatch.setenv("RESTOCK_PUBLIC_URL", "https://shop.example")
    monkeypatch.setenv("RESTOCK_LINK_SECRET", "secret")
    # What is in doubt may be sent twice where somebody chose so; here nothing may be.
    monkeypatch.setenv("AIRFLOW_VAR_RESTOCK_IN_DOUBT", "drop")
    monkeypatch.setattr("restock.notify.plan.rank_requests", partial(rank_requests, shard_size=0))
    with serve_mail() as mailbox, serve_http() as hook:
        use_mail_server(monkeypatch, mailbox.port)
        receiver = {"conn_type": "http", "host": f"{hook.url}/hook", "password": SECRET}
        monkeypatch.setenv("AIRFLOW_CONN_RESTOCK_WEBHOOK", json.dumps(receiver))
        mailbox.answers = {"dead@example.com": "554 never", "later@example.com": "451 not now"}
        mailbox.breaks = {"doubt@example.com"}
        shop = Shop(tmp_path, warehouse_url, warehouse)
        shop.mailbox, shop.hook, shop.reruns = mailbox, hook, Reruns(DagBag(str(ROOT / "dags")).dags)
        fill(shop)
        yield shop


def fill(shop: Shop) -> None:
    """Messages that left (one a digest, one by webhook), one for tomorrow, one dead, one in doubt, one to try again."""
    now = datetime.now(UTC)
    noon, night = (f"Etc/GMT{now.hour - hour:+d}" for hour in (12, 23 if now.hour > 9 else 1))
    asked = {"requested_at": (now - timedelta(hours=1)).isoformat()}
    people = {"ada": noon, "asleep": night, "dead": noon, "doubt": noon, "later": noon, "hook": noon}
    rows = [
        subscribe(f"{name}-lamp", user=name) | asked | {"timezone": zone, "contact": f"{name}@example.com"}
        for name, zone in people.items()
    ]
    rows[-1] |= {"channel": "webhook", "contact": "https://shop.example/hook"}
    rows.append(rows[0] | {"request_id": "ada-desk", "product_id": "desk"})
    shop.put("requests", [*rows, subscribe("bad") | asked | {"timezone": "Mars"}])
    shop.put("products", [{"product_id": name, "name": name.title()} for name in ("lamp", "desk")])
    shop.put("inventory", [stock(name, 9) | {"snapshot_at": now.isoformat()} for name in ("lamp", "desk")])


def choices_of(shop: Shop, dag_id: str, run_id: str) -> list[list]:
    """What somebody may clear of a run: each task, alone, with what follows it, with what it stands on, or both."""
    dag = shop.reruns.dags[dag_id]
    choices = {frozenset([key]) for key in shop.reruns.states(dag_id, run_id) if key[1] >= 0}
    for task in dag.tasks:
        alone, down, up = {task.task_id}, task.get_flat_relative_ids(), task.get_flat_relative_ids(upstream=True)
        choices |= {frozenset(alone), frozenset(alone | down), frozenset(alone | up), frozenset(alone | down | up)}
    choices.add(frozenset(dag.task_ids))
    # First what leaves the first task as it was: once that finds nothing to do, it takes away what others stand on.
    roots = {task.task_id for task in dag.roots}
    return sorted(map(list, choices), key=lambda choice: (bool(roots & {*choice}), str(choice)))


def test_whatever_is_cleared_of_any_dag_and_run_again_nobody_is_told_twice(shop: Shop) -> None:
    runs = shop.run_all()
    statuses = dict(shop.rows("select user_id, status from restock.notification"))
    wanted = {"ada": "sent", "hook": "sent", "asleep": "scheduled", "dead": "dead", "doubt": "dead", "later": "failed"}
    assert statuses == wanted
    assert len(shop.left()) == 3
    # Its next try would be due within the minute, and is told apart below.
    shop.warehouse.execute(
        "update restock.outbox set due_at = now() + interval '1 hour' where due_at < now() + interval '1 hour'"
    )
    before, told = shop.standing(), shop.left()

    mapped = set()
    for dag_id, run_id in runs.items():
        for choice in choices_of(shop, dag_id, run_id):
            mapped |= {task[0] for task in choice if isinstance(task, tuple)}
            assert shop.reruns.clear(dag_id, run_id, choice), choice
            assert shop.reruns.run(dag_id, run_id) == "success", choice
            assert shop.standing() == before, choice
            assert shop.left() == told, choice
    assert mapped == {"load_inputs", "build_schedule", "send_messages"}
    # And of runs that had nothing to do.
    for dag_id, run_id in shop.run_all().items():
        for task in shop.reruns.dags[dag_id].task_ids:
            shop.reruns.clear(dag_id, run_id, [task])
            assert shop.reruns.run(dag_id, run_id) == "success", task
    assert shop.standing() == before
    assert shop.left() == told
    shop.require_told_once()

    # What had still to be sent is sent once, by a run that is cleared as by any other.
    shop.mailbox.answers.clear()
    shop.warehouse.execute("update restock.outbox set due_at = now()")
    shop.reruns.clear("restock_notify", runs["restock_notify"])
    assert shop.reruns.run("restock_notify", runs["restock_notify"]) == "success"
    assert sorted(shop.mailbox.recipients()) == ["ada@example.com", "doubt@example.com", "later@example.com"]
    shop.require_told_once()


def test_backfilling_and_asking_again_tells_nobody_twice(shop: Shop) -> None:
    runs = shop.run_all()
    shop.warehouse.execute("update restock.outbox set due_at = now() + interval '1 hour'")
    before, told = shop.standing(), shop.left()
    first = datetime(2026, 3, 1, 3, 30, tzinfo=UTC)
    for dag_id in DAG_IDS:
        step = timedelta(days=1) if dag_id == "restock_maintenance" else timedelta(minutes=1)
        wanted = {"from_date": first, "to_date": first + step, "dag_run_conf": {}}
        made = shop.reruns.backfill(dag_id, **wanted, reprocess="none")
        assert len(made) == 2
        assert [shop.reruns.run(dag_id, run_id) for run_id in made] == ["success"] * 2
        # The same days again: once as they are, once more from the beginning.
        assert shop.reruns.backfill(dag_id, **wanted, reprocess="none") == []
        again = shop.reruns.backfill(dag_id, **wanted, reprocess="completed")
        assert again == made
        assert [shop.reruns.run(dag_id, run_id) for run_id in again] == ["success"] * 2
    assert shop.standing() == before
    assert shop.left() == told
    shop.require_told_once()

    # A parameter does what it says, once: what died, or was held, after the run was triggered is left alone.
    shop.mailbox.answers = {"dead@example.com": "554 still not"}
    run_dag(ROOT / "dags" / "restock_notify.py", replay_dead={"error": "554"})
    tries = "select count(*) from restock.delivery_attempt where outcome = 'permanent'"
    assert shop.rows(tries) == [(2,)]
    replay = shop.reruns.newest("restock_notify")
    for _ in range(2):
        shop.reruns.clear("restock_notify", replay)
        assert shop.reruns.run("restock_notify", replay) == "success"
    assert shop.rows(tries) == [(2,)]
    assert runs["restock_notify"] != replay
    shop.require_told_once()


def test_runs_of_the_same_minute_side_by_side_tell_nobody_twice(shop: Shop) -> None:
    run_dag(ROOT / "dags" / "restock_ingest.py")
    connection = partial(airflow_connection, shop)
    params = {"release_gate": None, "replay_dead": None}
    variables = Variables(restock_in_doubt="drop")

    def run(number: int) -> None:
        planned = notify.plan_messages(shop.url, variables, params, "vera", datetime.now(UTC), connection)
        for each in planned.shards if planned else []:
            notify.build_schedule(shop.url, **each)
        for sender in notify.send_due(shop.url, connection, f"run-{number}").senders:
            run_sender(shop.url, sender["channel"], connection, sender["policy_id"], f"run-{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(8)))
    assert len(shop.left()) == 3
    shop.require_told_once()
