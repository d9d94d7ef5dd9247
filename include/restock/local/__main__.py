"""The embedded stack: `python -m restock.local up|down|status|demo`."""

import argparse
import sys

from restock.local import stack
from restock.local.environment import ADMIN
from restock.local.state import StackError, State
from restock.warehouse import WarehouseUnreachableError


def main() -> int:
    """Run one command. Exit status 0 when it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m restock.local", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status"))
    command = parser.parse_args().command
    state = State.from_environment()
    try:
        if command == "down":
            stack.down(state)
            stack.say(f"Nothing runs any more. The data stays in {state.root}")
            return 0
        if command == "status":
            return _show_status(state)
        settings = stack.up(state)
    except (StackError, WarehouseUnreachableError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    stack.say(f"""
Airflow    {settings.airflow_url}  (user {ADMIN}, password {state.secrets().admin_password})
Mailbox    {settings.mailbox_url}
Landing    {settings.variables["RESTOCK_LANDING"]}
Shell      . {state.env}  and then  airflow …  or  psql "$RESTOCK_WAREHOUSE_URL"
End it     make down""")
    return 0


def _show_status(state: State) -> int:
    parts = stack.status(state)
    for name, (found, where) in parts.items():
        stack.say(f"{name:<15}{found:<15}{where}")
    return 0 if all(found == "running" for found, _ in parts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
