"""Daily upkeep of the warehouse: expiry of old requests, and checks that its sums and statuses agree."""

from restock.maintenance.checks import CheckResult, WarehouseCheckError, check_warehouse, require_valid
from restock.maintenance.expiry import expire_requests

__all__ = ["CheckResult", "WarehouseCheckError", "check_warehouse", "expire_requests", "require_valid"]
