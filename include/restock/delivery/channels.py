"""The channels that the warehouse knows."""

import psycopg

from restock.channels import ChannelConfig, CodeMeaning, ProviderCodes
from restock.warehouse import read_sql


def list_channels(connection: psycopg.Connection) -> dict[str, ChannelConfig]:
    """The rows of `restock.channel` with the codes of their kind, by name."""
    rows = connection.execute(read_sql("notify/read_channels.sql")).fetchall()
    return {
        name: ChannelConfig(
            name,
            kind,
            connection_id,
            connections,
            options,
            ProviderCodes({code: CodeMeaning(*meaning) for code, *meaning in codes}),
        )
        for name, kind, connection_id, connections, options, codes in rows
    }
