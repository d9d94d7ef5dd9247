"""Who may look and who may act, and connections to the warehouse."""

import logging
from collections.abc import Iterator
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

import psycopg
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag, requires_access_variable
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from fastapi import Depends, HTTPException, Request

from restock.console import read_only
from restock.warehouse import connect

log = logging.getLogger(__name__)

# What the rights are in Airflow: to look, to see the DAG; to act on what it does, to trigger it; to tune, to edit
# Variables.
may_look = requires_access_dag("GET", None, "restock_notify")
may_trigger_notify = requires_access_dag("POST", DagAccessEntity.RUN, "restock_notify")
may_trigger_ingest = requires_access_dag("POST", DagAccessEntity.RUN, "restock_ingest")
may_tune = requires_access_variable("PUT")

__all__ = [
    "GetUserDep",
    "Pipeline",
    "Reader",
    "Writer",
    "may_look",
    "may_trigger_ingest",
    "may_trigger_notify",
    "may_tune",
]


def only_from_the_page(request: Request) -> None:
    """Refuse a change that another site's page had the browser of somebody logged in send (CSRF).

    Raises:
        HTTPException: 403, or 415 where the body is not JSON.
    """
    if request.method in {"GET", "HEAD"}:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    # A browser says the first; one that does not says the second. What says neither is no browser, and has a token.
    is_foreign = site != "same-origin" if site else origin and urlsplit(origin).netloc != request.headers.get("host")
    if is_foreign:
        raise HTTPException(403, "This came from another site, so nothing was done: use the console's own page.")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "Send the body as application/json; nothing was done.")


def console_url() -> str:
    """URL of the warehouse for what the pages show and do: the login of `restock_console` sees no address.

    Where there is no such connection the pipeline's serves.
    """
    try:
        url: str = Connection.get("restock_console").get_uri()
    except AirflowNotFoundException:
        _say_that_one_login_serves()
        return pipeline_url()
    return url


def pipeline_url() -> str:
    """URL of the warehouse for what is the pipeline's own work: previews, and what is replayed."""
    url: str = Connection.get("restock_warehouse").get_uri()
    return url


@cache
def _say_that_one_login_serves() -> None:
    log.warning(
        "There is no connection restock_console: the console works with restock_warehouse, which may see addresses and "
        "change more than the console does. docs/security.md says how to make one."
    )


def _read() -> Iterator[psycopg.Connection]:
    with connect(console_url(), application="restock console") as connection, read_only(connection):
        yield connection


def _write() -> Iterator[psycopg.Connection]:
    with connect(console_url(), application="restock console") as connection:
        yield connection


def _work() -> Iterator[psycopg.Connection]:
    with connect(pipeline_url(), application="restock console") as connection:
        yield connection


Reader = Annotated[psycopg.Connection, Depends(_read)]
Writer = Annotated[psycopg.Connection, Depends(_write)]
# What the pipeline would do by itself, set off by somebody.
Pipeline = Annotated[psycopg.Connection, Depends(_work)]
