"""The shop's keys of the intake service."""

from urllib.parse import urlsplit

from restock.intake.keys import Kind, hash_key
from restock.warehouse import connect, read_sql


def install_keys(warehouse_url: str, shop_url: str, widget_key: str, operator_key: str) -> None:
    """Let the intake service know the keys that the stack made for its shop; again at each start, with its port.

    Args:
        warehouse_url: URL of the warehouse.
        shop_url: Where the shop's pages are. The widget's key may be used from there only.
        widget_key: Key that stands in the pages.
        operator_key: Key that the shop's server books deliveries with.
    """
    port = urlsplit(shop_url).port
    keys: tuple[tuple[str, Kind, str, list[str]], ...] = (
        ("demo-shop", "widget", widget_key, [f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")]),
        ("demo-operator", "operator", operator_key, []),
    )
    with connect(warehouse_url, application="restock shop keys") as connection:
        for name, kind, key, origins in keys:
            binds = {"name": name, "kind": kind, "hash": hash_key(key), "origins": origins}
            connection.execute(read_sql("shop/put_key.sql"), binds)
