"""Result sets as frames, read by libpq's own calls."""

import threading
import time

import psycopg
import pyarrow as pa
import pytest

from restock.warehouse.frames import read_frame

NUMBER = {"number": pa.int64()}


def test_null_and_empty_and_odd_text_come_through(warehouse):
    query = "select * from (values (1, null), (2, ''), (3, E'a,\"b\"\\n\u00fc'), (4, %(text)s)) as v (number, text)"
    frame = read_frame(warehouse, query, {"text": "50 % of \\N"}, NUMBER | {"text": pa.string()})
    assert frame["number"].tolist() == [1, 2, 3, 4]
    assert frame["text"].isna().tolist() == [True, False, False, False]
    assert frame["text"].tolist()[1:] == ["", 'a,"b"\n\u00fc', "50 % of \\N"]


def test_many_rows_and_none_at_all(warehouse):
    query = "select g as number from generate_series(1, %(count)s) as g"
    assert read_frame(warehouse, query, {"count": 250_000}, NUMBER)["number"].sum() == 250_000 * 250_001 // 2
    none = read_frame(warehouse, query, {"count": 0}, NUMBER)
    assert none.empty
    assert none["number"].dtype == "int64"


def test_rows_that_take_several_blocks_come_through_in_their_order(warehouse):
    query = "select g as number, repeat(E'\"a,\\n', 8) || g as text from generate_series(1, 400000) as g"
    frame = read_frame(warehouse, query, {}, NUMBER | {"text": pa.string()})
    assert frame["number"].tolist() == list(range(1, 400_001))
    assert (frame["text"] == '"a,\n' * 8 + frame["number"].astype("str")).all()


@pytest.mark.parametrize("query", ["select 1 as number from nowhere", "select 1 / (5000 - g) as number from "
                                   "generate_series(1, 9000) as g"])  # fmt: skip
def test_a_query_that_fails_before_or_between_rows_says_why_and_leaves_the_connection_in_use(warehouse, query):
    with pytest.raises(psycopg.errors.Error, match=r"nowhere|division by zero") as failed, warehouse.transaction():
        read_frame(warehouse, query, {}, NUMBER)
    assert failed.value.sqlstate in {"42P01", "22012"}
    assert warehouse.execute("select 1").fetchone() == (1,)


def test_a_server_that_ends_the_connection_between_rows_is_an_operational_error(warehouse, warehouse_url):
    def end_it() -> None:
        with psycopg.connect(warehouse_url, autocommit=True) as other:
            time.sleep(0.5)
            other.execute("select pg_terminate_backend(%s)", (warehouse.info.backend_pid,))

    ending = threading.Thread(target=end_it)
    ending.start()
    with pytest.raises(psycopg.OperationalError):
        read_frame(warehouse, "select 1 as number from pg_sleep(20)", {}, NUMBER)
    ending.join()
