"""The stock model on shelves small enough to follow by hand."""

import pandas as pd

from restock.demo.shelf import COVER_HIGH, COVER_LOW, WEEK, count_stock, list_turns, plan_deliveries, serve, set_levels


def _day(day: float) -> pd.Timestamp:
    return (pd.Timestamp("2017-08-01", tz="UTC") + pd.Timedelta(days=day)).as_unit("us")


def _deliveries(*rows: tuple[int, int, float]) -> pd.DataFrame:
    table = pd.DataFrame([(product, level, _day(day)) for product, level, day in rows])
    return table.set_axis(["product_id", "level", "delivered_at"], axis=1).sort_values("delivered_at")


def _purchases(*rows: tuple[int, int, float]) -> pd.DataFrame:
    table = pd.DataFrame([(product, quantity, _day(day)) for product, quantity, day in rows])
    return table.set_axis(["product_id", "quantity", "bought_at"], axis=1).sort_values("bought_at")


DELIVERIES = _deliveries((1, 5, 0), (1, 5, 7), (2, 1, 1), (2, 1, 8))
PURCHASES = _purchases((1, 3, 1), (1, 4, 2), (1, 1, 3), (2, 1, 0.5), (1, 2, 7), (2, 1, 9), (2, 6, 9.5))


def test_a_purchase_takes_what_is_left_and_the_next_ones_find_nothing_until_the_delivery() -> None:
    served = serve(PURCHASES, DELIVERIES).sort_values(["product_id", "bought_at"])
    found = list(zip(served["product_id"], served["found"], served["left"], strict=True))
    # The purchase of product 2 before its first delivery is left out: nobody knows what stood there.
    assert found == [(1, 5, 2), (1, 2, 0), (1, 0, 0), (1, 5, 3), (2, 1, 0), (2, 0, 0)]


def test_stock_is_counted_after_a_delivery_and_before_a_purchase_of_the_same_instant() -> None:
    served = serve(PURCHASES, DELIVERIES)
    moments = pd.Series([_day(1), _day(2.5), _day(7), _day(9), _day(10)])
    counted = count_stock(moments, served, DELIVERIES).pivot(index="moment", columns="product_id", values="quantity")
    assert counted[1].tolist() == [5, 0, 5, 3, 3]
    assert counted[2].tolist() == [1, 1, 1, 1, 0]


def test_turns_tell_when_a_shelf_went_empty_and_when_an_empty_one_was_filled() -> None:
    turns = list_turns(serve(PURCHASES, DELIVERIES), DELIVERIES)
    told = list(zip(turns["product_id"], turns["moment"], turns["quantity"], strict=True))
    assert told == [(1, _day(2), 0), (1, _day(7), 5), (2, _day(9), 0)]


def test_levels_cover_about_a_week_and_are_never_zero() -> None:
    weekly = pd.Series([0.0, 100.0, 1000.0], index=pd.Index([1, 2, 3], name="product_id"))
    levels = set_levels(weekly)
    assert levels[1] == 1
    assert COVER_LOW * 100 <= levels[2] <= COVER_HIGH * 100 + 1
    assert COVER_LOW * 1000 <= levels[3] <= COVER_HIGH * 1000 + 1


def test_deliveries_come_weekly_at_a_moment_of_their_own_and_some_stay_away() -> None:
    levels = pd.Series(3, index=pd.Index(range(500), name="product_id"), name="level")
    since, until = _day(0), _day(70)
    deliveries = plan_deliveries(levels, since, until)
    assert deliveries["delivered_at"].is_monotonic_increasing
    assert deliveries["delivered_at"].between(since, until, inclusive="left").all()
    first = deliveries.groupby("product_id")["delivered_at"].min()
    assert len(first) == 500
    assert (first < since + WEEK).all()
    apart = deliveries.groupby("product_id")["delivered_at"].diff().dropna()
    assert (apart % WEEK == pd.Timedelta(0)).all()
    assert 0.1 < 1 - len(deliveries) / (500 * 10) < 0.2
