"""What the commands say to whoever typed them."""

import time
from collections.abc import Callable

from restock.local.state import StackError

SAY_EVERY_SECONDS = 5
POLL_SECONDS = 0.5


def say(text: str) -> None:
    """Tell the user what happens, at once."""
    print(text, flush=True)


def wait_for(pending: Callable[[], str], seconds: float, advice: str) -> None:
    """Wait until nothing is pending, and say every few seconds what still is.

    Args:
        pending: What is waited for, in a few words; empty once it is there.
        seconds: How long to wait at most.
        advice: Where to look when it takes longer.

    Raises:
        StackError: It took longer.
    """
    began = said = time.monotonic()
    while what := pending():
        now = time.monotonic()
        if now - began > seconds:
            raise StackError(f"After {seconds:.0f} seconds still waiting for {what}. {advice}")
        if now - said > SAY_EVERY_SECONDS:
            said = now
            say(f"  waiting for {what} ({now - began:.0f} s)")
        time.sleep(POLL_SECONDS)
