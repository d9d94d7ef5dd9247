"""How much may be asked with a key that everybody can read in a page: per address, client and product."""

from collections.abc import Mapping

from restock.intake.database import Connection, rows
from restock.intake.identity import client_network, keyed_hash, reduce_contact
from restock.intake.problem import Problem

# One sentence for all limits, so that it tells nothing about an address.
LIMITED = "Too much was asked in a short time: send it again after the seconds that Retry-After says."


async def require_within_limits(connection: Connection, secret: str, values: Mapping[str, str], host: str) -> None:
    """Count a request against the limits of `restock.intake_limit`.

    Args:
        connection: In autocommit: what is refused counts as well.
        secret: Keys the hashes that are stored in place of addresses.
        values: The request, which a widget key cannot make without an address.
        host: Address of the client.

    Raises:
        Problem: 429.
    """
    subjects = {
        "contact": keyed_hash(secret, "contact", values["channel"], reduce_contact(values["contact"])),
        "client": keyed_hash(secret, "client", client_network(host)),
        "product": keyed_hash(secret, "product", values.get("store_id", "main"), values["product_id"]),
    }
    binds = {"scopes": list(subjects), "subjects": list(subjects.values())}
    if over := await rows(connection, "intake/count_request.sql", binds):
        raise Problem(429, LIMITED, retry_after=over[0][1])
