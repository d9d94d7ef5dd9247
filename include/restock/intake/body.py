"""Bodies of calls: one JSON object, whatever else was sent."""

import hashlib
import json
from typing import NamedTuple

from fastapi import Request

from restock.intake.problem import FieldError, Problem


class Body(NamedTuple):
    """What was sent: the object, with numbers as the text they are, and the SHA-256 of the bytes."""

    values: dict[str, object]
    hash: bytes


async def read_body(request: Request) -> Body:
    """Read the JSON object of a call.

    Raises:
        Problem: 415 for another media type, 400 for what is no JSON object.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem(415, "Send JSON, with Content-Type: application/json.")
    raw = await request.body()
    try:
        # A float would change 0.1 and lose digits of a long id.
        values = json.loads(raw.decode(), parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise Problem(400, f"The body is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise Problem(
            400, f"The body is not JSON: {error.msg} in line {error.lineno} at column {error.colno}."
        ) from None
    except RecursionError:
        raise Problem(400, "The body is nested too deeply.") from None
    if not isinstance(values, dict):
        raise Problem(400, "The body is not a JSON object: it begins with { and ends with }.")
    return Body(values, hashlib.sha256(raw).digest())


def _refuse_constant(name: str) -> str:
    raise json.JSONDecodeError(f"{name} is no JSON value", name, 0)


def read_list(body: Body, name: str, most: int) -> list[dict[str, object]]:
    """The objects of a batch.

    Raises:
        Problem: 422 where the body is anything but this one list of 1 to `most` objects.
    """
    items = body.values.get(name)
    if not isinstance(items, list) or set(body.values) != {name} or not 1 <= len(items) <= most:
        error = FieldError(
            name, "not_a_batch", f"Send one list, {name}, of 1 to {most:,} objects, and nothing beside it."
        )
        raise Problem(422, error.detail, errors=[error])
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            error = FieldError(f"{name}[{place}]", "not_an_object", "Each element of the list is a JSON object.")
            raise Problem(422, error.detail, errors=[error])
    return items
