"""What a caller is told when the warehouse does not answer."""

import pytest

from restock.warehouse import WarehouseUnreachableError, connect
from tests.conftest import database_url, free_port


def test_a_server_that_is_not_there_is_named_in_one_sentence_with_what_to_check() -> None:
    port = free_port()
    with pytest.raises(WarehouseUnreachableError) as refusal:
        connect(f"postgresql://shop:hunter2@127.0.0.1:{port}/restock")
    text = str(refusal.value)
    assert text.startswith(f"The warehouse at 127.0.0.1:{port}/restock cannot be reached: ")
    assert "Connection refused" in text
    assert "restock_warehouse" in text
    assert "\n" not in text
    assert "hunter2" not in text


def test_a_database_that_does_not_exist_is_named(postgres_url: str) -> None:
    with pytest.raises(WarehouseUnreachableError, match=r'database "nowhere" does not exist'):
        connect(database_url(postgres_url, "nowhere"))
