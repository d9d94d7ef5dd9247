"""The application: routers, errors, limits of bodies, and its life."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from restock.intake import batch, cancellations, health, links, persons, requests, state, widget
from restock.intake.cors import Cors
from restock.intake.database import Database
from restock.intake.document import complete
from restock.intake.guard import Guard
from restock.intake.keys import KeyRing
from restock.intake.problem import install_handlers
from restock.intake.settings import IntakeSettings

ROUTERS = (
    requests.router,
    cancellations.router,
    state.router,
    batch.router,
    persons.router,
    health.router,
    links.router,
    widget.router,
)
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
        servers=[{"url": settings.public_url}],
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.keys = KeyRing(database)
    install_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    complete(app)
    # The last added is the outermost: a page may read what Guard answers, too.
    app.add_middleware(Guard, body_limits={**requests.BODY_LIMITS, **batch.BODY_LIMITS})
    app.add_middleware(Cors, keys=app.state.keys)
    return app
