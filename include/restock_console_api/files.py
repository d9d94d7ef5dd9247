"""The page itself: files of restock.console, behind the login as everything else."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.staticfiles import StaticFiles

import restock.console

router = APIRouter()
static = StaticFiles(directory=Path(restock.console.__file__).parent / "static", html=True)

_HEADERS = {
    # Airflow shows the page in a frame of its own origin.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@router.get("/{path:path}")
async def read_file(path: str, request: Request) -> Response:
    """A file of the page; the page itself where no path is given."""
    response = await static.get_response(path or "index.html", request.scope)
    response.headers.update(_HEADERS)
    return response
