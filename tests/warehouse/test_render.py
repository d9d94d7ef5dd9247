"""Looking at a message of the warehouse."""

import sys
from uuid import uuid4

import pytest

from restock.delivery import render
from tests.unit.messages import parse
from tests.warehouse.shop import Shop


@pytest.fixture
def look_at(monkeypatch, tmp_path, warehouse_url):
    def look_at(notification_id):
        monkeypatch.setenv("RESTOCK_WAREHOUSE_URL", warehouse_url)
        monkeypatch.setattr(sys, "argv", ["render", str(notification_id), "--out", str(tmp_path)])
        render.main()
        return parse((tmp_path / f"{notification_id}.eml").read_bytes())

    return look_at


def test_a_message_is_written_as_it_would_leave(shop: Shop, look_at):
    shop.settings["quiet_hours"] = ""
    shop.customer("ann")
    shop.request("ann", "lamp", locale="ko-KR")
    shop.stock("lamp", 5)
    shop.plan()
    ((notification_id,),) = shop.rows("select notification_id from restock.notification")
    mail = look_at(notification_id)
    assert mail["Subject"] == "lamp 상품이 다시 입고되었습니다"
    assert mail["To"] == "ann@example.com"
    assert str(notification_id) in mail["Message-ID"]


def test_an_unknown_message_is_named(look_at):
    unknown = uuid4()
    with pytest.raises(SystemExit, match=f"no message {unknown}"):
        look_at(unknown)
