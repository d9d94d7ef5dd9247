"""Any files, in any order, end as a slow and obvious model of the contract says."""

import os
import shutil
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restock.feeds.contract import Reason
from tests.warehouse.dirty_files import Dirty, dirty_files
from tests.warehouse.feed_model import Shop, faults
from tests.warehouse.landing import CLOCK, Landing

# A soak: RESTOCK_EXAMPLES=2000 python -m pytest tests/warehouse/test_ingest_properties.py
EXAMPLES = os.environ.get("RESTOCK_EXAMPLES")
PROPERTY = settings(
    max_examples=int(EXAMPLES or 25),
    derandomize=EXAMPLES is None,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
COUNTS = ("loaded", "rejected", "duplicate", "stale", "unchanged")


def empty(landing: Landing) -> None:
    shutil.rmtree(landing.folder)
    landing.folder.mkdir()
    landing.forget()


def check_file(landing: Landing, path: str, dirty: Dirty, shop: Shop) -> None:
    """The ledger and the rejected rows of one file are what the model says."""
    verdicts = {line: faults(dirty.feed, values, CLOCK) for line, values in dirty.rows.items()}
    good = {line: values for line, values in dirty.rows.items() if not verdicts[line]}
    counts, reused = shop.take(dirty.feed, good, dirty.named)
    allowed = {line: verdict for line, verdict in verdicts.items() if verdict}
    allowed |= {line: {reason} for line, reason in (dirty.spoiled | reused).items()}
    found = {
        line: (reason, raw)
        for line, reason, raw in landing.rows(
            "select line_number, reason_code, raw_text from restock.rejected_row join restock.feed_file"
            " using (feed_file_id) where path = %s",
            path,
        )
    }
    assert found.keys() == allowed.keys()
    for line, (reason, raw) in found.items():
        assert reason in allowed[line]
        if line in dirty.raw:
            assert raw == dirty.raw[line]
    counts["rejected"] += len(allowed)
    said = landing.counts(path)
    assert said.pop("read", 0) == len(dirty.rows) + len(dirty.spoiled)
    assert said == {name: counts[name] for name in COUNTS if counts[name]}


def check_state(landing: Landing, shop: Shop) -> None:
    """The warehouse holds what the model holds."""
    rows = landing.rows
    [(hashes,)] = landing.warehouse.execute(
        "select jsonb_object_agg(a, restock.hash_contact(a)) from unnest(%s::text[]) as a",
        [sorted({contact for _, contact in shop.suppressions})],
    ).fetchall()
    assert {
        (channel, contact_hash): reason
        for channel, contact_hash, reason in rows("select channel, contact_hash::text, reason from restock.suppression")
    } == {(channel, hashes[contact]): reason for (channel, contact), reason in shop.suppressions.items()}
    assert {
        row["user_id"]: {name: row[name] for name in row if name not in ("user_id", "feed_file_id", "updated_at")}
        for row in landing.records("select * from restock.customer")
    } == {user: known for (user,), known in shop.customers.items()}
    ignored = ("store_id", "product_id", "feed_file_id", "updated_at")
    assert {
        (row["store_id"], row["product_id"]): {name: row[name] for name in row if name not in ignored}
        for row in landing.records("select * from restock.product")
    } == shop.products
    assert {
        row[:3]: row[3:]
        for row in rows(
            "select order_id, store_id, product_id, user_id, ordered_at, quantity, amount from restock.purchase"
        )
    } == shop.orders
    assert {
        row[:3]: row[3:]
        for row in rows(
            "select store_id, product_id, location_id, snapshot_at, not orderable, -available_quantity"
            " from restock.inventory"
        )
    } == shop.inventory
    available: Counter = Counter()
    for (store, product, _), (_, is_blocked, less) in shop.inventory.items():
        available[store, product] += 0 if is_blocked else -less
    assert {row[:2]: row[2] for row in rows("select store_id, product_id, quantity from restock.availability")} == (
        dict(available)
    )
    assert landing.states() == {
        name: "cancelled" if request.cancelled else "waiting" for name, request in shop.requests.items()
    }
    assert sorted(
        rows(
            "select o.store_id, o.product_id, o.user_id, o.channel, r.request_id"
            " from restock.open_request as o join restock.request as r using (request_key)"
        )
    ) == sorted((*thing, leader) for thing, leader in shop.leaders.items())
    joined = {
        name: shop.leaders[request.thing()]
        for name, request in shop.requests.items()
        if not request.cancelled and shop.leaders[request.thing()] != name
    }
    assert (
        dict(
            rows(
                "select j.request_id, r.request_id from restock.joined_request as j"
                " join restock.request as r using (request_key) join restock.open_request using (request_key)"
            )
        )
        == joined
    )


@PROPERTY
@given(files=st.lists(dirty_files(), min_size=1, max_size=4), again=st.integers(0, 3))
def test_dirty_files_become_what_the_contract_says(landing: Landing, files: list[Dirty], again: int):
    empty(landing)
    shop = Shop(CLOCK)
    loaded: dict[tuple[str, bytes], str] = {}
    for number, dirty in enumerate([*files, files[again % len(files)]]):
        path = landing.put(dirty.feed, dirty.content, f"{number}.{dirty.suffix}")
        landing.load()
        if first := loaded.get((dirty.feed, dirty.content)):
            assert landing.files()[path] == ("duplicate", f"The same content was loaded as {first}.")
            assert landing.counts(path) == {}
        else:
            loaded[dirty.feed, dirty.content] = path
            assert landing.files()[path] == ("loaded", None)
            check_file(landing, path, dirty, shop)
    check_state(landing, shop)


@PROPERTY
@given(files=st.lists(dirty_files(("requests", "customers")), min_size=2, max_size=5))
def test_requests_and_withdrawals_become_what_the_contract_says_however_they_are_cut_into_files(
    landing: Landing, files: list[Dirty]
):
    empty(landing)
    shop = Shop(CLOCK)
    for number, dirty in enumerate(files):
        path = landing.put(dirty.feed, dirty.content, f"{number}.{dirty.suffix}")
        landing.load()
        if landing.files()[path][0] == "loaded":
            check_file(landing, path, dirty, shop)
    check_state(landing, shop)


@PROPERTY
@given(files=st.lists(dirty_files(("inventory",)), min_size=2, max_size=4), data=st.data())
def test_snapshots_in_any_order_end_in_the_same_state(landing: Landing, files: list[Dirty], data: st.DataObject):
    ends = []
    for order in (files, data.draw(st.permutations(files))):
        empty(landing)
        for number, dirty in enumerate(order):
            landing.put(dirty.feed, dirty.content, f"{number}.{dirty.suffix}")
            landing.load()
        ends.append(
            [
                landing.rows(f"select {columns} from restock.{table} order by 1, 2, 3")
                for table, columns in (
                    (
                        "inventory",
                        "store_id, product_id, location_id, snapshot_at, orderable, available_quantity",
                    ),
                    ("availability", "store_id, product_id, quantity, snapshot_at"),
                )
            ]
        )
    assert ends[0] == ends[1]


@PROPERTY
@given(dirty=dirty_files(), data=st.data())
def test_any_bytes_at_all_are_loaded_or_failed_and_never_a_fault(landing: Landing, dirty: Dirty, data: st.DataObject):
    empty(landing)
    content = bytearray(dirty.content)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 20)))
        content[start:end] = data.draw(st.binary(max_size=8))
    path = landing.put(dirty.feed, bytes(content), f"x.{dirty.suffix}")
    landing.load()
    status, reason = landing.files()[path]
    assert status == "failed" if reason else status == "loaded"
    assert {code for _, code, _ in landing.rejected()} <= set(Reason)
