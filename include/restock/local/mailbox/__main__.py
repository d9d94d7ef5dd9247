"""Runs the mail server: `python -m restock.local.mailbox DATABASE --smtp-port N --http-port N`.

Where RESTOCK_SHOP_URL is set, it serves the demo's shop as well.
"""

import argparse
import os
from pathlib import Path

import uvicorn
import uvloop

from restock.local.mailbox.page import make_app
from restock.local.mailbox.receive import listen
from restock.local.mailbox.store import MailStore
from restock.local.ports import HOST
from restock.local.shop.page import Shop, Surroundings


async def serve(database: Path, smtp_port: int, http_port: int) -> None:
    """Take mails and show them until a signal comes."""
    store = MailStore(database)
    shop = Shop(Surroundings.from_environment()) if os.environ.get("RESTOCK_SHOP_URL") else None
    smtp = await listen(store, HOST, smtp_port)
    async with smtp:
        config = uvicorn.Config(make_app(store, shop), host=HOST, port=http_port, log_level="warning", lifespan="off")
        await uvicorn.Server(config).serve()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.database, arguments.smtp_port, arguments.http_port))


if __name__ == "__main__":
    main()
