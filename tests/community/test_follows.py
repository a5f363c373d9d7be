"""Following people, boards, themes and shops: who may, from where, and what is kept secret."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from advocates.enums import PublicationState
from community import follows
from community.boards import add_product, create_board, publish_board
from community.follows import MOST_FOLLOWS, UnableToFollow, find_followed, follow, follows_of, is_following
from community.models import Block, Follow, Mute, Theme, User
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db
FOLLOW = "/follow/"


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


@pytest.fixture
def board(ada):
    made = create_board(owner=ada, title="Aan tafel", at=NOW)
    add_product(board=made, by=ada, product=make_product(make_shop()), at=NOW)
    return publish_board(board=made, state=PublicationState.PUBLIC, at=NOW)


@pytest.fixture
def theme():
    return Theme.objects.create(slug="tafel-2", name_nl="Tafel", name_en="Table")


@pytest.fixture
def as_eve(eve):
    client = Client()
    client.force_login(eve)
    return client


@pytest.fixture
def things(ada, board, theme):
    return {"person": ada, "board": board, "theme": theme, "shop": make_shop()}


@pytest.mark.parametrize("kind", ["person", "board", "theme", "shop"])
def test_following_and_no_longer_following(things, eve, as_eve, kind):
    followed = things[kind]
    data = {"kind": kind, "id": followed.pk, "next": "/boards/"}

    page = as_eve.post(FOLLOW, {**data, "wanted": "on"})
    again = as_eve.post(FOLLOW, {**data, "wanted": "on"})

    assert (page.status_code, page["Location"]) == (302, "/boards/")
    assert again.status_code == 302
    assert Follow.objects.filter(follower=eve, **{kind: followed}).count() == 1

    as_eve.post(FOLLOW, {**data, "wanted": "off"})

    assert not Follow.objects.filter(follower=eve).exists()


def test_switch_answers_with_itself(ada, eve, as_eve):
    on = as_eve.post(FOLLOW, {"kind": "person", "id": ada.pk, "wanted": "on"}, headers={"hx-request": "true"})
    off = as_eve.post(
        FOLLOW, {"kind": "person", "id": ada.pk, "wanted": "off"}, headers={"hx-request": "true"}
    )

    assert f'id="follow-person-{ada.pk}" type="submit" aria-pressed="true"' in on.content.decode()
    assert 'name="wanted" value="off"' in on.content.decode()
    assert "Ada Vermeer" in on.content.decode()
    assert 'aria-pressed="false"' in off.content.decode()


def test_nobody_follows_herself(ada):
    client = Client()
    client.force_login(ada)

    page = client.post(FOLLOW, {"kind": "person", "id": ada.pk, "wanted": "on"})

    assert page.status_code == 404
    with pytest.raises(IntegrityError, match="follow_is_of_another"):
        Follow.objects.create(follower=ada, person=ada, created_at=NOW)


@pytest.mark.parametrize("state", [PublicationState.HIDDEN, PublicationState.UNLISTED])
def test_board_that_is_not_public_cannot_be_followed(board, as_eve, state):
    publish_board(board=board, state=state, at=NOW)

    page = as_eve.post(FOLLOW, {"kind": "board", "id": board.pk, "wanted": "on"})

    assert page.status_code == 404
    assert as_eve.get(FOLLOW, {"kind": "board", "id": board.pk}).status_code == 404


def test_block_between_two_people_ends_it(ada, eve, board, as_eve):
    Block.objects.create(user=ada, blocked=eve, created_at=NOW)

    assert as_eve.post(FOLLOW, {"kind": "person", "id": ada.pk, "wanted": "on"}).status_code == 404
    assert as_eve.post(FOLLOW, {"kind": "board", "id": board.pk, "wanted": "on"}).status_code == 404
    assert not Follow.objects.exists()


@pytest.mark.parametrize(
    ("kind", "pk"),
    [
        ("person", "0"),
        ("person", "x"),
        ("person", ""),
        ("person", "99999999999999999999999999"),
        ("person", "²"),
        ("person", "\x00"),
        ("planet", "1"),
        ("", ""),
        ("theme", "-1"),
    ],
)
@pytest.mark.parametrize("wanted", ["on", "off"])
def test_strange_wishes_find_nothing(as_eve, kind, pk, wanted):
    page = as_eve.post(FOLLOW, {"kind": kind, "id": pk, "wanted": wanted})

    is_known = kind in {"person", "theme"} and pk == "0"
    # No longer following what is not there is done already.
    assert page.status_code == (302 if is_known and wanted == "off" else 404)
    assert as_eve.get(FOLLOW, {"kind": kind, "id": pk}).status_code == 404


def test_way_back_never_leads_elsewhere(ada, as_eve):
    data = {"kind": "person", "id": ada.pk, "wanted": "on"}

    for strange in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert as_eve.post(FOLLOW, {**data, "next": strange})["Location"] == "/@ada/"


def test_looking_at_the_page_follows_nobody(ada, eve, as_eve):
    page = as_eve.get("/en/follow/", {"kind": "person", "id": ada.pk})

    assert "Follow Ada Vermeer" in page.content.decode()
    assert not Follow.objects.exists()


def test_there_is_an_end_to_following(ada, eve, as_eve):
    shops = [make_shop(f"Winkel {number}") for number in range(2)]
    themes = Theme.objects.bulk_create(
        Theme(slug=f"t{number}", name_nl="T", name_en="T") for number in range(MOST_FOLLOWS)
    )
    Follow.objects.bulk_create(Follow(follower=eve, theme=theme, created_at=NOW) for theme in themes)

    page = as_eve.post("/en/follow/", {"kind": "shop", "id": shops[0].pk, "wanted": "on"})

    assert page.status_code == 422
    assert "let one go first" in page.content.decode()
    with pytest.raises(UnableToFollow):
        follow(follower=eve, followed=shops[1], at=NOW)


# Who is not logged in -------------------------------------------------------------------------------------


def test_anonymous_page_asks_to_log_in_and_holds_no_token(ada, client):
    page = client.get("/en/follow/", {"kind": "person", "id": ada.pk}).content.decode()

    assert "Follow Ada Vermeer" in page
    assert reverse("account_signup") in page
    assert "csrfmiddlewaretoken" not in page


def test_wish_is_met_after_the_sign_up(ada, client):
    client.get(FOLLOW, {"kind": "person", "id": ada.pk})
    client.post(reverse("account_signup"), {"name": "Stan Bos", "email": "stan@example.com"})
    code = re.search(r"^\s*([A-Z0-9][A-Z0-9-]{4,})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]

    page = client.post(reverse("account_email_verification_sent"), {"code": code})

    stan = User.objects.get(email="stan@example.com")
    assert page["Location"] == "/@ada/"
    assert is_following(stan, ada)
    assert follows.SESSION_KEY not in client.session


def test_old_wish_and_a_wish_that_lost_its_thing_are_let_go(ada, eve, board):
    stored = follows.as_session(board, at=NOW)

    assert follows.follow_wished(stored, follower=eve, at=NOW + 2 * follows.WISH_LIVES) is None
    assert follows.follow_wished({"kind": "board"}, follower=eve, at=NOW) is None
    assert follows.follow_wished("board", follower=eve, at=NOW) is None
    publish_board(board=board, state=PublicationState.HIDDEN, at=NOW)
    assert follows.follow_wished(stored, follower=eve, at=NOW) is None
    assert not Follow.objects.exists()


def test_anonymous_visitor_follows_nothing(ada):
    assert is_following(AnonymousUser(), ada) is False
    assert find_followed(kind="person", pk=str(ada.pk), viewer=AnonymousUser()) == ada


# The list -------------------------------------------------------------------------------------------------


def test_list_shows_what_one_follows_oneself(ada, eve, board, theme, as_eve):
    shop = make_shop("Glas & Co")
    for followed in (ada, board, theme, shop):
        follow(follower=eve, followed=followed, at=NOW)

    told = [(group.kind, [item.name for item in group.items]) for group in follows_of(eve)]
    page = as_eve.get("/en/following/").content.decode()

    assert told == [
        ("person", ["Ada Vermeer"]),
        ("board", ["Aan tafel"]),
        ("theme", ["Tafel"]),
        ("shop", ["Glas & Co"]),
    ]
    assert page.count('aria-pressed="true"') == 4
    assert follows_of(ada) == []


def test_list_is_for_oneself(client):
    page = client.get("/following/")

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("account_login"))


def test_board_that_became_secret_keeps_its_name_to_itself_and_can_be_let_go(eve, board, as_eve):
    follow(follower=eve, followed=board, at=NOW)
    publish_board(board=board, state=PublicationState.HIDDEN, at=NOW)

    page = as_eve.get("/en/following/").content.decode()

    assert "A board that is not public any more" in page
    assert "Aan tafel" not in page
    as_eve.post(FOLLOW, {"kind": "board", "id": board.pk, "wanted": "off"})
    assert not Follow.objects.exists()


def test_muted_person_is_not_in_the_list(ada, eve):
    follow(follower=eve, followed=ada, at=NOW)
    Mute.objects.create(user=eve, muted=ada, created_at=NOW)

    assert follows_of(eve) == []


def test_list_costs_the_same_for_one_and_for_three(eve, as_eve):
    def grow(number):
        author = make_user(f"Bob {number} de Vries")
        made = create_board(owner=author, title=f"Bord {number}", at=NOW)
        shop = make_shop(f"Winkel {number}")
        add_product(board=made, by=author, product=make_product(shop), at=NOW)
        publish_board(board=made, state=PublicationState.PUBLIC, at=NOW)
        theme = Theme.objects.create(slug=f"thema-{number}", name_nl="T", name_en="T")
        for followed in (author, made, theme, shop):
            follow(follower=eve, followed=followed, at=NOW)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert as_eve.get("/following/").status_code == 200
        return len(queries)

    grow(1)
    count()
    one = count()
    grow(2)
    grow(3)

    assert count() == one
