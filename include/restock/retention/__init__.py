"""Retention: what ended long ago goes into Parquet files of the archive, and then out of the warehouse."""

from restock.retention.days import RETENTION_DAYS, VARIABLE, RetentionError, read_days
from restock.retention.run import remove_old

__all__ = ["RETENTION_DAYS", "VARIABLE", "RetentionError", "read_days", "remove_old"]
