"""The intake service: `python -m restock.intake` serves, and `python -m restock.intake keys` keeps its keys.

Serving needs RESTOCK_INTAKE_DATABASE_URL, RESTOCK_PUBLIC_URL and RESTOCK_LINK_SECRET; the keys need
RESTOCK_WAREHOUSE_OWNER_URL, or, where one login does everything, RESTOCK_WAREHOUSE_URL.
"""

import argparse
import re
import sys
from collections.abc import Sequence

import uvicorn

from restock.intake.app import make_app
from restock.intake.keys import Kind, add_key, revoke_key
from restock.intake.settings import IntakeSettings
from restock.warehouse import OWNER_URL, connect, find_owner_url, read_sql

# Calls that run when the service is told to end get so long; each takes milliseconds.
GRACE_SECONDS = 20
KEY_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m restock.intake", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8090, help="port to listen on (8090)")
    parser.add_argument(
        "--trust-proxy",
        default="",
        metavar="ADDRESSES",
        help="proxies whose X-Forwarded-For says who the client is: addresses or networks, with commas between them",
    )
    commands = parser.add_subparsers(dest="command")
    keys = commands.add_parser("keys", help="add, list or revoke keys").add_subparsers(dest="action", required=True)
    adding = keys.add_parser("add", help="make a key and print it, once")
    adding.add_argument("name", type=_key_name)
    adding.add_argument("--kind", required=True, choices=["surface", "widget", "operator"])
    adding.add_argument(
        "--surface", choices=["app", "web", "mobile_web", "cart"], help="surface of requests without one"
    )
    adding.add_argument(
        "--origin", action="append", default=[], type=_origin, help="web origin that a widget key is for"
    )
    keys.add_parser("list", help="show all keys, without their secrets")
    keys.add_parser("revoke", help="end a key").add_argument("name")
    arguments = parser.parse_args()
    try:
        _keys(arguments) if arguments.command else _serve(arguments)
    except RuntimeError as error:
        sys.exit(str(error))


def _serve(arguments: argparse.Namespace) -> None:
    uvicorn.run(
        make_app(IntakeSettings.from_environment()),
        host=arguments.host,
        port=arguments.port,
        # Addresses of shoppers stand in queries, and those of clients in every line.
        access_log=False,
        server_header=False,
        proxy_headers=bool(arguments.trust_proxy),
        forwarded_allow_ips=arguments.trust_proxy,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _keys(arguments: argparse.Namespace) -> None:
    url = find_owner_url()
    if not url:
        raise RuntimeError(f"{OWNER_URL} is not set: give it the URL of the warehouse, or source .local/env.")
    with connect(url, application="restock intake keys") as warehouse:
        if arguments.action == "list":
            for row in warehouse.execute(read_sql("intake/list_keys.sql")):
                print(_described(*row))
        elif arguments.action == "revoke":
            if not revoke_key(warehouse, arguments.name):
                raise RuntimeError(f"No key in force is called {arguments.name}: see `keys list`.")
            print(f"The key {arguments.name} opens nothing any more, in a few seconds at the latest.")
        else:
            print(_added(add_key(warehouse, *_key_of(arguments)), arguments.name))


def _key_of(arguments: argparse.Namespace) -> tuple[str, Kind, str | None, Sequence[str]]:
    if (arguments.kind == "widget") != bool(arguments.origin):
        raise RuntimeError(
            "A widget key needs the web origins of the pages that it is published in, such as --origin "
            "https://shop.example.com; other keys have none."
        )
    return arguments.name, arguments.kind, arguments.surface, arguments.origin


def _added(key: str | None, name: str) -> str:
    if key is None:
        raise RuntimeError(f"There is or was a key {name}: choose another name.")
    return key


def _described(
    name: str, kind: str, surface: str | None, origins: Sequence[str], created_at: object, revoked_at: object
) -> str:
    state = f"revoked {revoked_at:%Y-%m-%d}" if revoked_at else "in force"
    return f"{name:<24}{kind:<10}{state:<20}made {created_at:%Y-%m-%d}  {' '.join(filter(None, [surface, *origins]))}"


def _key_name(text: str) -> str:
    if not KEY_NAME.fullmatch(text):
        raise argparse.ArgumentTypeError("a name has lower-case letters, digits, - and _, 63 at most")
    return text


def _origin(text: str) -> str:
    # As browsers write it (RFC 6454): in another form it would never be met.
    if not ORIGIN.fullmatch(text) or text.endswith(":80" if text.startswith("http:") else ":443"):
        raise argparse.ArgumentTypeError(
            "a web origin is a scheme, a host in lower case and, where it is not the usual one, a port, such as "
            "https://shop.example.com or http://localhost:8080"
        )
    return text


if __name__ == "__main__":
    main()
