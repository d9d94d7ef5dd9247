"""Whether the service can take requests."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from restock.intake.database import DatabaseDep

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service and its database work."""

    status: Literal["ok"] = "ok"


@router.get("/v1/health")
async def read_health(database: DatabaseDep) -> Health:
    """Ask the database; 503 where it does not answer."""
    async with database.connection() as connection:
        await connection.execute("select 1")
    return Health()
