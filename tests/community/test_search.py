"""Search: forgiving, bilingual, and never a server error."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import translation

from advocates.enums import PublicationKind, PublicationState
from advocates.models import Link, Offer
from community import search as finding
from community.facets import Narrowing, narrowed
from community.models import Block, Question, SearchWord, Theme
from community.search import LONGEST_QUERY, clean_query, search
from community.search_results import Asked, results_of
from community.search_words import edits_between, nearest_word, refresh_search_words
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def cup():
    return make_product(make_shop("Klei & Co"), "Theekop, grijs glazuur")


def titles(query):
    refresh_search_words()
    return [product.title for product in search(clean_query(query), most=10).products]


def results(viewer=NOBODY, **data):
    refresh_search_words()
    return results_of(Asked.read(data), viewer=viewer, at=NOW)


def found_titles(**data):
    return [card.product.title for card in results(**data).products]


@pytest.mark.parametrize("query", ["theekop", "THEEKOP", "glazuren", "grijs theekop", "  theekop\t"])
def test_dutch_words_are_found_in_their_forms(cup, query):
    make_product(cup.shop, "Bord, zandkleur")

    found = search(clean_query(query), most=10)

    assert [product.title for product in found.products] == ["Theekop, grijs glazuur"]
    assert found.is_guess is False


@pytest.mark.parametrize("query", ["bowl", "bowls", "serving bowl"])
def test_english_words_are_found_in_their_forms(cup, query):
    make_product(cup.shop, "Serving bowls, ash wood")

    assert titles(query) == ["Serving bowls, ash wood"]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("bureua", "Bureau van eiken"),
        ("burau", "Bureau van eiken"),
        ("bureaux", "Bureau van eiken"),
        ("eikn", "Bureau van eiken"),
        ("theekpo", "Theekop, grijs glazuur"),
        ("teekop", "Theekop, grijs glazuur"),
        ("theekob", "Theekop, grijs glazuur"),
        ("lmap", "Lamp met linnen kap"),
        ("boekenkats", "Boekenkast op maat"),
        ("boeknkats", "Boekenkast op maat"),
        ("srving bowl", "Serving bowls, ash wood"),
        ("mirorr", "Round mirror"),
    ],
)
def test_typo_finds_what_was_meant_and_says_it_is_a_guess(cup, query, meant):
    for title in (
        "Bureau van eiken",
        "Buren van steen",
        "Lamp met linnen kap",
        "Boekenkast op maat",
        "Serving bowls, ash wood",
        "Round mirror",
    ):
        make_product(cup.shop, title)
    refresh_search_words()

    found = search(query, most=10)

    assert [product.title for product in found.products] == [meant]
    assert found.is_guess is True
    assert found.query != query


def test_part_of_a_compound_is_found_below_the_whole_word(cup):
    make_product(cup.shop, "Kop en schotel")
    make_product(cup.shop, "Koptelefoon")
    make_product(cup.shop, "Bord, zandkleur")

    found = titles("kop")

    assert found[0] == "Kop en schotel"
    assert set(found) == {"Kop en schotel", "Theekop, grijs glazuur", "Koptelefoon"}


def test_part_in_a_title_goes_before_a_word_in_a_description(cup):
    make_product(cup.shop, "Dienblad", description="Past bij elke kop die u hebt.")
    make_product(cup.shop, "Kop en schotel")

    assert titles("kop") == ["Kop en schotel", "Theekop, grijs glazuur", "Dienblad"]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("grijze kop", "Theekop, grijs glazuur"),
        ("rode kast", "Boekenkast, rood"),
        ("rood", "Rode deken"),
        ("brief", "Houder voor brieven"),
    ],
)
def test_forms_that_endings_hide_find_each_other(query, title):
    shop = make_shop()
    for one in ("Theekop, grijs glazuur", "Boekenkast, rood", "Rode deken", "Houder voor brieven"):
        make_product(shop, one)

    assert title in titles(query)


def test_whoever_says_more_than_words_gets_just_that(cup):
    make_product(cup.shop, "Theekop, blauw")

    assert titles("theekop -grijs") == ["Theekop, blauw"]
    assert titles('"grijs glazuur"') == ["Theekop, grijs glazuur"]
    assert titles('"glazuur grijs"') == []


def test_words_of_a_secret_title_are_never_kept(cup):
    ada = make_user("Ada Vermeer")
    make_publication(ada, "Verlovingsring kiezen", state=PublicationState.HIDDEN)
    make_publication(ada, "Trouwjurk kiezen", state=PublicationState.UNLISTED)
    make_publication(ada, "Feestzaal kiezen")

    refresh_search_words()

    kept = SearchWord.objects.values_list("word", "uses")
    assert set(kept) == {("theekop", 1), ("grijs", 1), ("glazuur", 1), ("feestzaal", 1), ("kiezen", 1)}


def test_word_goes_when_its_last_title_went(cup):
    board = make_publication(make_user("Ada Vermeer"), "Theekop thuis")
    refresh_search_words()
    board.state = PublicationState.HIDDEN
    board.save()

    refresh_search_words()

    assert not SearchWord.objects.filter(word="thuis").exists()
    assert SearchWord.objects.get(word="theekop").uses == 1


def test_nearest_word_is_one_edit_away_and_the_most_used():
    SearchWord.objects.create(word="bureau", uses=2)
    SearchWord.objects.create(word="buren", uses=90)
    SearchWord.objects.create(word="bank", uses=3)
    SearchWord.objects.create(word="band", uses=9)

    assert nearest_word("bureua") == "bureau"
    assert nearest_word("ban") == "band"
    assert nearest_word("stoel") is None
    assert nearest_word("k9") is None


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("kop", "kop", 0),
        ("kop", "kpo", 1),
        ("kop", "koop", 1),
        ("kop", "kap", 1),
        ("bureua", "buren", 2),
        ("", "ab", 2),
    ],
)
def test_edits_count_a_swap_of_neighbours_as_one(one, other, edits):
    assert edits_between(one, other) == edits


def test_what_is_gone_for_good_is_not_found(cup):
    sold = make_product(cup.shop, "Theekop, blauw")
    Offer.objects.filter(product=sold).update(availability="unavailable")

    assert titles("theekop") == ["Theekop, grijs glazuur"]


def test_people_shops_questions_and_publications_are_found_too(cup):
    ada = make_user("Ada Vermeer", handle="ada")
    story = make_publication(ada, "Theekoppen op reis", kind=PublicationKind.GUIDE)
    make_publication(ada, "Theekoppen in de kast", state=PublicationState.HIDDEN)
    make_publication(ada, "Theekoppen met de link", state=PublicationState.UNLISTED)
    make_user("Bob Vermeer")
    question = Question.objects.create(
        asker=ada, product=cup, title="Kan deze theekop in de oven?", language="nl", created_at=NOW
    )

    found = results(q="theekop")

    assert [card.publication for card in found.publications] == [story]
    assert [card.question for card in found.questions] == [question]
    assert results(q="vermeer").people == [ada.profile]
    assert results(q="vermer").people == [ada.profile]
    assert results(q="@ada").people == [ada.profile]
    assert results(q="klei").shops == [cup.shop]


def test_question_about_a_hidden_board_is_not_found():
    ada = make_user("Ada Vermeer")
    board = make_publication(ada, "Geheim", state=PublicationState.HIDDEN)
    Question.objects.create(
        asker=ada, publication=board, title="Waar komt die theekop vandaan?", language="nl", created_at=NOW
    )

    assert results(q="theekop").is_empty


def test_people_whom_the_viewer_does_not_want_to_see_are_not_found(cup):
    ada, eve = make_user("Ada Vermeer"), make_user("Eve Stil")
    make_publication(ada, "Theekoppen op reis")
    assert len(results(viewer=eve, q="theekoppen").publications) == 1
    assert len(results(viewer=eve, q="vermeer").people) == 1

    Block.objects.create(user=ada, blocked=eve, created_at=NOW)

    assert results(viewer=eve, q="theekoppen").publications == []
    assert results(viewer=eve, q="vermeer").people == []


# The page ------------------------------------------------------------------------------------------------


def test_page_says_what_it_searched_instead_and_leads_back(client, cup):
    make_product(cup.shop, "Bureau van eiken")
    refresh_search_words()

    page = client.get("/en/search/", {"q": "bureua"}).content.decode()
    exact = client.get("/en/search/", {"q": "bureua", "exact": "1"}).content.decode()

    assert "Showing results for <strong>bureau</strong>." in page
    assert 'href="?q=bureua&amp;exact=1"' in page
    assert "Bureau van eiken" in page
    assert "Nothing found for “bureua”" in exact
    assert "Showing results" not in exact


def test_type_product_shop_is_two_clicks(client, cup):
    page = client.get(reverse("search"), {"q": "theekop"}).content.decode()

    assert f'href="{cup.get_absolute_url()}"' in page
    assert page.count('rel="sponsored nofollow noopener"') == 1


STRANGE = [
    "\x00",
    "theekop\x00",
    "\x01\x1b[31m",
    "a" * 100_000,
    "woord " * 5000,
    "'; DROP TABLE advocates_product; --",
    "' OR '1'='1",
    "%_%",
    "___",
    "\\",
    ":* & | ! <->",
    "theekop:*",
    "kop & ! kop",
    "(theekop",
    '"',
    '"theekop',
    "-theekop",
    "((((((((((",
    "🫖" * 50,
    "ﬁ ² ½ ⅷ",
    "<script>alert(1)</script>",
    "the of and een de het",
    "@",
]


@pytest.mark.parametrize("query", STRANGE, ids=lambda text: repr(text)[:14])
@pytest.mark.parametrize("address", ["search", "community:suggest"])
def test_strange_query_gets_a_page(cup, client, query, address):
    refresh_search_words()
    for kind in ("", "products", "stories", "people", "shops", "questions"):
        page = client.get(reverse(address), {"q": query[:20_000], "kind": kind})

        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
    assert titles("theekop") == ["Theekop, grijs glazuur"]


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "nothing"},
        {"kind": "products", "shop": "'; --", "theme": "\x00", "role": "king", "price": "1-1-1"},
        {"kind": "products", "price": "99999999999999999999-"},
        {"kind": "products", "page": "99999999999999999999999"},
        {"kind": "products", "page": "-1"},
        {"kind": "people", "page": "²"},
        {"shop": "a" * 5000},
    ],
)
def test_strange_address_gets_a_page(cup, client, data):
    assert client.get(reverse("search"), {"q": "theekop", **data}).status_code == 200


def test_query_is_cleaned_and_cut():
    assert clean_query(" a\x00b\x1f\n c ") == "a b c"
    assert len(clean_query("a" * 500)) == LONGEST_QUERY


# Facets --------------------------------------------------------------------------------------------------


@pytest.fixture
def market():
    """Three cups: dear and cheap ones, in two shops, one of them on an expert's board about the table."""
    Theme.objects.get_or_create(slug="tafel", defaults={"name_nl": "Tafel", "name_en": "Table"})
    klei, hout = make_shop("Klei", slug="klei"), make_shop("Hout", slug="hout")
    dear = make_product(klei, "Kop van porselein", price_minor=12_000)
    make_product(klei, "Kop van klei", price_minor=900)
    make_product(hout, "Kop van hout", price_minor=2_600)
    ada = make_user("Ada Vermeer", role="expert")
    board = make_publication(ada, "Aan tafel", theme_slugs=["tafel"])
    link = Link.objects.create(code="bbbbbbbb", shop=klei, product=dear, publication=board, created_at=NOW)
    board.mentions.create(product=dear, link=link, position=0)
    return ada


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"shop": "klei"}, {"Kop van porselein", "Kop van klei"}),
        ({"shop": "nergens"}, set()),
        ({"price": "0-25"}, {"Kop van klei"}),
        ({"price": "25-50"}, {"Kop van hout"}),
        ({"price": "100-250"}, {"Kop van porselein"}),
        ({"theme": "tafel"}, {"Kop van porselein"}),
        ({"role": "expert"}, {"Kop van porselein"}),
        ({"role": "friend"}, set()),
        ({"shop": "klei", "price": "0-25"}, {"Kop van klei"}),
    ],
)
def test_facets_narrow_the_products(market, chosen, found):
    assert set(found_titles(q="kop", **chosen)) == found


def test_facets_are_offered_from_what_was_found_and_can_be_taken_back(market):
    with translation.override("en"):
        all_of_them = results(q="kop").facets
        narrowed_down = results(q="kop", shop="klei").facets

    offered = {
        facet.title: [(c.label, c.query, c.count) for c in facet.choices] for facet in all_of_them.open
    }
    assert offered == {
        "Shop": [("Klei", "shop=klei", "2"), ("Hout", "shop=hout", "1")],
        "Theme": [("Table", "theme=tafel", "1")],
        "Price": [
            ("less than € 25", "price=0-25", "1"),
            ("€ 25 to € 50", "price=25-50", "1"),
            ("€ 100 to € 250", "price=100-250", "1"),
        ],
        "Recommended by": [("Expert", "role=expert", "1")],
    }
    assert [(choice.label, choice.query) for choice in narrowed_down.chosen] == [("Klei", "")]
    assert "Shop" not in {facet.title for facet in narrowed_down.open}


def test_price_in_a_sale_is_the_price_that_is_narrowed_by(market):
    offer = Offer.objects.get(product__title="Kop van porselein")
    offer.sale_price_minor, offer.sale_until = 2_000, NOW + timedelta(days=1)
    offer.save()

    assert set(found_titles(q="kop", price="0-25")) == {"Kop van klei", "Kop van porselein"}
    assert set(found_titles(q="kop", price="100-250")) == set()


def test_price_that_nobody_checked_lately_is_in_no_range(market):
    Offer.objects.filter(product__title="Kop van klei").update(checked_at=NOW - timedelta(days=60))

    assert found_titles(q="kop", price="0-25") == []


def test_hidden_board_recommends_nothing(market):
    board = market.publications.get()
    board.state = PublicationState.HIDDEN
    board.save()

    assert found_titles(q="kop", theme="tafel") == []
    assert not narrowed(by=Narrowing(role="expert"), viewer=NOBODY, at=NOW).exists()


def test_unwanted_person_recommends_nothing_to_the_viewer(market):
    eve = make_user("Eve Stil")
    assert [card.product.title for card in results(viewer=eve, q="kop", role="expert").products] == [
        "Kop van porselein"
    ]
    Block.objects.create(user=eve, blocked=market, created_at=NOW)

    assert results(viewer=eve, q="kop", role="expert").products == []


def test_chosen_facet_stands_on_the_page_with_its_way_back(client, market):
    page = client.get("/en/search/", {"q": "kop", "kind": "products", "shop": "klei"}).content.decode()

    assert '<a class="chip chip--on" href="?q=kop&amp;kind=products&amp;"><span>Klei</span>' in page
    assert "Kop van hout" not in page


def test_list_goes_on_where_the_first_piece_ends(client):
    shop = make_shop()
    for number in range(30):
        make_product(shop, f"Kop {number}")

    first = client.get("/en/search/", {"q": "kop", "kind": "products", "shop": shop.slug}).content.decode()
    second = client.get(
        "/en/search/", {"q": "kop", "kind": "products", "shop": shop.slug, "page": "2"}
    ).content.decode()
    third = client.get("/en/search/", {"q": "kop", "kind": "products", "page": "3"})

    assert f'href="?q=kop&amp;kind=products&amp;shop={shop.slug}&amp;page=2"' in first
    assert first.count('class="product-card') - first.count('class="product-card_') == 24
    assert second.count('class="product-card') - second.count('class="product-card_') == 6
    assert "That was everything." in second
    assert third.status_code == 200


def test_commission_plays_no_part(cup):
    """Search knows no deal: none of its modules names one."""
    import inspect

    from community import facets, search_words, suggestions

    for module in (finding, facets, search_words, suggestions):
        names = set(vars(module))
        assert not names & {"Deal", "Enrolment", "Commission", "Share"}
        assert "rate_bps" not in inspect.getsource(module)
