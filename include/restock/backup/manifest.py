"""What a backup says of itself: a file `backup.json` beside the dump."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from restock.backup.tools import BackupError

NAME = "backup.json"
DUMP = "dump"


class Role(BaseModel):
    """A role of the server that the warehouse needs, without its password.

    Attributes:
        member_of: Other such roles that it is in.
        database_rights: What it may do on the database itself, such as CONNECT.
    """

    role_name: str
    can_login: bool
    may_make_roles: bool
    owns_database: bool
    database_rights: Sequence[str]
    member_of: Sequence[str]


class Manifest(BaseModel):
    """What a backup holds.

    Attributes:
        backup_at: The moment that it shows.
        database: Name of the database.
        server_version: Major version of the server.
        migration: Version of the structure.
        row_counts: Rows by table of the schema `restock`.
        roles: Roles of the server that it needs.
        settings: The settings in force, by name without prefix: the way back for Airflow's Variables.
        files: SHA-256 by path, of every file of the dump.
    """

    model_config = ConfigDict(frozen=True)

    backup_at: datetime
    database: str
    server_version: int
    migration: str
    row_counts: Mapping[str, int]
    roles: Sequence[Role]
    settings: Mapping[str, object]
    files: Mapping[str, str]


def read_manifest(folder: Path) -> Manifest:
    """What a backup says of itself, once every file of it is as it was written.

    Raises:
        BackupError: There is no backup, or it is damaged.
    """
    path = folder / NAME
    try:
        manifest = Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BackupError(f"{folder} holds no backup: there is no {NAME} in it. Name the folder of one.") from error
    except ValidationError as error:
        raise BackupError(f"{path} cannot be read: it is damaged. Take another backup.") from error
    found = hash_files(folder / DUMP)
    wrong = sorted(name for name in manifest.files.keys() | found if manifest.files.get(name) != found.get(name))
    if wrong:
        raise BackupError(
            f"The backup {folder} is damaged: {len(wrong)} files such as {DUMP}/{wrong[0]} are not as they were "
            "written. Take another backup."
        )
    return manifest


def hash_files(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a folder, by its name."""
    hashes = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with path.open("rb") as stream:
            hashes[path.name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashes
