"""The demo's stretch: what is real is real, the stock model adds up, and there is enough to see."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from restock.demo.__main__ import summarise
from restock.demo.source import read_purchases
from restock.demo.stable import stable_choice, stable_share
from restock.demo.stretch import DROPS, HISTORY, START, Stretch, derive_stretch, run_shelves
from restock.policy import Settings


@pytest.fixture(scope="module")
def stretch() -> Stretch:
    return derive_stretch()


@pytest.fixture(scope="module")
def purchases(stretch: Stretch) -> pd.DataFrame:
    """The purchases of the catalogue's products, from the history to the end."""
    bought = read_purchases(START - HISTORY, stretch.edges.iloc[-1])
    return bought[bought["product_id"].isin(stretch.products["product_id"])]


def test_deriving_twice_gives_the_same_stretch(stretch: Stretch) -> None:
    again = derive_stretch()
    for table in ("products", "repriced", "shoppers", "requests", "stock"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(stretch, table))


def test_stable_choices_never_change() -> None:
    # Pinned: another value here would make other stock and other shoppers out of the same year.
    assert stable_share("cover", [819255, "a"]).tolist() == pytest.approx([0.6214539615067132, 0.004338075162688471])
    assert stable_choice("hour", range(5), 24).tolist() == [23, 1, 11, 14, 7]


def test_each_request_is_a_purchase_of_the_year(stretch: Stretch, purchases: pd.DataFrame) -> None:
    requests = stretch.requests
    key = ["request_id", "user_id", "product_id", "moment", "quantity"]
    real = purchases.assign(
        request_id="cj-" + purchases["basket_id"].astype(str) + "-" + purchases["product_id"].astype(str),
        user_id="household-" + purchases["household_id"].astype(str),
    ).rename(columns={"bought_at": "moment"})
    assert len(requests.merge(real, on=key)) == len(requests)
    assert requests["request_id"].is_unique


def test_the_shelves_agree_with_a_walk_through_every_purchase(stretch: Stretch, purchases: pd.DataFrame) -> None:
    """Purchase after purchase, in plain Python: the same requests, and the same stock at every edge."""
    _, deliveries = run_shelves(purchases, stretch.products["product_id"], stretch.edges)
    shelf: dict[int, int] = {}
    unserved, counted = set(), {}
    for moment, _, kind, product, number in sorted(_happenings(stretch, purchases, deliveries)):
        if kind == "delivery":
            shelf[product] = number
        elif kind == "count":
            counted[moment, product] = shelf[product]
        elif product in shelf:
            if shelf[product] == 0:
                unserved.add((moment, product))
            shelf[product] = max(0, shelf[product] - number)

    requested = set(zip(stretch.requests["moment"], stretch.requests["product_id"], strict=True))
    assert requested == {(moment, product) for moment, product in unserved if moment >= START}
    at_edges = stretch.stock[stretch.stock["moment"].isin(stretch.edges)].set_index(["moment", "product_id"])
    assert at_edges["quantity"].to_dict() == counted


def _happenings(
    stretch: Stretch, purchases: pd.DataFrame, deliveries: pd.DataFrame
) -> Iterator[tuple[pd.Timestamp, int, str, int, int]]:
    """Each delivery, count and purchase; at one instant in this order, and purchases in the order of the source."""
    for product, level, moment in deliveries.itertuples(index=False):
        yield moment, -2, "delivery", product, level
    for moment in stretch.edges:
        for product in stretch.products["product_id"]:
            yield moment, -1, "count", product, 0
    columns = ["bought_at", "product_id", "quantity"]
    for order, (moment, product, quantity) in enumerate(purchases[columns].itertuples(index=False)):
        yield moment, order, "purchase", product, quantity


def test_stock_is_never_negative_and_every_shelf_is_counted_once_at_every_edge(stretch: Stretch) -> None:
    assert (stretch.stock["quantity"] >= 0).all()
    at_edges = stretch.stock[stretch.stock["moment"].isin(stretch.edges)]
    assert not at_edges.duplicated(["moment", "product_id"]).any()
    assert len(at_edges) == (DROPS + 1) * len(stretch.products)


def test_the_turns_of_a_shelf_alternate(stretch: Stretch) -> None:
    """A shelf that went empty is filled before it goes empty again."""
    turns = stretch.stock[~stretch.stock["moment"].isin(stretch.edges)]
    empty = turns["quantity"] == 0
    assert (empty != empty.groupby(turns["product_id"]).shift()).all()


def test_in_every_drop_products_go_away_and_come_back(stretch: Stretch) -> None:
    drops = summarise(stretch)
    assert len(drops) == DROPS
    assert (drops["back in stock"] >= 50).all()
    assert (drops["sold out"] >= 90).all()
    assert drops["requests"].sum() == len(stretch.requests)
    assert (drops["requests"] >= 500).all()


def test_more_than_twelve_thousand_requests_are_not_just_repetitions(stretch: Stretch) -> None:
    assert len(stretch.requests.drop_duplicates(["user_id", "product_id"])) > 12_000


@pytest.mark.parametrize("day", ["2026-01-15", "2026-07-15"])
def test_at_any_hour_more_than_1500_messages_can_leave_at_once(stretch: Stretch, day: str) -> None:
    """One message a shopper and drop, up to the daily cap, to those who may be written to at that hour."""
    settings = Settings()
    edges = stretch.stock[stretch.stock["moment"].isin(stretch.edges[1:]) & (stretch.stock["quantity"] > 0)]
    open_ = stretch.requests.drop_duplicates(["user_id", "product_id"]).merge(
        edges, on="product_id", suffixes=("", "_told")
    )
    open_ = open_[open_["moment_told"] > open_["moment"]]
    told = open_.groupby(["user_id", "product_id"])["moment_told"].min().reset_index()
    messages = told.groupby("user_id")["moment_told"].nunique().clip(upper=settings.daily_cap)
    zone = stretch.shoppers.set_index("user_id")["timezone"]

    for hour in range(24):
        now = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
        awake = {name for name in zone.unique() if time(8) <= now.astimezone(ZoneInfo(name)).time() < time(21)}
        assert messages[zone[messages.index].isin(awake).to_numpy()].sum() > 1_500, hour


def test_the_shoppers_live_evenly_around_the_globe(stretch: Stretch) -> None:
    shoppers = stretch.shoppers
    assert len(shoppers) == 2_469
    assert shoppers["email"].str.fullmatch(r"household-\d+@example\.com").all()
    assert shoppers["email"].is_unique
    assert set(shoppers["tier"]) == {0, 1, 2, 3}
    winter = datetime(2026, 1, 15, tzinfo=UTC)
    offset = shoppers["timezone"].map(
        {name: ZoneInfo(name).utcoffset(winter) for name in shoppers["timezone"].unique()}
    )
    by_hour = (offset // timedelta(hours=1)).value_counts()
    assert by_hour.min() >= 30
    assert by_hour.max() <= 200


def test_who_spends_more_has_the_higher_tier(stretch: Stretch) -> None:
    spent = read_purchases(START - HISTORY, START).groupby("household_id")["paid"].sum()
    by_tier = stretch.shoppers.set_index("household_id")["tier"].to_frame().join(spent).fillna(0.0).groupby("tier")
    assert (by_tier["paid"].max().to_numpy()[:-1] <= by_tier["paid"].min().to_numpy()[1:]).all()
