"""Boards that go with something, and something by chance."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.enums import PublicationKind, PublicationState
from advocates.models import Link
from community.models import Block, Mute
from community.related import related_boards, surprise
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def products():
    shop = make_shop()
    return [make_product(shop, f"Kop {number}") for number in range(4)]


def make_board(author, title, products=(), **fields):
    board = make_publication(author, title, **fields)
    for position, product in enumerate(products):
        code = f"{board.pk:06}{position:02}"
        link = Link.objects.create(
            code=code, shop=product.shop, product=product, publication=board, created_at=NOW
        )
        board.mentions.create(product=product, link=link, position=position)
    return board


def test_shared_products_weigh_most_then_shared_themes_then_the_newest(ada, products):
    board = make_board(ada, "Dit", products, theme_slugs=["tafel", "tuin"])
    one_theme_old = make_board(ada, "Tafel, oud", theme_slugs=["tafel"], published_at=NOW - timedelta(days=9))
    one_theme_new = make_board(ada, "Tafel, nieuw", theme_slugs=["tafel"])
    both_themes = make_board(
        ada, "Allebei", theme_slugs=["tuin", "tafel"], published_at=NOW - timedelta(days=9)
    )
    two_products = make_board(ada, "Twee koppen", products[:2])
    one_product = make_board(ada, "Een kop", products[3:], theme_slugs=["bank"])
    make_board(ada, "Iets anders", theme_slugs=["bank"])

    found = related_boards(publication=board, viewer=NOBODY, most=9)

    assert found == [two_products, one_product, both_themes, one_theme_new, one_theme_old]
    assert related_boards(publication=board, viewer=NOBODY, most=1) == [two_products]


def test_only_public_boards_of_people_one_wants_to_see_are_related(ada, products):
    eve, bob, carl = make_user("Eve Stil"), make_user("Bob Jansen"), make_user("Carl Bos")
    board = make_board(ada, "Dit", products, theme_slugs=["tafel"])
    make_board(ada, "Geheim", products, theme_slugs=["tafel"], state=PublicationState.HIDDEN)
    make_board(ada, "Met de link", products, theme_slugs=["tafel"], state=PublicationState.UNLISTED)
    make_board(ada, "Een verhaal", products, theme_slugs=["tafel"], kind=PublicationKind.POST)
    muted = make_board(bob, "Van Bob", products, theme_slugs=["tafel"])
    blocking = make_board(carl, "Van Carl", products, theme_slugs=["tafel"])
    assert set(related_boards(publication=board, viewer=eve, most=9)) == {muted, blocking}
    Mute.objects.create(user=eve, muted=bob, created_at=NOW)
    Block.objects.create(user=carl, blocked=eve, created_at=NOW)

    assert related_boards(publication=board, viewer=eve, most=9) == []


def test_board_without_anything_shared_has_no_relations(ada):
    make_board(ada, "Iets anders", theme_slugs=["bank"])

    assert related_boards(publication=make_board(ada, "Dit"), viewer=NOBODY, most=9) == []


def test_relations_cost_the_same_for_one_and_for_three(ada, products):
    board = make_board(ada, "Dit", products, theme_slugs=["tafel"])

    def count():
        with CaptureQueriesContext(connection) as queries:
            related_boards(publication=board, viewer=NOBODY, most=9)
        return len(queries)

    make_board(ada, "Een", products, theme_slugs=["tafel"])
    one = count()
    make_board(ada, "Twee", products, theme_slugs=["tafel"])
    make_board(ada, "Drie", products, theme_slugs=["tafel"])

    assert count() == one


def test_surprise_is_any_public_board_or_story_of_the_last_year(ada):
    allowed = {
        make_publication(ada, "Bord", published_at=NOW - timedelta(days=2)),
        make_publication(ada, "Verhaal", kind=PublicationKind.POST, published_at=NOW - timedelta(days=90)),
        make_publication(ada, "Gids", kind=PublicationKind.GUIDE, published_at=NOW - timedelta(days=364)),
    }
    make_publication(ada, "Te oud", published_at=NOW - timedelta(days=366))
    make_publication(ada, "Van morgen", published_at=NOW + timedelta(days=1))
    make_publication(ada, "Antwoord", kind=PublicationKind.ANSWER)
    make_publication(ada, "Geheim", state=PublicationState.HIDDEN)
    make_publication(ada, "Met de link", state=PublicationState.UNLISTED)

    assert {surprise(viewer=NOBODY, at=NOW) for _time in range(60)} == allowed


def test_surprise_is_never_by_somebody_put_aside(ada):
    eve = make_user("Eve Stil")
    board = make_publication(ada, "Bord")
    assert surprise(viewer=eve, at=NOW) == board
    Mute.objects.create(user=eve, muted=ada, created_at=NOW)

    assert surprise(viewer=eve, at=NOW) is None


def test_surprise_leads_there_and_home_while_there_is_nothing(client, ada):
    empty = client.get("/surprise/")
    board = make_publication(ada, "Bord")
    page = client.get("/surprise/")

    assert (empty.status_code, empty["Location"]) == (302, "/")
    assert (page.status_code, page["Location"]) == (302, board.path)
    assert "no-store" in page["Cache-Control"]
