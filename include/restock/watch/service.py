"""Looking again and again, from wherever: the watch service, a task of Airflow, a callback."""

import logging
import signal
import threading
from datetime import UTC, datetime

import psycopg

from restock.warehouse import WarehouseUnreachableError, connect
from restock.watch.deliver import FindAlertConnection
from restock.watch.look import look, looked_lately
from restock.watch.outage import end_outage, tell_outage

log = logging.getLogger(__name__)

SERVICE = "watch service"
SECONDS_BETWEEN_LOOKS = 30.0


def look_once(url: str, find_connection: FindAlertConnection, by: str, *, only_if_nobody_does: bool = False) -> None:
    """Look at the warehouse and tell whom it concerns; also where the warehouse does not answer.

    Args:
        url: Warehouse.
        find_connection: Gives the connection to the people on call.
        by: Who looks, for the record.
        only_if_nobody_does: Leave it to whoever looked a moment ago.
    """
    clock = datetime.now(UTC)
    try:
        with connect(url, application="restock watch") as connection:
            end_outage(url, find_connection, clock)
            if not (only_if_nobody_does and looked_lately(connection, clock)):
                look(connection, find_connection, clock, by)
    except WarehouseUnreachableError as error:
        log.warning("%s", error)
        tell_outage(url, str(error), find_connection, clock)
    except psycopg.OperationalError as error:
        # It broke off in the middle: the next look finds out whether it is gone.
        log.warning("The look at the warehouse broke off: %s", " ".join(str(error).split()))


def run_service(url: str, find_connection: FindAlertConnection) -> None:
    """Look every half minute, until SIGTERM or SIGINT."""
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
        ended.wait(SECONDS_BETWEEN_LOOKS)
