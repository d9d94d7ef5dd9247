"""The services of docker-compose.yaml without containers: `python -m restock.local.distributed up|down|status|demo`.

RESTOCK_WORKERS says how many Celery workers there are, 2 unless set.
"""

import argparse
import sys

from restock.local.console import say
from restock.local.distributed import stack
from restock.local.distributed.spread import describe_spread
from restock.local.environment import ADMIN
from restock.local.state import State


def main() -> int:
    """Run one command. Exit status 0 when it did what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m restock.local.distributed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=_COMMANDS)
    command = parser.parse_args().command
    try:
        return _COMMANDS[command](stack.state_from_environment())
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _up(state: State) -> int:
    _show_where(stack.up(state))
    return 0


def _down(state: State) -> int:
    stack.down(state)
    say(f"Nothing of it runs any more. The data stays in {state.root}")
    return 0


def _status(state: State) -> int:
    if not state.ports.exists():
        say("It was never started: make up-distributed")
        return 1
    parts = stack.status(stack.describe(state))
    for name, runs in parts.items():
        say(f"{name:<24}{'running' if runs else 'not running'}")
    return 0 if all(parts.values()) else 1


def _demo(state: State) -> int:
    from restock.local import demo  # noqa: PLC0415 - pandas, which the others do without, takes a second

    demo.refuse_foreign_parts()
    started = stack.up(state)
    api = started.open_api()
    mailbox_url = started.places.url("mailbox")
    succeeded = demo.replay_all(api, state, started.warehouse_url, mailbox_url, started.shop_url)
    say(describe_spread(api))
    _show_where(started)
    return 0 if succeeded else 1


def _show_where(started: stack.Distributed) -> None:
    places = started.places
    say(f"""
Airflow    {places.url("airflow")}  (user {ADMIN}, password {started.admin_password})
Mailbox    {places.url("mailbox")}
Intake     {places.url("intake")}
Workers    {stack.count_workers()} (RESTOCK_WORKERS)
Landing    file://{started.state.landing}
Shell      . {started.state.env}  and then  airflow …  or  psql "$RESTOCK_WAREHOUSE_URL"
End it     make down-distributed""")


_COMMANDS = {"up": _up, "down": _down, "status": _status, "demo": _demo}

if __name__ == "__main__":
    sys.exit(main())
