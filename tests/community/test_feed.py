"""The feed: what is new from whom and what one follows, in order of time, with an end; nothing that is not public."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from advocates.enums import PublicationKind, PublicationState
from advocates.models import Link
from community.boards import add_product, create_board, publish_board
from community.feed import DAYS, MOST_ITEMS, Mark, read_feed
from community.follows import follow
from community.models import Block, Follow, Mute, Pin, Theme
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


def read(user, number="1", until=None, seen_at=None, at=NOW):
    return read_feed(user=user, number=number, until=until, seen_at=seen_at, at=at)


def shown(user, **options):
    return [item.card.publication.title for item in read(user, **options).items]


def published(author, title, hours_ago, **fields):
    return make_publication(author, title, published_at=NOW - hours_ago * HOUR, **fields)


def test_feed_is_in_order_of_time_with_the_reason_for_each(ada, eve):
    bob, shop = make_user("Bob Jansen"), make_shop("Glas & Co")
    theme = Theme.objects.create(slug="tuinen", name_nl="Tuinen", name_en="Gardens")
    published(ada, "Van Ada", 3)
    published(bob, "In de tuin", 1, theme_slugs=["tuinen"])
    about = published(bob, "Met glas", 2)
    glass = make_product(shop, "Glas")
    link = Link.objects.create(code="bbbbbbbb", shop=shop, product=glass, publication=about, created_at=NOW)
    about.mentions.create(product=glass, link=link, position=0)
    published(bob, "Niets mee te maken", 1)
    for followed in (ada, theme, shop):
        follow(follower=eve, followed=followed, at=NOW)

    with translation.override("en"):
        items = read(eve).items

    assert [(item.card.publication.title, item.card.why) for item in items] == [
        ("In de tuin", "You follow the theme Gardens"),
        ("Met glas", "You follow Glas & Co"),
        ("Van Ada", "You follow Ada Vermeer"),
    ]


def test_publication_stands_once_with_every_reason(ada, eve):
    theme = Theme.objects.create(slug="tuinen", name_nl="Tuinen", name_en="Gardens")
    published(ada, "In de tuin", 1, theme_slugs=["tuinen"])
    for followed in (ada, theme):
        follow(follower=eve, followed=followed, at=NOW)

    with translation.override("en"):
        [item] = read(eve).items

    assert item.card.why == "You follow Ada Vermeer · You follow the theme Gardens"


@pytest.fixture
def board(ada):
    made = create_board(owner=ada, title="Aan tafel", at=NOW - timedelta(days=90))
    add_product(board=made, by=ada, product=make_product(make_shop()), at=NOW - timedelta(days=90))
    return publish_board(board=made, state=PublicationState.PUBLIC, at=NOW - timedelta(days=90))


def test_followed_board_comes_back_when_something_was_added(ada, eve, board):
    follow(follower=eve, followed=board, at=NOW)
    assert shown(eve) == []

    for hours_ago in (3, 2):
        product = make_product(make_shop(), "Bord")
        add_product(board=board, by=ada, product=product, at=NOW - hours_ago * HOUR)
    Pin.objects.create(board=board, position=9, heading="Later", added_by=ada, created_at=NOW - HOUR)

    with translation.override("en"):
        [item] = read(eve).items
    assert item.card.publication.title == "Aan tafel"
    assert item.card.why == "2 things more on a board you follow"
    assert item.at == NOW - 2 * HOUR


def test_what_one_added_oneself_is_no_news(ada, eve, board):
    follow(follower=eve, followed=board, at=NOW)
    add_product(board=board, by=eve, product=make_product(make_shop(), "Bord"), at=NOW - HOUR)

    assert shown(eve) == []


@pytest.mark.parametrize("state", [PublicationState.HIDDEN, PublicationState.UNLISTED])
def test_what_is_not_public_is_in_no_feed(ada, eve, board, state):
    theme = Theme.objects.create(slug="tuinen", name_nl="Tuinen", name_en="Gardens")
    story = published(ada, "In de tuin", 1, kind=PublicationKind.POST, theme_slugs=["tuinen"])
    add_product(board=board, by=ada, product=make_product(make_shop(), "Bord"), at=NOW - HOUR)
    shop = make_shop("Glas & Co")
    glass = make_product(shop, "Glas")
    link = Link.objects.create(code="bbbbbbbb", shop=shop, product=glass, publication=story, created_at=NOW)
    story.mentions.create(product=glass, link=link, position=0)
    for followed in (ada, theme, shop, board):
        follow(follower=eve, followed=followed, at=NOW)
    assert len(shown(eve)) == 2

    publish_board(board=board, state=state, at=NOW)
    story.state = state
    story.save()

    assert shown(eve) == []


def test_people_put_aside_are_in_no_feed_by_any_way(ada, eve, board):
    theme = Theme.objects.create(slug="tuinen", name_nl="Tuinen", name_en="Gardens")
    published(ada, "In de tuin", 1, theme_slugs=["tuinen"])
    add_product(board=board, by=ada, product=make_product(make_shop(), "Bord"), at=NOW - HOUR)
    for followed in (ada, theme, board):
        follow(follower=eve, followed=followed, at=NOW)
    assert len(shown(eve)) == 2

    mute = Mute.objects.create(user=eve, muted=ada, created_at=NOW)
    assert shown(eve) == []
    mute.delete()
    Block.objects.create(user=ada, blocked=eve, created_at=NOW)
    assert shown(eve) == []


def test_own_things_are_no_news(eve):
    theme = Theme.objects.create(slug="tuinen", name_nl="Tuinen", name_en="Gardens")
    published(eve, "Van mijzelf", 1, theme_slugs=["tuinen"])
    follow(follower=eve, followed=theme, at=NOW)

    assert shown(eve) == []


def test_feed_ends_after_a_month_and_after_many(ada, eve):
    follow(follower=eve, followed=ada, at=NOW)
    published(ada, "Te oud", 24 * DAYS + 1)
    published(ada, "Oud", 24 * DAYS - 1)
    published(ada, "Van morgen", -24)
    assert shown(eve) == ["Oud"]

    for number in range(MOST_ITEMS):
        published(ada, f"Nieuw {number}", 1)

    titles = [title for number in range(1, 10) for title in shown(eve, number=str(number))]
    assert len(titles) == MOST_ITEMS
    assert "Oud" not in titles
    assert not read(eve, number="9").page.has_next


def test_pieces_go_on_where_the_first_began_though_something_new_came(ada, eve):
    follow(follower=eve, followed=ada, at=NOW)
    for number in range(30):
        published(ada, f"Nummer {number}", number + 1)
    first = read(eve)
    make_publication(ada, "Net nieuw", published_at=NOW + timedelta(minutes=1))

    second = read(eve, number="2", until=first.until, at=NOW + timedelta(minutes=2))

    titles = [item.card.publication.title for item in [*first.items, *second.items]]
    assert titles == [f"Nummer {number}" for number in range(30)]


def test_line_stands_above_what_is_new_and_above_what_is_not(ada, eve):
    follow(follower=eve, followed=ada, at=NOW)
    for hours_ago in (1, 2, 3, 4):
        published(ada, f"Van {hours_ago} uur", hours_ago)

    def marks(seen_at):
        return [item.mark for item in read(eve, seen_at=seen_at).items]

    assert marks(None) == [None, None, None, None]
    assert marks(NOW - 2.5 * HOUR) == [Mark.NEW, None, Mark.SEEN, None]
    assert marks(NOW - 9 * HOUR) == [Mark.NEW, None, None, None]
    assert marks(NOW) == [None, None, None, None]


# The page -------------------------------------------------------------------------------------------------


@pytest.fixture
def as_eve(eve):
    client = Client()
    client.force_login(eve)
    return client


def test_feed_is_for_oneself(client):
    page = client.get("/feed/")

    assert page.status_code == 302
    assert page["Location"].startswith("/account/login/")


def test_page_says_what_is_new_since_the_last_visit_and_that_one_is_up_to_date(ada, eve, as_eve):
    follow(follower=eve, followed=ada, at=NOW)
    now = timezone.now()
    make_publication(ada, "Van gisteren", published_at=now - 24 * HOUR)

    first = as_eve.get("/en/feed/").content.decode()
    make_publication(ada, "Van zonet", published_at=timezone.now())
    second = as_eve.get("/en/feed/").content.decode()
    third = as_eve.get("/en/feed/").content.decode()

    assert "New since your last visit" not in first
    assert "You are up to date." in first
    assert second.index("New since your last visit") < second.index("Van zonet")
    assert second.index("Van zonet") < second.index("You were here before") < second.index("Van gisteren")
    assert "New since your last visit" not in third


def test_further_piece_does_not_count_as_a_visit(ada, eve, as_eve):
    follow(follower=eve, followed=ada, at=NOW)
    for number in range(30):
        make_publication(ada, f"Nummer {number}", published_at=timezone.now() - number * HOUR)
    first = as_eve.get("/en/feed/")
    eve.profile.refresh_from_db()
    seen_at = eve.profile.feed_seen_at

    second = as_eve.get(f"/en/feed/?{first.context['query']}page=2")

    assert "Nummer 29" in second.content.decode()
    assert "You are up to date." in second.content.decode()
    eve.profile.refresh_from_db()
    assert eve.profile.feed_seen_at == seen_at


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=x",
        "page=99999999999999999999",
        "page=2&until=9999999999999999&seen=9999999999999999",
        "page=2&until=99999999999999999999999",
        "page=2&until=%00&seen=²",
        "page=2&until=-5",
    ],
)
def test_strange_address_gets_a_page(as_eve, query):
    assert as_eve.get(f"/feed/?{query}").status_code == 200


def test_empty_feeds_say_why(ada, eve, as_eve):
    assert "You follow nothing yet" in as_eve.get("/en/feed/").content.decode()
    follow(follower=eve, followed=ada, at=NOW)
    assert f"Nothing new in the last {DAYS} days" in as_eve.get("/en/feed/").content.decode()


def test_nothing_of_a_feed_is_kept(ada, eve):
    follow(follower=eve, followed=ada, at=NOW)
    make_publication(ada, "Van Ada")

    with CaptureQueriesContext(connection) as queries:
        read(eve)

    assert [query["sql"] for query in queries if not query["sql"].lstrip("(").startswith("SELECT")] == []


def test_feed_costs_the_same_for_one_and_for_three(eve, as_eve):
    def grow(number):
        author = make_user(f"Bob {number} de Vries")
        theme = Theme.objects.create(slug=f"thema-{number}", name_nl="T", name_en="T")
        made = create_board(owner=author, title=f"Bord {number}", themes=[theme], at=timezone.now())
        shop = make_shop(f"Winkel {number}")
        add_product(board=made, by=author, product=make_product(shop), at=timezone.now())
        publish_board(board=made, state=PublicationState.PUBLIC, at=timezone.now())
        for followed in (author, made, theme, shop):
            follow(follower=eve, followed=followed, at=NOW)

    def sql():
        with CaptureQueriesContext(connection) as queries:
            assert as_eve.get("/feed/").status_code == 200
        return [query["sql"] for query in queries]

    grow(1)
    sql()
    one = sql()
    grow(2)
    grow(3)
    three = sql()

    assert Follow.objects.filter(follower=eve).count() == 12
    assert len(three) == len(one)
