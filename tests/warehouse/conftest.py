"""Fixtures of the warehouse tests."""

import psycopg
import pytest

from tests.warehouse.shop import Shop


@pytest.fixture
def shop(warehouse: psycopg.Connection) -> Shop:
    return Shop(warehouse)
