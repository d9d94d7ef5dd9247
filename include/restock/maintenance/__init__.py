"""Daily upkeep of the warehouse: expiry of what is too old, and checks that its sums and statuses agree."""

from restock.maintenance.checks import CheckResult, WarehouseCheckError, check_warehouse, require_valid
from restock.maintenance.expiry import expire_requests, forget_calls, forget_replayed, remove_expired_links

__all__ = [
    "CheckResult",
    "WarehouseCheckError",
    "check_warehouse",
    "expire_requests",
    "forget_calls",
    "forget_replayed",
    "remove_expired_links",
    "require_valid",
]
