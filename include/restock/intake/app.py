"""The application: routers, errors, limits of bodies, and its life."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from restock.intake import health, widget
from restock.intake.database import Database
from restock.intake.keys import KeyRing
from restock.intake.problem import install_handlers
from restock.intake.settings import IntakeSettings

DESCRIPTION = "Shoppers ask to be told when a product is back; stock, bounces and complaints arrive as messages."


def make_app(settings: IntakeSettings) -> FastAPI:
    """The application. Its state has `settings`, `database` and `keys`."""
    database = Database(settings.database_url)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await database.open()
        yield
        await database.close()

    # No page with the documentation: it would load its scripts from elsewhere.
    app = FastAPI(
        title="Restock intake",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.keys = KeyRing(database)
    install_handlers(app)
    app.include_router(health.router)
    app.include_router(widget.router)
    return app
