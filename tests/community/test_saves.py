"""Saving to one's own boards: what it keeps, who is credited, and the wish of who has to log in first."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from advocates.enums import ContributorRole, PublicationState, TouchKind
from advocates.models import Contributor, Deal, Touch
from community import boards, saves
from community.models import Block, Board, Pin, User
from community.removals import remove_pin
from tests.community.test_board_page import make_board, make_look, make_picture
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

VISITOR = UUID("b0b00000-0000-4000-8000-000000000001")
SAVE = "/en/save/"


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
def cup(klei):
    return make_product(klei, "Kop")


@pytest.fixture
def found(ada, klei, cup):
    """Ada's public board with the cup, under a deal."""
    make_enrolment(ada, make_deal(klei))
    return make_board(ada, cup)


def wish_for(viewer, **data):
    return saves.wish_of({name.rstrip("_"): str(value) for name, value in data.items()}, viewer=viewer)


def save(wish, board, by, *, at=NOW):
    return saves.save(wish=wish, board=board, by=by, visitor_key=VISITOR, at=at)


def test_saved_product_keeps_where_it_was_found_and_whose_link_it_is(bob, found, cup):
    mine = make_board(bob)

    pin = save(wish_for(bob, product=cup.pk, from_=found.publication_id), mine, bob)

    assert (pin.origin, pin.added_by, pin.note) == (found.publication, bob, "")
    link = mine.publication.mentions.get().link
    assert link == found.publication.mentions.get().link
    assert link.advocate.user == found.owner
    touch = Touch.objects.get()
    assert (touch.kind, touch.visitor_key, touch.advocate, touch.publication, touch.product) == (
        TouchKind.SAVE,
        VISITOR,
        link.advocate,
        found.publication,
        cup,
    )


def test_what_is_saved_from_a_save_credits_the_first(bob, found, cup):
    cem, first = make_user("Cem Kaya", handle="cem"), found.publication.mentions.get().link
    bobs = make_board(bob, title="Van Bob")
    save(wish_for(bob, product=cup.pk, from_=found.publication_id), bobs, bob)
    boards.publish_board(board=bobs, state=PublicationState.PUBLIC, at=NOW)
    cems = make_board(cem, title="Van Cem")

    save(wish_for(cem, product=cup.pk, from_=bobs.publication_id), cems, cem)

    assert cems.publication.mentions.get().link == first
    assert cems.pins.get().origin == bobs.publication


def test_credit_stays_when_the_origin_is_hidden_or_mentions_it_no_longer(bob, found, cup, klei):
    link = found.publication.mentions.get().link
    mine = make_board(bob)
    save(wish_for(bob, product=cup.pk, from_=found.publication_id), mine, bob)

    remove_pin(pin=found.pins.get(), by=found.owner, at=NOW)
    boards.add_product(board=mine, product=make_product(klei, "Kan"), by=bob, at=NOW)

    assert found.publication.mentions.count() == 0
    assert mine.publication.mentions.get(product=cup).link == link
    assert mine.publication.mentions.get(product__title="Kan").link.publication == mine.publication


def test_saved_without_a_place_is_ones_own(bob, found, cup):
    mine = make_board(bob)

    pin = save(wish_for(bob, product=cup.pk), mine, bob)

    assert pin.origin is None
    assert mine.publication.mentions.get().link.publication == mine.publication
    assert Touch.objects.count() == 0


def test_pin_of_a_contributor_credits_her_if_she_is_an_advocate(ada, bob, klei, cup, found):
    """Decision 0007: Bob's board, Ada's pin, Ada's link; it stays hers when she leaves."""
    theirs = make_board(bob, title="Samen")
    role = Contributor.objects.create(
        publication=theirs.publication, user=ada, role=ContributorRole.ADD, joined_at=NOW
    )
    other = make_user("Cem Kaya", handle="cem")
    jug = make_product(klei, "Kan")
    boards.add_product(board=theirs, product=cup, by=ada, at=NOW)
    boards.add_product(board=theirs, product=jug, by=other, at=NOW)
    role.delete()
    boards.add_product(board=theirs, product=make_product(klei, "Bord"), by=bob, at=NOW)

    links = {mention.product.title: mention.link for mention in theirs.publication.mentions.all()}
    owners = {title: link.advocate.user if link.advocate else None for title, link in links.items()}
    assert owners == {"Kop": ada, "Kan": None, "Bord": None}
    assert {link.publication for link in links.values()} == {theirs.publication}


def test_hotspots_of_a_saved_picture_come_along_with_their_credit_and_without_words(bob, found, klei):
    jug = make_product(klei, "Kan")
    look = make_look(found, jug, note="Zo staat het bij mij.")
    mine = make_board(bob)

    pin = save(wish_for(bob, pin=look.pk), mine, bob)

    assert (pin.picture, pin.origin, pin.note) == (look.picture, found.publication, "")
    spot = pin.hotspots.get()
    assert (spot.product, spot.x_bps, spot.y_bps, spot.note) == (jug, 1000, 3456, "")
    assert mine.publication.mentions.get().link == found.publication.mentions.get(product=jug).link
    assert list(Touch.objects.values_list("kind", "product")) == [(TouchKind.SAVE, jug.pk)]


def test_product_that_is_pinned_and_shown_follows_the_pin(bob, found, cup):
    mine = make_board(bob)
    make_look(mine, cup)
    assert mine.publication.mentions.get().link.publication == mine.publication

    save(wish_for(bob, product=cup.pk, from_=found.publication_id), mine, bob)

    assert mine.publication.mentions.get().link == found.publication.mentions.get().link


def test_credited_links_take_a_fixed_number_of_queries(bob, found, klei, django_assert_max_num_queries):
    def queries(number):
        cem, mine = make_user("Cem Kaya"), make_board(bob, title="Mijn")
        products = [make_product(klei) for _number in range(2 * number)]
        make_enrolment(cem, deal)
        for product in products[:number]:
            boards.add_product(board=found, product=product, by=found.owner, at=NOW)
            save(wish_for(bob, product=product.pk, from_=found.publication_id), mine, bob)
        for product in products[number:]:
            boards.add_product(board=mine, product=product, by=cem, at=NOW)
        mine.refresh_from_db()
        with django_assert_max_num_queries(40) as captured:
            boards.record_change(board=mine, at=NOW)
        return len(captured)

    deal = Deal.objects.get()

    assert queries(1) == queries(3)


@pytest.mark.parametrize("state", [PublicationState.HIDDEN, PublicationState.PUBLIC])
def test_place_that_the_viewer_may_not_open_is_left_out(bob, found, cup, state):
    boards.publish_board(board=found, state=state, at=NOW)

    wish = wish_for(bob, product=cup.pk, from_=found.publication_id)

    assert (wish.origin is not None) == (state == PublicationState.PUBLIC)


def test_place_of_somebody_who_blocked_the_viewer_is_left_out(bob, found, cup):
    look = make_look(found)
    assert wish_for(bob, pin=look.pk).pin == look
    Block.objects.create(user=found.owner, blocked=bob, created_at=NOW)

    assert wish_for(bob, product=cup.pk, from_=found.publication_id).origin is None
    assert wish_for(bob, pin=look.pk) is None


def test_picture_of_a_secret_board_is_not_found(bob, ada):
    secret = make_board(ada)
    look = make_look(secret)

    assert wish_for(bob, pin=look.pk) is None
    assert wish_for(AnonymousUser(), pin=look.pk) is None
    assert wish_for(ada, pin=look.pk).pin == look


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "١", "9" * 19, "9" * 5000, "1\x00", "1.5"])
def test_strange_ids_find_nothing(client, bob, text):
    client.force_login(bob)

    assert wish_for(bob, product=text) is None
    assert client.get(SAVE, {"product": text}).status_code == 404
    assert client.get(SAVE, {"pin": text}).status_code == 404
    assert client.post(SAVE, {"product": text, "board": text}).status_code == 404


def test_boards_come_in_the_order_in_which_they_were_used(bob, ada, klei, found, cup):
    first, second = make_board(bob, title="Eerste"), make_board(bob, title="Tweede")
    Contributor.objects.create(
        publication=found.publication, user=bob, role=ContributorRole.ADD, joined_at=NOW
    )
    make_board(ada, title="Niet van Bob")
    later = NOW + timedelta(hours=1)
    boards.add_product(board=first, product=cup, by=bob, at=later)

    listed = saves.boards_of(bob, wish=wish_for(bob, product=cup.pk))

    assert [board.pk for board in listed] == [first.pk, second.pk, found.pk]
    assert [board.has_it for board in listed] == [True, False, True]


def test_bob_chooses_a_board_and_is_told_where_it_is(client, bob, found, cup):
    mine = make_board(bob, title="Voor thuis")
    client.force_login(bob)
    place = {"product": cup.pk, "from": found.publication_id}

    page = client.get(SAVE, place)
    answer = client.post(SAVE, {**place, "board": mine.pk})

    assert "Voor thuis" in page.text
    pin = mine.pins.get()
    assert answer.url == f"/en/saved/{pin.pk}/"
    told = client.get(answer.url).text
    assert "Saved to “Voor thuis”" in told
    assert f'href="/en{found.publication.path}"' in told


def test_dialog_brings_the_boards_and_says_that_it_is_saved(client, bob, found, cup):
    mine = make_board(bob, title="Voor thuis")
    client.force_login(bob)
    place, htmx = {"product": cup.pk, "from": found.publication_id}, {"HX-Request": "true"}

    dialog = client.get(SAVE, place, headers=htmx).text
    told = client.post(SAVE, {**place, "board": mine.pk}, headers=htmx).text

    assert dialog.strip().startswith('<dialog class="dialog" data-dialog-now')
    assert dialog.count("<html") == told.count("<html") == 0
    assert "Saved to “Voor thuis”" in told
    undone = client.post(reverse("community:save_undo", args=[mine.pins.get().pk]), headers=htmx)
    assert "it is off “Voor thuis” again" in undone.text
    assert mine.pins.count() == 0


def test_new_board_is_made_secret_and_named_by_default(client, bob, found, cup):
    client.force_login(bob)
    assert 'value="Saved"' in client.get(SAVE, {"product": cup.pk}).text

    client.post(SAVE, {"product": cup.pk, "from": found.publication_id, "title": "Thee"})

    board = Board.objects.get(owner=bob)
    assert (board.publication.title, board.publication.state) == ("Thee", PublicationState.HIDDEN)
    assert board.pins.get().product == cup


@pytest.mark.parametrize("title", ["", " ", "t" * 121, "te\x00e"])
def test_title_that_cannot_be_is_said_at_the_field_and_nothing_is_made(client, bob, cup, title):
    client.force_login(bob)

    answer = client.post(SAVE, {"product": cup.pk, "title": title})

    assert answer.status_code == 422
    assert answer.context["form"].errors["title"]
    assert not Board.objects.filter(owner=bob).exists()


def test_the_same_on_the_same_board_is_said(client, bob, found, cup):
    mine = make_board(bob)
    client.force_login(bob)
    client.post(SAVE, {"product": cup.pk, "board": mine.pk})

    shown = client.get(SAVE, {"product": cup.pk})
    again = client.post(SAVE, {"product": cup.pk, "board": mine.pk})

    assert "It is on this board" in shown.text
    assert again.status_code == 422
    assert "“Kop” is on this board already." in again.text
    assert mine.pins.count() == 1


def test_the_same_picture_on_the_same_board_is_said(client, bob, found):
    look, mine = make_look(found), make_board(bob)
    client.force_login(bob)
    client.post(SAVE, {"pin": look.pk, "board": mine.pk})

    again = client.post(SAVE, {"pin": look.pk, "board": mine.pk})

    assert again.status_code == 422
    assert "This picture is on this board already." in again.text
    assert mine.pins.count() == 1


def test_eve_saves_nothing_to_anothers_board_and_undoes_nothing_of_hers(client, bob, found, cup, klei):
    mine = make_board(bob)
    pin = save(wish_for(bob, product=cup.pk), mine, bob)
    client.force_login(make_user("Eve Stil", handle="eve"))

    jug = make_product(klei, "Kan")
    assert client.post(SAVE, {"product": jug.pk, "board": mine.pk}).status_code == 404
    assert client.post(SAVE, {"product": jug.pk, "board": found.pk}).status_code == 404
    assert client.get(f"/en/saved/{pin.pk}/").status_code == 404
    assert client.post(f"/en/saved/{pin.pk}/undo/").status_code == 404
    assert mine.pins.get() == pin


def test_who_left_a_board_saves_nothing_to_it(client, ada, bob, found, klei):
    role = Contributor.objects.create(
        publication=found.publication, user=bob, role=ContributorRole.ADD, joined_at=NOW
    )
    client.force_login(bob)
    jug, vase = make_product(klei, "Kan"), make_product(klei, "Vaas")
    assert client.post(SAVE, {"product": jug.pk, "board": found.pk}).status_code == 302
    pin = Pin.objects.get(product=jug)
    role.delete()

    assert client.post(SAVE, {"product": vase.pk, "board": found.pk}).status_code == 404
    assert client.post(f"/en/saved/{pin.pk}/undo/").status_code == 404
    assert found.pins.filter(product=jug).exists()


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_boards_takes_the_same_queries(client, bob, cup, number, django_assert_num_queries):
    for _number in range(number):
        board = make_board(bob)
        boards.add_picture(board=board, picture=make_picture(bob), by=bob, at=NOW)
    client.force_login(bob)
    client.get(SAVE, {"product": cup.pk})  # thumbnails are made when first seen

    with django_assert_num_queries(6):  # session, person, product, its renditions, boards, covers' renditions
        client.get(SAVE, {"product": cup.pk}, headers={"HX-Request": "true"})


# Who has to log in first ------------------------------------------------------------------------------------------


def code_in_mail() -> str:
    found = re.search(r"^\s*([A-Z0-9][A-Z0-9-]{4,})\s*$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def sign_up(client):
    client.post("/en/account/signup/", {"name": "Stan de Wit", "email": "stan@example.com"})
    return client.post(reverse("account_email_verification_sent"), {"code": code_in_mail()})


def log_in(client, user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post("/en/account/login/", {"login": user.email})
    page = "/en/account/login/code/confirm/"
    return client.post(page, {"code": code_in_mail()})


def test_stan_wishes_joins_and_finds_it_saved(client, found, cup, settings):
    client.cookies[settings.VISITOR_COOKIE] = str(VISITOR)
    asked = client.get(SAVE, {"product": cup.pk, "from": found.publication_id})
    assert (asked.status_code, Pin.objects.filter(product=cup).count()) == (200, 1)

    answer = sign_up(client)

    stan = User.objects.get(email="stan@example.com")
    board = Board.objects.get(owner=stan)
    assert (board.publication.title, board.publication.state) == ("Saved", PublicationState.HIDDEN)
    pin = board.pins.get()
    assert (pin.product, pin.origin) == (cup, found.publication)
    assert answer.url == f"/en/saved/{pin.pk}/"
    assert "Saved to “Saved”" in client.get(answer.url).text
    assert Touch.objects.get(kind=TouchKind.SAVE).visitor_key == VISITOR
    assert saves.SESSION_KEY not in client.session


def test_bob_logs_in_and_it_goes_to_the_board_he_used_last(client, bob, found, cup, klei):
    mine = make_board(bob, make_product(klei, "Kan"), title="Voor thuis")
    client.get(SAVE, {"product": cup.pk, "from": found.publication_id})

    answer = log_in(client, bob)

    pin = mine.pins.get(product=cup)
    assert answer.url.endswith(f"/saved/{pin.pk}/")


def test_what_is_there_already_is_said_after_logging_in(client, bob, found, cup):
    mine = make_board(bob, cup, title="Voor thuis")
    client.get(SAVE, {"product": cup.pk, "from": found.publication_id})

    answer = log_in(client, bob)

    assert answer.url.endswith(f"/saved/{mine.pins.get().pk}/")
    assert Touch.objects.count() == 0


def test_full_board_asks_for_another_after_logging_in(client, bob, found, cup):
    mine = make_board(bob)
    picture = make_picture(bob)
    Pin.objects.bulk_create(
        Pin(board=mine, position=place, picture=picture, added_by=bob, created_at=timezone.now())
        for place in range(boards.MOST_PINS)
    )
    client.get(SAVE, {"product": cup.pk, "from": found.publication_id})

    answer = log_in(client, bob)

    assert answer.url.endswith(f"/save/?product={cup.pk}&from={found.publication_id}")
    assert mine.pins.filter(product=cup).count() == 0


@pytest.mark.parametrize(
    "stored",
    [
        {"product": "1", "at": NOW.timestamp() - 86_400},
        {"product": "1", "at": NOW.timestamp() + 1},
        {"product": "1", "at": "nonsense"},
        {"product": "1", "at": float("nan")},
        {"product": "1"},
        {"product": "x", "at": NOW.timestamp()},
        ["product"],
        "product",
        None,
    ],
)
def test_stale_or_strange_wish_is_forgotten(bob, cup, stored):
    if isinstance(stored, dict) and stored.get("product") == "1":
        stored = {**stored, "product": str(cup.pk)}

    assert saves.from_session(stored, viewer=bob, at=NOW) is None


def test_wish_is_remembered_for_a_while(bob, found, cup):
    stored = saves.as_session(wish_for(bob, product=cup.pk, from_=found.publication_id), at=NOW)

    within = saves.from_session(stored, viewer=bob, at=NOW + saves.WISH_LIVES)
    after = saves.from_session(stored, viewer=bob, at=NOW + saves.WISH_LIVES + timedelta(seconds=1))

    assert (within.product, within.origin) == (cup, found.publication)
    assert after is None


def test_who_logs_in_without_a_wish_goes_on_as_before(client, bob):
    answer = log_in(client, bob)

    assert answer.status_code == 302
    assert "/saved/" not in answer.url
    assert not Board.objects.filter(owner=bob).exists()
