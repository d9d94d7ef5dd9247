"""# restock_maintenance

## Purpose
Daily upkeep of the warehouse: ends requests that grew too old or were never confirmed, then checks that its sums and
statuses agree.

## Inputs
The warehouse (connection `restock_warehouse`), and in it the policy in force: `request_ttl_days`, which the Variable
`restock_request_ttl_days` sets.

## Outputs
Requests older than that are closed as `expired`, in the table `restock.request_outcome`. Those that stand in a message
which has still to leave are left to it. Confirmations that expired are removed, with the requests that waited for them.
The result of every check stands in the log of `check_warehouse`.

## Re-run
At any time, also while the other DAGs run: what is expired stays so, and the checks only read.

## On failure
`check_warehouse` fails with one sentence for each check that does not hold; each check is a query in `sql/checks` that
finds the rows. Checks of severity `warn` are logged and fail nothing. `expire_requests` goes on where it stopped.
"""

import logging
from datetime import UTC, datetime, timedelta

from airflow.sdk import Connection, dag, task
from airflow.sdk.exceptions import AirflowFailException

log = logging.getLogger(__name__)


def connect_warehouse():
    from restock.warehouse import connect

    return connect(Connection.get("restock_warehouse").get_uri(), application="restock_maintenance")


@dag(
    dag_id="restock_maintenance",
    schedule="30 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "restock", "retries": 3, "retry_delay": timedelta(minutes=1)},
    tags=["restock", "maintenance"],
    doc_md=__doc__,
)
def restock_maintenance():
    @task
    def expire_requests():
        from restock.maintenance import expire_requests, forget_calls, remove_expired_links

        with connect_warehouse() as warehouse:
            expired = expire_requests(warehouse, datetime.now(UTC))
            unconfirmed = remove_expired_links(warehouse, datetime.now(UTC))
            forget_calls(warehouse, datetime.now(UTC))
        log.info("Expired requests: %s; never confirmed: %s", expired, unconfirmed)
        return expired

    @task
    def check_warehouse():
        from restock.maintenance import WarehouseCheckError, check_warehouse, require_valid

        with connect_warehouse() as warehouse:
            results = check_warehouse(warehouse)
        try:
            require_valid(results)
        except WarehouseCheckError as error:
            # Trying again would not mend it.
            raise AirflowFailException(str(error)) from error

    expire_requests() >> check_warehouse()


restock_maintenance()
