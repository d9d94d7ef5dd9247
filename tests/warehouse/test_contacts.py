"""Where addresses stand after everything that brings one has happened: in two tables, and where they came in."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from restock.erasure import Person, erase_person
from restock.feeds.masking import mask_recipient
from restock.feeds.replay import ReplayCounts, replay_rejects
from restock.maintenance import forget_calls, forget_replayed, remove_expired_links
from restock.policy import resolve_policy
from restock.schedule.plan import rank_requests
from tests.warehouse.landing import Landing
from tests.warehouse.test_erasure import asking, load, places_of, plan
from tests.warehouse.told import SECRET, Told, told_shoppers, visit

# Each address has one of these in it, whatever it is written or encoded as.
TRACES = ("zqx", "5550177")
PHONE, URL = "+49 170 5550177", "https://hooks.example.org/zqx?a=7"
DURABLE = {"customer.email", "customer.phone", "customer.webhook_url", "request.contact", "request.joined_contacts"}
# As they arrived: gone a week after, but for rows that wait to be put right.
ARRIVED = {"inbox.line", "unconfirmed_request.line", "confirmation.contact"}
REJECTED = {"rejected_row.raw_text", "rejected_row.corrected_text"}


def mail(name: str) -> str:
    return f"{name}.zqx+Unusual'x@Example.org"


def places(warehouse: psycopg.Connection) -> set[str]:
    """Columns in which an address stands; those of a partition are those of its table."""
    return {re.sub(r"_[0-9]+[.]", ".", place) for place in places_of(warehouse, TRACES)}


def arrive_in_files(told: Told, landing: Landing) -> None:
    rows = [{"user_id": name, "email": mail(name)} for name in ("ann", "bob", "cid", "dee", "eve", "fay")]
    landing.put("customers", [*rows, {"user_id": "gus", "email": "", "phone": PHONE, "webhook_url": URL}])
    mars = [{"user_id": name, "email": mail(name), "timezone": "Mars/Olympus"} for name in ("ian", "jan")]
    landing.put("customers", mars)
    landing.put("requests", [
        *(asking(f"{name}-1", "lamp", user=name) for name in ("ann", "bob", "cid", "dee", "eve")),
        asking("ann-2", "lamp", 50, user="ann", contact=mail("other")),
        asking("bob-2", "lamp", 50, user="bob", contact=mail("work")),
        asking("hal-1", "chair", user="hal", contact=mail("hal")),
        asking("fay-1", "table", user="fay", contact=mail("home")),
        asking("gus-1", "lamp", user="gus", channel="sms"),
    ])  # fmt: skip
    landing.put("suppressions", [
        {"channel": "email", "contact": mail("eve").upper(), "reason": "complaint"},
        {"channel": "webhook", "contact": URL, "reason": "bounce"},
    ])  # fmt: skip
    load(told, landing)
    told.shop.run("update restock.rejected_row set corrected_text = replace(raw_text, 'Mars/Olympus', ''),"
                  " corrected_at = now(), corrected_by = 'eve' where raw_text like 'ian%%'")  # fmt: skip
    assert replay_rejects(landing.url, "run", None, None) == ReplayCounts(replayed=2, rejected_again=1, left=0)


def arrive_over_http(told: Told, landing: Landing) -> None:
    post = told.service.post
    asked = {"product_id": "lamp", "channel": "email"}
    assert post("/v1/requests", asked | {"contact": mail("web")}, Idempotency_Key="k-1").status_code == 202
    stopped = {"items": [{"channel": "sms", "contact": PHONE, "reason": "unsubscribe"}]}
    assert post("/v1/suppressions", stopped, "warehouse").status_code == 202
    load(told, landing)
    told.shop.settings |= {"overrides": '{"store": {"berlin": {"double_opt_in": true}}}'}
    resolve_policy(told.shop.warehouse, told.shop.settings)
    for name in ("new", "refused"):
        asked = {"product_id": "lamp", "contact": mail(name), "store_id": "berlin"}
        assert post("/v1/requests", asked, "page").json()["status"] == "confirmation_needed"
    told.mailbox.answers[mail("refused")] = f"550 5.1.1 <{mail('refused')}>: nobody of that name"
    told.send()


def answer(told: Told) -> None:
    """Mails that are taken, refused in words that name the address, and answered by unsubscribing."""
    told.mailbox.answers |= {
        mail("bob"): f"550 5.1.1 <{mail('bob')}>: unknown, see https://mail.example.org/help/5.1.1",
        mail("cid"): f"451 4.2.0 {mail('cid').lower()} is greylisted, or call {PHONE}",
    }
    plan(told, "lamp", "chair")
    assert mail("ann") in told.send()
    assert mail("eve") not in told.mailbox.recipients()
    for name, scope in (("dee", "store"), ("hal", "everything")):
        [stop] = {link for link in told.links(mail(name)) if "/u/" in link}
        assert visit(stop, "POST", data={"scope": scope}).status_code == 200
    # A place in a queue that has no message yet.
    told.shop.stock("table", 5)
    told.shop.look_at("table")
    told.shop.update_episodes()
    policy = resolve_policy(told.shop.warehouse, told.shop.settings)
    rank_requests(told.shop.warehouse, policy.policy_id, {"email"}, datetime.now(UTC), shard_size=0)
    assert told.shop.rows("select user_id from restock.candidate") == [("fay",)]


def test_addresses_stand_in_two_tables_and_where_they_came_in(
    postgres_url: str, warehouse_template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told_shoppers(postgres_url, warehouse_template, tmp_path) as told:
        monkeypatch.setenv("RESTOCK_PUBLIC_URL", told.service.url)
        monkeypatch.setenv("RESTOCK_LINK_SECRET", SECRET)
        warehouse, landing = told.shop.warehouse, Landing(tmp_path / "landing", told.service.warehouse_url, None)
        for product in ("lamp", "chair", "table"):
            told.product(product, product.title())
        arrive_in_files(told, landing)
        arrive_over_http(told, landing)
        answer(told)
        erase_person(warehouse, Person(user_id="ann"), asked_by="test", secret=SECRET)

        suppressed = {
            name: told.shop.suppressions(address)
            for name, address in {**{name: mail(name).swapcase() for name in ("bob", "dee", "eve", "hal", "refused")},
                                  "phone": PHONE, "url": URL}.items()
        }  # fmt: skip
        assert suppressed == {
            "bob": [("email", "bounce")], "dee": [], "eve": [("email", "complaint")],
            "hal": [("email", "unsubscribe")], "refused": [("email", "bounce")],
            "phone": [("sms", "unsubscribe")], "url": [("webhook", "bounce")],
        }  # fmt: skip
        assert told.shop.rows("select channel, store_id from restock.store_suppression") == [("email", "main")]
        said = told.shop.rows("select provider_code, provider_message from restock.delivery_attempt order by 1, 2")
        assert ("550", "5.1.1 <(an address)>: unknown, see https://mail.example.org/help/5.1.1") in said, said

        assert places(warehouse) == DURABLE | ARRIVED | REJECTED
        # It would be seen anywhere else.
        with warehouse.transaction(force_rollback=True):
            warehouse.execute("update restock.suppression set contact_hash = rpad('zqx', 32)::bytea where ctid in"
                              " (select ctid from restock.suppression limit 1)")  # fmt: skip
            warehouse.execute("insert into restock.figure values ('x', '{\"of\": \"ann@zqx.example\"}', 1)")
            assert places(warehouse) >= {"suppression.contact_hash", "figure.tags"}

        later = datetime.now(UTC) + timedelta(days=8)
        forget_calls(warehouse, later)
        remove_expired_links(warehouse, later)
        assert [forget_replayed(warehouse, later) for _ in range(2)] == [2, 0]
        # Jan's row waits to be put right.
        assert places(warehouse) == DURABLE | {"rejected_row.raw_text"}
        assert told.shop.rows("select state, raw_text like 'jan%' from restock.rejected_row_history order by 1") == [
            ("accepted", False), ("rejected", True), ("rejected_again", False),
        ]  # fmt: skip


def test_what_a_provider_says_keeps_everything_but_addresses() -> None:
    said = "5.7.1 <Ann@Example.com>: call +49 151 1234567, see https://help.example/5.7.1?a=b"
    masked = "5.7.1 <(an address)>: call (an address), see https://help.example/5.7.1?a=b"
    assert mask_recipient(said, "ann@example.com") == masked
    assert mask_recipient("no Device-77 here, https://x.example/Device-77", "device-77") == (
        "no (an address) here, https://x.example/(an address)"
    )
    # So short a name may be anything.
    assert mask_recipient("404 4", "4") == "404 4"
    assert mask_recipient("250 2.0.0 ok", None) == "250 2.0.0 ok"
