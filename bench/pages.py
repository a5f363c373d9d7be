"""How the pages that people meet grow with the site: the same ones among 1,000 and among 100,000 publications.

Run it as `python bench/pages.py [--quick]` (quick: among 10,000, fewer rounds). It makes two databases of its own on
the server of `DATABASE_URL` (or on the project's embedded one), alike but for what stands beside the pages that are
measured, and drops them at the end. Rounds alternate between the two, so that what else the machine does hits both
alike. Pages must cost the same number of queries, and not much more time. The last line is JSON.
"""

import argparse
import json
import logging
import os
import signal
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.test"
logging.disable(logging.INFO)

SMALL, LARGE, QUICK_LARGE = 1_000, 100_000, 10_000
ROUNDS, QUICK_ROUNDS = 30, 5
GOAL_RATIO = 1.5
PINS = 60
VOICES, OF_PROFILE = 30, 30
THEMES = 20
FOLLOWED = 20
SLOW_MS = 2.0


@dataclass(frozen=True)
class Scene:
    """The pages that are measured, and who reads the feed."""

    pages: dict[str, str]
    reader: Any


def multiply(row: Any, count: int, **columns: str) -> None:
    """Copy a row `count` times by one statement; `columns` are SQL over `n`, which counts from 1."""
    from django.db import connection

    model = type(row)
    names = [
        field.column
        for field in model._meta.concrete_fields
        if not field.generated and (not field.primary_key or field.column in columns)
    ]
    values = [columns.get(name, f'"{name}"') for name in names]
    into = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({into}) SELECT {", ".join(values)}'
            f' FROM "{table}" CROSS JOIN generate_series(1, {count}) AS n'
            f' WHERE "{table}"."{model._meta.pk.column}" = {int(row.pk)}'
        )


def people(count: int, now: Any, *, name: str) -> list[Any]:
    """Users with a profile; `name` is what their handles begin with."""
    from community.models import Profile, User

    users = User.objects.bulk_create(
        User(email=f"{name}-{number}@bench.example", name=f"Voorspreker {number}", password="!")
        for number in range(count)
    )
    Profile.objects.bulk_create(
        Profile(user=user, handle=f"{name}-{number}", role="expert", created_at=now)
        for number, user in enumerate(users)
    )
    return users


def scene(now: Any) -> Scene:
    """What is measured, the same in both databases: a board, a product, a profile, and somebody who follows."""
    from advocates.enums import PublicationState
    from cms.site_tree import plant_site, plant_theme_pages
    from community.boards import add_product, create_board, publish_board
    from community.models import Follow, Theme

    plant_site(hostname="testserver", port=80)
    Theme.objects.bulk_create(
        Theme(slug=f"thema-{number}", name_nl=f"Thema {number}", name_en=f"Theme {number}", position=number)
        for number in range(THEMES)
    )
    plant_theme_pages()
    ada, mila, reader, *followed = people(FOLLOWED + 3, now, name="bekend")
    products = shop_with_products(mila, ada, now)
    themes = list(Theme.objects.all()[:2])
    boards = []
    for number in range(OF_PROFILE):
        board = create_board(owner=ada, title=f"Een tafel voor {number}", themes=themes, at=now)
        chosen = products if number == 0 else [products[0], products[number]]
        for product in chosen:
            add_product(board=board, by=ada, product=product, note="Ligt goed in de hand.", at=now)
        boards.append(publish_board(board=board, state=PublicationState.PUBLIC, at=now))
    Follow.objects.bulk_create(
        [
            *(Follow(follower=reader, person=person, created_at=now) for person in [ada, *followed]),
            *(Follow(follower=reader, theme=theme, created_at=now) for theme in themes),
            Follow(follower=reader, board=boards[0], created_at=now),
            Follow(follower=reader, shop=products[0].shop, created_at=now),
        ]
    )
    pages = {
        "home": "/",
        "board": boards[0].get_absolute_url(),
        "product": products[0].get_absolute_url(),
        "profile": ada.profile.get_absolute_url(),
        "feed": "/feed/",
    }
    return Scene(pages, reader)


def shop_with_products(mila: Any, ada: Any, now: Any) -> list[Any]:
    """A shop where Ada earns, and what is pinned."""
    from datetime import timedelta

    from advocates.deals import Terms, publish_deal
    from advocates.enrolments import approve_enrolment, request_to_join
    from advocates.enums import Availability
    from advocates.models import Offer, Product
    from advocates.programmes import create_programme, open_programme
    from advocates.shops import create_shop
    from community.pictures import store_picture
    from tests.browser.world import picture_file

    begun = now - timedelta(days=60)
    shop = create_shop(owner=mila, name="Klei & Co", homepage_url="https://klei.example/", at=begun)
    programme = create_programme(shop=shop, name="Vrienden van Klei & Co", at=begun)
    publish_deal(programme=programme, terms=Terms(rate_bps=1000), by=mila, at=begun)
    programme = open_programme(programme=programme, at=begun)
    enrolment = request_to_join(user=ada, programme=programme, motivation="", at=begun)
    approve_enrolment(enrolment=enrolment, by=mila, at=begun)
    pictures = [
        store_picture(file=picture_file(number), title="Kop", uploaded_by=mila, alt_text="Een kop")
        for number in range(6)
    ]
    products = Product.objects.bulk_create(
        Product(
            shop=shop,
            external_id=f"P{number}",
            title=f"Theekop {number}",
            description="Met de hand gedraaid.",
            url=f"https://klei.example/p/{number}",
            picture=pictures[number % len(pictures)],
            created_at=now,
            updated_at=now,
        )
        for number in range(PINS)
    )
    Offer.objects.bulk_create(
        Offer(
            product=product,
            price_minor=2400,
            currency="EUR",
            availability=Availability.IN_STOCK,
            checked_at=now,
        )
        for product in products
    )
    return products


def surroundings(count: int, now: Any) -> None:
    """The rest of the site: `count` boards and stories by other people, with mentions, talk and products."""
    from advocates.models import Mention, Offer, Product, Publication
    from community.models import Board, Comment, Follow, Pin, Question

    others = people(max(10, count // 50), now, name="ander")
    author = f"{others[0].pk} + n % {len(others)}"
    first = Publication.objects.order_by("pk").first()
    last_product = Product.objects.order_by("-pk").first()
    product_base, publication_base = last_product.pk, Publication.objects.order_by("-pk").first().pk
    multiply(
        last_product,
        count,
        id=f"{product_base} + n",
        external_id="'X' || n",
        title="'Lamp van hout ' || n",
        category="'Wonen > Lampen ' || n % 50",
    )
    multiply(Offer.objects.order_by("-pk").first(), count, product_id=f"{product_base} + n")
    multiply(
        first,
        count,
        id=f"{publication_base} + n",
        author_id=author,
        kind="CASE WHEN n % 4 = 0 THEN 'post' ELSE 'board' END",
        title="'Wat er staat op tafel ' || n",
        path="'/@voorspreker/bord-' || n || '/'",
        state="CASE WHEN n % 10 = 0 THEN 'hidden' ELSE 'public' END",
        theme_slugs=f"ARRAY['thema-' || n % {THEMES}]::varchar[]",
        published_at="published_at - n * interval '1 minute'",
    )
    other = Mention.objects.filter(publication=first).order_by("pk").last()
    multiply(
        other, count, publication_id=f"{publication_base} + n", product_id=f"{product_base} + 1 + n % {count}"
    )
    board = Board.objects.order_by("pk").first()
    multiply(board, count, publication_id=f"{publication_base} + n", slug="'bord-' || n", owner_id=author)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM community_board")
        [last_board] = cursor.fetchone()
    multiply(
        Pin.objects.filter(board=board).order_by("pk").first(),
        count,
        board_id=f"{last_board} - n + 1",
        product_id=f"{product_base} + n",
        position="0",
    )
    asker = others[0]
    question = Question.objects.create(
        asker=asker, product=last_product, title="Mag hij in de oven?", language="nl", created_at=now
    )
    multiply(question, count, product_id=f"{product_base} + n")
    comment = Comment.objects.create(publication=first, author=asker, text="Mooi.", created_at=now)
    multiply(comment, count, publication_id=f"{publication_base} + n", author_id=author)
    follow = Follow.objects.create(follower=others[1], person=asker, created_at=now)
    multiply(follow, len(others) - 2, follower_id=f"{others[2].pk} + n - 1")
    for table in (Product, Publication, Board):
        _move_sequence(table)


def _move_sequence(model: Any) -> None:
    from django.db import connection

    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )


def connect(name: str) -> Any:
    """A connection of its own to a database, that can stand in for the default one."""
    from django.db import connections

    made = connections.create_connection("default")
    made.settings_dict = {**made.settings_dict, "NAME": name}
    return made


def prepare(server_url: str, names: Mapping[str, int]) -> tuple[dict[str, Any], dict[str, Scene]]:
    """The databases: furnished once, copied, and each surrounded by its number of publications."""
    import django

    django.setup()
    from django.db import connections
    from django.utils import timezone, translation

    from tests.furnished import furnish

    translation.activate("nl")
    now = timezone.now()
    small, large = names
    furnish(small)
    connections["default"] = connect(small)
    made = scene(now)
    connections["default"].close()
    _execute(server_url, f'CREATE DATABASE "{large}" TEMPLATE "{small}" STRATEGY FILE_COPY')
    wrappers = {}
    for name, count in names.items():
        started = time.perf_counter()
        connections["default"] = wrappers[name] = connect(name)
        surroundings(count, now)
        with wrappers[name].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        print(f"{count} publications in {time.perf_counter() - started:.1f} s", flush=True)
    return wrappers, dict.fromkeys(names, made)


def _execute(server_url: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql)


def measure(wrappers: dict[str, Any], scenes: dict[str, Scene], rounds: int) -> dict[str, dict[str, Any]]:
    """Per page and database: queries, the median in milliseconds, and the slowest statement."""
    from django.db import connections
    from django.test import Client

    clients: dict[tuple[str, str], Client] = {}
    times: dict[tuple[str, str], list[float]] = {}
    queries: dict[tuple[str, str], list[dict[str, str]]] = {}
    for name, wrapper in wrappers.items():
        connections["default"] = wrapper
        reader = Client()
        reader.force_login(scenes[name].reader)
        for page, path in scenes[name].pages.items():
            client = clients[name, page] = reader if page == "feed" else Client()
            for _ahead in range(3):
                if (status := client.get(path).status_code) != HTTPStatus.OK:
                    sys.exit(f"{page} answered {status}.")
            wrapper.force_debug_cursor = True
            wrapper.queries_log.clear()
            client.get(path)
            queries[name, page] = list(wrapper.queries_log)
            wrapper.force_debug_cursor = False
    for _round in range(rounds):
        for page in next(iter(scenes.values())).pages:
            for name, wrapper in wrappers.items():
                connections["default"] = wrapper
                started = time.perf_counter()
                clients[name, page].get(scenes[name].pages[page])
                times.setdefault((name, page), []).append(1000 * (time.perf_counter() - started))
    return {
        page: {
            name: {
                "queries": len(queries[name, page]),
                "median_ms": round(statistics.median(times[name, page]), 1),
                "slowest": max(queries[name, page], key=lambda query: float(query["time"])),
            }
            for name in wrappers
        }
        for page in next(iter(scenes.values())).pages
    }


def report(measured: dict[str, dict[str, Any]], names: Mapping[str, int]) -> bool:
    """Print the goals, each with whether it holds; whether all do."""
    small, large = names
    goals: dict[str, Any] = {}
    for page, found in measured.items():
        few, many = found[small], found[large]
        ratio = round(many["median_ms"] / few["median_ms"], 2)
        goals[f"{page}_time_ratio"] = {"value": ratio, "goal": GOAL_RATIO, "holds": ratio <= GOAL_RATIO}
        same = few["queries"] == many["queries"]
        goals[f"{page}_queries"] = {"value": many["queries"], "goal": few["queries"], "holds": same}
        print(
            f"{page:<8} {few['queries']:>3} / {many['queries']:>3} queries,"
            f" {few['median_ms']:>6.1f} / {many['median_ms']:>6.1f} ms, {ratio:.2f} times"
        )
        if 1000 * float(many["slowest"]["time"]) > SLOW_MS:
            print(f"         {many['slowest']['time']} s: {many['slowest']['sql'][:600]}")
    figures = {
        page: {
            str(names[name]): {key: told[key] for key in ("queries", "median_ms")}
            for name, told in found.items()
        }
        for page, found in measured.items()
    }
    print(json.dumps({"bench": "pages", "goals": goals, "measured": figures}))
    return all(goal["holds"] for goal in goals.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    # So that the databases go with it when it is stopped from outside.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from cms.postgres import drop_database, start_embedded

    server_url = os.environ.get("DATABASE_URL") or start_embedded(data_directory=ROOT / "var/postgres")
    os.environ["DATABASE_URL"] = server_url
    names = {
        f"bench_pages_{os.getpid()}_few": SMALL,
        f"bench_pages_{os.getpid()}_many": QUICK_LARGE if quick else LARGE,
    }
    try:
        wrappers, scenes = prepare(server_url, names)
        measured = measure(wrappers, scenes, QUICK_ROUNDS if quick else ROUNDS)
        for wrapper in wrappers.values():
            wrapper.close()
    finally:
        for name in names:
            drop_database(name, server_url=server_url)
    return 0 if report(measured, names) else 1


if __name__ == "__main__":
    sys.exit(main())
