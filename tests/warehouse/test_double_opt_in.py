"""Double opt-in: a request over HTTP counts once the owner of its address says so, over real HTTP and SMTP."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from restock.delivery.message.links import confirmation_tokens
from restock.delivery.settle import MOST_TRIES
from restock.episodes import has_work
from restock.feeds.inbox import load_waiting
from restock.maintenance import remove_expired_links
from restock.policy import Settings, resolve_policy
from restock.warehouse import read_sql
from tests.warehouse.told import SECRET, Told, told_shoppers, visit


@pytest.fixture(scope="module")
def running(postgres_url: str, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with (
        told_shoppers(postgres_url, warehouse_template, tmp_path_factory.mktemp("told")) as told,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("RESTOCK_PUBLIC_URL", told.service.url)
        patch.setenv("RESTOCK_LINK_SECRET", SECRET)
        told.product("lamp", "Brass <lamp>")
        told.product("chair", "Oak chair")
        yield told


@pytest.fixture
def told(running: Told) -> Told:
    """Confirmations are wanted in every store but berlin. Nobody asked yet, and the mail server takes everything."""
    running.shop.run(
        "truncate restock.confirmation, restock.unconfirmed_request, restock.inbox, restock.inbox_pending,"
        " restock.suppression, restock.store_suppression, restock.breaker, restock.intake_count, restock.rate_bucket,"
        " restock.plan_queue"
    )
    running.shop.settings |= {
        "double_opt_in": "true",
        "overrides": '{"store": {"berlin": {"double_opt_in": false}}}',
        "rate_per_minute": "{}",
    }
    resolve_policy(running.shop.warehouse, running.shop.settings)
    running.mailbox.mails.clear()
    running.mailbox.answers = {}
    return running


def ask(told: Told, contact: str = "ann@example.com", product: str = "lamp", **values: object) -> dict[str, str]:
    """What the widget is answered."""
    answer = told.service.post("/v1/requests", {"product_id": product, "contact": contact, **values}, "page")
    assert answer.status_code == 202, answer.text
    return answer.json()


def confirm_link(told: Told, contact: str = "ann@example.com") -> str:
    [link] = told.links(contact)
    return link


def inbox(told: Told) -> list[dict[str, str]]:
    return [json.loads(line) for (line,) in told.shop.rows("select line from restock.inbox order by inbox_id")]


def confirmations(told: Told) -> list[tuple]:
    return told.shop.rows("select status, sent_count, attempt_count from restock.confirmation order by 1")


def later(told: Told, **interval: int) -> None:
    """Time goes by for what was asked and sent."""
    told.shop.run(
        "update restock.confirmation set asked_at = asked_at - %(age)s, expires_at = expires_at - %(age)s,"
        " due_at = due_at - %(age)s, sent_at = sent_at - %(age)s, lease_until = lease_until - %(age)s"
        .replace("%(age)s", f"interval '{timedelta(**interval).total_seconds()} seconds'")
    )  # fmt: skip


def test_a_request_counts_once_it_is_confirmed_with_the_time_at_which_it_was_asked(told: Told) -> None:
    before = datetime.now(UTC)
    answer = ask(told, locale="de-DE", quantity="2")
    assert answer["status"] == "confirmation_needed"
    assert inbox(told) == []
    assert told.service.get(f"/v1/requests/{answer['request_id']}").json()["status"] == "confirmation_needed"

    assert has_work(told.shop.warehouse, Settings(), datetime.now(UTC))
    assert told.send() == ["ann@example.com"]
    assert told.send() == ["ann@example.com"]
    [mail] = told.mailbox.mails
    assert mail["Subject"] == "Bitte bestätigen: Brass <lamp>"
    assert "Brass &lt;lamp&gt;" in mail.get_body(("html",)).get_content()
    link = confirm_link(told)
    assert link.startswith(f"{told.service.url}/r/")
    assert link in mail.get_body(("html",)).get_content()

    for method in ("GET", "HEAD", "GET"):
        page = visit(link, method)
        assert page.status_code == 200
    assert "Sollen wir Sie benachrichtigen?" in page.text
    assert "Brass &lt;lamp&gt;" in page.text
    assert "ann@example.com" not in page.text
    assert inbox(told) == []

    for _ in range(2):
        page = visit(link, "POST")
        assert (page.status_code, "Vielen Dank" in page.text) == (200, True)
    [line] = inbox(told)
    assert line["request_id"] == answer["request_id"]
    assert (line["contact"], line["channel"], line["quantity"]) == ("ann@example.com", "email", "2")
    assert before < datetime.fromisoformat(line["requested_at"]) < datetime.now(UTC)
    assert told.shop.rows("select client from restock.inbox") == [("page",)]
    assert told.shop.rows("select contact from restock.confirmation") == [(None,)]
    load_waiting(told.shop.warehouse, "run")
    assert told.service.get(f"/v1/requests/{answer['request_id']}").json()["status"] == "waiting"
    assert not told.shop.rows("select * from restock.unconfirmed_request")


def test_what_is_not_to_be_confirmed_goes_into_the_inbox(told: Told) -> None:
    assert ask(told, store_id="berlin")["status"] == "accepted"
    # The shop's own customer, at the address that the shop knows.
    answer = told.service.post("/v1/requests", {"product_id": "lamp", "user_id": "ada"})
    assert answer.json()["status"] == "accepted"
    assert len(inbox(told)) == 2
    told.shop.settings |= {"double_opt_in": "false", "overrides": '{"store": {"berlin": {"double_opt_in": true}}}'}
    resolve_policy(told.shop.warehouse, told.shop.settings)
    assert ask(told)["status"] == "accepted"
    assert ask(told, store_id="berlin")["status"] == "confirmation_needed"


def test_many_at_once_are_told_apart(told: Told) -> None:
    requests = [
        {"product_id": "lamp", "user_id": "ada"},
        {"product_id": "lamp", "user_id": "bob", "contact": "bob@example.com"},
        {"product_id": "chair", "contact": "bob@example.com"},
        {"product_id": "chair", "user_id": "eve", "contact": "+491701234567"},
    ]
    answer = told.service.post("/v1/requests/bulk", {"requests": requests}).json()
    assert [result["status"] for result in answer["results"]] == ["accepted"] + ["confirmation_needed"] * 3
    assert len(inbox(told)) == 1
    found = told.shop.rows(
        "select c.channel, count(*) from restock.unconfirmed_request join restock.confirmation as c"
        " using (confirmation_key) group by confirmation_key, c.channel order by 1, 2"
    )
    assert found == [("email", 2), ("sms", 1)]


def test_what_is_asked_meanwhile_waits_for_the_same_click_and_sends_no_second_mail(told: Told) -> None:
    for product in ("lamp", "chair", "lamp"):
        ask(told, product=product)
    told.send()
    [mail] = told.mailbox.mails
    assert "* Brass <lamp>" in mail.get_body(("plain",)).get_content()
    assert "* Oak chair" in mail.get_body(("plain",)).get_content()
    later(told, minutes=50)
    ask(told, "Ann@Example.com")
    ask(told, product="stool")
    told.send()
    assert len(told.mailbox.mails) == 1
    visit(confirm_link(told), "POST")
    assert sorted(line["product_id"] for line in inbox(told)) == ["chair", "lamp", "lamp", "lamp", "stool"]


def test_a_strangers_mailbox_cannot_be_flooded(told: Told) -> None:
    """One mail, a second after an hour at the earliest, a third four hours later, a fourth sixteen, any store."""
    mails = []
    hours = [0, 1, 2, 4, 5, 6, 20, 21, 22, 30]
    for hour, next_hour in pairwise([*hours, 31]):
        ask(told, store_id="main" if hour % 2 else "oslo", product=f"p{hour}")
        told.send()
        mails.append(len(told.mailbox.mails))
        later(told, hours=next_hour - hour)
    assert dict(zip(hours, mails, strict=True)) == {
        0: 1, 1: 2, 2: 2, 4: 2, 5: 3, 6: 3, 20: 3, 21: 4, 22: 4, 30: 4,
    }  # fmt: skip
    assert len({mail["Message-ID"] for mail in told.mailbox.mails}) == 4


def test_an_id_that_comes_again_for_another_shopper_is_rejected_with_a_reason_and_not_lost(told: Told) -> None:
    for user in ("ann", "bob", "ann"):
        body = {"product_id": "lamp", "user_id": user, "contact": f"{user}@example.com", "request_id": "one id"}
        assert told.service.post("/v1/requests", body).json()["status"] == "confirmation_needed"
    assert told.service.get("/v1/requests/one id").json()["user_id"] == "ann"
    told.send()
    for user in ("ann", "bob"):
        visit(confirm_link(told, f"{user}@example.com"), "POST")
    assert [line["user_id"] for line in inbox(told)] == ["ann", "bob"]
    load_waiting(told.shop.warehouse, "run")
    rejected = told.shop.rows("select raw_text::json ->> 'user_id', reason_code from restock.rejected_row")
    assert rejected == [("bob", "reused_id")]


def test_a_stranger_who_asks_in_many_stores_at_once_sends_one_mail(told: Told) -> None:
    for store in ("oslo", "bonn", "rome", "oslo"):
        ask(told, store_id=store)
    told.send()
    assert len(told.mailbox.mails) == 1
    sent = []
    for hours in (1, 3, 1):
        later(told, hours=hours)
        told.send()
        sent.append(len(told.mailbox.mails))
    assert sent == [2, 2, 3]


def test_who_confirmed_once_is_not_asked_again_for_a_year_and_the_answer_is_the_same(told: Told) -> None:
    ask(told)
    told.send()
    visit(confirm_link(told), "POST")
    assert ask(told, product="chair")["status"] == "confirmation_needed"
    assert [line["product_id"] for line in inbox(told)] == ["lamp", "chair"]
    assert ask(told, product="chair", store_id="oslo")["status"] == "confirmation_needed"
    told.send()
    assert len(told.mailbox.mails) == 2
    assert len(inbox(told)) == 2
    later(told, days=366)
    first = confirm_link(told)
    ask(told)
    told.send()
    assert len(told.mailbox.mails) == 3
    assert confirm_link(told) != first
    assert visit(first).status_code == 410


@pytest.mark.parametrize("reason", ["bounce", "complaint"])
def test_an_address_that_bounced_or_complained_is_never_written_to(told: Told, reason: str) -> None:
    told.shop.run(
        "insert into restock.suppression values ('email', restock.hash_contact('ann@example.com'), %s)", reason
    )
    assert ask(told, "Ann@Example.com")["status"] == "confirmation_needed"
    assert told.send() == []
    assert told.shop.rows("select status, last_error from restock.confirmation") == [
        ("refused", "the address must not be written to")
    ]
    assert not has_work(told.shop.warehouse, Settings(), datetime.now(UTC))


def test_who_unsubscribed_may_want_it_after_all(told: Told) -> None:
    told.shop.run(
        "insert into restock.suppression values ('email', restock.hash_contact('ann@example.com'), 'unsubscribe')"
    )
    told.shop.run(
        "insert into restock.store_suppression values ('email', restock.hash_contact('ann@example.com'), 'main'),"
        " ('email', restock.hash_contact('ann@example.com'), 'oslo')"
    )
    ask(told)
    told.send()
    assert told.shop.rows("select count(*) from restock.suppression") == [(1,)]
    visit(confirm_link(told), "POST")
    assert told.shop.rows("select count(*) from restock.suppression") == [(0,)]
    assert told.shop.rows("select store_id from restock.store_suppression") == [("oslo",)]
    # And once more: the earlier confirmation is worth nothing after that.
    told.shop.run(
        "insert into restock.suppression values ('email', restock.hash_contact('ann@example.com'), 'unsubscribe')"
    )
    ask(told, product="chair")
    assert len(inbox(told)) == 1
    told.send()
    assert len(told.mailbox.mails) == 2


def test_an_address_that_the_provider_refuses_is_suppressed(told: Told) -> None:
    told.mailbox.answers["ann@example.com"] = "550 5.1.1 no such mailbox"
    ask(told)
    told.send()
    assert confirmations(told) == [("refused", 0, 1)]
    assert told.shop.suppressions("ann@example.com") == [("email", "bounce")]
    ask(told)
    told.send()
    assert confirmations(told) == [("refused", 0, 1)]


def test_a_mail_that_is_put_off_is_tried_again_until_it_was_tried_too_often(told: Told) -> None:
    told.mailbox.answers["ann@example.com"] = "451 not now"
    ask(told)
    told.send()
    told.send()
    assert confirmations(told) == [("waiting", 0, 1)]
    told.shop.run("update restock.confirmation set due_at = now(), attempt_count = %s", MOST_TRIES - 1)
    told.send()
    assert confirmations(told) == [("refused", 0, MOST_TRIES)]


def test_while_the_provider_is_down_nothing_counts_and_then_it_leaves(told: Told) -> None:
    told.mailbox.answers["ann@example.com"] = "421 closing"
    ask(told)
    told.send()
    assert confirmations(told) == [("waiting", 0, 0)]
    assert told.shop.rows("select channel from restock.breaker") == [("email",)]
    told.mailbox.answers.clear()
    assert told.send() == []
    told.shop.run("update restock.breaker set probe_at = now()")
    assert told.send() == ["ann@example.com"]
    assert told.shop.rows("select count(*) from restock.breaker") == [(0,)]


def test_the_rate_counts_for_confirmations_as_well(told: Told) -> None:
    told.shop.settings["rate_per_minute"] = '{"email": 1}'
    ask(told)
    ask(told, "bob@example.com")
    assert told.send() == ["ann@example.com"]
    assert confirmations(told) == [("sent", 1, 0), ("waiting", 0, 0)]


def test_what_a_killed_sender_held_leaves_when_its_lease_is_over(told: Told) -> None:
    ask(told)
    told.shop.run(
        "update restock.confirmation"
        " set attempt_count = 1, leased_by = 'dead', lease_until = now() + interval '1 minute'"
    )
    assert told.send() == []
    later(told, minutes=2)
    assert told.send() == ["ann@example.com"]


def test_what_a_killed_sender_held_leaves_with_the_next_run(told: Told) -> None:
    ask(told)
    # The token says which lock shows that the sender lives; nobody holds this one.
    told.shop.run(
        "update restock.confirmation set attempt_count = 1, leased_by = 'run/send_due/confirm/00aa11bb22cc33dd/0',"
        " lease_until = now() + interval '5 minutes'"
    )
    assert has_work(told.shop.warehouse, Settings(), datetime.now(UTC))
    assert told.send() == ["ann@example.com"]


def test_a_sender_that_waits_for_the_mail_server_shows_that_it_lives(told: Told) -> None:
    seen: list[tuple[list[tuple], list[tuple]]] = []

    class Looking(dict[str, str]):
        """Looked into while the sender waits for the answer to its RCPT."""

        def __contains__(self, _: object) -> bool:
            leased = told.shop.rows("select leased_by from restock.confirmation where lease_until > now()")
            dead = told.shop.warehouse.execute(read_sql("notify/find_dead_senders.sql"), {"clock": datetime.now(UTC)})
            seen.append((leased, dead.fetchall()))
            return False

    ask(told)
    told.mailbox.answers = Looking()
    assert told.send() == ["ann@example.com"]
    [(leased, dead)] = seen
    assert len(leased) == 1
    assert dead == []
    told.shop.run("update restock.confirmation set status = 'waiting', lease_until = now() + interval '5 minutes',"
                  " leased_by = %s", leased[0][0])  # fmt: skip

    def find_dead() -> list[tuple]:
        query = read_sql("notify/find_dead_senders.sql")
        return told.shop.warehouse.execute(query, {"clock": datetime.now(UTC)}).fetchall()

    # The server lets go of the lock a moment after the sender has closed its connection.
    deadline = time.monotonic() + 60
    while not (dead := find_dead()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert dead == leased


def test_a_run_goes_on_only_for_confirmations_that_are_due(told: Told) -> None:
    ask(told)
    assert has_work(told.shop.warehouse, Settings(), datetime.now(UTC))
    told.shop.run("update restock.confirmation set due_at = now() + interval '1 hour'")
    assert not has_work(told.shop.warehouse, Settings(), datetime.now(UTC))


def test_a_product_that_the_catalogue_does_not_know_is_not_named(told: Told) -> None:
    """Or whoever reads the key in a page could write to strangers through us."""
    ask(told, product="You won! Go to evil.example")
    told.send()
    [mail] = told.mailbox.mails
    assert mail["Subject"] == "Please confirm your request"
    assert "evil" not in mail.as_string()
    assert "evil" not in visit(confirm_link(told)).text


def test_who_does_not_confirm_is_forgotten_after_a_week(told: Told) -> None:
    ask(told)
    told.send()
    link = confirm_link(told)
    later(told, days=6, hours=23)
    assert remove_expired_links(told.shop.warehouse, datetime.now(UTC)) == 0
    later(told, hours=2)
    for method in ("GET", "POST"):
        page = visit(link, method)
        assert (page.status_code, "too old" in page.text) == (410, True)
    assert inbox(told) == []
    assert remove_expired_links(told.shop.warehouse, datetime.now(UTC)) == 1
    assert confirmations(told) == []
    assert told.shop.rows("select * from restock.unconfirmed_request") == []


def test_an_old_token_of_an_address_that_asked_again_has_expired(told: Told) -> None:
    ask(told)
    [(identity,)] = told.shop.rows("select confirmation_id from restock.confirmation")
    token = confirmation_tokens(SECRET).sign(str(identity), datetime.now(UTC) - timedelta(days=7, minutes=1))
    assert visit(f"{told.service.url}/r/{token}", "POST").status_code == 410
    unknown = confirmation_tokens(SECRET).sign(str(uuid4()), datetime.now(UTC))
    assert visit(f"{told.service.url}/r/{unknown}").status_code == 410
    assert isinstance(identity, UUID)
    assert inbox(told) == []
