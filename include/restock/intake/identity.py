"""What stands for a person or a client where the real name must not: keyed hashes that are always the same."""

import hashlib
import hmac
import re
from ipaddress import IPv6Address, ip_address

_BETWEEN_DIGITS = re.compile(r"[ ().-]")


def stand_in_user(secret: str, channel: str, contact: str) -> str:
    """The user_id of a shopper of whom nothing but an address is known. It lasts as long as the secret."""
    return "contact-" + keyed_hash(secret, "shopper", channel, contact.lower()).hex()


def keyed_hash(secret: str, *parts: str) -> bytes:
    """16 bytes that nobody without the secret can find by guessing."""
    return hmac.digest(secret.encode(), "\0".join(("restock", *parts)).encode("utf-8", "replace"), hashlib.sha256)[:16]


def reduce_contact(contact: str) -> str:
    """An address without what makes no difference to whom it reaches: case, or the signs between the digits."""
    return contact.lower() if "@" in contact else _BETWEEN_DIGITS.sub("", contact)


def client_network(host: str) -> str:
    """The client as limits count it: one IPv4 address, or the /64 of an IPv6 one, which one household shares."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)
