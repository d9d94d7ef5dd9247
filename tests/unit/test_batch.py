"""Joining the items of claimed messages with their products."""

from restock.delivery.batch import join_products
from tests.unit.messages import a_row

KETTLE = a_row().product


def join(rule: str | None, *, is_sold_out: bool) -> str | None:
    row = a_row(episode_id=3, rule=rule)
    columns = tuple(value for name, value in row._asdict().items() if name != "product")
    [joined] = join_products([columns], [(3, is_sold_out, *KETTLE)])
    assert joined == row._replace(rule=joined.rule)
    return joined.rule


def test_an_item_gets_the_product_of_its_episode() -> None:
    assert join(None, is_sold_out=False) is None


def test_what_sold_out_must_not_leave() -> None:
    assert join(None, is_sold_out=True) == "sold_out"


def test_of_several_reasons_the_first_counts() -> None:
    assert join("cancelled", is_sold_out=True) == "cancelled"
    assert join("no_address", is_sold_out=True) == "sold_out"
    assert join("no_address", is_sold_out=False) == "no_address"
