"""The list of people, and each one's page."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.enums import PublicationKind, PublicationState
from community.boards import add_product, create_board, publish_board
from community.models import Answer, Block, Follow, Mute, PastHandle, Profile, Question, Theme, User
from community.people import people_to_follow
from community.profiles import HANDLE_DAYS, UnableToChangeHandle, change_handle, create_profile
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada", role="expert")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


# The list -------------------------------------------------------------------------------------------------


def test_list_holds_who_published_the_newest_member_first_by_role_if_asked(client, ada, eve):
    bob = make_user("Bob Jansen", handle="bob", role="friend")
    carl = make_user("Carl Bos", handle="carl", role="friend")
    make_publication(ada, "Aan tafel")
    make_publication(bob, "In de tuin")
    make_publication(carl, "Geheim", state=PublicationState.HIDDEN)
    make_publication(eve, "Met de link", state=PublicationState.UNLISTED)

    everybody = client.get("/en/people/")
    friends = client.get("/en/people/", {"role": "friend"})
    strange = client.get("/en/people/", {"role": "\x00king"})

    assert everybody.context["page_of_people"].object_list == [bob.profile, ada.profile]
    assert "Newest: Aan tafel" in everybody.content.decode()
    assert friends.context["page_of_people"].object_list == [bob.profile]
    assert strange.context["page_of_people"].object_list == [bob.profile, ada.profile]


def test_list_leaves_out_whom_the_viewer_put_aside(ada, eve):
    make_publication(ada, "Aan tafel")
    assert as_user(eve).get("/people/").context["page_of_people"].object_list == [ada.profile]

    Mute.objects.create(user=eve, muted=ada, created_at=NOW)

    assert as_user(eve).get("/people/").context["page_of_people"].object_list == []


def test_anonymous_list_holds_links_and_no_token(client, ada):
    make_publication(ada, "Aan tafel")

    page = client.get("/people/").content.decode()

    assert f'href="/follow/?kind=person&amp;id={ada.pk}"' in page
    assert "csrfmiddlewaretoken" not in page


def test_list_costs_the_same_for_one_and_for_three_and_never_counts(eve):
    def sql():
        with CaptureQueriesContext(connection) as queries:
            assert as_user(eve).get("/people/").status_code == 200
        return [query["sql"] for query in queries]

    make_publication(make_user("Ada Vermeer"), "Een")
    one = sql()
    for name in ("Bob Jansen", "Carl Bos"):
        make_publication(make_user(name), "Nog een")

    three = sql()

    assert len(three) == len(one)
    assert [text for text in three if "COUNT(" in text] == []


def test_whom_to_follow_is_first_who_publishes_on_ones_themes(ada, eve):
    theme = Theme.objects.create(slug="tuinen", name_nl="Tuinen", name_en="Gardens")
    bob, carl, dirk = make_user("Bob Jansen"), make_user("Carl Bos"), make_user("Dirk Ek")
    make_publication(bob, "In de tuin", theme_slugs=["tuinen"], published_at=NOW - timedelta(days=9))
    make_publication(carl, "Aan tafel", published_at=NOW - timedelta(days=2))
    make_publication(dirk, "Aan tafel", published_at=NOW - timedelta(days=3))
    make_publication(ada, "Aan tafel")
    make_publication(eve, "Van mijzelf")
    Follow.objects.create(follower=eve, theme=theme, created_at=NOW)
    Follow.objects.create(follower=eve, person=ada, created_at=NOW)
    Block.objects.create(user=dirk, blocked=eve, created_at=NOW)

    assert [one.user for one in people_to_follow(viewer=eve, most=6)] == [bob, carl]
    assert [one.user for one in people_to_follow(viewer=eve, most=1)] == [bob]
    assert [one.user for one in people_to_follow(viewer=NOBODY, most=6)] == [eve, ada, carl, dirk, bob]


# The page -------------------------------------------------------------------------------------------------


def test_profile_shows_what_somebody_published_by_kind(client, ada):
    board = make_publication(ada, "Aan tafel")
    story = make_publication(ada, "Een dag", kind=PublicationKind.POST)
    guide = make_publication(ada, "Welke kop?", kind=PublicationKind.GUIDE)
    make_publication(ada, "Geheim", state=PublicationState.HIDDEN)
    make_publication(ada, "Met de link", state=PublicationState.UNLISTED)
    make_publication(make_user("Bob Jansen"), "Van Bob")

    def shown(**data):
        return {card.publication for card in client.get("/@ada/", data).context["cards"]}

    assert shown() == {board, story, guide}
    assert shown(kind="stories") == {story, guide}
    assert shown(kind="boards") == {board}
    assert shown(kind="\x00") == {board, story, guide}


def test_profile_shows_answers_to_what_anybody_may_find(client, ada, eve):
    cup = make_product(make_shop())
    secret = make_publication(ada, "Geheim", state=PublicationState.HIDDEN)
    found = Question.objects.create(
        asker=eve, product=cup, title="Mag hij in de oven?", language="nl", created_at=NOW
    )
    hidden = Question.objects.create(
        asker=eve, publication=secret, title="Waar is dit?", language="nl", created_at=NOW
    )
    Answer.objects.create(question=found, author=ada, text="Ja, tot 200 graden.", created_at=NOW)
    Answer.objects.create(question=found, author=ada, text="Ingetrokken", created_at=NOW, removed_at=NOW)
    Answer.objects.create(question=hidden, author=ada, text="Bij mij thuis.", created_at=NOW)

    page = client.get("/@ada/", {"kind": "answers"})

    assert [answer.text for answer, _label in page.context["answers"]] == ["Ja, tot 200 graden."]
    assert "Bij mij thuis" not in page.content.decode()


def test_anonymous_profile_holds_links_and_no_token(client, ada):
    page = client.get("/en/@ada/").content.decode()

    assert f'href="/en/follow/?kind=person&amp;id={ada.pk}"' in page
    assert 'href="/en/questions/ask/?person=ada"' in page
    assert 'href="/en/@ada/rss.xml"' in page
    assert "csrfmiddlewaretoken" not in page


def test_one_does_not_follow_or_ask_oneself(ada):
    page = as_user(ada).get("/en/@ada/").content.decode()

    assert "Edit profile" in page
    assert "follow-person" not in page
    assert "/questions/ask/?person=ada" not in page


def test_muted_person_has_a_page_and_somebody_blocked_has_none(ada, eve):
    make_publication(ada, "Aan tafel")
    mute = Mute.objects.create(user=eve, muted=ada, created_at=NOW)

    muted = as_user(eve).get("/en/@ada/")

    assert muted.status_code == 200
    assert "You muted Ada" in muted.content.decode()
    assert "Aan tafel" in muted.content.decode()
    mute.delete()
    Block.objects.create(user=ada, blocked=eve, created_at=NOW)
    assert as_user(eve).get("/@ada/").status_code == 404
    assert as_user(ada).get("/@eve/").status_code == 404


def test_profile_costs_the_same_for_one_and_for_three_and_never_counts(ada, eve):
    def sql():
        with CaptureQueriesContext(connection) as queries:
            assert as_user(eve).get("/@ada/").status_code == 200
        return [query["sql"] for query in queries]

    make_publication(ada, "Een")
    one = sql()
    make_publication(ada, "Twee")
    make_publication(ada, "Drie")

    three = sql()

    assert len(three) == len(one)
    assert [text for text in three if "COUNT(*)" in text] == []


@pytest.mark.parametrize("handle", ["x%00y", "%F0%9F%AB%96", "nobody", "..", "a" * 3000])
def test_nobodys_handle_has_no_page(client, handle):
    assert client.get(f"/@{handle}/").status_code == 404


# Handles --------------------------------------------------------------------------------------------------


@pytest.fixture
def board(ada):
    made = create_board(owner=ada, title="Aan tafel", at=NOW)
    add_product(board=made, by=ada, product=make_product(make_shop()), at=NOW)
    return publish_board(board=made, state=PublicationState.PUBLIC, at=NOW)


def test_old_addresses_lead_on_to_the_new_handle(client, ada, board):
    make_publication(make_user("Adam Bos", handle="adam"), "Van Adam", path="/@adam/van-adam/")
    change_handle(profile=ada.profile, handle="ada-v", at=NOW)

    assert client.get("/@ada/")["Location"] == "/@ada-v/"
    assert client.get("/@ADA/?kind=boards")["Location"] == "/@ada/"
    assert client.get("/@ada/?kind=boards")["Location"] == "/@ada-v/?kind=boards"
    page = client.get("/en/@ada/aan-tafel/")
    assert (page.status_code, page["Location"]) == (301, "/en/@ada-v/aan-tafel/")
    assert client.get("/@ada/rss.xml")["Location"] == "/@ada-v/rss.xml"
    board.publication.refresh_from_db()
    assert board.publication.path == "/@ada-v/aan-tafel/"
    assert client.get(board.publication.path).status_code == 200
    assert client.get("/@adam/").status_code == 200


def test_two_changes_lead_to_the_last(client, ada):
    change_handle(profile=ada.profile, handle="ada-v", at=NOW)
    change_handle(profile=ada.profile, handle="ada-w", at=NOW + timedelta(days=HANDLE_DAYS))

    assert client.get("/@ada/")["Location"] == "/@ada-w/"
    assert client.get("/@ada-v/")["Location"] == "/@ada-w/"


def test_handle_is_kept_from_others_and_can_be_taken_back(ada, eve):
    change_handle(profile=ada.profile, handle="ada-v", at=NOW)

    with pytest.raises(UnableToChangeHandle):
        change_handle(profile=eve.profile, handle="ada", at=NOW)
    zoe = User.objects.create_user(email="zoe@example.com", name="Ada")
    assert create_profile(user=zoe, handle="ada", at=NOW).handle == "ada-2"
    change_handle(profile=ada.profile, handle="ada", at=NOW + timedelta(days=HANDLE_DAYS))
    assert set(PastHandle.objects.values_list("handle", "profile")) == {("ada-v", ada.profile.pk)}


def test_handle_changes_once_in_a_while(ada):
    change_handle(profile=ada.profile, handle="ada-v", at=NOW)

    with pytest.raises(UnableToChangeHandle):
        change_handle(profile=ada.profile, handle="ada-w", at=NOW + timedelta(days=HANDLE_DAYS - 1))

    assert Profile.objects.get(user=ada).handle == "ada-v"


def test_form_says_that_a_handle_was_somebodys_and_keeps_what_was_typed(ada, eve):
    change_handle(profile=ada.profile, handle="ada-v", at=NOW)
    data = {
        "name": "Eve Stil",
        "handle": "ada",
        "role": "expert",
        "tagline": "Getypt",
        "bio": "",
        "website": "",
    }

    page = as_user(eve).post("/en/studio/profile/", data)

    assert page.status_code == 422
    assert page.context["form"].errors["handle"] == [
        "Somebody has this handle, or had it: choose another one."
    ]
    assert page.context["form"]["tagline"].value() == "Getypt"


def test_second_change_in_the_form_is_refused_and_nothing_is_stored(ada):
    client = as_user(ada)
    data = {"name": "Ada V.", "handle": "ada-v", "role": "expert", "tagline": "", "bio": "", "website": ""}
    client.post("/en/studio/profile/", data)

    page = client.post("/en/studio/profile/", {**data, "handle": "ada-w", "name": "Iets anders"})

    assert page.status_code == 422
    assert "You changed your handle lately" in page.context["form"].errors["handle"][0]
    ada.refresh_from_db()
    assert (ada.name, Profile.objects.get(user=ada).handle) == ("Ada V.", "ada-v")
