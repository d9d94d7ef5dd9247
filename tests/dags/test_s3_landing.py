"""A landing area on S3: a real server over HTTP, the Airflow connection that the URL names, what Airflow reads with."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from restock.feeds.landing import LandingMissingError, list_landing
from restock.feeds.load import LoadError, load_files
from restock.feeds.store import StoreUnreachableError
from tests.conftest import free_port
from tests.warehouse.landing import CLOCK, Landing, Rows, as_csv, as_jsonl, minute, stock, subscribe

BUCKET = "shop-drops"


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """URL of an S3 server of this module's own."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Bucket(Landing):
    """A landing area in a bucket; `folder` is its ObjectStoragePath."""

    def put(self, feed: str, content: Rows | str | bytes, name: str = "") -> str:
        data = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else None
        name = name or f"{next(self._numbers):03}.csv"
        self.client.put_object(Bucket=BUCKET, Key=f"in/{feed}/{name}", Body=as_csv(content) if data is None else data)
        return f"{feed}/{name}"


@pytest.fixture
def bucket(
    airflow_home: Path, s3_url: str, warehouse_url: str, warehouse: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bucket]:
    """An empty landing area in a bucket, before an empty warehouse."""
    import boto3

    extra = {"endpoint_url": s3_url, "region_name": "us-east-1"}
    connection = {"conn_type": "aws", "login": "a-key-id", "password": "a-secret", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_DROPS", json.dumps(connection))
    client = boto3.client("s3", aws_access_key_id="a-key-id", aws_secret_access_key="a-secret", **extra)
    client.create_bucket(Bucket=BUCKET)
    bucket = Bucket(path_to(f"s3://drops@{BUCKET}/in"), warehouse_url, warehouse)
    bucket.client = client
    yield bucket
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        if keys := [{"Key": each["Key"]} for each in page.get("Contents", [])]:
            client.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})
    client.delete_bucket(Bucket=BUCKET)


def path_to(url: str):
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath(url)


def test_every_feed_and_format_loads_from_a_bucket(bucket: Bucket):
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([stock("lamp", 3)]), parquet)
    bucket.put("inventory", parquet.getvalue(), "a.parquet")
    bucket.put("requests", gzip.compress(as_csv([subscribe("r1"), subscribe("")]).encode()), "a.csv.gz")
    bucket.put("products", as_jsonl([{"product_id": "lamp", "name": "Lamp"}]), "a.jsonl")
    bucket.put("customers", gzip.compress(as_jsonl([{"user_id": "ada"}]).encode()), "a.jsonl.gz")
    bucket.put("orders", [{"order_id": "o", "user_id": "bob", "product_id": "lamp", "ordered_at": minute(1)}])
    bucket.put("suppressions", [{"channel": "email", "contact": "ada@example.com", "reason": "bounce"}])
    bucket.put("suppressions", b"not parquet", "b.parquet")
    bucket.load()
    files = bucket.records("select * from restock.feed_file order by feed, path")
    assert [(file["feed"], file["status"], file["read_count"], file["loaded_count"]) for file in files] == [
        ("customers", "loaded", 1, 1),
        ("inventory", "loaded", 1, 1),
        ("orders", "loaded", 1, 1),
        ("products", "loaded", 1, 1),
        ("requests", "loaded", 2, 1),
        ("suppressions", "loaded", 1, 1),
        ("suppressions", "failed", 0, 0),
    ]
    head = bucket.client.head_object(Bucket=BUCKET, Key="in/inventory/a.parquet")
    assert files[1]["byte_size"] == head["ContentLength"]
    assert 0 <= (files[1]["modified_at"] - head["LastModified"]).total_seconds() < 1


def test_what_is_unfinished_or_no_file_is_left_alone(bucket: Bucket):
    for name in ("requests/", "requests/a.csv.part", "requests/_b.csv", "requests/old/c.csv", "_done/requests/d.csv"):
        bucket.client.put_object(Bucket=BUCKET, Key=f"in/{name}", Body=b"")
    bucket.client.put_object(Bucket=BUCKET, Key="in/stocks/e.csv", Body=b"")
    assert list_landing(bucket.folder) == ([], ["stocks"])


def test_the_same_content_renamed_is_a_duplicate_and_loading_again_reads_nothing(bucket: Bucket):
    content = as_csv([subscribe("r1")])
    bucket.put("requests", content, "a.csv")
    bucket.load()
    bucket.client.delete_object(Bucket=BUCKET, Key="in/requests/a.csv")
    bucket.put("requests", content, "b.csv")
    bucket.load()
    bucket.load()
    assert {path: status for path, (status, _) in bucket.files().items()} == {
        "requests/a.csv": "loaded",
        "requests/b.csv": "duplicate",
    }


def test_another_content_of_the_same_size_in_the_same_second_is_another_version(bucket: Bucket):
    """A store tells whole seconds: time and size alone would hide the second version for ever."""
    versions = set()
    for number in range(5):
        bucket.put("inventory", [stock("lamp", number)], "stock.csv")
        (file,) = list_landing(bucket.folder).files
        versions.add((file.byte_size, file.modified_at))
        assert list_landing(bucket.folder).files == [file]
    assert len({size for size, _ in versions}) == 1
    assert len(versions) == 5


def test_many_files_are_listed_in_few_calls(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    for number in range(300):
        bucket.put("requests", b"x", f"{number}.csv")
    calls = []
    call_s3 = type(bucket.folder.fs)._call_s3

    async def counted(self, method, *args, **kwargs):
        calls.append(method)
        return await call_s3(self, method, *args, **kwargs)

    monkeypatch.setattr(type(bucket.folder.fs), "_call_s3", counted)
    assert len(list_landing(bucket.folder).files) == 300
    assert len(calls) < 5


def test_a_large_file_is_read_in_blocks(bucket: Bucket):
    rows = [subscribe(f"r{number}", user=f"u{number}", locale="de", note="x" * 400) for number in range(20_000)]
    path = bucket.put("requests", rows)
    bucket.load()
    assert bucket.counts(path) == {"read": 20_000, "loaded": 20_000}


def test_an_empty_prefix_is_an_empty_landing_area_and_a_missing_bucket_is_none(bucket: Bucket):
    assert list_landing(path_to(f"s3://drops@{BUCKET}/nothing/yet")) == ([], [])
    with pytest.raises(LandingMissingError, match=r"The landing area s3://drops@no-such-bucket/in, .* is not there"):
        list_landing(path_to("s3://drops@no-such-bucket/in"))


def test_a_file_taken_away_after_listing_fails_the_task_after_the_others_are_loaded(bucket: Bucket):
    gone = bucket.put("requests", [subscribe("r1")])
    bucket.put("requests", [subscribe("r2", user="bob")])
    listed = list_landing(bucket.folder).files
    bucket.client.delete_object(Bucket=BUCKET, Key=f"in/{gone}")
    with pytest.raises(LoadError, match=f"1 of the files could not be loaded.*The first is {gone}"):
        load_files(bucket.url, bucket.folder, listed, "run", CLOCK)
    assert bucket.states() == {"r2": "waiting"}


def test_a_store_that_does_not_answer_is_one_sentence_and_nothing_is_recorded(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
):
    bucket.put("requests", [subscribe("r1")])
    listed = list_landing(bucket.folder).files
    extra = {
        "endpoint_url": f"http://127.0.0.1:{free_port()}",
        "region_name": "us-east-1",
        "config_kwargs": {"retries": {"max_attempts": 0}},
    }
    connection = {"conn_type": "aws", "login": "a-key-id", "password": "a-secret", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_NOBODY", json.dumps(connection))
    silent = path_to(f"s3://nobody@{BUCKET}/in")
    with pytest.raises(StoreUnreachableError, match=r"cannot be read .*the Airflow connection that it names before"):
        list_landing(silent)
    with pytest.raises(LoadError, match=r"requests/001.csv: s3://nobody@shop-drops/in/requests/001.csv cannot be read"):
        load_files(bucket.url, silent, listed, "run", CLOCK)
    assert bucket.files() == {}
