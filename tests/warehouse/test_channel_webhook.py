"""Webhooks over real HTTP: what they say, who gets them, and what each answer means."""

import asyncio
import json
import secrets
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from restock.channels import (
    ChannelConfig,
    ChannelMisconfiguredError,
    ChannelUnreachableError,
    CodeMeaning,
    ConnectionDetails,
    ProviderCodes,
)
from restock.channels.webhook import make_writer, open_channel
from restock.delivery.message.links import Links
from restock.warehouse import connect
from tests.conftest import database_url, free_port
from tests.faults.http import serve_faulty_http
from tests.faults.server import FaultPlan
from tests.http import serve_http
from tests.unit.messages import LETTERHEAD, a_row

SECRET = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture(scope="module")
def codes(postgres_url, warehouse_template):
    """What the migrations say that status codes mean."""
    with connect(database_url(postgres_url, warehouse_template)) as warehouse:
        rows = warehouse.execute(
            "select code, outcome, suppress, meaning from restock.provider_code where kind = 'webhook'"
        )
        return ProviderCodes({code: CodeMeaning(*meaning) for code, *meaning in rows})


@pytest.fixture
def server():
    with serve_http() as server:
        yield server


@pytest.fixture
def configure(codes):
    def configure(connections=4, **options):
        return ChannelConfig("webhook", "webhook", "restock_webhook", connections, options, codes)

    return configure


def receiver(url, **extra):
    return ConnectionDetails(host=url, password=SECRET, extra=extra)


def write(config, count=1, **changes):
    """Messages to as many shoppers."""
    writer = make_writer(config, receiver("https://hooks.example"), LETTERHEAD)
    return [
        writer([a_row(notification_key=number, notification_id=str(UUID(int=number)), **changes)])
        for number in range(1, count + 1)
    ]


def send(config, connection, messages, timeout_seconds=20.0):
    async def run():
        async with open_channel(config, connection) as channel:
            return await channel.send_batch(messages, timeout_seconds)

    return sorted(asyncio.run(run()))


def answer_with(**response):
    async def answer(_):
        return web.Response(**response)

    return answer


def test_a_message_arrives_signed_as_the_standard_says(server, configure):
    (result,) = send(configure(), receiver(server.url + "/restock?shop=1"), write(configure()))
    assert (result.outcome, result.code) == ("accepted", "200")
    (call,) = server.calls
    assert call.path == "/restock?shop=1"
    assert call.headers["webhook-id"] == call.headers["idempotency-key"] == str(UUID(int=1))
    assert call.headers["content-type"] == "application/json"
    said = Webhook(SECRET).verify(call.body, call.headers)
    assert said["type"] == "restock.back_in_stock"
    assert said["data"]["notification_id"] == str(UUID(int=1))
    assert said["data"]["text"] == "Kettle is back in stock"
    token = Links(LETTERHEAD).token(a_row(notification_id=str(UUID(int=1))))
    assert said["data"]["items"][0] == {
        "request_id": "r1",
        "requested_at": "2026-05-03T12:00:00+00:00",
        "product_id": "p1",
        "name": "Kettle",
        "brand": "Ott",
        "price": "49.90",
        "currency": "EUR",
        "url": "https://shop.example/p/1?a=1&b=2",
        "image_url": "https://shop.example/p/1.jpg",
        "link": f"https://shop.example/c/{token}/1",
    }
    assert said["data"]["unsubscribe_url"] == f"https://shop.example/u/{token}"


def test_hostile_names_stay_inside_their_json_strings(server, configure):
    name = '"}],"x":1}\r\n\x00\u2028</script>\u202e'
    send(configure(), receiver(server.url), write(configure(), product_name=name, contact="a\r\nX-Evil: 1"))
    said = Webhook(SECRET).verify(server.calls[0].body, server.calls[0].headers)
    assert said["data"]["items"][0]["name"] == name
    assert "x-evil" not in server.calls[0].headers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "accepted"),
        (202, "accepted"),
        (204, "accepted"),
        (302, "retryable"),
        (400, "permanent"),
        (401, "unavailable"),
        (403, "unavailable"),
        (404, "unavailable"),  # at the receiver of all
        (408, "retryable"),
        (409, "retryable"),
        (410, "unavailable"),  # at the receiver of all
        (413, "permanent"),
        (422, "permanent"),
        (425, "retryable"),
        (429, "retryable"),
        (500, "retryable"),
        (502, "retryable"),
        (503, "retryable"),
        (504, "retryable"),
    ],
)
def test_a_status_code_decides_what_becomes_of_a_message(server, configure, status, outcome):
    server.answer = answer_with(status=status, headers={"Location": server.url + "/elsewhere"})
    (result,) = send(configure(), receiver(server.url), write(configure()))
    assert (result.outcome, result.code, result.suppress) == (outcome, str(status), False)
    assert len(server.calls) == 1


def test_a_shoppers_own_url_that_is_gone_is_suppressed(server, configure):
    server.answer = answer_with(status=410)
    messages = write(configure(), contact=server.url + "/mine")
    (result,) = send(configure(), receiver(None, allowed_hosts=[server.url]), messages)
    assert (result.outcome, result.suppress) == ("permanent", True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("999999999999", 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_is_read_or_ignored(server, configure, header, seconds):
    server.answer = answer_with(status=429, headers={"Retry-After": header})
    (result,) = send(configure(), receiver(server.url), write(configure()))
    assert (result.retry_after is None) == (seconds is None)
    if seconds is not None:
        assert result.retry_after == timedelta(seconds=seconds)


def test_retry_after_may_be_a_date(server, configure):
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    server.answer = answer_with(status=503, headers={"Retry-After": moment})
    (result,) = send(configure(), receiver(server.url), write(configure()))
    assert timedelta(minutes=50) < result.retry_after <= timedelta(hours=1)


def test_connections_are_kept_and_bounded(server, configure):
    async def answer(_):
        await asyncio.sleep(0.01)
        return web.Response(text="thanks")

    server.answer = answer
    results = send(configure(3), receiver(server.url), write(configure(), 60))
    assert {result.outcome for result in results} == {"accepted"}
    assert server.most_at_once == 3
    assert len({call.connection for call in server.calls}) <= 3


def test_two_calls_at_once_share_the_connections(server, configure):
    async def run():
        async with open_channel(configure(2), receiver(server.url)) as channel:
            first, second = write(configure(), 40)[:20], write(configure(), 40)[20:]
            return await asyncio.gather(channel.send_batch(first, 10), channel.send_batch(second, 10))

    results = asyncio.run(run())
    assert [len(some) for some in results] == [20, 20]
    assert server.most_at_once <= 2


def test_a_batch_goes_in_one_call_and_keeps_its_id_when_it_is_sent_again(server, configure):
    config = configure(batch_size=40)
    for _ in range(2):
        assert len(send(config, receiver(server.url), write(config, 100))) == 100
    assert len(server.calls) == 6
    said = [Webhook(SECRET).verify(call.body, call.headers) for call in server.calls]
    assert {part["type"] for part in said} == {"restock.back_in_stock.batch"}
    ids = [message["data"]["notification_id"] for part in said for message in part["data"]]
    assert sorted(ids) == sorted([str(UUID(int=number)) for number in range(1, 101)] * 2)
    assert len({call.headers["idempotency-key"] for call in server.calls}) == 3


def test_an_answer_may_settle_each_message_of_a_batch(server, configure):
    entries = [
        {"id": str(UUID(int=1)), "status": 200},
        {"id": str(UUID(int=2)), "status": 429, "retry_after": 60},
        {"id": str(UUID(int=3)), "status": 410},
        {"id": "unknown", "status": 500},
    ]
    server.answer = answer_with(status=207, text=json.dumps({"results": entries}))
    config = configure(batch_size=10)
    results = send(config, receiver(server.url), write(config, 4))
    assert [(r.outcome, r.code, r.suppress) for r in results] == [
        ("accepted", "200", False),
        ("retryable", "429", False),
        ("permanent", "410", True),
        ("accepted", "207", False),
    ]
    assert results[1].retry_after == timedelta(seconds=60)


@pytest.mark.parametrize(
    "body",
    [
        '{"results": 3}',
        '{"results": [3]}',
        '{"results": [{"id": "x"}]}',
        '{"results": [{"id": 1, "status": "x"}]}',
        '"results"',
        '{"results',
    ],
)
def test_a_strange_body_changes_nothing(server, configure, body):
    server.answer = answer_with(status=200, text=body)
    (result,) = send(configure(), receiver(server.url), write(configure()))
    assert result.outcome == "accepted"


def test_only_allowed_hosts_are_called(server, configure):
    with serve_http() as other:
        connection = receiver(server.url, allowed_hosts=[other.url, "hooks.example"])
        contacts = [
            other.url + "/own?x=1#part",
            f"http://localhost:{other.port}/",
            f"http://127.0.0.1:{free_port()}/",
            "http://hooks.example/",  # listed without a scheme it is https
            f"http://127.0.0.1:{other.port}@evil.example/",
            f"http://user:pass@127.0.0.1:{other.port}/",
            "file:///etc/passwd",
            "http://169.254.169.254/latest/meta-data/",
            "http://[",
            "customer 17",
        ]
        messages = [write(configure(), contact=contact)[0] for contact in contacts]
        results = send(configure(), connection, messages)
        assert [result.outcome for result in results] == ["accepted"] * len(contacts)
        assert [call.path for call in other.calls] == ["/own?x=1"]
        told = [json.loads(call.body)["data"]["contact"] for call in server.calls]
        assert sorted(told) == sorted(contacts[1:])


def test_without_a_receiver_a_url_of_another_host_goes_nowhere(server, configure):
    messages = write(configure(), contact="https://evil.example/")
    (result,) = send(configure(), receiver(None, allowed_hosts=[server.url]), messages)
    assert result.outcome == "permanent"
    assert "allowed_hosts" in result.text


def test_redirects_are_not_followed(server, configure):
    with serve_http() as other:
        server.answer = answer_with(status=307, headers={"Location": other.url})
        (result,) = send(configure(), receiver(server.url), write(configure()))
        assert (result.outcome, other.calls) == ("retryable", [])


def test_a_receiver_that_is_down_is_named_and_nothing_is_touched(configure):
    port = free_port()
    with pytest.raises(
        ChannelUnreachableError, match=rf"127\.0\.0\.1:{port} cannot be reached.*No message was touched"
    ):
        send(configure(), receiver(f"http://127.0.0.1:{port}"), write(configure()))


def test_a_receiver_without_tls_is_unavailable(server, configure):
    (result,) = send(configure(), receiver(server.url.replace("http:", "https:")), write(configure()))
    assert result.outcome == "unavailable"


def test_a_shoppers_own_url_that_is_down_is_tried_again(server, configure):
    own = f"http://127.0.0.1:{free_port()}"
    (result,) = send(configure(), receiver(server.url, allowed_hosts=[own]), write(configure(), contact=own))
    assert result.outcome == "retryable"


@pytest.mark.parametrize("fault", ["drop_before_taking", "drop_after_taking", "garbage"])
def test_a_connection_that_breaks_leaves_the_message_in_doubt(configure, fault):
    with serve_faulty_http(FaultPlan({fault: 1.0})) as faulty:
        (result,) = send(configure(), receiver(f"http://127.0.0.1:{faulty.port}"), write(configure()))
    assert (result.outcome, result.code) == ("in_doubt", None)


def test_a_receiver_that_says_nothing_leaves_the_message_in_doubt(configure):
    with serve_faulty_http(FaultPlan({"stall_after_taking": 1.0})) as faulty:
        connection = receiver(f"http://127.0.0.1:{faulty.port}")
        (alone,) = send(configure(timeout_seconds=3), connection, write(configure()))
        several = send(configure(2), connection, write(configure(), 5), timeout_seconds=2)
    assert alone.outcome == "in_doubt"
    # Two were on their way; the others were not touched.
    assert [result.outcome for result in several] == ["in_doubt"] * 2


def test_an_endless_answer_is_not_read_to_its_end(server, configure):
    async def answer(_):
        return web.Response(body=b"x" * (1 << 24), status=500)

    server.answer = answer
    (result,) = send(configure(), receiver(server.url), write(configure()))
    assert (result.outcome, result.code, result.text) == ("retryable", "500", "x" * 500)


@pytest.mark.parametrize(
    ("connection", "options", "said"),
    [
        (ConnectionDetails(password=SECRET), {}, "neither a host nor"),
        (ConnectionDetails(host="hooks.example"), {}, "whsec_"),
        (ConnectionDetails(host="hooks.example", password="secret"), {}, "whsec_"),
        (ConnectionDetails(host="hooks.example", password="whsec_c2hvcnQ="), {}, "24 to 64"),
        (ConnectionDetails(host="hooks.example", password="whsec_!" + "a" * 40), {}, "base64"),
        (ConnectionDetails(host="ftp://hooks.example", password=SECRET), {}, "no http or https URL"),
        (receiver("hooks.example", allowed_hosts="hooks.example"), {}, "must be a list"),
        (receiver("hooks.example", allowed_hosts=["x:y:z"]), {}, "neither a host nor a URL"),
        (receiver("hooks.example"), {"batch_size": 0}, "batch_size"),
        (receiver("hooks.example"), {"batch_size": "5"}, "batch_size"),
        (receiver("hooks.example"), {"timeout_seconds": True}, "timeout_seconds"),
    ],
)
def test_a_wrong_connection_is_explained_without_its_secret(configure, connection, options, said):
    with pytest.raises(ChannelMisconfiguredError, match=said) as error:
        open_channel(configure(**options), connection)
    assert SECRET not in str(error.value)
    assert "restock_webhook" in str(error.value)


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        (ConnectionDetails(host="hooks.example", password=SECRET), "https://hooks.example"),
        (ConnectionDetails(host="hooks.example", schema="http", port=8080, password=SECRET), "http://hooks.example:8080"),
        (ConnectionDetails(host="https://hooks.example/in", port=8443, password=SECRET), "https://hooks.example:8443/in"),
    ],
)  # fmt: skip
def test_the_url_is_put_together_from_the_connection(configure, connection, url):
    assert str(open_channel(configure(), connection)._receiver.url) == url
