"""Who may look and who may act, and connections to the warehouse."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

import psycopg
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag, requires_access_variable
from airflow.sdk import Connection
from fastapi import Depends, HTTPException, Request

from restock.console import read_only
from restock.warehouse import connect

# What the rights are in Airflow: to look, to see the DAG; to act on what it does, to trigger it; to tune, to edit
# Variables.
may_look = requires_access_dag("GET", None, "restock_notify")
may_trigger_notify = requires_access_dag("POST", DagAccessEntity.RUN, "restock_notify")
may_trigger_ingest = requires_access_dag("POST", DagAccessEntity.RUN, "restock_ingest")
may_tune = requires_access_variable("PUT")

__all__ = ["GetUserDep", "Reader", "Writer", "may_look", "may_trigger_ingest", "may_trigger_notify", "may_tune"]


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


def warehouse_url() -> str:
    """URL of the warehouse, from Airflow's connection."""
    url: str = Connection.get("restock_warehouse").get_uri()
    return url


def _read() -> Iterator[psycopg.Connection]:
    with connect(warehouse_url(), application="restock console") as connection, read_only(connection):
        yield connection


def _write() -> Iterator[psycopg.Connection]:
    with connect(warehouse_url(), application="restock console") as connection:
        yield connection


Reader = Annotated[psycopg.Connection, Depends(_read)]
Writer = Annotated[psycopg.Connection, Depends(_write)]
