"""Where webhooks go, as the Airflow connection and the row of the channel say it."""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Self

from yarl import URL

from restock.channels.base import ChannelConfig, ChannelMisconfiguredError, ConnectionDetails

_SECRET_PREFIX = "whsec_"  # noqa: S105  # that of the specification
# The specification's bounds for a secret, in bytes.
_SECRET_LENGTHS = range(24, 65)
_MOST_IN_A_CALL = 1_000


@dataclass(frozen=True)
class Receiver:
    """Where webhooks go.

    Attributes:
        url: Where all go that have no URL of their own; None where there is no such receiver.
        secret: Signs them all.
        allowed_origins: Of the URLs that shoppers bring themselves.
        timeout_seconds: For one call.
        batch_size: Messages that one call carries at most.
    """

    url: URL | None
    secret: bytes = field(repr=False)
    allowed_origins: frozenset[URL] = frozenset()
    timeout_seconds: float = 30.0
    batch_size: int = 1

    @classmethod
    def from_connection(cls, config: ChannelConfig, connection: ConnectionDetails) -> Self:
        """Read the Airflow connection.

        Raises:
            ChannelMisconfiguredError: In words: what is wrong with it.
        """
        try:
            url = _base_url(connection)
            origins = frozenset(_origin(host) for host in _listed(connection.extra.get("allowed_hosts", [])))
            if url is None and not origins:
                raise ValueError("it has neither a host nor the extra allowed_hosts")
            return cls(
                url,
                _secret(connection.password or ""),
                origins,
                float(_number(config, "timeout_seconds", 30, 600)),
                int(_number(config, "batch_size", 1, _MOST_IN_A_CALL)),
            )
        except ValueError as error:
            raise ChannelMisconfiguredError(
                f"The channel {config.name} cannot use the Airflow connection {config.connection_id}: {error}. "
                "No message was touched."
            ) from error

    def url_for(self, recipient: str) -> URL | None:
        """The shopper's own URL if its host is allowed, else that of the receiver, if there is one."""
        own = _parse(recipient) if self.allowed_origins else None
        return own if own is not None and own.origin() in self.allowed_origins else self.url


def _parse(text: str) -> URL | None:
    """An http or https URL without a user name, or None."""
    try:
        url = URL(text)
        usable = url.scheme in {"http", "https"} and url.host and url.port and not url.user and not url.password
    except ValueError:
        return None
    return url.with_fragment(None) if usable else None


def _base_url(connection: ConnectionDetails) -> URL | None:
    if not connection.host:
        return None
    text = connection.host if "://" in connection.host else f"{connection.schema or 'https'}://{connection.host}"
    url = _parse(text)
    if url is None:
        raise ValueError(f"its host {connection.host!r} makes no http or https URL")
    return url.with_port(connection.port) if connection.port else url


def _listed(value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(host, str) for host in value):
        return value
    raise ValueError(f'its extra allowed_hosts is {value!r} and must be a list such as ["hooks.example"]')


def _origin(host: str) -> URL:
    url = _parse(host if "://" in host else f"https://{host}")
    if url is None:
        raise ValueError(f"in its extra allowed_hosts {host!r} is neither a host nor a URL")
    return url.origin()


def _secret(password: str) -> bytes:
    try:
        secret = b64decode(password.removeprefix(_SECRET_PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not password.startswith(_SECRET_PREFIX) or len(secret) not in _SECRET_LENGTHS:
        raise ValueError(
            f"its password must be the signing secret: {_SECRET_PREFIX} and 24 to 64 random bytes in base64 "
            "(openssl rand -base64 32)"
        )
    return secret


def _number(config: ChannelConfig, name: str, default: int, most: int) -> float | int:
    value = config.options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= most:
        raise ValueError(f"its option {name} in restock.channel is {value!r} and must be a number from 1 to {most}")
    return value
