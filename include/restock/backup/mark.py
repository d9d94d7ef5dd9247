"""The mark of a restored warehouse, which stops planning and sending."""

import psycopg

from restock.warehouse import read_sql


class RestoredWarehouseError(RuntimeError):
    """The warehouse came out of a backup, and nobody has said yet what left since; the message says what to do."""


def require_settled(connection: psycopg.Connection) -> None:
    """Refuse to plan or send from a warehouse that does not know what left since its backup.

    Raises:
        RestoredWarehouseError: It was restored, and nobody settled it.
    """
    found = connection.execute(read_sql("backup/find_unsettled.sql")).fetchone()
    if found is not None:
        backup_at, restored_at = found
        raise RestoredWarehouseError(
            f"The warehouse was restored at {restored_at:%Y-%m-%d %H:%M} UTC from a backup of "
            f"{backup_at:%Y-%m-%d %H:%M} UTC and does not know what left in between: nothing is planned or sent until "
            "somebody runs `python -m restock.backup settle`, as docs/backup.md says."
        )
