"""Pieces of the OpenAPI document, made from the contract of the feeds."""

from collections.abc import Collection, Mapping
from typing import Any

from fastapi import FastAPI

from restock.feeds.contract import BOOLEAN, INTEGER, REQUESTS, TIMESTAMP, Column, Feed
from restock.intake.problem import MEDIA_TYPE, PROBLEMS

Schema = dict[str, Any]

_PROBLEM: Schema = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Name of the problem, a URN."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here, and what to do."},
        "instance": {"type": "string", "description": "Names this occurrence; the log of the service knows it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string", "description": "Which rule; docs/feeds.md has those of the feeds."},
                    "detail": {"type": "string", "description": "What to do."},
                },
            },
        },
    },
}


def describe(body: Schema | None, answer: Schema, *, status: int = 202, also: Collection[int] = ()) -> dict[str, Any]:
    """Arguments of a route that describe its body, its answer and its problems.

    Args:
        body: What it takes; None for nothing.
        answer: What it gives.
        status: Of the answer.
        also: Statuses of problems beyond those that all routes have.
    """
    taking = (400, 413, 415, 422) if body else (422,)
    problems = sorted({401, 403, *taking, *also, 500, 503})
    responses: dict[int | str, dict[str, Any]] = {status: _answered("Taken" if body else "Found", answer)}
    responses |= {number: _problem(number) for number in problems}
    described: dict[str, Any] = {"responses": responses, "response_model": None}
    if body:
        described["openapi_extra"] = {
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "parameters": [_IDEMPOTENCY_KEY],
        }
    return described


def feed_schema(
    feed: Feed, *, many: str | None = None, most: int = 1, required: Collection[str] | None = None
) -> Schema:
    """What a row of a feed is as JSON; with `many`, an object with a list of up to `most` under that name."""
    names = [column.name for column in feed.columns if column.required] if required is None else list(required)
    row: Schema = {
        "type": "object",
        "required": names,
        "additionalProperties": False,
        "properties": {column.name: _column(column) for column in feed.columns},
    }
    return many_of(row, many, most) if many else row


def many_of(row: Schema, name: str, most: int) -> Schema:
    """An object with a list under one name."""
    return {
        "type": "object",
        "required": [name],
        "additionalProperties": False,
        "properties": {name: {"type": "array", "items": row, "minItems": 1, "maxItems": most}},
    }


def complete(app: FastAPI) -> None:
    """Add to the document what routes refer to."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _column(column: Column) -> Schema:
    schema: Schema = {"type": "string", "description": column.meaning, "maxLength": column.kind.max_length}
    if column.kind == INTEGER:
        schema = {"type": "integer", "description": column.meaning}
        schema |= {"minimum": column.minimum, "maximum": column.maximum}
    elif column.kind == BOOLEAN:
        schema = {"type": "boolean", "description": column.meaning}
    elif column.kind == TIMESTAMP:
        schema |= {"format": "date-time"}
    if column.choices:
        schema = {"type": "string", "description": column.meaning, "enum": list(column.choices)}
    if column.required:
        schema |= {"minLength": 1} if schema["type"] == "string" and not column.choices else {}
    return schema | ({"default": column.default} if column.default and schema["type"] == "string" else {})


def _answered(description: str, schema: Mapping[str, object]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": PROBLEMS[status][1], "content": {MEDIA_TYPE: {"schema": schema}}}


_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gets the first answer again, for a day, and does nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


_ERRORS = _PROBLEM["properties"]["errors"]
_TIME: Schema = {"type": "string", "format": "date-time"}
_REQUEST_STATUS: Schema = {
    "type": "string",
    "enum": ["accepted", "confirmation_needed"],
    "description": "confirmation_needed: it counts once the shopper has confirmed it by the link in a message.",
}


def _object(required: Collection[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


def _request_body() -> Schema:
    row = feed_schema(REQUESTS, required=["product_id"])
    del row["properties"]["action"]
    return row | {"anyOf": [{"required": ["user_id"]}, {"required": ["contact"]}]}


REQUEST_BODY = _request_body()
REQUEST_ANSWER = _object(["request_id", "status"], request_id={"type": "string"}, status=_REQUEST_STATUS)
RESULTS_ANSWER = _object(
    ["accepted", "refused", "results"],
    accepted={"type": "integer"},
    refused={"type": "integer"},
    results={
        "type": "array",
        "items": {
            "anyOf": [
                REQUEST_ANSWER,
                _object(["status", "errors"], status={"type": "string", "enum": ["refused"]}, errors=_ERRORS),
            ]
        },
    },
)
BATCH_ANSWER = _object(["accepted"], accepted={"type": "integer", "description": "Items taken: all of them."})

_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
CANCELLATION_BODY: Schema = {
    "anyOf": [
        _object(["request_id"], request_id=_TEXT) | {"additionalProperties": False},
        _object(
            ["product_id"],
            user_id=_TEXT,
            contact={"type": "string", "description": "In place of user_id, where it was so in the request."},
            product_id=_TEXT,
            store_id=_TEXT | {"default": "main"},
            channel={"type": "string", "description": "One channel only; every one when missing."},
        )
        | {"additionalProperties": False, "anyOf": [{"required": ["user_id"]}, {"required": ["contact"]}]},
    ]
}
CANCELLATION_ANSWER = _object(
    ["status"],
    status={
        "type": "string",
        "enum": ["accepted", "ended"],
        "description": "ended: the request had ended already, and nothing is to be done.",
    },
)
STATE_ANSWER = _object(
    [
        "request_id",
        "user_id",
        "store_id",
        "product_id",
        "channel",
        "requested_at",
        "status",
        "reason",
        "since",
        "sentence",
    ],
    request_id={"type": "string"},
    user_id={"type": "string"},
    store_id={"type": "string"},
    product_id={"type": "string"},
    channel={"type": ["string", "null"], "description": "Null while it is not settled yet."},
    requested_at=_TIME,
    status={
        "type": "string",
        "description": "accepted (not loaded yet), waiting, available, scheduled, notified; or ended as cancelled,"
        " expired, purchased, suppressed.",
    },
    reason={"type": "string", "description": "Why it stands there, as a code."},
    since=_TIME,
    sentence={"type": ["string", "null"], "description": "What became of it, to be read out."},
)
PERSON_BODY: Schema = {
    "oneOf": [
        _object(["user_id"], user_id=_TEXT) | {"additionalProperties": False},
        _object(["channel", "contact"], channel=_TEXT, contact={"type": "string", "minLength": 1, "maxLength": 2048})
        | {"additionalProperties": False},
    ]
}
ERASURE_ANSWER = _object(
    ["erasure_id", "shoppers", "counts"],
    erasure_id={"type": "string", "format": "uuid"},
    shoppers={"type": "integer", "description": "How many user ids the person had."},
    counts={"type": "object", "additionalProperties": {"type": "integer"}, "description": "Rows, by table."},
)
EXPORT_ANSWER: Schema = {
    "type": "object",
    "required": ["exported_at"],
    "properties": {"exported_at": _TIME},
    "additionalProperties": {"type": "array"},
}
LIST_ANSWER = _object(
    ["requests", "next"],
    requests={"type": "array", "items": STATE_ANSWER},
    next={"type": ["string", "null"], "description": "`after` of the next page; null on the last."},
)
