"""What the parameters of restock_maintenance do. Nothing here says whom it is about: logs are kept for long."""

import logging
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Literal, Protocol, Self
from uuid import NAMESPACE_URL, uuid5

import psycopg

from restock.erasure.document import document_parts
from restock.erasure.person import erase_person, export_person, read_person

log = logging.getLogger(__name__)


class PersonError(RuntimeError):
    """What was asked for cannot be done to one person; the message says why."""


class TextFile(Protocol):
    """What is needed of an open file."""

    def write(self, text: str, /) -> object: ...


class ExportFolder(Protocol):
    """What is needed of a folder: ObjectStoragePath and pathlib.Path both have it."""

    def __truediv__(self, name: str, /) -> Self: ...
    def mkdir(self, *, parents: bool = False, exist_ok: bool = False) -> None: ...
    def open(self, mode: Literal["w"], /, *, encoding: str) -> AbstractContextManager[TextFile]: ...


def carry_out(
    connection: psycopg.Connection,
    folder: ExportFolder,
    *,
    export: str | None,
    erase: str | None,
    asked_by: str,
    secret: str,
) -> None:
    """Export a person, or erase one.

    Args:
        connection: Warehouse, as its owner, not in a transaction.
        folder: Where exports are written; made if it is not there.
        export: Whom to export: a user_id or channel:address.
        erase: Whom to erase.
        asked_by: DAG and run, for the record. Doing it again for the same run writes the same file.
        secret: RESTOCK_LINK_SECRET.

    Raises:
        PersonError: Both are given, or the address is no one person's.
        RuntimeError: A message to the person is leaving at this moment; later it can be done.
    """
    if export and erase:
        # Tried again after it had erased, a run would write an empty export over the first.
        raise PersonError("Give export_user or erase_user, not both: export first, look at the file, then erase.")
    try:
        if export:
            path = folder / f"{uuid5(NAMESPACE_URL, asked_by).hex}.json"
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as file:
                for text in document_parts(
                    export_person(connection, read_person(connection, export)), datetime.now(UTC)
                ):
                    file.write(text)
            log.info("The export is in %s: hand it over, then remove it.", path)
        if erase:
            erased = erase_person(connection, read_person(connection, erase), asked_by=asked_by, secret=secret)
            log.info(
                "Erasure %s: %s user ids; rows by table: %s", erased["erasure_id"], erased["shoppers"], erased["counts"]
            )
    except psycopg.errors.InvalidParameterValue as error:
        raise PersonError(error.diag.message_primary) from None
    except psycopg.errors.LockNotAvailable as error:
        raise RuntimeError(error.diag.message_primary) from None
