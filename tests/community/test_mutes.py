"""Muting and blocking: what each does, and how it is undone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from advocates.enums import ContributorRole
from advocates.models import Contributor
from community import boards
from community.models import Block, Follow, Mute, Pin, Theme
from community.mutes import UnableToPutAside, block, is_block_between, is_muted, mute, unwanted_by
from tests.community.talk import make_comment
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def bob():
    return make_user("Bob Jansen", handle="bob")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


def test_mute_works_one_way_and_block_both_ways(ada, bob, eve):
    mute(user=ada, other=bob, at=NOW)
    block(user=ada, other=eve, at=NOW)

    assert unwanted_by(ada) == {bob.pk, eve.pk}
    assert unwanted_by(bob) == set()
    assert unwanted_by(eve) == {ada.pk}
    assert is_block_between(ada, eve)
    assert is_block_between(eve, ada)
    assert not is_block_between(ada, bob)
    assert is_muted(viewer=ada, person=bob)
    assert not is_muted(viewer=bob, person=ada)


def test_doing_it_twice_changes_nothing(ada, bob):
    for _time in range(2):
        mute(user=ada, other=bob, at=NOW)
        block(user=ada, other=bob, at=NOW)

    assert (Mute.objects.count(), Block.objects.count()) == (1, 1)


@pytest.mark.parametrize("verb", [mute, block])
def test_nobody_puts_themselves_aside(ada, verb):
    with pytest.raises(UnableToPutAside):
        verb(user=ada, other=ada, at=NOW)


def test_block_undoes_what_tied_the_two_and_nothing_else(ada, bob, eve):
    board = boards.create_board(owner=ada, title="Tafel", at=NOW)
    bobs = boards.create_board(owner=bob, title="Stoel", at=NOW)
    product = make_product(make_shop())
    for person in (bob, eve):
        Contributor.objects.create(
            publication=board.publication, user=person, role=ContributorRole.ADD, joined_at=NOW
        )
    boards.add_product(board=board, product=product, by=bob, at=NOW)
    theme = Theme.objects.create(slug="koffie", name_nl="Koffie", name_en="Coffee")
    for follower, wanted in (
        (ada, {"person": bob}),
        (bob, {"person": ada}),
        (bob, {"board": board}),
        (ada, {"board": bobs}),
        (bob, {"person": eve}),
        (bob, {"theme": theme}),
    ):
        Follow.objects.create(follower=follower, created_at=NOW, **wanted)

    block(user=ada, other=bob, at=NOW)

    left = [(follow.follower, follow.person, follow.theme) for follow in Follow.objects.order_by("pk")]
    assert left == [(bob, eve, None), (bob, None, theme)]
    assert [role.user for role in Contributor.objects.all()] == [eve]
    assert Pin.objects.get().added_by == bob


def test_mute_from_a_menu_leads_back_to_where_one_was(client, ada, bob):
    page = reverse("community:comments", args=[make_publication(bob).pk])
    client.force_login(ada)

    answer = client.post(reverse("community:mute"), {"handle": "bob", "next": page})

    assert answer.url == page
    assert Mute.objects.get().muted == bob


@pytest.mark.parametrize("kind", ["mute", "block"])
def test_page_asks_first_and_stores_nothing(client, ada, bob, kind):
    client.force_login(ada)

    page = client.get(reverse(f"community:{kind}"), {"handle": "bob"})

    assert page.status_code == 200
    assert "Bob Jansen" in page.content.decode()
    assert not Mute.objects.exists()
    assert not Block.objects.exists()


def test_block_leads_to_the_list_where_it_can_be_undone(client, ada, bob):
    client.force_login(ada)

    answer = client.post(reverse("community:block"), {"handle": "bob", "next": "/@bob/"})

    assert answer.url == reverse("community:unwanted")
    assert client.get("/@bob/").status_code == 404
    page = client.get(answer.url)
    assert [person.user for person in page.context["unwanted"].blocked] == [bob]
    client.post(reverse("community:undo_unwanted"), {"handle": "bob", "kind": "block"})
    assert client.get("/@bob/").status_code == 200


def test_list_shows_ones_own_alone(client, ada, bob, eve):
    mute(user=bob, other=eve, at=NOW)
    block(user=eve, other=ada, at=NOW)
    client.force_login(ada)

    found = client.get(reverse("community:unwanted")).context["unwanted"]

    assert (found.muted, found.blocked) == ([], [])


def test_nobody_undoes_the_block_of_another(client, ada, bob):
    block(user=ada, other=bob, at=NOW)
    client.force_login(bob)

    client.post(reverse("community:undo_unwanted"), {"handle": "ada", "kind": "block"})

    assert Block.objects.count() == 1


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\x00"]
)
def test_way_back_never_leads_to_another_site(client, ada, bob, next_url):
    client.force_login(ada)

    answer = client.post(reverse("community:mute"), {"handle": "bob", "next": next_url})
    page = client.get(reverse("community:block"), {"handle": "bob", "next": next_url}).content.decode()

    assert answer.url == "/@bob/"
    assert "evil.example" not in page.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("handle", ["", "nobody", "\x00", "a" * 5000])
@pytest.mark.parametrize("name", ["mute", "block", "undo_unwanted"])
def test_unknown_person_is_not_there(client, ada, handle, name):
    client.force_login(ada)

    assert client.post(reverse(f"community:{name}"), {"handle": handle, "kind": "mute"}).status_code == 404


@pytest.mark.parametrize("name", ["mute", "block"])
def test_putting_oneself_aside_is_refused_with_words(client, ada, name):
    client.force_login(ada)

    page = client.post(reverse(f"community:{name}"), {"handle": "ada"})

    assert page.status_code == 422
    assert page.context["problem"]


@pytest.mark.parametrize("name", ["unwanted", "mute", "block"])
def test_anonymous_visitor_is_asked_to_log_in(client, bob, name):
    answer = client.get(reverse(f"community:{name}"), {"handle": "bob"})

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_unknown_kind_undoes_nothing(client, ada, bob):
    mute(user=ada, other=bob, at=NOW)
    client.force_login(ada)

    client.post(reverse("community:undo_unwanted"), {"handle": "bob", "kind": "friend"})

    assert Mute.objects.count() == 1


def test_menu_is_there_for_others_and_for_nobody_who_is_not_logged_in(client, ada, bob):
    board = make_publication(ada)
    make_comment(board, bob)
    make_comment(board, ada)
    url = "/en" + reverse("community:comments", args=[board.pk])

    anonymous = client.get(url).content.decode()
    client.force_login(ada)
    page = client.get(url).content.decode()

    assert "person-menu" not in anonymous
    assert "Mute Bob" in page
    assert "Mute Ada" not in page


def test_queries_of_the_list_do_not_grow(client, ada):
    client.force_login(ada)
    counts = []
    for names in (["Een"], ["Twee", "Drie"]):
        for name in names:
            mute(user=ada, other=make_user(name), at=NOW)
            block(user=ada, other=make_user(f"Ex {name}"), at=NOW)
        client.get(reverse("community:unwanted"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("community:unwanted"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
