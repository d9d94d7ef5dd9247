"""What the intake service is told by its environment."""

import os
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class IntakeSettings:
    """Settings of one service.

    Attributes:
        database_url: Warehouse, for a user who has the role restock_intake.
        public_url: Where shoppers reach the service, without a slash at the end.
        link_secret: Signs links, and keys the hashes that stand for addresses.
    """

    database_url: str = field(repr=False)
    public_url: str
    link_secret: str = field(repr=False)

    @classmethod
    def from_environment(cls) -> Self:
        """Read RESTOCK_INTAKE_DATABASE_URL, RESTOCK_PUBLIC_URL and RESTOCK_LINK_SECRET.

        Raises:
            RuntimeError: One of them is missing; in words.
        """
        return cls(
            _required(
                "RESTOCK_INTAKE_DATABASE_URL", "the URL of the warehouse, for a user with the role restock_intake"
            ),
            _required("RESTOCK_PUBLIC_URL", "the URL where shoppers reach this service").rstrip("/"),
            _required("RESTOCK_LINK_SECRET", "the secret that signs the links in messages"),
        )


def _required(name: str, meaning: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: give it {meaning}.")
    return value
