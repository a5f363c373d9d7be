"""One's own version of a board: what is copied, what it says of its source, and to whom."""

import pytest
from django.contrib.auth.models import AnonymousUser

from advocates.enums import PublicationState
from advocates.publications import withdraw
from community import boards, pins
from community.models import Block, Board, Mute, Theme
from community.remixes import credit_of, remix_board, remixes_of
from tests.community.test_board_page import make_board, make_look, open_board
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def bob():
    return make_user("Bob Smit", handle="bob")


@pytest.fixture
def klei():
    return make_shop("Klei & Co")


@pytest.fixture
def source(ada, klei):
    make_enrolment(ada, make_deal(klei))
    return make_board(ada, make_product(klei, "Kop"))


def remix(source, by, state=PublicationState.PUBLIC):
    return boards.publish_board(board=remix_board(source=source, by=by, at=NOW), state=state, at=NOW)


def test_remix_copies_the_order_and_not_the_words(ada, bob, source, klei):
    source.themes.add(Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table"))
    pins.add_section(board=source, heading="Voor de thee", by=ada, at=NOW)
    make_look(source, make_product(klei, "Kan"), make_product(klei, "Bord"), note="Zo staat het bij mij.")
    source.description = "Wat ik gebruik."
    source.save()

    mine = remix_board(source=source, by=bob, at=NOW)

    assert (mine.owner, mine.publication.author, mine.based_on) == (bob, bob, source.publication)
    assert mine.publication.state == PublicationState.HIDDEN
    assert (mine.publication.title, mine.description) == (source.publication.title, "")
    assert [theme.slug for theme in mine.themes.all()] == ["tafel"]
    cup, heading, look = mine.pins.order_by("position")
    assert (cup.product.title, heading.heading) == ("Kop", "Voor de thee")
    assert {pin.note for pin in (cup, heading, look)} == {""}
    assert [pin.origin for pin in (cup, heading, look)] == [source.publication, None, source.publication]
    assert {pin.added_by for pin in (cup, heading, look)} == {bob}
    spots = [(spot.product.title, spot.x_bps, spot.note) for spot in look.hotspots.all()]
    assert spots == [("Kan", 1000, ""), ("Bord", 3000, "")]
    assert [mention.product.title for mention in mine.publication.mentions.all()] == ["Kop", "Kan", "Bord"]
    assert {mention.link.advocate.user for mention in mine.publication.mentions.all()} == {ada}
    assert mine.publication.cover == look.picture


def test_source_keeps_what_it_was(ada, bob, source, klei):
    before = list(source.pins.values_list("pk", "position", "note"))

    mine = remix_board(source=source, by=bob, at=NOW)
    boards.add_product(board=mine, product=make_product(klei, "Vaas"), by=bob, at=NOW)

    assert list(source.pins.values_list("pk", "position", "note")) == before
    assert source.publication.mentions.count() == 1
    assert mine.publication.mentions.get(product__title="Vaas").link.publication == mine.publication


def test_credit_names_the_source_to_who_may_see_it_and_its_maker_to_the_rest(ada, bob, source):
    eve, mine = make_user("Eve Stil", handle="eve"), remix(source, bob)

    assert credit_of(board=source, viewer=eve) is None
    assert credit_of(board=mine, viewer=AnonymousUser()).source == source.publication

    boards.publish_board(board=source, state=PublicationState.HIDDEN, at=NOW)
    seen = {person: credit_of(board=mine, viewer=person) for person in (AnonymousUser(), eve, bob, ada)}

    assert [credit.source for credit in seen.values()] == [None, None, None, source.publication]
    assert {credit.author for credit in seen.values()} == {"Ada Vermeer"}


def test_page_says_on_what_it_is_based(client, bob, source):
    mine = remix(source, bob)

    page = open_board(client, mine)
    assert f'Based on <a href="/en{source.publication.path}">Een tafel voor acht</a> by Ada Vermeer' in page

    mine.publication.title = "Voor mijn tafel"
    boards.record_change(board=mine, at=NOW)
    withdraw(publication=source.publication, at=NOW)
    page = open_board(client, mine)
    assert "Based on a board by Ada Vermeer" in page
    assert source.publication.title not in page
    assert source.publication.path not in page


def test_source_counts_and_lists_its_public_versions(client, bob, source):
    cem = make_user("Cem Kaya", handle="cem")
    public, secret = remix(source, bob), remix(source, cem, state=PublicationState.HIDDEN)

    found = remixes_of(publication=source.publication, viewer=AnonymousUser(), at=NOW)
    page = open_board(client, source)

    assert (found.count, [card.publication for card in found.cards]) == (1, [public.publication])
    assert "1 version based on this board" in page
    assert f'href="/en{public.publication.path}"' in page
    assert secret.publication.path not in page


def test_version_of_somebody_unwanted_is_not_counted_for_the_viewer(bob, source):
    eve = make_user("Eve Stil", handle="eve")
    remix(source, bob)
    Mute.objects.create(user=eve, muted=bob, created_at=NOW)

    assert remixes_of(publication=source.publication, viewer=eve, at=NOW).count == 0
    assert remixes_of(publication=source.publication, viewer=bob, at=NOW).count == 1


def test_many_versions_are_counted_and_the_newest_shown(source):
    for number in range(9):
        remix(source, make_user(f"Noor {number}"))

    found = remixes_of(publication=source.publication, viewer=AnonymousUser(), at=NOW)

    assert (found.count, len(found.cards)) == (9, 8)


def test_bob_makes_his_own_version_through_the_page(client, bob, source):
    client.force_login(bob)
    url = f"/en/boards/{source.pk}/remix/"

    asked = client.get(url)
    answer = client.post(url)

    assert asked.status_code == 200
    mine = Board.objects.get(owner=bob)
    assert answer.url == f"/en/studio/boards/{mine.pk}/"
    assert mine.based_on == source.publication


def test_who_is_not_logged_in_is_asked_to(client, source):
    url = f"/en/boards/{source.pk}/remix/"

    answer = client.post(url)

    assert answer.url == f"/en/account/login/?next={url}"
    assert Board.objects.count() == 1


@pytest.mark.parametrize("why", ["secret", "blocked", "unknown"])
def test_board_that_eve_may_not_see_is_not_remixed(client, ada, source, why):
    eve = make_user("Eve Stil", handle="eve")
    if why == "secret":
        boards.publish_board(board=source, state=PublicationState.HIDDEN, at=NOW)
    if why == "blocked":
        Block.objects.create(user=ada, blocked=eve, created_at=NOW)
    client.force_login(eve)
    pk = 4_000_000 if why == "unknown" else source.pk

    assert client.get(f"/en/boards/{pk}/remix/").status_code == 404
    assert client.post(f"/en/boards/{pk}/remix/").status_code == 404
    assert not Board.objects.filter(owner=eve).exists()
