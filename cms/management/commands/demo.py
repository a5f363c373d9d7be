"""`manage.py demo`: builds the demo world, plays the whole loop over HTTP, and serves it.

With `--check` everything happens in a database and a folder of its own, nothing is served afterwards, and the exit
code is 0 only if every step did what it should; the last line on stdout is one JSON object.
"""

import json
import os
import shutil
import signal
import sys
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import translation

from cms.demo import content, loop, play
from cms.demo.supervisor import Supervisor, UnableToStart, free_port, is_taken
from cms.demo.visitor import UnexpectedAnswer
from cms.demo.world import address_of
from cms.postgres import make_database, parse_database_url
from community.models import User
from payouts.books import check_books

_PORT = 8000
_SEED = 2013
#: A file in the demo's folder that says that its world was built and played to the end.
_COMPLETE = "complete"


class Command(BaseCommand):
    help = "Build the demo world, play the loop, and serve it at http://localhost:8000."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="play the loop and end; exit 0 only if all went well"
        )
        parser.add_argument(
            "--seed", type=int, default=_SEED, help=f"the seed of the world (default {_SEED})"
        )
        parser.add_argument("--fresh", action="store_true", help="take the old demo world away first")
        parser.add_argument(
            "--port", type=int, default=_PORT, help="the site's port; the next two are used too"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django passes them
        self.started = time.monotonic()
        signal.signal(signal.SIGTERM, _stop)
        ports = [free_port() for _one in range(3)] if options["check"] else _ports(options["port"])
        is_fresh = options["check"] or options["fresh"] or _is_half_built()
        place = self._place(ports, is_check=options["check"], is_fresh=is_fresh)
        with translation.override("nl"), Supervisor(place.folder / "logs", place.environment) as supervisor:
            try:
                self._run(place, supervisor, options)
            except (loop.LoopFailed, UnexpectedAnswer, UnableToStart) as error:
                if options["check"]:
                    self.stdout.write(json.dumps({**loop.sums(), "ok": False}))
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                self.say("stopping")

    def say(self, text: str) -> None:
        """One line of progress, with the seconds since the start."""
        self.stdout.write(f"{time.monotonic() - self.started:6.1f} s  {text}")
        self.stdout.flush()

    def _place(self, ports: list[int], *, is_check: bool, is_fresh: bool) -> play.Place:
        """Find the demo's place; with `is_fresh` its database and folder begin empty."""
        folder = settings.VAR_DIR / ("check" if is_check else "demo")
        url = os.environ["DATABASE_URL"]
        if is_check or is_fresh:
            name = f"{connection.settings_dict['NAME']}{'_check' if is_check else ''}"
            url = _database(url, name, folder_is_ours=is_check)
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        site, shop, stripe = (f"http://localhost:{port}" for port in ports)
        place = play.Place(site, shop, stripe, folder, url)
        # This process builds the world by the same settings as the processes it starts.
        settings.MEDIA_ROOT = place.environment["MEDIA_ROOT"]
        settings.FETCH_PRIVATE_HOSTS = [place.environment["FETCH_PRIVATE_HOSTS"]]
        return place

    def _run(self, place: play.Place, supervisor: Supervisor, options: dict[str, Any]) -> None:
        self.say("preparing the database")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        is_new = not play.is_built()
        if is_new and _is_somebody_elses():
            raise CommandError(
                "This database holds something else than the demo: name another in DATABASE_URL."
            )
        if is_new:
            play.build(place, seed=options["seed"], say=self.say)
        play.start_site(place, supervisor)
        if is_new:
            self.say(f"the site is up at {place.site_url}")
            play.play(place, supervisor, say=self.say)
            (place.folder / _COMPLETE).touch()
        else:
            play.start_webshop(place, supervisor)
        problems = check_books()
        for line in loop.table(problems):
            self.stdout.write(line)
        if options["check"]:
            self._conclude(problems)
        else:
            self._serve(place, supervisor)

    def _conclude(self, problems: list[str]) -> None:
        total = loop.sums()
        is_ok = not problems and total["ledger_imbalance_minor"] == 0
        self.stdout.write(json.dumps({**total, "ok": is_ok}))
        if not is_ok:
            raise CommandError("the books do not balance")

    def _serve(self, place: play.Place, supervisor: Supervisor) -> None:
        play.warm(place)
        self.stdout.write(
            f"\nVoorspraak is at {place.site_url}; the shops are at {place.webshop_url}/<shop>/:"
        )
        for shop in content.SHOPS:
            self.stdout.write(f"  {place.webshop_url}/{shop.slug}/")
        self.stdout.write("Log in by code, which is printed here when you ask for it:")
        for person in content.PEOPLE:
            self.stdout.write(
                f"  {address_of(person.username):<34}{person.name}, {person.part} {person.role}"
            )
        self.stdout.write("Stop with Ctrl-C.")
        self.stdout.flush()
        seen = time.time()
        while (ended := play.pause(supervisor)) is None:
            now = time.time()
            for line in play.new_codes(place, since=seen):
                self.say(line)
            seen = now
        raise CommandError(f"{ended} ended; see {place.folder}/logs/{ended}.log")


def _stop(_number: int, _frame: FrameType | None) -> None:
    # As Ctrl-C: the supervisor then ends the children.
    sys.exit(143)


def _ports(first: int) -> list[int]:
    ports = [first, first + 1, first + 2]
    if taken := [port for port in ports if is_taken(port)]:
        raise CommandError(
            f"Port {taken[0]} is in use: choose three others with --port, or stop what listens there."
        )
    return ports


def _is_half_built() -> bool:
    """Whether a demo was stopped before its world was complete: then it begins again."""
    is_migrated = User._meta.db_table in connection.introspection.table_names()
    return is_migrated and play.is_built() and not (settings.VAR_DIR / "demo" / _COMPLETE).exists()


def _is_somebody_elses() -> bool:
    """Whether the database holds people, and not those of the demo."""
    is_migrated = User._meta.db_table in connection.introspection.table_names()
    return is_migrated and User.objects.exists() and not play.is_built()


def _database(url: str, name: str, *, folder_is_ours: bool) -> str:
    """Make the database `name` anew on the server of `url`, connect to it, and give its address."""
    if not folder_is_ours and _is_somebody_elses():
        raise CommandError("This database holds something else than the demo: it is not taken away.")
    connection.close()
    parts = urlsplit(url)
    make_database(name, server_url=parts._replace(path="/postgres").geturl(), fresh=True)
    made = parts._replace(path=f"/{name}").geturl()
    connection.settings_dict["NAME"] = parse_database_url(made)["NAME"]
    return made
