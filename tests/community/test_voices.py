"""Five voices on a teacup: who is heard, by whom, with which label, and what a figure gives away."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from advocates.clicks import click_on, lead_of, store_click
from advocates.enums import ContributorRole
from advocates.models import Contributor
from advocates.refunds import RefundReport, record_refund
from community.boards import add_product
from community.enums import ReviewOrigin
from community.models import Follow, Hotspot, Pin, Review
from community.mutes import block, mute
from community.pictures import store_picture
from community.review_scores import reviews_of
from community.voices import LEAST_TOLD, voices_of
from tests.community.outside_world import camera_file
from tests.community.reviewing import sell
from tests.community.voicing import make_board, make_story
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

ANYBODY = AnonymousUser()


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def cup(shop):
    return make_product(shop)


@pytest.fixture
def ada(db):
    return make_user("Ada Vermeer", role="expert")


@pytest.fixture
def fenna(db):
    return make_user("Fenna Bos", role="public_figure")


def heard(product, viewer=ANYBODY):
    reviews = reviews_of(product=product, viewer=viewer, most=3)
    return voices_of(product=product, viewer=viewer, reviews=reviews, at=NOW)


def follow(follower, person):
    Follow.objects.create(follower=follower, person=person, created_at=NOW)


def judge(product, author, *, stars=4, title="Fijn", **fields):
    values = {"origin": ReviewOrigin.UNVERIFIED, "name": author.name, "language": "nl", "written_at": NOW}
    return Review.objects.create(
        product=product, author=author, stars=stars, title=title, **{**values, **fields}
    )


def test_expert_and_known_face_are_heard_in_their_own_words(shop, cup, ada, fenna):
    make_enrolment(ada, make_deal(shop))
    board = make_board(fenna, cup, "Ontbijt", note="Elke ochtend deze.")
    guide = make_story(ada, cup, "Koopgids thee", kind="guide", at=NOW - timedelta(days=9))
    make_board(ada, cup, "Later bord", note="Ook goed.")

    voices = heard(cup)

    assert (voices.expert.publication, voices.expert.note, voices.expert.is_quote) == (
        guide,
        "Samenvatting van Koopgids thee",
        False,
    )
    assert (voices.expert.label, voices.expert.link.advocate.user) == ("Advertisement", ada)
    assert (voices.face.publication, voices.face.note, voices.face.is_quote) == (
        board.publication,
        "Elke ochtend deze.",
        True,
    )
    assert (voices.face.label, voices.face.link.advocate) == ("", None)


def test_newest_board_of_a_known_face_goes_before_other_things(cup, fenna):
    make_board(fenna, cup, "Oud", at=NOW - timedelta(days=2))
    newest = make_board(fenna, cup, "Nieuw", at=NOW - timedelta(days=1))
    make_story(fenna, cup, "Verhaal")

    assert heard(cup).face.publication == newest.publication


def test_note_under_a_hotspot_is_quoted_and_another_makers_is_not(cup, ada):
    bob = make_user("Bob Smit")
    board = make_board(ada, make_product(cup.shop, "Bord"), "Samen")
    Contributor.objects.create(
        publication=board.publication, user=bob, role=ContributorRole.ADD, joined_at=NOW
    )
    add_product(board=board, product=cup, by=bob, note="Bobs woorden", at=NOW)

    assert (heard(cup).expert.note, heard(cup).expert.is_quote) == ("Over Samen", False)

    picture = store_picture(file=camera_file(), title="Tafel", uploaded_by=ada)
    pin = Pin.objects.create(board=board, position=9, picture=picture, added_by=ada, created_at=NOW)
    Hotspot.objects.create(pin=pin, product=cup, x_bps=1, y_bps=1, note="Adas woorden", position=0)

    assert (heard(cup).expert.note, heard(cup).expert.is_quote) == ("Adas woorden", True)


@pytest.mark.parametrize("state", ["unlisted", "hidden"])
def test_what_nobody_may_find_is_no_voice_and_counts_for_nothing(cup, ada, state):
    for number in range(LEAST_TOLD):
        make_board(make_user(f"Ieder{number}"), cup, f"Geheim {number}", state=state)
    make_board(ada, cup, "Geheim", state=state)

    voices = heard(cup, make_user("Bob Smit"))

    assert voices.is_silent
    assert (voices.crowd.boards, voices.crowd.savers) == (0, 0)
    assert heard(cup, ada).expert is None


def test_people_one_follows_are_heard_once_each_and_by_nobody_else(cup, ada, fenna):
    viewer, kees, noor = make_user("Bob Smit"), make_user("Kees Prins"), make_user("Noor Vos")
    for person in (ada, kees, noor):
        follow(viewer, person)
    first = make_story(ada, cup, "Eerst", kind="guide")
    second = make_story(ada, cup, "Tweede", at=NOW - timedelta(hours=1))
    of_kees = make_board(kees, cup, "Kees", note="Ja", at=NOW - timedelta(days=1))
    make_board(kees, cup, "Kees vroeger", at=NOW - timedelta(days=5))
    judge(cup, kees)
    review = judge(cup, noor, title="Lekt een beetje", stars=2)
    judge(make_product(cup.shop), fenna)

    voices = heard(cup, viewer)

    assert (voices.expert.publication, voices.expert.is_followed) == (first, True)
    assert [voice.publication or voice.review for voice in voices.followed] == [
        second,
        of_kees.publication,
        review,
    ]
    assert voices.followed[2].note == "Lekt een beetje"
    assert heard(cup).followed == []
    assert heard(cup, make_user("Eve Stil")).is_followed_heard is False


def test_whom_one_put_aside_is_not_heard(cup, ada, fenna):
    viewer, kees = make_user("Bob Smit"), make_user("Kees Prins")
    for person in (ada, fenna, kees):
        follow(viewer, person)
    make_story(ada, cup)
    make_board(fenna, cup)
    judge(cup, kees)
    mute(user=viewer, other=ada, at=NOW)
    mute(user=viewer, other=kees, at=NOW)
    block(user=fenna, other=viewer, at=NOW)

    voices = heard(cup, viewer)

    assert (voices.expert, voices.face, voices.followed) == (None, None, [])
    assert voices.absent == [
        "an expert",
        "a known face",
        "buyers with a verified purchase",
        "the crowd (fewer than five so far)",
    ]
    assert heard(cup).expert.profile == ada.profile


def test_crowd_is_counted_from_five_people_on(cup):
    for number in range(LEAST_TOLD - 1):
        make_board(make_user(f"Ieder{number}"), cup, f"Bord {number}")
    few = heard(cup).crowd

    make_board(make_user("Noor Vos"), cup, "Nog een")
    old = make_board(make_user("Kees Prins"), cup, "Oud", at=NOW - timedelta(days=91))
    Pin.objects.filter(board=old).update(created_at=NOW - timedelta(days=91))
    crowd = heard(cup).crowd

    assert (few.boards, few.savers, few.has_figures) == (0, 0, False)
    assert (crowd.boards, crowd.savers, crowd.sales) == (6, 5, 0)


def test_only_sales_that_somebody_inspired_and_that_were_kept_are_told(shop, cup, ada):
    make_enrolment(ada, make_deal(shop))
    board = make_board(ada, cup)
    link = board.publication.mentions.get().link

    def sold(number, **fields):
        return sell(shop, cup, number=number, email=f"b{number}@example.com", **fields)

    clicks = [store_click(click_on(lead_of(link), visitor_key=None, at=NOW)) for _six in range(6)]
    sales = [sold(str(number), click_id=str(click.pk)) for number, click in enumerate(clicks)]
    sold("toeval")
    six = heard(cup).crowd.sales

    report = RefundReport(external_id="R1", refunded_at=NOW, amount_minor=2420)
    record_refund(sale=sales[0], report=report, at=NOW)
    five = heard(cup).crowd.sales
    record_refund(
        sale=sales[1], report=RefundReport(external_id="R2", refunded_at=NOW, amount_minor=100), at=NOW
    )

    assert (six, five, heard(cup).crowd.sales) == (6, 5, 5)


@pytest.mark.parametrize("number", [1, 3])
def test_voices_take_the_same_number_of_queries(cup, ada, fenna, django_assert_num_queries, number):
    viewer = make_user("Bob Smit")
    for person in (ada, fenna):
        make_enrolment(person, make_deal(make_shop()))
    make_story(ada, cup)
    make_board(fenna, cup, note="Mooi")
    for one in range(number):
        kees = make_user(f"Kees{one}")
        follow(viewer, kees)
        make_board(kees, cup, f"Bord {one}", note="Ja")
        noor = make_user(f"Noor{one}")
        follow(viewer, noor)
        judge(cup, noor)
    reviews = reviews_of(product=cup, viewer=viewer, most=3)

    with django_assert_num_queries(17):
        voices_of(product=cup, viewer=viewer, reviews=reviews, at=NOW)
