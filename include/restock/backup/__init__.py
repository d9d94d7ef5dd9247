"""Backup and restore of the warehouse, after which nobody is told twice: docs/backup.md has the procedure.

A restored warehouse is marked: it does not know what left after the backup, so nothing leaves until somebody settled
that (settle.py).
"""

from restock.backup.mark import RestoredWarehouseError, require_settled

__all__ = ["RestoredWarehouseError", "require_settled"]
