"""The stand-in as one object: a world, its API, its pages and its webhooks behind one HTTP server."""

import threading
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from payouts.sandbox.api import Api
from payouts.sandbox.clock import Clock
from payouts.sandbox.control import Control
from payouts.sandbox.levers import Levers
from payouts.sandbox.pages import Pages
from payouts.sandbox.routes import JOBS
from payouts.sandbox.server import Server
from payouts.sandbox.state import State
from payouts.sandbox.webhooks import Postman
from payouts.sandbox.world import Endpoint, World

ACCOUNT_SECRET = "whsec_standin_account"  # noqa: S105 -- the default of a double that guards nothing
CONNECT_SECRET = "whsec_standin_connect"  # noqa: S105 -- the same


class Sandbox(Levers):
    """A running stand-in: `with Sandbox() as sandbox: StripeClient(..., base_addresses={"api":
    sandbox.url})`.

    Webhooks go to the URLs that are given; without one they are held for `take_webhooks()`. Thin (v2) events
    go to the Connect endpoint unless they have their own. `frozen_at` stops the clock, so that only `advance`
    moves it.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state_file: Path | None = None,
        seed: str | None = None,
        frozen_at: datetime | None = None,
        public_url: str | None = None,
        webhook_account: str | None = None,
        webhook_account_secret: str = ACCOUNT_SECRET,
        webhook_connect: str | None = None,
        webhook_connect_secret: str = CONNECT_SECRET,
        webhook_thin: str | None = None,
        webhook_thin_secret: str | None = None,
    ) -> None:
        endpoints = {
            "account": Endpoint(webhook_account, webhook_account_secret),
            "connect": Endpoint(webhook_connect, webhook_connect_secret),
            "thin": Endpoint(webhook_thin or webhook_connect, webhook_thin_secret or webhook_connect_secret),
        }
        state = State(state_file, seed=seed)
        world = World(state, Clock(frozen_at=frozen_at), endpoints, jobs=JOBS)
        super().__init__(world, Postman(world))
        self.api = Api(world)
        self.observers = self.api.observers
        self._server = Server((host, port), api=self.api, control=Control(self), pages=Pages(world))
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        world.public_url = (public_url or self.url).rstrip("/")
        state.flush()
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="stand-in for Stripe",
            daemon=True,
        )

    @property
    def platform(self) -> str:
        """The id of the platform's own account."""
        return self.world.platform

    def start(self) -> Self:
        self._thread.start()
        self.postman.start()
        return self

    def stop(self) -> None:
        """End the server, its connections and its threads, and close the file."""
        self.postman.stop()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()
        with self.world.lock:
            self.world.state.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
