"""Connections of the event loop's own: Django's belong to threads."""

from typing import Any

import psycopg
from django.db import connection

#: What of Django's parameters says where the database is; the others say how Django speaks to it.
_NOT_OURS = frozenset({"context", "cursor_factory", "prepare_threshold", "server_side_binding"})
_SECONDS_TO_CONNECT = 2


async def connect() -> psycopg.AsyncConnection[Any]:
    """A connection on which every statement is a transaction. Raises psycopg.OperationalError."""
    known = connection.get_connection_params()
    return await psycopg.AsyncConnection.connect(
        **{
            "connect_timeout": _SECONDS_TO_CONNECT,
            **{name: value for name, value in known.items() if name not in _NOT_OURS},
        },
        autocommit=True,
    )
