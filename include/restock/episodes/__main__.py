"""Shows what the gates hold, and releases it: `python -m restock.episodes [release GATE|all --by NAME]`."""

import argparse
import getpass
import os
import sys

from restock.episodes import find_held, release_gates
from restock.warehouse import WarehouseUnreachableError, connect


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m restock.episodes", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    release = commands.add_parser("release", help="release what a gate holds; the next run plans it")
    release.add_argument("gate", help="name of the gate, or all")
    release.add_argument("--by", default=getpass.getuser(), help="who answers for it (default: who runs this)")
    arguments = parser.parse_args()
    url = os.environ.get("RESTOCK_WAREHOUSE_URL")
    if not url:
        sys.exit("RESTOCK_WAREHOUSE_URL is not set: give it the URL of the warehouse, or source .local/env.")
    with connect(url, application="restock episodes") as warehouse:
        if arguments.command == "release":
            released = release_gates(warehouse, arguments.gate, arguments.by)
            if not released:
                sys.exit(f"No gate called {arguments.gate} holds episodes. Without arguments this shows which do.")
            print(f"Released: {', '.join(released)}. The next run of restock_notify plans what they held.")
            return
        gates = find_held(warehouse)
        for gate in gates:
            print(gate.sentence)
        if not gates:
            print("No gate holds episodes.")


if __name__ == "__main__":
    try:
        main()
    except WarehouseUnreachableError as error:
        sys.exit(str(error))
