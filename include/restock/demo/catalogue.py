"""The shop's catalogue. Real: which products, their kind, package size, maker and price. Modelled: the wording.

The source names kinds of products in trade terms ("SFT DRNK 2 LITER BTL CARB INCL"). names.csv says what a shopper
would call each kind and in which aisle it stands; kinds that are no goods (fuel, tickets, coupons), tobacco and
newspapers are left out of it, and so of the demo. The source hides brands and flavours: products that differ in
nothing else are numbered as varieties.
"""

import re
from pathlib import Path

import pandas as pd

# Below 1,000 known products the restock gate does not judge: a shop that opens is no wave of restocks.
PRODUCTS = 900

_NAMES = Path(__file__).with_name("names.csv")
_UNITS = {
    "OZ": "oz", "LB": "lb", "GAL": "gal", "GA": "gal", "QT": "qt", "PT": "pt", "L": "L", "CT": "ct", "PK": "pack",
    "DOZ": "dozen", "DZ": "dozen", "SQ FT": "sq ft", "FT": "ft", "STEM": "stems",
}  # fmt: skip
_SIZE = re.compile(rf"(?:(\d+)(?: PK)?/)?(\d+ \d/\d|\d*\.?\d+) *({'|'.join(_UNITS)})\b")
_MOST_IN_A_PACK = {"lb": 5.0, "ct": 10.0}
_MIN_SALES, _MIN_PRICE_STEP = 10, 0.05


def build_catalogue(products: pd.DataFrame, history: pd.DataFrame, shop_url: str) -> pd.DataFrame:
    """Take the products bought most often before the stretch, among those that names.csv knows.

    Args:
        products: As `restock.demo.source.read_products` gives them.
        history: Purchases before the stretch, as `read_purchases` gives them.
        shop_url: Where the shop's pages are: that of a product is `<shop_url>/p/<product_id>`.

    Returns:
        product_id (int) and the columns of the feed `products`: name, url, price (US dollars, two decimals, as text),
        currency, category, brand. One row a product, sorted by product_id.
    """
    named = products.merge(pd.read_csv(_NAMES), on=["product_category", "product_type"])
    sales = history["product_id"].value_counts().rename("sales")
    named = named.merge(sales, left_on="product_id", right_index=True)
    named = named.sort_values(["sales", "product_id"], ascending=[False, True]).head(PRODUCTS)
    named = named.sort_values("product_id", ignore_index=True)
    fresh = named["department"] == "PRODUCE"
    sizes = [
        readable_size(size, is_fresh) for size, is_fresh in zip(named["package_size"].fillna(""), fresh, strict=True)
    ]
    return pd.DataFrame(
        {
            "product_id": named["product_id"],
            "name": _number_varieties(named["name"] + pd.Series([f", {size}" if size else "" for size in sizes])),
            "url": f"{shop_url}/p/" + named["product_id"].astype(str),
            "price": _as_money(named["product_id"].map(shelf_prices(history)["price"])),
            "currency": "USD",
            "category": named["category"],
            "brand": ("Maker " + named["manufacturer_id"].astype(str)).where(
                named["brand"] != "Private", "Store Brand"
            ),
        }
    )


def shelf_prices(purchases: pd.DataFrame) -> pd.DataFrame:
    """Find the typical price of one unit on the shelf: the median before the discounts of card and coupons.

    Returns:
        price, sales (number of purchases) by product_id.
    """
    unit_price = (purchases["paid"] + purchases["card_discount"] + purchases["coupon_match"]) / purchases["quantity"]
    prices = unit_price.groupby(purchases["product_id"]).agg(["median", "size"])
    return prices.rename(columns={"median": "price", "size": "sales"})


def reprice(catalogue: pd.DataFrame, purchases: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the catalogue whose price these purchases show to have changed, with the new price.

    A change counts from 5 % and 10 purchases on: less is noise, as with goods sold by weight.
    """
    observed = shelf_prices(purchases).reindex(catalogue["product_id"]).reset_index(drop=True)
    known = catalogue["price"].astype("float64").reset_index(drop=True)
    changed = (observed["sales"] >= _MIN_SALES) & ((observed["price"] / known - 1).abs() >= _MIN_PRICE_STEP)
    rows = catalogue.reset_index(drop=True).assign(price=_as_money(observed["price"].fillna(known)))
    return rows[changed].reset_index(drop=True)


def readable_size(size: str, fresh: bool) -> str:
    """Word a package size as on a label, "" where the source gives none that a shopper would read.

    Args:
        size: The source's text, as "10/6.75 OZ", "L     2 LB", "GAL".
        fresh: Fruit and vegetables: large sizes are those of the trade's case, not of what a shopper buys.
    """
    match = _SIZE.search(f"1 {size}" if size in _UNITS else size)
    if match is None:
        return ""
    pack, amount, unit = match[1], match[2], _UNITS[match[3]]
    if " " not in amount:
        if fresh and float(amount) > _MOST_IN_A_PACK.get(unit, float("inf")):
            return ""
        amount = f"{float(amount):g}"
    return f"{pack} x {amount} {unit}" if pack else f"{amount} {unit}"


def _number_varieties(names: "pd.Series[str]") -> "pd.Series[str]":
    """Tell products of the same name apart by a number, in the order given."""
    alike = names.groupby(names)
    number = alike.cumcount() + 1
    return names.where(alike.transform("size") == 1, names + ", Variety " + number.astype(str))


def _as_money(prices: "pd.Series[float]") -> "pd.Series[str]":
    return prices.map("{:.2f}".format)
