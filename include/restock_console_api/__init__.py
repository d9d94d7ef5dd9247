"""The app of the console: Airflow decides who may see it and who may act; restock.console does the work.

A section is a module here with a `router`, functions in `restock.console` and a module in its folder `static`.
"""

import psycopg
from fastapi import Depends, FastAPI

from restock.console.actions import NothingToDoError
from restock.feeds.load import LoadError
from restock.warehouse import WarehouseUnreachableError
from restock_console_api import demand, explain, files, health, me, now, schedule, tune
from restock_console_api.access import may_look, only_from_the_page
from restock_console_api.faults import say_database_fault, say_nothing_to_do, say_unreachable

SECTIONS = (
    me,
    now,
    schedule,
    tune,
    explain,
    demand,
    health,
)


def make_app() -> FastAPI:
    """The app, everything in it closed to those who may not look at the DAGs."""
    app = FastAPI(
        title="Restock console",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(may_look), Depends(only_from_the_page)],
    )
    for section in SECTIONS:
        app.include_router(section.router, prefix="/api")
    # Last: it answers every path that is left.
    app.include_router(files.router)
    app.add_exception_handler(psycopg.Error, say_database_fault)
    app.add_exception_handler(WarehouseUnreachableError, say_unreachable)
    app.add_exception_handler(LoadError, say_unreachable)
    app.add_exception_handler(NothingToDoError, say_nothing_to_do)
    return app
