"""The section Now."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from restock.console import actions, now
from restock_console_api.access import (
    GetUserDep,
    Pipeline,
    Reader,
    Writer,
    may_trigger_ingest,
    may_trigger_notify,
    pipeline_url,
)
from restock_console_api.inputs import NO_NUL

router = APIRouter(prefix="/now")

Name = Annotated[str, Field(min_length=1, max_length=2_000), NO_NUL]


class Gate(BaseModel):
    """A gate before the episodes."""

    gate: Name


class DeadGroup(BaseModel):
    """Messages that were given up for one reason."""

    channel: Name
    outcome: Literal["permanent", "retryable", "in_doubt"]
    provider_code: Name | None


class RejectedGroup(BaseModel):
    """Rejected rows of one file and reason."""

    path: Name
    reason: Name


class Channel(BaseModel):
    """A channel."""

    channel: Name


@router.get("")
def read_now(warehouse: Reader) -> dict[str, Any]:
    """The state of delivery, and the gates."""
    return now.read_now(warehouse, datetime.now(UTC))


@router.get("/funnel")
def read_funnel(warehouse: Reader, days: Annotated[int, Query(ge=1, le=3_650)] = 30) -> dict[str, Any]:
    """How far the requests of the last days have come."""
    return now.read_funnel(warehouse, datetime.now(UTC), days)


@router.get("/episodes")
def read_episodes(warehouse: Reader) -> dict[str, Any]:
    """The open episodes."""
    return now.read_episodes(warehouse, datetime.now(UTC))


@router.get("/troubles")
def read_troubles(warehouse: Reader) -> dict[str, Any]:
    """Dead messages, rejected rows, and what people did about them."""
    return now.read_troubles(warehouse)


@router.post("/release-episodes", dependencies=[Depends(may_trigger_notify)])
def release_episodes(gate: Gate, user: GetUserDep, warehouse: Writer) -> dict[str, Any]:
    """Release what a gate before the episodes holds."""
    return actions.release_gate(warehouse, user.get_name(), gate.gate, "episodes")


@router.post("/release-feed", dependencies=[Depends(may_trigger_ingest)])
def release_feed(gate: Gate, user: GetUserDep, warehouse: Writer) -> dict[str, Any]:
    """Release a gate of a feed."""
    return actions.release_gate(warehouse, user.get_name(), gate.gate, "feed")


@router.post("/replay-dead", dependencies=[Depends(may_trigger_notify)])
def replay_dead(group: DeadGroup, user: GetUserDep, warehouse: Pipeline) -> dict[str, Any]:
    """Try dead messages once more."""
    return actions.replay_dead_group(warehouse, user.get_name(), datetime.now(UTC), **group.model_dump())


@router.post("/replay-rejected", dependencies=[Depends(may_trigger_ingest)])
def replay_rejected(group: RejectedGroup, user: GetUserDep) -> dict[str, Any]:
    """Load rejected rows again."""
    return actions.replay_rejected_group(pipeline_url(), user.get_name(), datetime.now(UTC), group.path, group.reason)


@router.post("/probe-breaker", dependencies=[Depends(may_trigger_notify)])
def probe_breaker(channel: Channel, user: GetUserDep, warehouse: Writer) -> dict[str, Any]:
    """Try the provider of a channel at once."""
    return actions.probe_breaker(warehouse, user.get_name(), datetime.now(UTC), channel.channel)
