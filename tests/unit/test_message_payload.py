"""The quick way to write a webhook's payload and Python's own write the same bytes."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from restock.channels.webhook_payload import WebhookWriter
from restock.delivery.message.links import Links
from tests.unit.messages import LETTERHEAD, a_row

WRITER = WebhookWriter(LETTERHEAD)
# JSON escapes quotes, backslashes and control characters; everything else stays as it is.
texts = st.text(
    st.sampled_from('a"\\/\n\t\0\x1f\x7f{}%é한😀\u2028<&') | st.characters(exclude_categories=["Cs"]), max_size=20
)
products = st.builds(
    a_row,
    request_id=texts,
    product_id=texts,
    product_name=texts,
    brand=st.none() | texts,
    price=st.none() | st.decimals(-10, 10**20, places=2),
    currency=st.none() | texts,
    url=st.none() | texts | st.just('https://shop.example/p?q="a"'),
    image_url=st.none() | texts,
    requested_at=st.integers(0, 10**9).map(
        lambda passed: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=passed)
    ),
)


def write_plainly(rows, timestamp, text):
    head, links = rows[0], Links(LETTERHEAD)
    token = links.token(head)
    payload = {
        "type": "restock.back_in_stock",
        "timestamp": timestamp,
        "data": {
            "notification_id": str(head.notification_id),
            "user_id": head.user_id,
            "contact": head.contact,
            "store_id": head.store_id,
            "locale": head.locale,
            "text": text,
            "unsubscribe_url": links.unsubscribe(token),
            "items": [
                {
                    "request_id": row.request_id,
                    "requested_at": row.requested_at.isoformat(),
                    "product_id": row.product.product_id,
                    "name": row.product.name,
                    "brand": row.product.brand,
                    "price": None if row.product.price is None else str(row.product.price),
                    "currency": row.product.currency,
                    "url": row.product.url,
                    "link": links.product(token, row),
                    "image_url": row.product.image_url,
                }
                for row in rows
            ],
        },
    }
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


@settings(deadline=None, max_examples=200, derandomize=True)
@given(
    rows=st.lists(products, min_size=1, max_size=4),
    notification_id=st.uuids().map(str),
    locale=st.sampled_from([None, "en", "de", "ko-KR", 'x"y']),
    user_id=texts,
    contact=texts,
    store_id=texts,
)
def test_a_payload_is_what_python_makes_of_the_same_values(rows, notification_id, locale, user_id, contact, store_id):
    shared = {
        "notification_id": notification_id,
        "locale": locale,
        "user_id": user_id,
        "contact": contact,
        "store_id": store_id,
    }
    rows = [row._replace(item_number=number, **shared) for number, row in enumerate(rows, start=1)]
    payload = WRITER.write(rows).payload
    said = json.loads(payload)
    assert abs(datetime.fromisoformat(said["timestamp"]) - datetime.now(UTC)) < timedelta(minutes=5)
    assert payload == write_plainly(rows, said["timestamp"], said["data"]["text"])
