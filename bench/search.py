"""How long search takes among 100,000 products, beside a bare indexed SQL query of the same search.

Run it as `python bench/search.py [--quick]` (quick: fewer publications, one round). It makes a database of its own on
the server of `DATABASE_URL` (or on the project's embedded one) and drops it at the end. The bare query finds by the
same index and ranks by the same function, and fetches the titles of one page. The last line is JSON.
"""

import argparse
import json
import logging
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import accumulate, product
from pathlib import Path
from typing import Any

from django.contrib.postgres.indexes import GinIndex

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")

PRODUCTS, FULL_PUBLICATIONS, QUICK_PUBLICATIONS = 100_000, 20_000, 2_000
FULL_ROUNDS, QUICK_ROUNDS = 10, 1
SHOPS, AUTHORS, DESCRIPTIONS = 40, 500, 1_000
COMPOUND, ENGLISH_TOO = 0.6, 0.2
THEMES = ("tafel", "werkplek", "tuin", "slapen")
GOAL_RATIO, GOAL_SUGGEST_RATIO = 3.0, 2.0
PER_PAGE = 24


def words(text: str) -> list[str]:
    return text.split()


MATERIALS = words("eiken noten linnen wollen leren stalen glazen houten bamboe rotan")
STUFF = words("thee koffie soep melk bloem boek werk tuin bank eet hang lees nacht muur vloer")
THINGS = words("kop kan schaal tafel stoel kast lamp kleed vaas bord plank kist kruk mand bureau")
COLOURS = words("grijs zand blauw groen roest zwart wit okergeel nachtblauw terracotta")
ENGLISH = words("bowl serving chair table lamp shelf blanket basket desk mirror cushion candle")
PROSE = words(
    "handgemaakt in een klein atelier duurzaam gerepareerd met zorg voor elke dag geschikt afwasmachine zacht warm"
    " licht robuust tijdloos ontwerp mooi afgewerkt massief natuurlijk materiaal serie los"
)

#: What people type: a common word, two words, a form of a word, a compound, a part of one, English, a typo.
QUERIES = (
    "tafel",
    "lamp",
    "eiken tafel",
    "grijze kop",
    "theekop",
    "boekenkast",
    "kop",
    "linnen kleed zand",
    "serving bowl",
    "chairs",
    "handgemaakt",
    "duurzaam bureau",
    "nachtblauw",
    "bureua",
    "theekpo",
    "SKU 4711",
)
#: Of these nothing is there.
NOTHING = ("SKU 4711",)


def titles(number: int, chance: random.Random) -> Iterator[str]:
    """Products as shops name them: common words, compounds, colours, and a number that is theirs alone."""
    compounds = [first + second for first, second in product(STUFF, THINGS)]
    weights = list(accumulate(1 / (place + 1) for place in range(len(compounds))))
    for pk in range(1, number + 1):
        thing = (
            chance.choices(compounds, cum_weights=weights)[0]
            if chance.random() < COMPOUND
            else chance.choice(THINGS)
        )
        words = [chance.choice(MATERIALS), thing, chance.choice(COLOURS)]
        if chance.random() < ENGLISH_TOO:
            words += chance.sample(ENGLISH, 2)
        yield " ".join(words).capitalize() + f", {pk}"


def prepare(database: str, publications: int) -> float:
    """A database with shops, people, products and publications; the seconds that the products took."""
    from django.db import connection
    from django.utils import timezone

    from community.search_words import refresh_search_words
    from tests.furnished import furnish, use_database

    furnish(database)
    use_database(database)
    now, chance = timezone.now(), random.Random(11)
    shops, authors = make_shops(now), make_authors(now)
    started = time.perf_counter()
    make_products(PRODUCTS, shops, now, chance)
    seconds = time.perf_counter() - started
    make_publications(publications, authors, PRODUCTS, now, chance)
    words = refresh_search_words()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{PRODUCTS} products in {seconds:.1f} s, {words} words to find them by", flush=True)
    return seconds


def make_shops(now: datetime) -> list[int]:
    from advocates.models import Shop
    from payouts.models import Payer

    payers = Payer.objects.bulk_create(
        Payer(name=f"Winkel {n}", email=f"w{n}@example.com", created_at=now) for n in range(SHOPS)
    )
    shops = Shop.objects.bulk_create(
        Shop(
            slug=f"winkel-{n}",
            name=f"Winkel {n}",
            homepage_url="https://bench.example/",
            allowed_hosts=["bench.example"],
            payer=payer,
            created_at=now,
        )
        for n, payer in enumerate(payers)
    )
    return [shop.pk for shop in shops]


def make_authors(now: datetime) -> list[int]:
    from community.enums import ProfileRole
    from community.models import Profile, User

    users = User.objects.bulk_create(
        User(email=f"a{n}@example.com", name=f"Voorspreker {n}", password="!") for n in range(AUTHORS)
    )
    Profile.objects.bulk_create(
        Profile(
            user=user,
            handle=f"voorspreker-{n}",
            role=ProfileRole.values[n % len(ProfileRole)],
            created_at=now,
        )
        for n, user in enumerate(users)
    )
    return [user.pk for user in users]


def make_products(number: int, shops: list[int], now: datetime, chance: random.Random) -> None:
    """The rows first, the index over their words after them: that is several times quicker."""
    from django.db import connection

    from advocates.enums import Availability
    from advocates.models import Offer, Product

    search_indexes = [index for index in Product._meta.indexes if isinstance(index, GinIndex)]
    with connection.schema_editor() as editor:
        for index in search_indexes:
            editor.remove_index(Product, index)
    descriptions = [" ".join(chance.choices(PROSE + THINGS, k=40)) for _text in range(DESCRIPTIONS)]
    copy_rows(
        Product(created_at=now, updated_at=now),
        (
            {
                "id": pk,
                "shop_id": chance.choice(shops),
                "external_id": f"SKU-{pk}",
                "title": title,
                "description": chance.choice(descriptions),
                "url": f"https://bench.example/p/{pk}",
                "brand": chance.choice(COLOURS).title(),
                "category": f"Wonen > {chance.choice(THINGS)}",
            }
            for pk, title in enumerate(titles(number, chance), start=1)
        ),
    )
    copy_rows(
        Offer(currency="EUR", checked_at=now),
        (
            {
                "product_id": pk,
                "price_minor": chance.randrange(500, 50_000),
                "availability": Availability.UNAVAILABLE if pk % 20 == 0 else Availability.IN_STOCK,
            }
            for pk in range(1, number + 1)
        ),
    )
    with connection.schema_editor() as editor:
        for index in search_indexes:
            editor.add_index(Product, index)


def copy_rows(example: Any, rows: Iterable[dict[str, object]]) -> None:
    """Rows like `example`, each with some columns of its own, by COPY."""
    from django.db import connection

    fields = [field for field in example._meta.concrete_fields if not field.generated]
    usual = {
        field.column: field.get_db_prep_save(getattr(example, field.attname), connection) for field in fields
    }
    columns = ", ".join(f'"{column}"' for column in usual)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{example._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(list({**usual, **row}.values()))


def make_publications(
    number: int, authors: list[int], products: int, now: datetime, chance: random.Random
) -> None:
    """Boards and stories, each with three products and a theme."""
    from advocates.enums import PublicationKind, PublicationState
    from advocates.models import Link, Mention, Product, Publication

    kinds = (PublicationKind.BOARD, PublicationKind.BOARD, PublicationKind.POST, PublicationKind.GUIDE)
    made = Publication.objects.bulk_create(
        (
            Publication(
                author_id=chance.choice(authors),
                kind=kinds[n % len(kinds)],
                title=f"{title} thuis",
                path=f"/stories/{n}/",
                language="nl",
                theme_slugs=[chance.choice(THEMES)],
                state=PublicationState.PUBLIC,
                published_at=now - timedelta(minutes=20 * n),
                changed_at=now,
            )
            for n, title in enumerate(titles(number, chance))
        ),
        batch_size=2000,
    )
    shop_of = dict(Product.objects.values_list("pk", "shop"))
    pairs = [(one, pk) for one in made for pk in chance.sample(range(1, products + 1), 3)]
    links = Link.objects.bulk_create(
        (
            Link(code=f"b{n:07}", shop_id=shop_of[pk], product_id=pk, publication=one, created_at=now)
            for n, (one, pk) in enumerate(pairs)
        ),
        batch_size=5000,
    )
    Mention.objects.bulk_create(
        (
            Mention(publication=one, product_id=pk, link=link, position=n % 3)
            for n, ((one, pk), link) in enumerate(zip(pairs, links, strict=True))
        ),
        batch_size=5000,
    )


_MATCHES = "websearch_to_tsquery('dutch', %(q)s) || websearch_to_tsquery('english', %(q)s)"
BARE = (
    f"SELECT id, title FROM advocates_product WHERE search @@ ({_MATCHES})"
    f" ORDER BY ts_rank(search, {_MATCHES}) DESC, id DESC LIMIT {PER_PAGE}"
)


def milliseconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def bare(query: str) -> list[tuple[int, str]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BARE, {"q": query})
        return cursor.fetchall()


def found(query: str) -> list[object]:
    """What the search page does for its list of products: find, set right, narrow, and fetch the cards of a piece."""
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from community.search_results import Asked, results_of

    asked = Asked.read({"q": query, "kind": "products"})
    return results_of(asked, viewer=AnonymousUser(), at=timezone.now()).products


def suggested(text: str) -> object:
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from community.suggestions import suggest

    return suggest(text, viewer=AnonymousUser(), at=timezone.now())


def measure(rounds: int) -> dict[str, float]:
    """Per kind of search the 95th percentile over all queries and rounds, the kinds taking turns."""
    from django.test import Client

    client = Client()
    beginnings = [query[:length] for query in QUERIES for length in (2, 3, 5) if len(query) >= length]
    times: dict[str, list[float]] = {"bare": [], "found": [], "page": [], "suggest": []}
    for query in QUERIES:
        # The first time makes the links beside the products, once and for all.
        client.get("/search/", {"q": query})
        found(query)
    for _round in range(rounds):
        for query in QUERIES:
            times["bare"].append(milliseconds(lambda query=query: bare(query)))
            times["found"].append(milliseconds(lambda query=query: found(query)))
            times["page"].append(milliseconds(lambda query=query: client.get("/search/", {"q": query})))
        for text in beginnings:
            times["suggest"].append(milliseconds(lambda text=text: suggested(text)))
    return {name: percentile(values, 95) for name, values in times.items()}


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def finds_what_it_should() -> bool:
    """Speed counts only where the right things are found: common words, compounds by a part, and typos."""
    return all(found(query) for query in QUERIES if query not in NOTHING)


def report(figures: dict[str, float], *, seconds: float, is_right: bool) -> bool:
    ratio, suggest_ratio = figures["found"] / figures["bare"], figures["suggest"] / figures["bare"]
    goals = {
        "p95_ratio_to_bare_sql": {
            "value": round(ratio, 2),
            "goal": GOAL_RATIO,
            "holds": ratio <= GOAL_RATIO,
        },
        "suggest_p95_ratio_to_bare_sql": {
            "value": round(suggest_ratio, 2),
            "goal": GOAL_SUGGEST_RATIO,
            "holds": suggest_ratio <= GOAL_SUGGEST_RATIO,
        },
        "finds_what_it_should": {"value": is_right, "goal": True, "holds": is_right},
    }
    measured = {
        "products": PRODUCTS,
        "products_made_in_seconds": round(seconds, 1),
        **{f"{name}_p95_ms": round(value, 1) for name, value in figures.items()},
        "whole_page_ratio": round(figures["page"] / figures["bare"], 2),
    }
    print(json.dumps({"bench": "search", "goals": goals, "measured": measured}))
    return all(goal["holds"] for goal in goals.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()

    import django

    django.setup()
    logging.getLogger("django.tasks").setLevel(logging.WARNING)
    from django.conf import settings

    from tests.furnished import drop, use_database

    rounds = QUICK_ROUNDS if options.quick else FULL_ROUNDS
    publications = QUICK_PUBLICATIONS if options.quick else FULL_PUBLICATIONS
    original, database = settings.DATABASES["default"]["NAME"], f"bench_{os.getpid()}"
    try:
        seconds = prepare(database, publications)
        figures = measure(rounds)
        is_right = finds_what_it_should()
    finally:
        use_database(original)
        drop(database)
    return 0 if report(figures, seconds=seconds, is_right=is_right) else 1


if __name__ == "__main__":
    sys.exit(main())
