"""# restock_maintenance

## Purpose
Daily upkeep of the warehouse: ends requests that grew too old or were never confirmed, makes partitions ahead, archives
and removes what ended long ago, and checks that its sums and statuses agree. Triggered with a parameter, it also
exports or erases what is known of one person.

## Inputs
The warehouse (connection `restock_warehouse`), and in it the policy in force: `request_ttl_days`, which the Variable
`restock_request_ttl_days` sets. The Variable `restock_retention_days` (400 where it is not set): how long what ended is
kept.

## Outputs
Requests older than that are closed as `expired`, in the table `restock.request_outcome`. Those that stand in a message
which has still to leave are left to it. Confirmations that expired are removed, with the requests that waited for them.
Rows that ended longer ago than `restock_retention_days` go to Parquet files in the folder `_archive` of the landing
area, listed in `restock.archive_file`, and then out of the warehouse; docs/growth.md says which.
The result of every check stands in the log of `check_warehouse`. `export_user` writes a JSON document into the folder
`_exports` of the landing area, and the log says where; `erase_user` leaves a row in the table `restock.erasure`. Both
take a user_id, or an address as `email:ann@example.com`; docs/erasure.md says what goes and what stays.

## Re-run
At any time, also while the other DAGs run: what is expired stays so, what is erased is not found again, and the checks
only read.

## On failure
`check_warehouse` fails with one sentence for each check that does not hold; each check is a query in `sql/checks` that
finds the rows. Checks of severity `warn` are logged and fail nothing. `expire_requests` and `archive_old_rows` go on
where they stopped; a `restock_retention_days` that cannot be fails the latter with a sentence, and nothing is removed.
`export_or_erase_person` tries again in a minute where a message to the person is leaving at that moment.
Whoever is on call is told (docs/oncall.md).
"""

import logging
import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import Connection, ObjectStoragePath, Param, Variable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from restock_oncall import TELL_FAILURE, end_run, tell_timeout

log = logging.getLogger(__name__)


def connect_warehouse():
    from restock.warehouse import connect

    return connect(Connection.get("restock_warehouse").get_uri(), application="restock_maintenance")


def person_param(title):
    return Param(None, type=["null", "string"], title=title, description="A user_id, or channel:address.")


@dag(
    dag_id="restock_maintenance",
    schedule="30 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "restock", "retries": 3, "retry_delay": timedelta(minutes=1)} | TELL_FAILURE,
    on_failure_callback=tell_timeout,
    params={
        "export_user": person_param("Export a person"),
        "erase_user": person_param("Erase a person"),
    },
    tags=["restock", "maintenance"],
    doc_md=__doc__,
)
def restock_maintenance():
    @task
    def expire_requests():
        from restock.maintenance import expire_requests, forget_calls, forget_replayed, remove_expired_links

        with connect_warehouse() as warehouse:
            expired = expire_requests(warehouse, datetime.now(UTC))
            unconfirmed = remove_expired_links(warehouse, datetime.now(UTC))
            forget_calls(warehouse, datetime.now(UTC))
            forget_replayed(warehouse, datetime.now(UTC))
        log.info("Expired requests: %s; never confirmed: %s", expired, unconfirmed)
        return expired

    @task
    def archive_old_rows():
        from restock.policy.store import settings_in_force
        from restock.retention import RETENTION_DAYS, VARIABLE, RetentionError, read_days, remove_old
        from restock.warehouse.partitions import analyze_partitioned, make_partitions

        with connect_warehouse() as warehouse:
            make_partitions(warehouse)
            landing = os.environ.get("RESTOCK_LANDING")
            if not landing:
                raise AirflowFailException("Set RESTOCK_LANDING here, as the other DAGs have it: the archive is in it.")
            try:
                days = read_days(Variable.get(VARIABLE, default=str(RETENTION_DAYS)), settings_in_force(warehouse))
            except RetentionError as error:
                # Trying again would not mend it.
                raise AirflowFailException(str(error)) from error
            removed = remove_old(warehouse, ObjectStoragePath(landing) / "_archive", datetime.now(UTC), days)
            analyze_partitioned(warehouse)
        log.info("Rows archived and removed: %s", removed)
        return removed

    @task
    def check_warehouse():
        from restock.maintenance import WarehouseCheckError, check_warehouse, require_valid
        from restock.watch.signs import record_checks

        with connect_warehouse() as warehouse:
            results = check_warehouse(warehouse)
            record_checks(warehouse, results, datetime.now(UTC))
        try:
            require_valid(results)
        except WarehouseCheckError as error:
            # Trying again would not mend it.
            raise AirflowFailException(str(error)) from error
        end_run("restock_maintenance")

    @task
    def export_or_erase_person():
        from restock.erasure import PersonError, carry_out

        context = get_current_context()
        params = context["params"]
        if not params["export_user"] and not params["erase_user"]:
            return
        landing, secret = os.environ.get("RESTOCK_LANDING"), os.environ.get("RESTOCK_LINK_SECRET")
        if not landing or not secret:
            raise AirflowFailException("Set RESTOCK_LANDING and RESTOCK_LINK_SECRET here, as the other DAGs have them.")
        try:
            with connect_warehouse() as warehouse:
                carry_out(
                    warehouse,
                    ObjectStoragePath(landing) / "_exports",
                    export=params["export_user"],
                    erase=params["erase_user"],
                    asked_by=f"restock_maintenance {context['run_id']}",
                    secret=secret,
                )
        except PersonError as error:
            # Trying again would not mend it.
            raise AirflowFailException(str(error)) from error

    expire_requests() >> [archive_old_rows(), check_warehouse()]
    export_or_erase_person()


restock_maintenance()
