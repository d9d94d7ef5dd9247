"""Whether the service can take requests, and whether the pipeline behind it is well."""

from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from restock.intake.database import DatabaseDep, rows
from restock.watch.catalogue import PAGES

# So long nobody may have looked at the alerts.
WATCH_PATIENCE = timedelta(minutes=5)

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service and its database work."""

    status: Literal["ok"] = "ok"


class PipelineHealth(BaseModel):
    """Nothing of what happens in the shop: everybody may ask."""

    status: Literal["ok", "failing"]


@router.get("/v1/health")
async def read_health(database: DatabaseDep) -> Health:
    """Ask the database; 503 where it does not answer. For load balancers: the pipeline does not matter to it."""
    async with database.connection() as connection:
        await connection.execute("select 1")
    return Health()


@router.get("/v1/health/pipeline", responses={503: {"model": PipelineHealth}})
async def read_pipeline_health(database: DatabaseDep, response: Response) -> PipelineHealth:
    """503 where nobody watches over the pipeline, or somebody has to be woken because of it. For uptime monitors."""
    binds = {"page_alerts": list(PAGES), "patience": WATCH_PATIENCE}
    async with database.connection() as connection:
        [(is_well,)] = await rows(connection, "intake/pipeline_health.sql", binds)
    response.headers["Cache-Control"] = "no-store"
    if is_well:
        return PipelineHealth(status="ok")
    response.status_code = 503
    return PipelineHealth(status="failing")
