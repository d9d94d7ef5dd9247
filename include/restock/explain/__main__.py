"""Says what became of requests: `python -m restock.explain <request, shopper, product or store/product>`."""

import argparse
import os
import sys

from restock.explain import explain_request, find_requests
from restock.warehouse import WarehouseUnreachableError, connect

MOST_REQUESTS = 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m restock.explain", description=__doc__)
    parser.add_argument("name", help="id of a request or a shopper, a product, or store/product")
    name = parser.parse_args().name
    url = os.environ.get("RESTOCK_WAREHOUSE_URL")
    if not url:
        sys.exit("RESTOCK_WAREHOUSE_URL is not set: give it the URL of the warehouse, or source .local/env.")
    with connect(url, application="restock explain") as warehouse:
        found = find_requests(warehouse, name, MOST_REQUESTS + 1)
        if not found:
            sys.exit(f"No request, shopper or product is called {name}.")
        for request in found[:MOST_REQUESTS]:
            print(f"{request.request_id}: {request.user_id} wants {request.product_id} of {request.store_id}")
            for sentence in explain_request(warehouse, request.request_id):
                print(f"  {sentence}")
        if len(found) > MOST_REQUESTS:
            print(f"These are the newest {MOST_REQUESTS}; for an older one give its request id.")


if __name__ == "__main__":
    try:
        main()
    except WarehouseUnreachableError as error:
        sys.exit(str(error))
