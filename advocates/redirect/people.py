"""Who is logged in, for the few clicks that come with a session: an advocate's own clicks are marked."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from time import monotonic

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest

logger = logging.getLogger(__name__)

#: Logging in makes a new session, so a session says the same until somebody logs out.
TTL_SECONDS = 30.0
MOST_PEOPLE = 10_000


def user_of(session_key: str) -> int | None:
    """The user of a session, as a request of hers would have it; runs in a thread."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    try:
        user = get_user(request).pk
    except Exception:
        # The next question gets a connection that works.
        connection.close()
        raise
    return int(user) if user is not None else None


class People:
    """The sessions that this process met lately."""

    def __init__(self, *, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._known: dict[str, tuple[int | None, float]] = {}

    async def find(self, session_key: str) -> int | None:
        """The user of a session; None for nobody, and where that cannot be found out (the database is away)."""
        found = self._known.get(session_key)
        if found is not None and found[1] > monotonic():
            return found[0]
        try:
            user = await asyncio.get_running_loop().run_in_executor(self._threads, user_of, session_key)
        except Exception as trouble:  # noqa: BLE001 -- a click is not lost for it
            logger.warning("A session could not be read: %s", trouble)
            return found[0] if found is not None else None
        self._known.pop(session_key, None)
        self._known[session_key] = (user, monotonic() + TTL_SECONDS)
        while len(self._known) > MOST_PEOPLE:
            del self._known[next(iter(self._known))]
        return user
