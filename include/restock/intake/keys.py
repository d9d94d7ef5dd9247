"""API keys: who calls, and what they may do."""

import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal, NamedTuple

import psycopg
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from restock.intake.database import Database, rows
from restock.intake.problem import Problem
from restock.warehouse import read_sql

Kind = Literal["surface", "widget", "operator"]
PREFIX = "rk_"
# A revoked key opens nothing any more after so long, and the database is not asked about each call.
CACHE_SECONDS = 5.0
# Wrong keys are remembered too; so many of all at most.
CACHE_SIZE = 10_000


class Client(NamedTuple):
    """The owner of a key.

    Attributes:
        api_key_id: The key.
        name: Who.
        kind: What the key is for.
        surface: Surface of requests that name none.
        origins: Web origins whose pages may use the key; of widget keys only.
    """

    api_key_id: int
    name: str
    kind: Kind
    surface: str | None
    origins: Sequence[str]


class KeyRing:
    """Looks keys up, and remembers for some seconds what was found."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: dict[bytes, tuple[float, Client | None]] = {}
        self._origins: tuple[float, frozenset[str]] = (0.0, frozenset())

    async def find(self, key: str) -> Client | None:
        """Whose key it is; None where it opens nothing."""
        hashed = hash_key(key)
        until, client = self._found.get(hashed, (0.0, None))
        if until > time.monotonic():
            return client
        async with self._database.connection() as connection:
            found = await rows(connection, "intake/find_key.sql", {"hash": hashed})
        client = Client(*found[0]) if found else None
        if len(self._found) >= CACHE_SIZE:
            self._found.clear()
        self._found[hashed] = (time.monotonic() + CACHE_SECONDS, client)
        return client

    async def origins(self) -> frozenset[str]:
        """Web origins that some widget key may be used from."""
        until, origins = self._origins
        if until <= time.monotonic():
            async with self._database.connection() as connection:
                origins = frozenset((await rows(connection, "intake/widget_origins.sql"))[0][0])
            self._origins = (time.monotonic() + CACHE_SECONDS, origins)
        return origins


_bearer = HTTPBearer(auto_error=False, description="A key: `Authorization: Bearer rk_…`")


def allow(*kinds: Kind) -> Callable[..., Awaitable[Client]]:
    """Dependency of an endpoint that only keys of these kinds open."""

    async def client(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Client:
        ring: KeyRing = request.app.state.keys
        found = await ring.find(credentials.credentials) if credentials else None
        if found is None:
            raise Problem(
                401,
                "Send a key that is in force, as Authorization: Bearer rk_…",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if found.kind not in kinds:
            raise Problem(403, f"The key {found.name} has the kind {found.kind}; only {' or '.join(kinds)} keys may.")
        if found.origins and request.headers.get("origin") not in found.origins:
            raise Problem(403, f"The key {found.name} may not be used from this web origin: add it to the key.")
        return found

    return client


Shop = Annotated[Client, Depends(allow("surface"))]
Operator = Annotated[Client, Depends(allow("operator"))]


def hash_key(key: str) -> bytes:
    """What is stored of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def add_key(
    connection: psycopg.Connection, name: str, kind: Kind, surface: str | None, origins: Sequence[str]
) -> str | None:
    """Make a key, and return it; it cannot be read again. None where the name is taken."""
    key = PREFIX + secrets.token_urlsafe(32)
    binds = {"name": name, "kind": kind, "hash": hash_key(key), "surface": surface, "origins": list(origins)}
    made = connection.execute(read_sql("intake/add_key.sql"), binds).fetchone()
    return key if made else None


def revoke_key(connection: psycopg.Connection, name: str) -> bool:
    """End a key; False where none in force is called so."""
    return connection.execute(read_sql("intake/revoke_key.sql"), {"name": name}).fetchone() is not None
