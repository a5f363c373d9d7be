"""Somebody put aside is met nowhere: every list and page that shows what people made or said, one by one.

Ada is muted by Bob, then blocked by him, then blocks him. Each place shows her before, and to Eve all the time.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from advocates.enums import ContributorRole, PublicationState
from advocates.models import Contributor, Product, Publication, Shop
from cms.models import PostPage
from cms.posts import start_post
from cms.site_tree import plant_theme_pages
from community import boards, mutes
from community.models import Board, Follow, Question, Theme, User
from community.remixes import remix_board
from tests.community.reviewing import make_review
from tests.community.talk import make_answer, make_comment, make_question
from tests.community.voicing import make_board, make_story
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

NAME = "Ada Zandloper"


@dataclass(frozen=True)
class World:
    """What Ada made and said, on her own pages and on those of Carl."""

    ada: User
    bob: User
    eve: User
    shop: Shop
    cup: Product
    board: Board
    post: PostPage
    carls_post: PostPage
    carls: Board
    shared: Board
    hers: Question
    carls_question: Question


@pytest.fixture(scope="module")
def made(once) -> World:
    return once(make_world)


@pytest.fixture
def world(made) -> World:
    return deepcopy(made)


def make_world() -> World:
    theme = Theme.objects.create(slug="tafelen", name_nl="Tafelen", name_en="Dining")
    plant_theme_pages()
    shop = make_shop()
    ada = make_user(NAME, handle="ada", role="expert")
    ada.profile.works_at = shop
    ada.profile.save()
    carl = make_user("Carl Bos", handle="carl")
    cup = make_product(shop)
    board = _themed(make_board(ada, cup, "Zandlopertafel"), theme)
    make_story(ada, cup, "Zandloperverhaal")
    carls = _themed(make_board(carl, cup, "Tafel van Carl"), theme)
    shared = make_board(carl, cup, "Gedeelde tafel")
    Contributor.objects.create(
        publication=shared.publication, user=ada, role=ContributorRole.ADD, joined_at=NOW
    )
    remix = remix_board(source=shared, by=ada, at=NOW)
    boards.publish_board(board=remix, state=PublicationState.PUBLIC, at=NOW)
    Publication.objects.filter(pk=remix.publication_id).update(title="Zandloperversie")
    opening = make_comment(carls.publication, carl, "Wat vinden jullie?")
    make_comment(carls.publication, ada, "Zandloperreactie")
    make_comment(carls.publication, ada, "Zandloperweerwoord", parent=opening)
    make_question(ada, publication=carls.publication, title="Zandlopervraag over het bord?")
    hers = make_question(ada, product=cup, title="Zandlopervraag over de kop?")
    carls_question = make_question(carl, product=cup, title="Kan hij in de oven?")
    make_answer(carls_question, ada, "Zandloperantwoord", products=[cup])
    make_answer(hers, carl)
    make_question(carl, person=ada, title="Vraag aan de zandloper?")
    make_question(ada, person=carl, title="Zandlopervraag aan Carl?")
    post = _published(carl, "Een dag met Carl")
    make_comment(post.publication, ada, "Zandloperbrief")
    make_question(ada, publication=post.publication, title="Zandlopervraag over het verhaal?")
    make_review(cup, author=ada, name=NAME, text="Zandloperoordeel")
    bob, eve = make_user("Bob Jansen", handle="bob"), make_user("Eve Stil", handle="eve")
    for reader in (bob, eve):
        Follow.objects.create(follower=reader, theme=theme, created_at=NOW)
    Publication.objects.exclude(published_at=None).update(published_at=timezone.now() - timedelta(hours=1))
    return World(
        ada=ada,
        bob=bob,
        eve=eve,
        shop=shop,
        cup=cup,
        board=board,
        post=_published(ada, "Een dag met de zandloper"),
        carls_post=post,
        carls=carls,
        shared=shared,
        hers=hers,
        carls_question=carls_question,
    )


def _themed(board: Board, theme: Theme) -> Board:
    board.themes.add(theme)
    Publication.objects.filter(pk=board.publication_id).update(theme_slugs=[theme.slug])
    board.publication.refresh_from_db()
    return board


def _published(author: User, title: str) -> PostPage:
    post = start_post(author=author, title=title, language="nl")
    post.get_latest_revision().publish()
    post.refresh_from_db()
    return post


def _ask(world: World) -> str:
    return f"{reverse('community:ask')}?product={world.cup.pk}"


def _reviews(world: World) -> str:
    return reverse("community:reviews", args=[world.cup.pk])


def _comments(world: World) -> str:
    return reverse("community:comments", args=[world.carls.publication_id])


#: Where lists stand, and what of Ada they show.
LISTS = {
    "home": (lambda _: "/", ["Zandlopertafel", "Zandloperverhaal", NAME]),
    "stories": (lambda _: "/stories/", ["Zandloperverhaal"]),
    "boards": (lambda _: reverse("community:boards"), ["Zandlopertafel"]),
    "people": (lambda _: reverse("community:people"), [NAME]),
    "theme page": (lambda _: "/themes/tafelen/", ["Zandlopertafel", "Zandlopervraag over het bord?"]),
    "feed": (lambda _: reverse("community:feed"), ["Zandlopertafel"]),
    "profile of Carl": (lambda _: "/@carl/", ["Zandlopervraag aan Carl?"]),
    "story of Carl": (
        lambda world: world.carls_post.url,
        ["Zandloperbrief", "Zandlopervraag over het verhaal?"],
    ),
    "search": (lambda _: "/search/?q=zandlopertafel", ["/@ada/zandlopertafel/"]),
    "search, boards": (lambda _: "/search/?q=zandlopertafel&kind=stories", ["/@ada/zandlopertafel/"]),
    "search, people": (lambda _: "/search/?q=Ada&kind=people", [NAME]),
    "search, questions": (lambda _: "/search/?q=zandlopervraag&kind=questions", ["over de kop?"]),
    "suggestions": (lambda _: "/search/suggest/?q=zandlopert", ["/@ada/zandlopertafel/"]),
    "suggestions, people": (lambda _: "/search/suggest/?q=Ada", [NAME]),
    "product": (
        lambda world: world.cup.get_absolute_url(),
        ["Zandlopertafel", "Zandloperverhaal", "Zandlopervraag over de kop?", "Zandloperoordeel"],
    ),
    "reviews": (_reviews, ["Zandloperoordeel"]),
    "shop": (lambda world: world.shop.get_absolute_url(), ["Zandlopertafel", "/@ada/"]),
    "board": (
        lambda world: world.carls.get_absolute_url(),
        ["Zandlopertafel", "Zandloperreactie", "Zandloperweerwoord", "Zandlopervraag over het bord?"],
    ),
    "board with others": (lambda world: world.shared.get_absolute_url(), [NAME, "Zandloperversie"]),
    "comments": (_comments, ["Zandloperreactie", "Zandloperweerwoord"]),
    "questions": (
        lambda _: reverse("community:questions"),
        ["Zandlopervraag over de kop?", "Vraag aan de zandloper?"],
    ),
    "answers": (lambda world: world.carls_question.get_absolute_url(), ["Zandloperantwoord"]),
    "asked before": (_ask, ["Zandlopervraag over de kop?"]),
}

#: Pages of Ada's own, and of what she says.
PAGES = {
    "profile": lambda world: world.ada.profile.get_absolute_url(),
    "board": lambda world: world.board.get_absolute_url(),
    "post": lambda world: world.post.url,
    "comments": lambda world: reverse("community:comments", args=[world.board.publication_id]),
    "write a comment": lambda world: reverse("community:comment_new", args=[world.board.publication_id]),
    "question": lambda world: world.hers.get_absolute_url(),
    "answer her": lambda world: reverse("community:answer_new", args=[world.hers.pk]),
    "ask her": lambda _: f"{reverse('community:ask')}?person=ada",
    "ask about her board": lambda world: (
        f"{reverse('community:ask')}?publication={world.board.publication_id}"
    ),
}

ACTS = {
    "muted": (
        lambda world: mutes.mute(user=world.bob, other=world.ada, at=NOW),
        lambda world: mutes.unmute(user=world.bob, other=world.ada),
    ),
    "blocked": (
        lambda world: mutes.block(user=world.bob, other=world.ada, at=NOW),
        lambda world: mutes.unblock(user=world.bob, other=world.ada),
    ),
    "blocked by her": (
        lambda world: mutes.block(user=world.ada, other=world.bob, at=NOW),
        lambda world: mutes.unblock(user=world.ada, other=world.bob),
    ),
}


def _shown(client, person, url, words) -> list[str]:
    """Which of the words a page shows; not counted is what it says to machines, in its head."""
    client.force_login(person)
    page = client.get(url)
    assert page.status_code == 200
    content = page.content.decode()
    body = content.partition("<main")[2] or content
    return [word for word in words if word in body]


@pytest.mark.parametrize("place", LISTS)
def test_who_was_put_aside_is_met_in_no_list(client, world, place):
    address, words = LISTS[place]
    url = address(world)
    before = _shown(client, world.bob, url, words)
    seen = {}
    for name, (act, undo) in ACTS.items():
        act(world)
        seen[name] = (_shown(client, world.bob, url, words), _shown(client, world.eve, url, words))
        undo(world)

    assert before == words
    assert seen == dict.fromkeys(ACTS, ([], words))


@pytest.mark.parametrize("place", PAGES)
def test_page_of_who_was_blocked_is_not_there_and_of_who_was_muted_it_is(client, world, place):
    url = PAGES[place](world)
    seen = {}
    for name, (act, undo) in ACTS.items():
        act(world)
        seen[name] = []
        for person in (world.bob, world.eve):
            client.force_login(person)
            seen[name].append(client.get(url).status_code)
        undo(world)

    assert seen == {"muted": [200, 200], "blocked": [404, 200], "blocked by her": [404, 200]}


def test_surprise_leads_to_nobody_who_was_put_aside(client, world):
    url = reverse("community:surprise")
    theirs = Publication.objects.exclude(author=world.ada)
    theirs.update(state=PublicationState.HIDDEN)
    hers = {publication.get_absolute_url() for publication in Publication.objects.listed()}
    client.force_login(world.bob)
    before = client.get(url).url
    seen = {}
    for name, (act, undo) in ACTS.items():
        act(world)
        seen[name] = client.get(url).url
        undo(world)

    assert before in hers
    assert seen == dict.fromkeys(ACTS, "/")
