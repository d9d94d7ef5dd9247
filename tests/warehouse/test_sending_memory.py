"""How much memory a sending task needs does not depend on how much is due."""

import tracemalloc

from restock.channels import ChannelConfig, ConnectionDetails
from restock.delivery import Letterhead, send_channel
from restock.policy import resolve_policy
from tests.warehouse import parcel_channel
from tests.warehouse.shop import Shop

LETTERHEAD = Letterhead("Shop <hello@shop.example>", "https://shop.example", "secret")
# What the caches of statements and texts may still take in, far below what ten times the messages would need.
SLACK_BYTES = 1_000_000


class ForgetfulChannel(parcel_channel.ParcelChannel):
    """Takes everything and keeps nothing."""

    async def send_batch(self, messages, timeout_seconds):
        results = await super().send_batch(messages, timeout_seconds)
        parcel_channel.PARCELS.clear()
        return results


def open_channel(config: ChannelConfig, connection: ConnectionDetails) -> ForgetfulChannel:
    return ForgetfulChannel(config, connection)


make_writer = parcel_channel.make_writer


def schedule(shop: Shop, users: range) -> None:
    shop.run(
        "with asked as (insert into restock.request"
        " (request_id, user_id, store_id, product_id, channel, contact, requested_at)"
        " select 'r' || n, 'u' || n, 'main', 'lamp', 'parcel', 'street ' || n, now() - interval '1 hour'"
        f" from generate_series({users.start}, {users.stop - 1}) as n"
        " returning *) insert into restock.open_request (store_id, product_id, user_id, channel, request_key)"
        " select store_id, product_id, user_id, channel, request_key from asked"
    )
    shop.look_at("lamp")
    shop.stock("lamp", 9)
    shop.plan()


def test_five_times_as_many_due_messages_need_no_more_memory(shop: Shop, warehouse_url: str) -> None:
    shop.settings["quiet_hours"] = ""
    shop.channels = {"parcel"}
    shop.run(
        "insert into restock.channel (name, kind, connection_id, connections, options)"
        f""" values ('parcel', '{__name__}', 'parcel_service', 16, '{{"colour": "blue"}}')"""
    )
    shop.run(
        "insert into restock.provider_code (kind, code, outcome, meaning)"
        f" values ('{__name__}', 'ok', 'accepted', 'taken')"
    )

    def peak(users: range) -> int:
        schedule(shop, users)
        policy_id = resolve_policy(shop.warehouse, shop.settings).policy_id
        connection = ConnectionDetails("parcels.example")
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        sent = send_channel(warehouse_url, "parcel", connection, LETTERHEAD, policy_id, "test")
        assert sent.figures == {"accepted": len(users)}
        return tracemalloc.get_traced_memory()[1] - before

    tracemalloc.start()
    try:
        few = peak(range(4_000))
        many = peak(range(4_000, 24_000))
    finally:
        tracemalloc.stop()
    assert many < few + SLACK_BYTES, (few, many)
