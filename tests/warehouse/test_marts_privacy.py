"""No address of a shopper reaches an analyst, wherever it stands in the warehouse."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from restock.explain import explain_request
from restock.marts import refresh
from restock.warehouse import SQL_ROOT
from tests.warehouse.own_warehouse import connected

VIEWS = sorted(path.stem for path in (SQL_ROOT / "marts").glob("*.sql"))
MAIL, PHONE, URL = "planted@example.org", "+49 170 5550199", "https://hooks.example.org/planted"

# sample.sql, in which cid is called by his mail address, dee by her telephone number, and what they asked for is named
# after them; and an address in every text that may hold one.
PLANT = [
    f"update restock.customer set user_id = '{MAIL}', email = '{MAIL}', phone = '{PHONE}', webhook_url = '{URL}'"
    " where user_id = 'cid'",
    f"update restock.request set user_id = '{MAIL}', request_id = '{MAIL}/' || product_id, contact = '{MAIL}'"
    " where user_id = 'cid'",
    f"update restock.open_request set user_id = '{MAIL}' where user_id = 'cid'",
    f"update restock.notification set user_id = '{MAIL}', last_error = '554 <{MAIL}> no' where user_id = 'cid'",
    f"update restock.request set user_id = '{PHONE}', contact = '{URL}' where user_id = 'dee'",
    f"update restock.open_request set user_id = '{PHONE}' where user_id = 'dee'",
    "insert into restock.joined_request (request_id, request_key, requested_at)"
    f" values ('{MAIL}/again', 5, '2026-08-02T10:00Z'), ('other-again', 5, '2026-08-02T10:00Z')",
    f'update restock.request set joined_contacts = \'{{"other-again": "{URL}"}}\' where request_key = 5',
    f"update restock.rejected_row set raw_text = '{MAIL}', detail = '{MAIL}'",
    "insert into restock.delivery_attempt (notification_key, attempt_number, outcome, provider_code, provider_message,"
    f" started_at, finished_at, sender) values (4, 1, 'permanent', 'no {MAIL}', '{MAIL}', now(), now(), 'run')",
    "insert into restock.click (notification_key, store_id, product_id) values (1, 'main', 'chair')",
    "insert into restock.purchase (order_id, user_id, store_id, product_id, ordered_at)"
    f" values ('{MAIL}', 'ann', 'main', 'chair', '2026-09-01T09:00Z')",
]


@pytest.fixture(scope="module")
def planted(postgres_url: str, warehouse_template: str) -> Iterator[psycopg.Connection]:
    with connected(postgres_url, warehouse_template) as warehouse:
        warehouse.execute(Path(__file__).with_name("sample.sql").read_text(encoding="utf-8"))
        # Notification 4 is about to be said of cid's request for the lamp in a sentence.
        warehouse.execute(
            "update restock.decision set notification_key = 4, dropped_at = null, outcome = 'told' "
            "where request_key = 5"
        )
        warehouse.execute("update restock.notification set attempt_count = 1 where notification_key = 4")
        for statement in PLANT:
            warehouse.execute(statement)
        refresh(warehouse)
        yield warehouse


def test_the_addresses_are_in_the_warehouse(planted: psycopg.Connection) -> None:
    found = str(planted.execute("select * from restock.request").fetchall())
    assert all(address in found for address in (MAIL, PHONE, URL))


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_shows_an_address(planted: psycopg.Connection, view: str) -> None:
    found = str(planted.execute(f"select * from mart.{view}").fetchall())
    assert len(found) > 2
    for trace in ("planted", "example.org", "@example.com", "5550199", "+4917"):
        assert trace not in found


def test_a_hidden_shopper_is_the_same_in_every_view(planted: psycopg.Connection) -> None:
    names = {
        view: {
            name
            for (name,) in planted.execute(f"select distinct user_id from mart.{view}")
            if name.startswith("hidden-")
        }
        for view in ("shopper", "decision_fact", "decision_explained", "notification_fact")
    }
    assert len(names["shopper"]) == 2
    assert names["shopper"] == names["decision_fact"] == names["decision_explained"] > names["notification_fact"]
    assert len(names["notification_fact"]) == 1


def test_a_hidden_request_is_the_same_in_every_view_and_found_by_its_name(planted: psycopg.Connection) -> None:
    [(request_id,)] = planted.execute(
        "select distinct request_id from mart.decision_fact where product_id = 'lamp'"
    ).fetchall()
    assert request_id.startswith("hidden-")
    explained = planted.execute(
        "select product_id from mart.decision_explained where request_id = %s", [request_id]
    ).fetchall()
    assert ("lamp",) in explained


def test_a_sentence_names_the_request_that_was_joined_by_its_hidden_id(planted: psycopg.Connection) -> None:
    sentences = str(
        planted.execute("select explanation from mart.decision_explained where request_id = 'other-again'").fetchall()
    )
    assert "answered together with request hidden-" in sentences


def test_support_staff_still_find_a_request_by_its_own_id(planted: psycopg.Connection) -> None:
    assert explain_request(planted, f"{MAIL}/lamp")


@pytest.mark.parametrize("name", ["household-598", "10012345", "a+b", "+12", "Ann B.", "u:7"])
def test_a_name_that_is_no_address_is_shown(planted: psycopg.Connection, name: str) -> None:
    assert planted.execute("select restock.hide_address(%s, 'salt')", [name]).fetchone() == (name,)


def test_a_hash_depends_on_the_salt_of_the_warehouse(planted: psycopg.Connection) -> None:
    [(one, other)] = planted.execute(
        "select restock.hide_address('a@b.c', 'salt'), restock.hide_address('a@b.c', 'other')"
    ).fetchall()
    assert one != other
    [(salt,)] = planted.execute("select salt from restock.mart_salt").fetchall()
    assert len(salt) >= 32
