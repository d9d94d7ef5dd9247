"""Checks of the warehouse: one file of `sql/checks` each, a query that returns `is_valid, debug_value`."""

from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger

import psycopg

from restock.warehouse.checks import read_checks

log = getLogger(__name__)


class WarehouseCheckError(RuntimeError):
    """At least one check of severity `fail` does not hold; the message has one sentence for each."""


@dataclass(frozen=True)
class CheckResult:
    """How one check ended.

    `claim` is what the check makes sure of, `severity` fail or warn, and `debug_value` which rows break it and how
    many.
    """

    name: str
    severity: str
    claim: str
    is_valid: bool
    debug_value: str

    def __str__(self) -> str:
        """One sentence for people."""
        if self.is_valid:
            return f"The warehouse check {self.name} holds: {self.claim}."
        return (
            f"The warehouse check {self.name} does not hold: it should be that {self.claim}, but it is not so for "
            f"{self.debug_value}; sql/checks/{self.name}.sql finds them."
        )


def check_warehouse(connection: psycopg.Connection) -> list[CheckResult]:
    """Run every check, each as one statement and so on one consistent state. Nothing is written.

    Args:
        connection: Warehouse.

    Raises:
        ValueError: A file of `sql/checks` does not say its purpose and severity.
    """
    return [
        CheckResult(check.name, check.header["Severity"], check.claim, *check.run(connection))
        for check in read_checks("checks")
    ]


def require_valid(results: Sequence[CheckResult]) -> None:
    """Log how the checks ended, and refuse to go on where the warehouse is wrong.

    Raises:
        WarehouseCheckError: A check of severity `fail` does not hold.
    """
    for result in results:
        if result.is_valid:
            log.info("%s", result)
        elif result.severity == "warn":
            log.warning("%s", result)
    failed = [str(result) for result in results if not result.is_valid and result.severity != "warn"]
    if failed:
        raise WarehouseCheckError(" ".join(failed))
