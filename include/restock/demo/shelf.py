"""The stock model: a shelf that real purchases draw down and deliveries refill. The source has purchases, no stock.

A buyer sets for each product a level: what sells in a week, by the purchases of the weeks before the stretch, times
a cover between `COVER_LOW` and `COVER_HIGH`. Each product has one delivery a week, at a moment of the week of its
own, that fills the shelf up to the level again. Of the deliveries, `MISSED_SHARE` do not come. Cover, moment and
misses follow from stable hashes.

A purchase is served while anything stands on the shelf, the last one with what is left; after that, until the next
delivery, purchases meet an empty shelf. So between two deliveries the stock is max(0, level - units asked for).
"""

import numpy as np
import pandas as pd

from restock.demo.stable import stable_share

WEEK = pd.Timedelta(days=7)
COVER_LOW, COVER_HIGH = 0.9, 1.5
MISSED_SHARE = 0.15


def set_levels(weekly_units: "pd.Series[float]") -> "pd.Series[int]":
    """Set the level to which a delivery fills the shelf, at least 1 unit.

    Args:
        weekly_units: Units sold in a week, by product_id.
    """
    cover = COVER_LOW + (COVER_HIGH - COVER_LOW) * stable_share("cover", weekly_units.index)
    return (weekly_units * cover).apply(np.ceil).clip(lower=1).astype("int64").rename("level")


def plan_deliveries(levels: "pd.Series[int]", since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """List the deliveries that come in [since, until), sorted by time.

    The first of each product always comes, in the week that starts at `since`: before it, its stock is unknown.

    Returns:
        product_id, level, delivered_at (UTC, to the second).
    """
    weeks = range(-(-(until - since) // WEEK))
    calendar = levels.reset_index().merge(pd.DataFrame({"week": weeks}), how="cross")
    moment_of_week = pd.Series(stable_share("delivery", levels.index), index=levels.index)
    seconds = (calendar["week"] + calendar["product_id"].map(moment_of_week)) * WEEK.total_seconds()
    calendar["delivered_at"] = since + pd.to_timedelta(seconds.astype("int64"), unit="s").dt.as_unit("us")
    turn = calendar["product_id"].astype(str) + "/" + calendar["week"].astype(str)
    comes = (stable_share("missed", turn) >= MISSED_SHARE) | (calendar["week"] == 0)
    calendar = calendar[comes & (calendar["delivered_at"] < until)]
    return calendar[["product_id", "level", "delivered_at"]].sort_values(
        ["delivered_at", "product_id"], ignore_index=True
    )


def serve(purchases: pd.DataFrame, deliveries: pd.DataFrame) -> pd.DataFrame:
    """Take each purchase from the shelf, in the order they happened.

    Args:
        purchases: product_id, quantity, bought_at and more, sorted by time.
        deliveries: As `plan_deliveries` gives them.

    Returns:
        The purchases after the first delivery of their product, with delivered_at (the delivery they draw on),
        level, found (units on the shelf before) and left (after). A purchase with found = 0 met an empty shelf.
    """
    drawn = pd.merge_asof(purchases, deliveries, left_on="bought_at", right_on="delivered_at", by="product_id")
    drawn = drawn[drawn["delivered_at"].notna()].reset_index(drop=True)
    asked = drawn.groupby(["product_id", "delivered_at"])["quantity"].cumsum()
    drawn["found"] = (drawn["level"] - asked + drawn["quantity"]).clip(lower=0).astype("int64")
    drawn["left"] = (drawn["level"] - asked).clip(lower=0).astype("int64")
    return drawn


def count_stock(moments: "pd.Series[pd.Timestamp]", served: pd.DataFrame, deliveries: pd.DataFrame) -> pd.DataFrame:
    """Count every shelf at each moment: after a delivery of that instant, before a purchase of it.

    Args:
        moments: Moments, ascending, each after the first delivery of every product.
        served: As `serve` gives it.
        deliveries: As `plan_deliveries` gives them.

    Returns:
        product_id, moment, quantity, sorted by moment and product_id.
    """
    products = deliveries[["product_id"]].drop_duplicates().sort_values("product_id")
    grid = moments.rename("moment").to_frame().merge(products, how="cross")
    grid = pd.merge_asof(grid, deliveries, left_on="moment", right_on="delivered_at", by="product_id")
    last = served[["product_id", "bought_at", "delivered_at", "left"]].rename(columns={"delivered_at": "drawn_from"})
    grid = pd.merge_asof(grid, last, left_on="moment", right_on="bought_at", by="product_id", allow_exact_matches=False)
    untouched = grid["drawn_from"] != grid["delivered_at"]
    grid["quantity"] = grid["left"].where(~untouched, grid["level"]).astype("int64")
    return grid[["product_id", "moment", "quantity"]]


def list_turns(served: pd.DataFrame, deliveries: pd.DataFrame) -> pd.DataFrame:
    """List when a shelf went empty (quantity 0) and when a delivery found it empty (quantity is the level).

    Returns:
        product_id, moment, quantity, sorted by moment and product_id.
    """
    emptied = served[(served["found"] > 0) & (served["left"] == 0)]
    emptied = emptied[["product_id", "bought_at", "delivered_at"]].rename(columns={"bought_at": "moment"})
    next_delivery = deliveries.groupby("product_id")["delivered_at"].shift(-1)
    refilled = deliveries.assign(next_delivery=next_delivery).merge(emptied, on=["product_id", "delivered_at"])
    refilled = refilled[refilled["next_delivery"].notna()].drop(columns="moment")
    refilled = refilled.rename(columns={"next_delivery": "moment", "level": "quantity"})
    turns = pd.concat([emptied.assign(quantity=0), refilled])[["product_id", "moment", "quantity"]]
    return turns.sort_values(["moment", "product_id"], ignore_index=True)
