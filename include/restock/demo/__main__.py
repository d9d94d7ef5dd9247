"""`python -m restock.demo`: what the stretch holds, drop by drop."""

import pandas as pd

from restock.demo.stretch import Stretch, derive_stretch


def summarise(stretch: Stretch) -> pd.DataFrame:
    """Count what is in each drop: requests, the households that ask, and products at its end.

    Returns:
        By drop: from, to (dates of the source's year), requests, households, in stock, sold out, back in stock (not
        available at the end of the drop before).
    """
    at_edges = stretch.stock[stretch.stock["moment"].isin(stretch.edges)]
    available = at_edges.pivot(index="moment", columns="product_id", values="quantity") > 0
    back = available & ~available.shift(1, fill_value=True)
    drop = pd.cut(stretch.requests["moment"], stretch.edges, right=False, labels=False)
    requests = stretch.requests.groupby(drop)["user_id"]
    return pd.DataFrame(
        {
            "from": stretch.edges[:-1].dt.date,
            "to": stretch.edges[1:].dt.date.to_numpy(),
            "requests": requests.size(),
            "households": requests.nunique(),
            "in stock": available.sum(axis=1).to_numpy()[1:],
            "sold out": (~available).sum(axis=1).to_numpy()[1:],
            "back in stock": back.sum(axis=1).to_numpy()[1:],
        }
    ).rename_axis("drop")


if __name__ == "__main__":
    stretch = derive_stretch()
    print(summarise(stretch).reset_index().to_string(index=False))
    print(
        f"\n{len(stretch.requests):,} requests of {stretch.requests['user_id'].nunique():,} of "
        f"{len(stretch.shoppers):,} households for {stretch.requests['product_id'].nunique():,} of "
        f"{len(stretch.products):,} products"
    )
