"""Run the shops from a shell. The first line on stdout is their address."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from cms.demo.webshop.desk import Desk
from cms.demo.webshop.orders import OrderBook
from cms.demo.webshop.server import Server
from cms.demo.webshop.shops import UnableToReadConfig, read_shops


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m cms.demo.webshop", description="The shops' own shops.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--config", type=Path, required=True, help="JSON; orders are kept in a file beside it"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="webshop: %(message)s", stream=sys.stderr)
    try:
        desk = Desk(shops=read_shops(options.config), orders=OrderBook.beside(options.config))
        server = Server(desk=desk, port=options.port)
    except (UnableToReadConfig, OSError, ValueError) as error:
        parser.exit(2, f"webshop: {error}\n")
    # `shutdown` waits for the loop that the signal interrupts, so it is asked from another thread.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    with server:
        server.serve_forever(poll_interval=0.1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
