"""Puts one drop into feed files, as the surfaces and systems of a shop might write them.

Drop 0 brings the catalogue (gzipped CSV) and the customers (CSV); a later drop brings the products whose price
changed, if any (JSONL). Each brings the stock (CSV), the requests of the app and the cart (JSONL) and those of the web
(CSV).

The stock of drop 0 tells each turn of the lead-in, and each shelf at its start and its end. A later drop tells only
how each shelf stands as it lands. Its turns would date from before that, and messages that left since the drop before
would look wrong for what nobody could know.

Real feeds are never clean. To each request file and to the stock of each drop a few rows are added that must be
rejected; all are broken copies, so that no real request is lost with them:

- requests of the web: a time zone that does not exist, and no product;
- requests of the app: a quantity below zero, and a line cut in the middle;
- stock: a quantity below zero.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from restock.demo.clock import Clock
from restock.demo.stretch import Stretch

_APP = ("app", "cart")


@dataclass(frozen=True)
class FeedFile:
    """One file.

    Attributes:
        feed: Feed, which is the folder.
        name: File name.
        content: Bytes.
        rows: Rows in it, the broken ones among them.
        broken: Rows that must be rejected.
    """

    feed: str
    name: str
    content: bytes
    rows: int
    broken: int = 0


def build_files(stretch: Stretch, k: int, clock: Clock) -> Iterator[FeedFile]:
    """Build the files of drop k, stock before requests: a drop half landed lets nobody hear of what is sold out."""
    if k == 0:
        customers = stretch.shoppers.drop(columns="household_id")
        packed = gzip.compress(_csv(stretch.products), mtime=0)
        yield FeedFile("products", "drop-00.csv.gz", packed, len(stretch.products))
        yield FeedFile("customers", "drop-00.csv", _csv(customers), len(customers))
    repriced = stretch.repriced[stretch.repriced["drop"] == k].drop(columns="drop")
    if len(repriced):
        yield FeedFile("products", f"drop-{k:02}.jsonl", _jsonl(repriced), len(repriced))

    yield _stock(stretch.stock, clock, f"drop-{k:02}.csv", with_past=k == 0)
    asked = stretch.requests["moment"].between(clock.first, clock.last, inclusive="left")
    requests = stretch.requests[asked].rename(columns={"moment": "requested_at"})
    requests["requested_at"] = clock.wall_time(requests["requested_at"])
    from_app = requests["surface"].isin(_APP)
    yield _app_requests(requests[from_app], f"drop-{k:02}-app.jsonl")
    yield _web_requests(requests[~from_app], f"drop-{k:02}-web.csv")


def _app_requests(requests: pd.DataFrame, name: str) -> FeedFile:
    first = requests.head(1)
    negative = first.assign(request_id=first["request_id"] + "-negative", quantity=-1)
    cut = _jsonl(first.assign(request_id=first["request_id"] + "-cut"))
    content = _jsonl(pd.concat([requests, negative])) + cut[: len(cut) // 2] + b"\n"
    return FeedFile("requests", name, content, rows=len(requests) + 2, broken=2)


def _web_requests(requests: pd.DataFrame, name: str) -> FeedFile:
    first = requests.head(1)
    broken = [
        first.assign(request_id=first["request_id"] + "-nowhere", timezone="Mars/Olympus_Mons"),
        first.assign(request_id=first["request_id"] + "-nothing", product_id=""),
    ]
    return FeedFile("requests", name, _csv(pd.concat([*broken, requests])), rows=len(requests) + 2, broken=2)


def _stock(stock: pd.DataFrame, clock: Clock, name: str, with_past: bool) -> FeedFile:
    told = stock["moment"].between(clock.first, clock.last) if with_past else stock["moment"] == clock.last
    rows = pd.DataFrame(
        {
            "product_id": stock.loc[told, "product_id"],
            "available_quantity": stock.loc[told, "quantity"],
            "snapshot_at": clock.wall_time(stock.loc[told, "moment"]),
        }
    )
    negative = rows.tail(1).assign(available_quantity=-1)
    return FeedFile("inventory", name, _csv(pd.concat([rows, negative])), rows=len(rows) + 1, broken=1)


def _csv(rows: pd.DataFrame) -> bytes:
    return rows.to_csv(index=False, lineterminator="\n").encode()


def _jsonl(rows: pd.DataFrame) -> bytes:
    records = rows.astype({"product_id": str}).to_dict("records")
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
