"""Reviews: who may write one, as what it counts, what the shop and the house may do about it, what they come to."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.site_tree import MODERATORS
from community.enums import ReportOutcome, ReportReason, ReviewOrigin, ReviewState
from community.models import Block, Mute, Picture, Profile, Review, ReviewReport
from community.pictures import clean_picture, store_picture
from community.review_scores import reviews_of, score_of
from community.reviews import (
    Judgement,
    UnableToReview,
    change_review,
    decide_report,
    judge_waiting,
    reply_to_review,
    report_review,
    version_of,
    write_review,
)
from tests.community.reviewing import make_review, photo, verified
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mila():
    return make_user("Mila de Boer", email="mila@example.com", language="en")


@pytest.fixture
def shop(mila):
    return make_shop("Klei & Co", owner=mila, slug="klei")


@pytest.fixture
def cup(shop):
    return make_product(shop, "Theekop")


@pytest.fixture
def noor(client):
    noor = make_user("Noor Bakker", handle="noor", email="noor@example.com", language="en")
    client.force_login(noor)
    return noor


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


def _page(product, query=""):
    return reverse("community:reviews", args=[product.pk]) + query


def _write(client, product, **fields):
    data = {"name": "Noor", "stars": 4, "title": "Goed", "text": "", "less_good": ""}
    return client.post(reverse("community:review_new", args=[product.pk]), {**data, **fields})


# Writing ---------------------------------------------------------------------------------------------------


def test_first_review_of_an_account_waits_and_the_next_does_not(client, noor, cup, shop):
    _write(client, cup)
    first = Review.objects.get()
    assert (first.origin, first.state, first.author, first.name) == ("unverified", "waiting", noor, "Noor")
    assert first.title not in client.get(_page(cup)).content.decode().partition("review-list")[2]

    judge_waiting(review=first)
    _write(client, make_product(shop, "Bord"))

    assert Review.objects.get(product__title="Bord").state == ReviewState.PUBLIC


def test_author_sees_her_waiting_review_and_nobody_else_does(client, noor, cup, eve):
    _write(client, cup, title="Nog niet te zien")

    assert "Nog niet te zien" in client.get(_page(cup)).content.decode()
    client.force_login(eve)
    assert "Nog niet te zien" not in client.get(_page(cup)).content.decode()
    client.logout()
    assert "Nog niet te zien" not in client.get(_page(cup)).content.decode()


def test_stranger_logs_in_before_writing(client, cup):
    answer = client.get(reverse("community:review_new", args=[cup.pk]))

    assert answer.url == f"{reverse('account_login')}?next=/products/{cup.pk}/reviews/new/"


def test_second_review_of_a_product_is_a_change_of_the_first(client, noor, cup):
    _write(client, cup)

    answer = _write(client, cup, stars=1)

    assert answer.url == reverse("community:review_edit", args=[Review.objects.get().pk])
    with pytest.raises(UnableToReview):
        write_review(
            product=cup, author=noor, judgement=Judgement(stars=1), name="Noor", language="nl", at=NOW
        )


@pytest.mark.parametrize(
    ("who", "is_received", "origin"),
    [
        ("noor", False, ReviewOrigin.UNVERIFIED),
        ("noor", True, ReviewOrigin.RECEIVED),
        ("mila", False, ReviewOrigin.EMPLOYEE),
        ("mila", True, ReviewOrigin.EMPLOYEE),
        ("emma", False, ReviewOrigin.EMPLOYEE),
    ],
)
def test_badge_says_as_whom_somebody_writes(cup, mila, who, is_received, origin):
    shop = cup.shop
    people = {"mila": mila, "noor": make_user("Noor Bakker"), "emma": make_user("Emma Winkel")}
    Profile.objects.filter(user=people["emma"]).update(works_at=shop)

    review = write_review(
        product=cup,
        author=people[who],
        judgement=Judgement(stars=5),
        name="x",
        language="nl",
        is_received=is_received,
        at=NOW,
    )

    assert review.origin == origin
    assert score_of([cup]) == {}


def test_form_without_stars_keeps_what_was_typed(client, noor, cup):
    page = _write(client, cup, stars="", text="Ik drink er thee uit.")

    assert page.status_code == 422
    assert page.context["form"].errors == {"stars": ["Choose one to five stars."]}
    assert "Ik drink er thee uit." in page.content.decode()
    assert not Review.objects.exists()


def test_nobody_writes_reviews_by_machine(client, noor, shop):
    for number in range(10):
        assert _write(client, make_product(shop, f"Kop {number}")).status_code == 302

    page = _write(client, make_product(shop, "Een te veel"))

    assert page.status_code == 422
    assert "That is a lot in one hour." in page.content.decode()
    assert Review.objects.count() == 10


@pytest.mark.parametrize(
    "fields",
    [
        {"origin": "verified", "sale_line": None},
        {"origin": "imported", "source_name": ""},
        {"stars": 0},
        {"stars": 6},
        {"state": "hidden", "hidden_reason": ""},
    ],
)
def test_database_refuses_what_no_review_may_be(cup, fields):
    with pytest.raises(IntegrityError):
        make_review(cup, **fields)


# Changing and taking back ----------------------------------------------------------------------------------


def _own(noor, cup, **fields):
    review = make_review(cup, author=noor, **fields)
    judgement = Judgement(
        stars=4, title="Goed", text="Elke ochtend.", pictures=[clean_picture(photo()), clean_picture(photo())]
    )
    return change_review(review=review, judgement=judgement, name="Noor", seen="first", at=NOW)


def test_author_changes_her_review_and_readers_see_that(client, noor, cup):
    review = _own(noor, cup)
    going, staying = review.review_pictures.all()
    data = {
        "name": "Noor B.",
        "stars": 2,
        "title": "Toch niet",
        "text": "Hij lekt.",
        "less_good": "Alles",
        "removed": [going.pk],
        "pictures": [photo()],
        "seen": version_of(review),
    }

    answer = client.post(reverse("community:review_edit", args=[review.pk]), data)

    review.refresh_from_db()
    assert answer.status_code == 302
    assert (review.stars, review.title, review.text, review.name) == (2, "Toch niet", "Hij lekt.", "Noor B.")
    assert review.edited_at is not None
    assert [one.pk == staying.pk for one in review.review_pictures.all()] == [True, False]
    assert not Picture.objects.filter(pk=going.picture_id).exists()
    html = client.get(_page(cup)).content.decode()
    assert "changed" in html.partition("review-list")[2]


def test_change_from_an_old_window_is_shown_beside_the_new_one(client, noor, cup):
    review = make_review(cup, author=noor)
    change_review(
        review=review,
        judgement=Judgement(stars=1, text="In het andere venster."),
        name="N",
        seen="first",
        at=NOW,
    )
    data = {"name": "Noor", "stars": 5, "text": "In dit venster.", "seen": "first"}

    page = client.post(reverse("community:review_edit", args=[review.pk]), data)

    html = page.content.decode()
    assert page.status_code == 409
    assert ("In het andere venster." in html, "In dit venster." in html) == (True, True)
    assert Review.objects.get().text == "In het andere venster."
    data["seen"] = page.context["form"]["seen"].value()
    assert client.post(reverse("community:review_edit", args=[review.pk]), data).status_code == 302
    assert Review.objects.get().text == "In dit venster."


def test_review_has_at_most_four_pictures_after_a_change_too(client, noor, cup):
    review = _own(noor, cup)
    data = {"name": "N", "stars": 4, "pictures": [photo() for _one in range(3)], "seen": version_of(review)}

    page = client.post(reverse("community:review_edit", args=[review.pk]), data)

    assert page.status_code == 422
    assert "At most 4 pictures fit with a review." in page.content.decode()
    assert review.review_pictures.count() == 2


def test_picture_of_another_review_is_not_taken_away(client, noor, cup, shop):
    review = _own(noor, cup)
    other = _own(make_user("Bob Koper"), make_product(shop, "Bord"))
    data = {
        "name": "N",
        "stars": 4,
        "removed": [other.review_pictures.first().pk],
        "seen": version_of(review),
    }

    page = client.post(reverse("community:review_edit", args=[review.pk]), data)

    assert page.status_code == 422
    assert other.review_pictures.count() == 2


@pytest.fixture
def files_on_disk(settings, tmp_path):
    """Wagtail erases through a storage that it makes anew; one in memory would be empty."""
    settings.MEDIA_ROOT = tmp_path
    file_system = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": file_system}


@pytest.mark.usefixtures("files_on_disk")
def test_author_takes_her_review_back_with_its_pictures(
    client, noor, cup, django_capture_on_commit_callbacks
):
    review = _own(noor, cup)
    pictures = [one.picture for one in review.review_pictures.all()]
    files = [file for one in pictures for file in (one.file, one.get_rendition("width-40|format-webp").file)]
    assert [file.storage.exists(file.name) for file in files] == [True] * 4
    address = reverse("community:review_withdraw", args=[review.pk])
    assert client.get(address).status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        client.post(address)

    assert not Review.objects.exists()
    assert not Picture.objects.exists()
    assert [file.storage.exists(file.name) for file in files] == [False] * 4


def test_hidden_review_can_be_taken_back_and_not_changed(client, noor, cup):
    review = make_review(cup, author=noor, state=ReviewState.HIDDEN, hidden_reason="Noemt een buurman.")
    data = {"name": "N", "stars": 4, "seen": "first"}

    answer = client.post(reverse("community:review_edit", args=[review.pk]), data)

    assert answer.url == reverse("community:my_reviews")
    with pytest.raises(UnableToReview):
        change_review(review=review, judgement=Judgement(stars=4), name="N", seen="first", at=NOW)
    assert "Noemt een buurman." in client.get(reverse("community:my_reviews")).content.decode()
    client.post(reverse("community:review_withdraw", args=[review.pk]))
    assert not Review.objects.exists()


def test_eve_changes_nothing_of_another(client, noor, cup, eve, mila):
    review = make_review(cup, author=noor)
    anonymous = make_review(cup)
    for person in (eve, mila):
        client.force_login(person)
        for name in ("review_edit", "review_withdraw"):
            for one in (review, anonymous):
                address = reverse(f"community:{name}", args=[one.pk])
                assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    assert Review.objects.count() == 2


# The shop --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client, mila, shop):
    client.force_login(mila)
    return client


def test_shop_answers_once_and_a_person_signs(desk, cup, mila):
    review = make_review(cup)
    address = reverse("community:desk_review_reply", args=["klei", review.pk])

    desk.post(address, {"text": "Dank je <b>wel</b>.", "seen": ""})

    assert (review.reply.text, review.reply.author) == ("Dank je <b>wel</b>.", mila)
    html = desk.get(_page(cup)).content.decode()
    assert "Mila de Boer of Klei &amp; Co answers" in html
    assert "Dank je &lt;b&gt;wel&lt;/b&gt;." in html


def test_answer_is_bettered_and_not_doubled(desk, cup):
    review = make_review(cup)
    address = reverse("community:desk_review_reply", args=["klei", review.pk])
    desk.post(address, {"text": "Dank.", "seen": ""})
    stale = desk.post(address, {"text": "Van een collega.", "seen": ""})
    assert (stale.status_code, "A colleague answered" in stale.content.decode()) == (409, True)

    desk.post(address, {"text": "Dank je wel.", "seen": "first"})

    review.refresh_from_db()
    assert (review.reply.text, review.reply.edited_at is not None) == ("Dank je wel.", True)


def test_shop_reports_and_the_review_stays(desk, cup, mila):
    review = make_review(cup, stars=1)
    address = reverse("community:desk_review_report", args=["klei", review.pk])
    assert desk.post(address, {"reason": "because_it_is_bad", "text": "x"}).status_code == 422

    desk.post(address, {"reason": "not_a_customer", "text": "Kennen wij niet."})
    again = desk.post(address, {"reason": "insult", "text": "Nog eens."})

    report = ReviewReport.objects.get()
    assert (report.reporter, report.reason, report.outcome) == (mila, "not_a_customer", "")
    assert (again.status_code, "already" in again.content.decode()) == (422, True)
    review.refresh_from_db()
    assert review.state == ReviewState.PUBLIC
    assert (
        "We are looking at it"
        in desk.get(reverse("community:desk_reviews", args=["klei"]) + "?show=reports").content.decode()
    )


def test_desk_lists_its_own_reviews_alone(desk, cup, shop):
    make_review(cup, title="Van ons")
    make_review(make_product(make_shop("Hout"), "Stoel"), title="Van een ander")
    make_review(cup, title="Verborgen", state=ReviewState.HIDDEN, hidden_reason="x")

    html = desk.get(reverse("community:desk_reviews", args=["klei"])).content.decode()

    assert ("Van ons" in html, "Van een ander" in html, "Verborgen" in html) == (True, False, False)


def test_desk_shows_what_has_no_answer(desk, cup):
    make_review(cup, title="Nog niets gezegd")
    answered = make_review(cup, title="Al beantwoord")
    desk.post(
        reverse("community:desk_review_reply", args=["klei", answered.pk]), {"text": "Dank.", "seen": ""}
    )

    html = desk.get(reverse("community:desk_reviews", args=["klei"]) + "?show=open").content.decode()

    assert ("Nog niets gezegd" in html, "Al beantwoord" in html) == (True, False)


DESK = ["desk_reviews", "desk_review_import", "desk_review_import_store"]
DESK_OF_REVIEW = ["desk_review_reply", "desk_review_report"]


def _desk_addresses(review):
    yield from (reverse(f"community:{name}", args=["klei"]) for name in DESK)
    yield from (reverse(f"community:{name}", args=["klei", review.pk]) for name in DESK_OF_REVIEW)


def test_desk_of_another_is_not_there_for_eve(client, cup, shop, eve):
    review = make_review(cup)
    client.force_login(eve)

    for address in _desk_addresses(review):
        assert (client.get(address).status_code, client.post(address).status_code) == (404, 404), address


def test_desk_asks_a_stranger_to_log_in(client, cup, shop):
    for address in _desk_addresses(make_review(cup)):
        assert client.post(address).url.startswith(reverse("account_login")), address


def test_review_of_another_shop_is_not_there_for_mila(desk, shop):
    other = make_review(make_product(make_shop("Hout"), "Stoel"))

    for name in DESK_OF_REVIEW:
        address = reverse(f"community:{name}", args=["klei", other.pk])
        assert desk.post(address, {"text": "x", "seen": "", "reason": "insult"}).status_code == 404


# The house -------------------------------------------------------------------------------------------------


@pytest.fixture
def mo(client, settings, mila):
    """A moderator, without being superuser."""
    settings.STAFF_NEED_SECOND_FACTOR = False
    mo = make_user("Mo Jansen", is_staff=True)
    mo.groups.add(Group.objects.get(name=MODERATORS))
    client.force_login(mo)
    return mo


def _report(review, by, reason=ReportReason.INSULT):
    return report_review(review=review, by=by, reason=reason, text="Zie de tweede zin.", at=NOW)


def test_report_that_fails_leaves_the_review_and_tells_the_shop(client, mo, cup, mila):
    review = make_review(cup, stars=1, author=make_user("Noor Bakker", email="noor@example.com"))
    report = _report(review, mila)
    assert "Theekop" in client.get(reverse("review_queue")).content.decode()

    client.post(
        reverse("review_report", args=[report.pk]), {"outcome": "kept", "note": "Streng, maar het mag."}
    )

    review.refresh_from_db()
    report.refresh_from_db()
    assert (review.state, report.outcome, report.decided_by) == ("public", "kept", mo)
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["mila@example.com"], "Your report of a review of Theekop")
    ]
    assert "Streng, maar het mag." in mail.outbox[0].body


def test_hiding_tells_shop_and_author_why_and_takes_it_out_of_the_score(client, mo, cup, mila):
    noor = make_user("Noor Bakker", email="noor@example.com", language="en")
    bad, good = verified(cup, 1, 5)
    Review.objects.filter(pk=bad.pk).update(author=noor)
    first, second = _report(bad, mila), _report(bad, make_user("Emma Winkel", email="emma@example.com"))

    client.post(
        reverse("review_report", args=[first.pk]), {"outcome": "hidden", "note": "Noemt een buurman."}
    )

    bad.refresh_from_db()
    second.refresh_from_db()
    assert (bad.state, bad.hidden_reason, second.outcome) == ("hidden", "Noemt een buurman.", "hidden")
    assert score_of([cup])[cup.pk].by_stars == (1, 0, 0, 0, 0)
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "emma@example.com",
        "mila@example.com",
        "noor@example.com",
    ]
    to_author = next(letter for letter in mail.outbox if letter.to == ["noor@example.com"])
    assert "Noemt een buurman." in to_author.body
    assert "Noemt een buurman." in to_author.alternatives[0][0]
    assert client.get(_page(cup)).context["page_of_reviews"].object_list == [good]


def test_decision_needs_a_reason_and_is_taken_once(client, mo, cup, mila):
    report = _report(make_review(cup), mila)
    address = reverse("review_report", args=[report.pk])
    assert client.post(address, {"outcome": "hidden", "note": " "}).status_code == 422

    decide_report(report=report, outcome=ReportOutcome.KEPT, note="Mag.", by=mo, at=NOW)

    assert client.post(address, {"outcome": "hidden", "note": "Toch"}).status_code == 404
    with pytest.raises(UnableToReview):
        decide_report(report=report, outcome=ReportOutcome.HIDDEN, note="Toch", by=mo, at=NOW)


def test_waiting_review_is_shown_or_hidden_with_a_reason(client, mo, cup, shop):
    noor = make_user("Noor Bakker", email="noor@example.com")
    fine = make_review(cup, author=noor, state=ReviewState.WAITING)
    foul = make_review(make_product(shop, "Bord"), author=noor, state=ReviewState.WAITING)
    assert client.post(reverse("review_waiting", args=[foul.pk]), {"is_shown": "no"}).status_code == 422

    client.post(reverse("review_waiting", args=[fine.pk]), {"is_shown": "yes"})
    client.post(reverse("review_waiting", args=[foul.pk]), {"is_shown": "no", "reason": "Reclame."})

    fine.refresh_from_db()
    foul.refresh_from_db()
    assert (fine.state, foul.state, foul.hidden_reason) == ("public", "hidden", "Reclame.")
    assert [letter.to for letter in mail.outbox] == [["noor@example.com"]] * 2


def test_only_who_may_decide_sees_the_queue(client, settings, cup, eve, mila):
    settings.STAFF_NEED_SECOND_FACTOR = False
    report = _report(make_review(cup), mila)
    waiting = make_review(cup, state=ReviewState.WAITING)
    eve.is_staff = True
    eve.save()
    addresses = [
        reverse("review_queue"),
        reverse("review_report", args=[report.pk]),
        reverse("review_waiting", args=[waiting.pk]),
    ]
    for person in (eve, mila):
        client.force_login(person)
        assert {client.post(one, {"outcome": "hidden", "note": "x"}).status_code for one in addresses} <= {
            302,
            403,
        }
    report.refresh_from_db()
    assert report.outcome == ""


# What they come to -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stars", "mean"),
    [
        ([5], "5.0"),
        ([1, 5], "3.0"),
        ([5, 4, 4], "4.3"),
        ([4, 4, 4, 5], "4.3"),
        ([1, 2, 2], "1.7"),
        ([3, 3, 4], "3.3"),
    ],
)
def test_score_is_the_mean_to_one_decimal_halves_upwards(cup, stars, mean):
    verified(cup, *stars)

    score = score_of([cup])[cup.pk]

    assert (score.mean, score.count, score.total) == (Decimal(mean), len(stars), sum(stars))


def test_only_public_reviews_of_purchases_count(cup, shop):
    verified(cup, 5, 4)
    Review.objects.filter(pk=verified(cup, 1)[0].pk).update(state="hidden", hidden_reason="x")
    for origin in ("unverified", "employee", "received"):
        make_review(cup, stars=1, origin=origin)
    make_review(cup, stars=1, origin="imported", source_name="Kiyoh")
    make_review(cup, stars=1, state=ReviewState.WAITING)

    shown = reviews_of(product=cup, viewer=make_user("Bob Koper"), most=3)

    assert shown.score == score_of([cup])[cup.pk]
    assert (shown.score.by_stars, shown.score.mean) == ((1, 1, 0, 0, 0), Decimal("4.5"))
    assert (shown.uncounted, shown.count, len(shown.newest)) == (4, 6, 3)
    assert [(value, total) for value, _label, total in shown.origins] == [
        ("verified", 2),
        ("unverified", 1),
        ("imported", 1),
        ("employee", 1),
        ("received", 1),
    ]


def test_scores_of_many_products_are_one_query(cup, shop):
    plate = make_product(shop, "Bord")
    verified(cup, 5)
    verified(plate, 1, 2)

    with CaptureQueriesContext(connection) as queries:
        scores = score_of([cup, plate, make_product(shop, "Kom")])

    assert {pk: score.count for pk, score in scores.items()} == {cup.pk: 1, plate.pk: 2}
    assert len([query for query in queries if "community_review" in query["sql"]]) == 1


def test_page_says_how_the_score_is_made(client, cup):
    verified(cup, 5, 4, 4)

    html = client.get(f"/en{_page(cup)}").content.decode()

    assert "13 stars divided by 3 reviews is 4.3." in html
    assert reverse("community:review_method") in html
    assert 'aria-label="4.3 of 5 stars"' in html


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["vijf", "een", "elders", "foto"]),
        ("?stars=1", ["een"]),
        ("?origin=imported", ["elders"]),
        ("?photos=1", ["foto"]),
        ("?stars=5&origin=verified", ["vijf"]),
        ("?stars=9&origin=x&photos=2&page=x", ["vijf", "een", "elders", "foto"]),
        ("?stars=%00&page=99999999999999999999", []),
        ("?page=2", []),
    ],
)
def test_reviews_are_filtered_newest_first(client, cup, query, titles):
    five, one = verified(cup, 5, 1)
    Review.objects.filter(pk=five.pk).update(title="vijf", written_at=NOW + timedelta(days=4))
    Review.objects.filter(pk=one.pk).update(title="een", written_at=NOW + timedelta(days=3))
    make_review(
        cup, stars=4, title="elders", origin="imported", source_name="K", written_at=NOW + timedelta(days=2)
    )
    change_review(
        review=make_review(cup, title="foto"),
        judgement=Judgement(stars=3, title="foto", pictures=[clean_picture(photo()), clean_picture(photo())]),
        name="Bob",
        seen="first",
        at=NOW,
    )

    page = client.get(_page(cup, query))

    assert [review.title for review in page.context["page_of_reviews"].object_list] == titles


def test_more_reviews_come_as_a_piece(client, cup):
    for number in range(12):
        make_review(cup, title=f"Nummer {number}", written_at=NOW + timedelta(minutes=number))

    page = client.get(_page(cup))
    piece = client.get(_page(cup, "?page=2"))

    assert len(page.context["page_of_reviews"].object_list) == 10
    assert 'hx-get="?page=2"' in page.content.decode()
    assert [review.title for review in piece.context["page_of_reviews"].object_list] == [
        "Nummer 1",
        "Nummer 0",
    ]
    assert "hx-get" not in piece.content.decode().partition("<main")[2]


def test_muted_and_blocked_authors_are_left_out_for_the_viewer(client, cup, noor, eve):
    make_review(cup, title="Van Eve", author=eve)
    make_review(cup, title="Zonder account")
    blocks = [
        Mute.objects.create(user=noor, muted=eve, created_at=NOW),
        Block.objects.create(user=noor, blocked=eve, created_at=NOW),
        Block.objects.create(user=eve, blocked=noor, created_at=NOW),
    ]
    for one in blocks:
        type(one).objects.exclude(pk=one.pk).delete()
        one.save()
        html = client.get(_page(cup)).content.decode()
        assert ("Van Eve" in html, "Zonder account" in html) == (False, True)
        assert [review.title for review in reviews_of(product=cup, viewer=noor, most=5).newest] == [
            "Zonder account"
        ]
        one.delete()
    client.logout()
    assert "Van Eve" in client.get(_page(cup)).content.decode()


def test_page_of_nobody_carries_nothing_personal(client, cup):
    verified(cup, 5)

    page = client.get(_page(cup))

    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert page.cookies == {}


def test_method_page_is_in_the_readers_language(client):
    dutch = client.get(reverse("community:review_method"), follow=True)
    english = client.get(f"/en{reverse('community:review_method')}", follow=True)

    assert [answer.status_code for answer in (dutch, english)] == [200, 200]
    assert "Hoe beoordelingen werken" in dutch.content.decode()
    assert "Every" in english.content.decode()
    assert "How reviews work" in english.content.decode()


def _grow(cup, noor, mila):
    product = make_product(cup.shop, "Bord")
    author = make_user("Bob Koper")
    profile = author.profile
    profile.portrait = store_picture(file=photo(), title="Bob", uploaded_by=author, alt_text="Bob")
    profile.save()
    (bought,) = verified(cup, 4)
    Review.objects.filter(pk=bought.pk).update(author=author)
    change_review(
        review=make_review(product, author=noor, title="Van Noor"),
        judgement=Judgement(stars=3, pictures=[clean_picture(photo())]),
        name="Noor",
        seen="first",
        at=NOW,
    )
    change_review(
        review=make_review(cup, author=author),
        judgement=Judgement(stars=3, pictures=[clean_picture(photo())]),
        name="Bob",
        seen="first",
        at=NOW,
    )
    bought.refresh_from_db()
    reply_to_review(review=bought, by=mila, text="Dank.", seen="", at=NOW)
    report_review(review=bought, by=mila, reason=ReportReason.INSULT, text="x", at=NOW)
    make_review(cup, state=ReviewState.WAITING)


def test_lists_cost_the_same_for_one_row_and_for_three(client, cup, mila, noor, mo):
    addresses = {
        "reviews": (noor, _page(cup)),
        "mine": (noor, reverse("community:my_reviews")),
        "desk": (mila, reverse("community:desk_reviews", args=["klei"])),
        "reports": (mila, reverse("community:desk_reviews", args=["klei"]) + "?show=reports"),
        "queue": (mo, reverse("review_queue")),
    }

    def counts():
        found = {}
        for name, (person, address) in addresses.items():
            client.force_login(person)
            client.get(address)  # makes the renditions that are missing
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found[name] = len(queries)
        with CaptureQueriesContext(connection) as queries:
            reviews_of(product=cup, viewer=noor, most=5)
        return {**found, "component": len(queries)}

    _grow(cup, noor, mila)
    one = counts()
    _grow(cup, noor, mila)
    _grow(cup, noor, mila)

    assert counts() == one
