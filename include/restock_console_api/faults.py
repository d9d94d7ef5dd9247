"""Faults as a sentence that the page shows; the log of the API server has the rest."""

import logging

import psycopg
from fastapi import Request
from fastapi.responses import JSONResponse

log = logging.getLogger(__name__)


def say_unreachable(_: Request, error: Exception) -> JSONResponse:
    """The warehouse does not answer, or met a fault in the middle of a replay: the error says it in a sentence."""
    log.warning("%s", error)
    return JSONResponse({"detail": str(error)}, 503)


def say_nothing_to_do(_: Request, error: Exception) -> JSONResponse:
    """Somebody else was quicker: the page shows what was true a moment ago."""
    return JSONResponse({"detail": str(error)}, 409)


def say_database_fault(request: Request, error: Exception) -> JSONResponse:
    """The warehouse answers with an error."""
    log.error("The console's request %s met a fault of the warehouse.", request.url.path, exc_info=error)
    if isinstance(error, psycopg.errors.QueryCanceled):
        said = "The warehouse took too long to answer, so the question was given up. Try again in a moment."
    elif isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        said = "The warehouse is not of this version; make up, or python -m restock.warehouse.migrate, updates it."
    else:
        said = f"The warehouse answered with an error: {' '.join(str(error).split())}."
    return JSONResponse({"detail": said}, 503)
