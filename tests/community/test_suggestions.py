"""What is suggested while somebody types."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.enums import PublicationKind, PublicationState
from advocates.models import Offer
from community.models import Block, SearchWord
from community.search_words import refresh_search_words, refresh_search_words_now_and_then
from community.suggestions import suggest
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def shop():
    shop = make_shop("Klei & Co", slug="klei")
    for title in ("Theekop, grijs", "Theepot", "Bord, zandkleur", "Bureau van eiken"):
        make_product(shop, title)
    refresh_search_words()
    return shop


def suggested(text, viewer=NOBODY):
    return suggest(text, viewer=viewer, at=NOW)


def products(text):
    return {card.product.title for card in suggested(text).products}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("thee", {"Theekop, grijs", "Theepot"}),
        ("theek", {"Theekop, grijs"}),
        ("THEEKOP", {"Theekop, grijs"}),
        ("grijs thee", {"Theekop, grijs"}),
        ("kop", {"Theekop, grijs"}),
        ("bureua", {"Bureau van eiken"}),
        ("xyz", set()),
        ("th", set()),
        ("t", set()),
    ],
)
def test_products_are_suggested_from_the_third_letter_on(shop, text, found):
    assert products(text) == found


def test_words_are_completed_and_compounds_and_known_words_proposed(shop):
    assert set(suggested("th").words) == {"theekop", "theepot"}
    assert suggested("eiken bur").words == ["eiken bureau"]
    assert suggested("kop").words == ["theekop"]
    assert suggested("bureua").words == ["bureau"]
    assert suggested("b").words == []


def test_a_word_in_a_description_is_no_suggestion(shop):
    make_product(shop, "Dienblad", description="Voor de theekop.")

    assert products("theek") == {"Theekop, grijs"}


def test_what_is_gone_for_good_is_not_suggested(shop):
    Offer.objects.filter(product__title="Theepot").update(availability="unavailable")

    assert products("theepot") == set()


def test_boards_people_and_shops_are_suggested(shop):
    ada = make_user("Ada Vermeer", handle="ada")
    board = make_publication(ada, "Theekoppen thuis")
    story = make_publication(ada, "Theekoppen op reis", kind=PublicationKind.POST)
    make_publication(ada, "Theekoppen geheim", state=PublicationState.HIDDEN)
    make_publication(ada, "Theekoppen met de link", state=PublicationState.UNLISTED)

    assert {card.publication for card in suggested("theekopp").publications} == {board, story}
    assert suggested("verm").people == [ada.profile]
    assert suggested("klei").shops == [shop]


def test_whom_the_viewer_put_aside_is_not_suggested(shop):
    ada, eve = make_user("Ada Vermeer"), make_user("Eve Stil")
    make_publication(ada, "Theekoppen thuis")
    assert suggested("theekopp", viewer=eve).publications
    Block.objects.create(user=ada, blocked=eve, created_at=NOW)

    assert suggested("theekopp", viewer=eve).publications == []
    assert suggested("vermeer", viewer=eve).people == []


def test_markup_is_options_in_groups_that_lead_somewhere(shop, client):
    product = shop.products.get(title="Theekop, grijs")
    address = f"/en{product.get_absolute_url()}"

    page = client.get("/en/search/suggest/", {"q": "theekop"}).content.decode()

    assert f'role="option" tabindex="-1" aria-selected="false" href="{address}"' in page
    assert "Klei &amp; Co" in page
    assert "€24.00" in page
    assert 'role="group" aria-label="Products"' in page
    assert 'href="/en/search/?q=theekop"' in page
    assert "csrfmiddlewaretoken" not in page
    assert client.get("/en/search/suggest/", {"q": ""}).content.decode().strip() == ""


def test_search_fields_are_plain_without_script(client):
    """The roles of a combobox come with the script that makes it one."""
    page = client.get("/en/").content.decode()

    assert 'role="combobox"' not in page
    assert page.count('role="search" method="get" action="/en/search/"') == 3
    assert page.count('hx-get="/en/search/suggest/" hx-trigger="input changed delay:150ms"') == 3


def test_suggestions_make_no_links_and_cost_the_same_for_one_and_for_three(shop):
    def sql():
        with CaptureQueriesContext(connection) as queries:
            suggested("theekop")
        return [query["sql"] for query in queries]

    ada = make_user("Ada Vermeer")
    make_publication(ada, "Theekop thuis")
    one = sql()
    for number in range(2):
        make_product(shop, f"Theekop {number}")
        make_publication(ada, f"Theekop {number} thuis")

    three = sql()

    assert len(three) == len(one)
    assert [text for text in three if not text.lstrip("(").startswith("SELECT")] == []


def test_words_are_counted_now_and_then(shop):
    make_product(shop, "Melkkan")
    assert refresh_search_words_now_and_then() == SearchWord.objects.count() > 0
    make_product(shop, "Soepkom")

    assert refresh_search_words_now_and_then() == 0
    assert set(SearchWord.objects.filter(word__in=["melkkan", "soepkom"]).values_list("word", flat=True)) == {
        "melkkan"
    }
