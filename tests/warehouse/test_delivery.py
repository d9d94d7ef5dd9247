"""Delivery over real SMTP from a real warehouse."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from restock.channels import ConnectionDetails, Result
from restock.delivery import Letterhead, find_due, send_channel
from restock.delivery.outbox import claim_batch
from restock.delivery.settle import note_part
from restock.policy import Settings, resolve_policy
from tests.conftest import free_port
from tests.mail import MailServer, serve_mail
from tests.warehouse.shop import Shop

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
AWAKE = Settings(quiet_hours="")


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with serve_mail() as server:
        yield server


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The clock is the real one: delivery reads it."""
    shop.clock = datetime.now(UTC) - timedelta(seconds=1)
    shop.settings["quiet_hours"] = ""
    return shop


@pytest.fixture
def send(shop: Shop, mailbox: MailServer, warehouse_url: str) -> Callable[..., dict[str, int]]:
    """Send what is due and say how many attempts ended how."""

    def send(settings: Settings = AWAKE, port: int | None = None) -> dict[str, int]:
        policy_id = in_force(shop.warehouse, settings)
        connection = smtp(port or mailbox.port)
        return send_channel(warehouse_url, "email", connection, LETTERHEAD, policy_id, "test").figures

    return send


def smtp(port: int) -> ConnectionDetails:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": LETTERHEAD.sender}
    return ConnectionDetails("127.0.0.1", port, extra=extra)


def in_force(warehouse: psycopg.Connection, settings: Settings) -> int:
    """The version of the policy under which these settings are in force from now on."""
    values = {
        name: json.dumps(value) if isinstance(value, dict) else str(value)
        for name, value in settings.model_dump().items()
    }
    return resolve_policy(warehouse, values).policy_id


def claim_and_die(
    warehouse_url: str, settings: Settings, *, departing: Sequence[str], accepted: Sequence[str] = ()
) -> None:
    """What a sender does that is killed after it claimed, when the messages to these users might have left.

    Those to others may have been accepted before, and noted.
    """

    async def claim() -> None:
        async with await psycopg.AsyncConnection.connect(warehouse_url, autocommit=True) as connection:
            claimed = await claim_batch(
                connection, "email", settings, datetime.now(UTC), size=10, leased_by="the one that died"
            )
            assert claimed is not None
            now = datetime.now(UTC)
            keys = {items[0].user_id: key for key, items in claimed.messages.items()}
            results = [Result(keys[user], "accepted", "250", "2.0.0 Ok", now) for user in accepted]
            await note_part(
                connection, "email", claimed, results, settings,
                claimed_at=now, settled_at=now, sender="the one that died", forgiving=False, part_number=0,
                departing=[keys[user] for user in departing],
            )  # fmt: skip

    asyncio.run(claim())


def schedule_lamp_for(shop: Shop, *users: str) -> list[str]:
    for user in users:
        shop.customer(user)
    requests = [shop.request(user, "lamp") for user in users]
    shop.stock("lamp", 9)
    shop.plan()
    return requests


def statuses(shop: Shop) -> dict[str, str]:
    return dict(shop.rows("select user_id, status from restock.notification"))


def test_a_due_message_arrives_and_closes_its_requests(shop: Shop, mailbox: MailServer, send) -> None:
    shop.run(
        "insert into restock.product (store_id, product_id, name, brand, price, currency, url)"
        " values ('main', 'lamp', 'Lamp <Nº 5>', 'Café & Co', 19.9, 'EUR', 'https://shop.example/p/lamp?a=1&b=2')"
    )
    shop.customer("ada", locale="de-DE")
    lamp, chair = shop.request("ada", "lamp"), shop.request("ada", "chair")
    shop.stock("lamp", 9)
    shop.stock("chair", 9)
    shop.plan()

    assert send() == {"accepted": 1}

    [mail] = mailbox.mails
    [(notification_id,)] = shop.rows("select notification_id from restock.notification")
    assert mail["Message-ID"] == f"<{notification_id}@shop.example>"
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == "Wieder verfügbar: Lamp <Nº 5> und 1 weiteres Produkt"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "Lamp <Nº 5>" in text
    assert "Café & Co" in text
    assert "19,90\xa0€" in text
    # The chair has no page.
    [link] = re.findall("https://shop.example/c/.*", text)
    assert link.strip().endswith("/1")
    assert "Lamp &lt;Nº 5&gt;" in html
    assert "Lamp <" not in html
    assert "Café &amp; Co" in html
    assert mail["List-Unsubscribe"].strip("<>") in text
    assert shop.states() == {lamp: "notified", chair: "notified"}
    assert statuses(shop) == {"ada": "sent"}
    assert shop.rows("select outcome, provider_code, provider_message from restock.delivery_attempt") == [
        ("accepted", "250", "taken")
    ]
    assert shop.rows("select count(*) from restock.outbox") == [(0,)]
    assert shop.rows("select count(*) from restock.open_request") == [(0,)]


def test_sending_again_sends_nothing_again(shop: Shop, mailbox: MailServer, send) -> None:
    schedule_lamp_for(shop, "ada", "bob")
    assert send() == {"accepted": 2}
    shop.look_at("lamp")
    shop.plan()
    assert send() == {}
    assert mailbox.recipients() == ["ada@example.com", "bob@example.com"]


def test_senders_at_the_same_time_share_the_work(shop: Shop, mailbox: MailServer, warehouse_url: str) -> None:
    users = [f"u{number:03}" for number in range(600)]
    shop.run(
        "insert into restock.customer (user_id, email, timezone)"
        " select u, u || '@example.com', 'UTC' from unnest(%s::text[]) u",
        users,
    )
    for user in users:
        shop.request(user, "lamp")
    shop.stock("lamp", 9)
    shop.plan()
    policy_id = in_force(shop.warehouse, AWAKE)

    def sender(number: int) -> dict[str, int]:
        connection = smtp(mailbox.port)
        return send_channel(warehouse_url, "email", connection, LETTERHEAD, policy_id, f"sender {number}").figures

    with ThreadPoolExecutor(3) as pool:
        sent = list(pool.map(sender, range(3)))

    assert sum(figures.get("accepted", 0) for figures in sent) == 600
    assert mailbox.recipients() == [f"{user}@example.com" for user in users]


def test_the_last_look_drops_what_sold_out_and_it_keeps_its_place(shop: Shop, mailbox: MailServer, send) -> None:
    [first, second] = schedule_lamp_for(shop, "ada", "bob")
    # Ingestion has the news; no run has closed the episode yet.
    shop.stock("lamp", 0)

    assert send() == {}

    assert mailbox.mails == []
    assert shop.states() == {first: "waiting", second: "waiting"}
    assert statuses(shop) == {"ada": "cancelled", "bob": "cancelled"}
    shop.stock("lamp", 5)
    shop.plan()
    assert send() == {"accepted": 2}
    positions = shop.rows(
        "select request_id, position from restock.decision join restock.request using (request_key)"
        " where dropped_at is null order by position"
    )
    assert positions == [(first, 1), (second, 2)]


def test_the_last_look_drops_who_withdrew_bought_or_must_not_be_written_to(
    shop: Shop, mailbox: MailServer, send
) -> None:
    cancelled, bought, suppressed, kept = schedule_lamp_for(shop, "ada", "bob", "eve", "kim")
    shop.run(
        "insert into restock.request_outcome (request_key, status, reason, closed_at)"
        " select request_key, 'cancelled', 'cancelled', now() from restock.request where user_id = 'ada'"
    )
    shop.run("insert into restock.purchase values ('o1', 'bob', 'main', 'lamp', now())")
    shop.run("insert into restock.suppression values ('email', restock.hash_contact('eve@example.com'), 'unsubscribe')")

    assert send() == {"accepted": 1}

    assert mailbox.recipients() == ["kim@example.com"]
    assert shop.states() == {
        cancelled: "cancelled",
        bought: "purchased",
        suppressed: "suppressed",
        kept: "notified",
    }


def test_only_the_item_that_sold_out_drops_out_of_a_digest(shop: Shop, mailbox: MailServer, send) -> None:
    shop.customer("ada")
    lamp, chair = shop.request("ada", "lamp"), shop.request("ada", "chair")
    shop.stock("lamp", 1)
    shop.stock("chair", 1)
    shop.plan()
    shop.stock("lamp", 0)

    send()

    assert "chair is back in stock" in mailbox.mails[0]["Subject"]
    assert "lamp" not in mailbox.mails[0].get_body(("plain",)).get_content()
    assert shop.states() == {lamp: "waiting", chair: "notified"}


def test_a_shopper_in_quiet_hours_at_the_claim_gets_the_message_at_their_end(
    shop: Shop, mailbox: MailServer, send
) -> None:
    schedule_lamp_for(shop, "ada")
    now = datetime.now(UTC)
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    night = Settings(quiet_hours=f"{start:%H:%M}-{end:%H:%M}")

    assert send(night) == {}

    assert statuses(shop) == {"ada": "scheduled"}
    assert shop.rows("select due_at, lease_until from restock.outbox") == [(end.replace(second=0, microsecond=0), None)]
    assert shop.rows("select attempt_count from restock.notification") == [(0,)]


@pytest.mark.parametrize(("product", "sent"), [("main/lamp", {}), ("main/chair", {"accepted": 1})])
def test_quiet_hours_of_a_product_count_in_the_last_look_too(
    shop: Shop, mailbox: MailServer, send, product: str, sent: dict[str, int]
) -> None:
    schedule_lamp_for(shop, "ada")
    now = datetime.now(UTC)
    night = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"

    assert send(Settings(quiet_hours="", overrides={"product": {product: {"quiet_hours": night}}})) == sent

    due = "select count(*) from restock.outbox where due_at > now() + interval '50 minutes' and lease_until is null"
    assert shop.rows(due) == [(0 if sent else 1,)]


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(shop: Shop, mailbox: MailServer, send) -> None:
    busy, gone, fine = schedule_lamp_for(shop, "busy", "gone", "fine")
    mailbox.answers = {"busy@example.com": "451 later", "gone@example.com": "550 no such user"}

    assert send() == {"retryable": 1, "permanent": 1, "accepted": 1}

    assert statuses(shop) == {"busy": "failed", "gone": "dead", "fine": "sent"}
    assert shop.states() == {busy: "scheduled", gone: "suppressed", fine: "notified"}
    assert shop.rows("select count(*) from restock.suppression") == [(1,)]
    assert shop.suppressions("gone@example.com") == [("email", "bounce")]
    mailbox.answers.clear()
    shop.run("update restock.outbox set due_at = now()")
    assert send() == {"accepted": 1}
    assert mailbox.recipients() == ["busy@example.com", "fine@example.com"]
    attempts = shop.rows(
        "select user_id, attempt_number, outcome, provider_code from restock.delivery_attempt"
        " join restock.notification using (notification_key) order by user_id, attempt_number"
    )
    assert attempts == [
        ("busy", 1, "retryable", "451"),
        ("busy", 2, "accepted", "250"),
        ("fine", 1, "accepted", "250"),
        ("gone", 1, "permanent", "550"),
    ]


def test_a_server_that_cannot_be_reached_touches_no_message_and_trips_the_breaker(
    shop: Shop, mailbox: MailServer, send, warehouse_url: str
) -> None:
    schedule_lamp_for(shop, "ada")
    nowhere, policy_id = free_port(), in_force(shop.warehouse, AWAKE)

    delivery = send_channel(warehouse_url, "email", smtp(nowhere), LETTERHEAD, policy_id, "test")

    assert delivery.figures == {}
    assert re.match(f"The mail server 127.0.0.1:{nowhere} cannot be used: .*refused", delivery.warning)
    assert statuses(shop) == {"ada": "scheduled"}
    assert shop.rows("select attempt_count from restock.notification") == [(0,)]
    assert shop.rows("select channel, trip_count, reason from restock.breaker") == [("email", 1, delivery.warning)]
    # Until the next attempt nothing is tried, whoever comes.
    assert send() == {}
    due = find_due(shop.warehouse, policy_id, datetime.now(UTC))
    assert due.senders == []
    assert "The provider of the channel email is down since" in due.warnings[0]

    shop.run("update restock.breaker set probe_at = now()")
    assert find_due(shop.warehouse, policy_id, datetime.now(UTC)).senders == ["email"]
    assert send() == {"accepted": 1}
    assert shop.rows("select * from restock.breaker") == []


def test_a_connection_that_breaks_while_a_mail_leaves_puts_only_that_mail_in_doubt(
    shop: Shop, mailbox: MailServer, send
) -> None:
    schedule_lamp_for(shop, "ada", "bob")
    mailbox.breaks = {"ada@example.com"}

    assert send() == {"in_doubt": 1, "accepted": 1}

    assert statuses(shop) == {"ada": "failed", "bob": "sent"}


def test_a_message_in_doubt_is_dropped_when_the_policy_says_so(shop: Shop, mailbox: MailServer, send) -> None:
    schedule_lamp_for(shop, "ada")
    mailbox.breaks = {"ada@example.com"}

    send(Settings(quiet_hours="", in_doubt="drop"))

    assert statuses(shop) == {"ada": "dead"}
    assert shop.rows("select count(*) from restock.outbox") == [(0,)]


def test_what_a_killed_sender_had_noted_as_accepted_is_sent(shop: Shop, send, warehouse_url: str) -> None:
    ada, bob = schedule_lamp_for(shop, "ada", "bob")
    settings = Settings(quiet_hours="")
    claim_and_die(warehouse_url, settings, departing=["bob"], accepted=["ada"])
    # It is known before the lease runs out.
    for _ in range(2):
        find_due(shop.warehouse, in_force(shop.warehouse, settings), datetime.now(UTC))
        assert statuses(shop) == {"ada": "sent", "bob": "scheduled"}
    assert shop.states() == {ada: "notified", bob: "scheduled"}
    attempts = shop.rows("select outcome, provider_code, provider_message, sender from restock.delivery_attempt")
    assert attempts == [("accepted", "250", "2.0.0 Ok", "the one that died")]

    shop.run("update restock.outbox set lease_until = now() - interval '1 second'")
    find_due(shop.warehouse, in_force(shop.warehouse, settings), datetime.now(UTC))
    assert statuses(shop) == {"ada": "sent", "bob": "failed"}
    assert shop.rows("select * from restock.acceptance") == []


@pytest.mark.parametrize(
    ("in_doubt", "recipients"), [("resend", ["ada@example.com", "bob@example.com"]), ("drop", ["bob@example.com"])]
)
def test_of_what_a_killed_sender_had_claimed_only_that_is_in_doubt_which_had_begun_to_leave(
    shop: Shop, mailbox: MailServer, send, warehouse_url: str, in_doubt: str, recipients: list[str]
) -> None:
    schedule_lamp_for(shop, "ada", "bob")
    settings = Settings(quiet_hours="", in_doubt=in_doubt)
    claim_and_die(warehouse_url, settings, departing=["ada"])
    assert find_due(shop.warehouse, in_force(shop.warehouse, settings), datetime.now(UTC)).senders == []
    assert send(settings) == {}

    shop.run("update restock.outbox set lease_until = now() - interval '1 second'")
    find_due(shop.warehouse, in_force(shop.warehouse, settings), datetime.now(UTC))
    assert statuses(shop) == {"ada": "failed" if in_doubt == "resend" else "dead", "bob": "scheduled"}
    send(settings)

    assert sorted(mailbox.recipients()) == recipients
    attempts = "select user_id, attempt_number, outcome from restock.delivery_attempt join restock.notification"
    resent = [("ada", 2, "accepted")] if in_doubt == "resend" else []
    assert shop.rows(f"{attempts} using (notification_key) order by 1, 2") == [
        ("ada", 1, "in_doubt"), *resent, ("bob", 1, "accepted")
    ]  # fmt: skip
    assert shop.rows("select * from restock.departure") == []


def test_a_message_that_cannot_be_written_does_not_stop_the_others(shop: Shop, mailbox: MailServer, send) -> None:
    shop.customer("evil", email="evil@example.com\r\nBcc: all@example.com")
    shop.customer("fine")
    shop.request("evil", "lamp")
    shop.request("fine", "lamp")
    shop.stock("lamp", 2)
    shop.plan()

    assert send() == {"permanent": 1, "accepted": 1}
    assert mailbox.recipients() == ["fine@example.com"]
    assert statuses(shop) == {"evil": "dead", "fine": "sent"}


def test_what_is_not_due_yet_stays(shop: Shop, mailbox: MailServer, send) -> None:
    shop.clock += timedelta(hours=1)
    schedule_lamp_for(shop, "ada")
    assert find_due(shop.warehouse, in_force(shop.warehouse, AWAKE), datetime.now(UTC)).senders == []
    assert send() == {}
    assert mailbox.mails == []
