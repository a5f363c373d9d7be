"""The studio's first page: what somebody writes and has published."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from advocates.enums import PublicationState
from advocates.models import Touch
from advocates.uuid7 import uuid7
from cms import posts
from community.boards import add_product, create_board, publish_board
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


def test_empty_studio_says_how_to_begin(client, ada):
    page = client.get(reverse("cms:studio"))

    assert (page.context["stories"], page.context["boards"]) == ([], [])
    for name in ("cms:post_new", "community:board_new"):
        assert page.content.decode().count(f'href="{reverse(name)}"') == 2


def test_studio_holds_only_ones_own_stories_and_boards(client, ada):
    eve = make_user("Eve Stil", handle="eve")
    for author, title in ((ada, "Van Ada"), (eve, "Van Eve")):
        posts.start_post(author=author, title=f"Verhaal {title}", language="nl")
        create_board(owner=author, title=f"Bord {title}", at=NOW)

    page = client.get(reverse("cms:studio"))

    assert [one["standing"].post.title for one in page.context["stories"]] == ["Verhaal Van Ada"]
    assert [one["board"].publication.title for one in page.context["boards"]] == ["Bord Van Ada"]
    assert "Van Eve" not in page.content.decode()


@pytest.mark.parametrize(
    ("state", "label"), [("hidden", "Secret"), ("unlisted", "Unlisted"), ("public", "Public")]
)
def test_board_is_called_in_the_studio_as_where_it_is_made(client, ada, state, label):
    board = create_board(owner=ada, title="Bord", at=NOW)
    add_product(board=board, product=make_product(make_shop(), "Kop"), by=ada, at=NOW)
    publish_board(board=board, state=PublicationState(state), at=NOW)

    studio = client.get("/en/studio/").text
    editor = client.get(f"/en/studio/boards/{board.pk}/").text

    assert re.findall(r'<span class="state [^>]*>([^<]+)<', studio) == [label]
    assert re.findall(r'choice__title">([^<]+?)\s*<span class="badge', editor) == [label]


def test_studio_shows_the_title_of_the_last_draft(client, ada):
    post = posts.start_post(author=ada, title="Eerste titel", language="nl")
    client.post(
        reverse("cms:post_edit", args=[post.pk]),
        {"title": "Tweede titel", "language": "nl", "relation": "none", "blocks": "[]"},
    )

    page = client.get(reverse("cms:studio")).content.decode()

    assert "Tweede titel" in page
    assert "Eerste titel" not in page


def test_studio_counts_views_and_clicks_of_others_in_ninety_days(client, ada):
    board = create_board(owner=ada, title="Bord", at=NOW)
    other = create_board(owner=ada, title="Ander bord", at=NOW)
    now = timezone.now()
    for kind, is_own, days in [
        ("view", False, 1),
        ("view", False, 89),
        ("view", False, 91),
        ("view", True, 1),
        ("click", False, 1),
    ]:
        Touch.objects.create(
            id=uuid7(at=now - timedelta(days=days)),
            publication=board.publication,
            kind=kind,
            is_own=is_own,
            occurred_at=now - timedelta(days=days),
        )

    rows = {one["board"].pk: one["reach"] for one in client.get(reverse("cms:studio")).context["boards"]}

    assert (rows[board.pk].views, rows[board.pk].clicks) == (2, 1)
    assert (rows[other.pk].views, rows[other.pk].clicks) == (0, 0)


def test_stranger_is_asked_to_log_in(client):
    response = client.get(reverse("cms:studio"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_stories_come_in_pages(client, ada):
    for number in range(26):
        posts.start_post(author=ada, title=f"Verhaal {number}", language="nl")

    first = client.get(reverse("cms:studio"))
    second = client.get(reverse("cms:studio"), {"stories": "2"})
    wild = client.get(reverse("cms:studio"), {"stories": "9" * 5000})

    titles = [[one["standing"].post.title for one in page.context["stories"]] for page in (first, second)]
    assert (len(titles[0]), titles[1]) == (24, ["Verhaal 1", "Verhaal 0"])
    assert '?stories=2"' in first.content.decode()
    assert wild.status_code == 200


def test_page_of_stories_costs_the_same_for_one_and_for_three(client, ada):
    counts = []
    for number in (1, 2):
        for place in range(number):
            post = posts.start_post(author=ada, title=f"Verhaal {number} {place}", language="nl")
            draft = posts.Draft(
                title=post.title,
                intro="",
                language="nl",
                relation="none",
                themes=[],
                cover=None,
                blocks=[{"type": "heading", "text": "Kop"}],
            )
            posts.save_draft(post=post, draft=draft, by=ada)
            posts.submit_post(post=post, by=ada)
        client.get(reverse("cms:studio"))
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(reverse("cms:studio")).context["stories"]) == 2 * number - 1
        counts.append(len(queries))

    assert counts[0] == counts[1]
