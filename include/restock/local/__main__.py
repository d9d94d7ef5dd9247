"""The embedded stack: `python -m restock.local up|down|status|demo`."""

import argparse
import sys

from restock.local import stack
from restock.local.console import say
from restock.local.environment import ADMIN, read_env_file
from restock.local.state import State


def main() -> int:
    """Run one command. Exit status 0 when it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m restock.local", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    command = parser.parse_args().command
    state = State.from_environment()
    try:
        return _COMMANDS[command](state)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _up(state: State) -> int:
    stack.up(state)
    _show_where(state)
    return 0


def _down(state: State) -> int:
    stack.down(state)
    say(f"Nothing runs any more. The data stays in {state.root}")
    return 0


def _demo(state: State) -> int:
    from restock.local.demo import run_demo  # noqa: PLC0415 - pandas, which the others do without, takes a second

    succeeded = run_demo(state)
    _show_where(state)
    return 0 if succeeded else 1


def _show_where(state: State) -> None:
    settings = read_env_file(state.env)
    say(f"""
Airflow    {settings["AIRFLOW_UI_URL"]}  (user {ADMIN}, password {state.secrets().admin_password})
Mailbox    {settings["RESTOCK_MAILBOX_URL"]}
Intake     {settings["RESTOCK_INTAKE_URL"]}
Shop       {settings.get("RESTOCK_SHOP_URL", "(only over the stack's own warehouse)")}
Landing    {settings["RESTOCK_LANDING"]}
Shell      . {state.env}  and then  airflow …  or  psql "$RESTOCK_WAREHOUSE_URL"
End it     make down""")


def _status(state: State) -> int:
    parts = stack.status(state)
    for name, (found, where) in parts.items():
        say(f"{name:<15}{found:<15}{where}")
    return 0 if all(found == "running" for found, _ in parts.values()) else 1


_COMMANDS = {"up": _up, "down": _down, "status": _status, "demo": _demo}

if __name__ == "__main__":
    sys.exit(main())
