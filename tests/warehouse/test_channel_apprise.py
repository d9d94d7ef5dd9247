"""Apprise over real HTTP: who gets a message, and what is known when it fails."""

import asyncio
import json
import logging
from urllib.parse import unquote
from uuid import UUID

import pytest
from aiohttp import web

from restock.channels import (
    ChannelConfig,
    ChannelMisconfiguredError,
    CodeMeaning,
    ConnectionDetails,
    ProviderCodes,
)
from restock.channels.apprise import make_writer, open_channel
from restock.delivery.message.links import Links
from restock.warehouse import connect
from tests.conftest import database_url, free_port
from tests.faults.http import serve_faulty_http
from tests.http import serve_http
from tests.unit.messages import LETTERHEAD, a_row


@pytest.fixture(scope="module")
def codes(postgres_url, warehouse_template):
    """What the migrations say that status codes mean."""
    with connect(database_url(postgres_url, warehouse_template)) as warehouse:
        rows = warehouse.execute(
            "select code, outcome, suppress, meaning from restock.provider_code where kind = 'apprise'"
        )
        return ProviderCodes({code: CodeMeaning(*meaning) for code, *meaning in rows})


@pytest.fixture
def config(codes):
    return ChannelConfig("sms", "apprise", "restock_apprise", 3, {"tag": "sms"}, codes)


@pytest.fixture
def server():
    with serve_http() as server:
        yield server


def service(port, query=""):
    """A service of ours, to which Apprise sends JSON: the contact stands in its path."""
    return ConnectionDetails(extra={"sms": f"json://127.0.0.1:{port}/to/{{contact}}{query}"})


def write(config, count=1, **changes):
    writer = make_writer(config, service(1), LETTERHEAD)
    return [
        writer([a_row(**{"contact": "+491701234567"} | changes, notification_key=n, notification_id=str(UUID(int=n)))])
        for n in range(1, count + 1)
    ]


def send(config, connection, messages, timeout_seconds=20.0):
    async def run():
        async with open_channel(config, connection) as channel:
            return await channel.send_batch(messages, timeout_seconds)

    return sorted(asyncio.run(run()))


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "Kettle is back in stock"), ("ko", "Kettle 상품이 다시 입고되었습니다"), ("de", "Abmelden:")],
)
def test_a_short_text_arrives_in_the_shoppers_language(server, config, locale, said):
    (result,) = send(config, service(server.port), write(config, locale=locale))
    assert result.outcome == "accepted"
    (call,) = server.calls
    assert unquote(call.path) == "/to/+491701234567"
    message = json.loads(call.body)["message"]
    assert said in message
    token = Links(LETTERHEAD).token(a_row(notification_id=str(UUID(int=1))))
    assert f"https://shop.example/c/{token}/1" in message
    assert f"https://shop.example/u/{token}" in message


def test_a_name_neither_mentions_nor_links_nor_marks_up(server, config):
    send(config, service(server.port), write(config, product_name="@everyone <!channel> <b>x</b> https://evil.example"))
    message = json.loads(server.calls[0].body)["message"]
    for bad in ("@everyone", "<", "https://evil"):
        assert bad not in message


@pytest.mark.parametrize(
    ("contact", "arrives"),
    [
        ("+49 (170) 123-45.67", "+491701234567"),
        ("0170 1234567", "01701234567"),
        ("ann@example.com", "ann@example.com"),
        ("-100123456", "-100123456"),
        ("fcm:Token_x-9=", "fcm:Token_x-9="),
    ],
)
def test_a_contact_arrives_as_it_is(server, config, contact, arrives):
    send(config, service(server.port), write(config, contact=contact))
    assert [unquote(call.path) for call in server.calls] == [f"/to/{arrives}"]


@pytest.mark.parametrize(
    "contact",
    [
        "+49170/+49171",
        "+49170,+49171",
        "+49170 +49171x",
        "x?method=GET",
        "x&to=y",
        "x#y",
        "%2F",
        "x\r\ny",
        "a\0",
        "",
        "../x",
        "한",
        "x" * 256,
        "{contact}",
    ],
)
def test_a_contact_that_could_be_two_or_steer_the_service_is_refused(config, contact):
    with pytest.raises(ValueError, match="the contact"):
        write(config, contact=contact)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "permanent"),
        (401, "unavailable"),
        (403, "permanent"),
        (408, "retryable"),
        (429, "retryable"),
        (500, "retryable"),
        (503, "retryable"),
    ],
)
def test_a_status_code_decides_what_becomes_of_a_message(server, config, status, outcome):
    async def answer(_):
        return web.Response(status=status)

    server.answer = answer
    (result,) = send(config, service(server.port), write(config))
    assert (result.outcome, result.code) == (outcome, str(status))
    assert "Failed to send JSON" in result.text


def test_a_service_that_is_down_took_nothing(config):
    (result,) = send(config, service(free_port()), write(config))
    assert (result.outcome, result.code) == ("unavailable", None)


def test_a_service_that_does_not_answer_leaves_the_message_in_doubt(config):
    async def hang(_):
        await asyncio.sleep(60)

    with serve_http() as server:
        server.answer = hang
        (by_apprise,) = send(config, service(server.port, "?rto=0.5"), write(config))
        results = send(config, service(server.port, "?rto=3"), write(config, 5), timeout_seconds=1.5)
    assert by_apprise.outcome == "in_doubt"
    # Three threads had one each; the others were not touched.
    assert [result.outcome for result in results] == ["in_doubt"] * 3


def test_a_connection_that_breaks_leaves_the_message_in_doubt(config):
    # It wants an Idempotency-Key, which Apprise does not send, and hangs up.
    with serve_faulty_http() as faulty:
        (result,) = send(config, service(faulty.port), write(config))
    assert result.outcome == "in_doubt"


def test_messages_are_sent_by_a_bounded_number_of_threads(server, config):
    async def answer(_):
        await asyncio.sleep(0.1)
        return web.Response()

    server.answer = answer
    results = send(config, service(server.port), write(config, 20))
    assert {result.outcome for result in results} == {"accepted"}
    assert [result.notification_key for result in results] == list(range(1, 21))
    assert server.most_at_once == 3


def test_nothing_of_the_services_secrets_reaches_the_log(server, config, caplog):
    async def answer(_):
        return web.Response(status=500)

    server.answer = answer
    connection = ConnectionDetails(extra={"sms": f"json://user:sesame@127.0.0.1:{server.port}/{{contact}}"})
    with caplog.at_level(logging.DEBUG, logger="apprise"):
        (result,) = send(config, connection, write(config))
    assert "sesame" not in caplog.text + result.text


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        (ConnectionDetails(), "must be an Apprise URL"),
        (ConnectionDetails(extra={"push": "json://127.0.0.1/{contact}"}), "extra 'sms'"),
        (ConnectionDetails(extra={"sms": "json://user:sesame@127.0.0.1/"}), "{contact}"),
        (ConnectionDetails(extra={"sms": "nothing://sesame/{contact}"}), "no URL of a service"),
        (ConnectionDetails(extra={"sms": "twilio://sesame/{contact}"}), "no URL of a service"),
    ],
)
def test_a_wrong_connection_is_explained_without_its_secret(config, connection, said):
    with pytest.raises(ChannelMisconfiguredError) as error:
        open_channel(config, connection)
    assert said in str(error.value)
    assert "sesame" not in str(error.value)


def test_one_url_in_the_password_serves_a_channel_without_its_own(server, config):
    connection = ConnectionDetails(password=f"json://127.0.0.1:{server.port}/{{contact}}", extra={"chat": "x"})
    (result,) = send(config, connection, write(config))
    assert result.outcome == "accepted"
