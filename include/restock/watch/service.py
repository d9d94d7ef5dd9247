"""Looking again and again, from wherever: the watch service, a task of Airflow, a callback."""

import logging
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from restock.feeds.masking import mask_addresses
from restock.warehouse import WarehouseUnreachableError, connect
from restock.watch.deliver import FindAlertConnection
from restock.watch.look import look, looked_lately, read_clock
from restock.watch.outage import end_outage, tell_outage

log = logging.getLogger(__name__)

SERVICE = "watch service"
SECONDS_BETWEEN_LOOKS = 30.0
# A look that hangs tells nobody: neither a lock nor a server that went away in the middle may keep it for long.
_MOST_SECONDS = 20
_IMPATIENT = {"tcp_user_timeout": 30_000, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


def look_once(url: str, find_connection: FindAlertConnection, by: str, *, only_if_nobody_does: bool = False) -> None:
    """Look at the warehouse and tell whom it concerns; also where the warehouse does not answer.

    Args:
        url: Warehouse.
        find_connection: Gives the connection to the people on call.
        by: Who looks, for the record.
        only_if_nobody_does: Leave it to whoever looked a moment ago.
    """
    try:
        with connect(make_conninfo(url, **_IMPATIENT), application="restock watch") as connection:
            connection.execute(f"set statement_timeout = '{_MOST_SECONDS}s'")
            clock = read_clock(connection)
            if only_if_nobody_does and looked_lately(connection, clock):
                return
            look(connection, find_connection, clock, by)
    except WarehouseUnreachableError as error:
        reason = str(error)
    except psycopg.Error as error:
        # A full disk, a standby that takes no writes, a table that is locked: then no alert can be written down either.
        said = mask_addresses(" ".join(str(error).split()))
        reason = f"The warehouse answers, but whoever looks at the alerts cannot work in it: {said}"
    else:
        end_outage(url, find_connection, datetime.now(UTC))
        return
    log.warning("%s", reason)
    tell_outage(url, reason, find_connection, datetime.now(UTC))


def run_service(url: str, find_connection: FindAlertConnection, beat_file: Path | None = None) -> None:
    """Look every half minute, until SIGTERM or SIGINT.

    Args:
        url: Warehouse.
        find_connection: Gives the connection to the people on call.
        beat_file: Touched after each look, whatever it found, so that a look that hangs can be seen from outside.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    log.info("Watching, every %.0f seconds.", SECONDS_BETWEEN_LOOKS)
    while not ended.is_set():
        try:
            look_once(url, find_connection, SERVICE)
        except Exception:
            # Who watches must not end because of what is wrong.
            log.exception("The look failed; the next one is in %.0f seconds.", SECONDS_BETWEEN_LOOKS)
        if beat_file is not None:
            beat_file.touch()
        ended.wait(SECONDS_BETWEEN_LOOKS)
