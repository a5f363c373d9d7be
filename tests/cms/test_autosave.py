"""The draft that saves itself: one revision a sitting, nothing overwritten unseen, nothing lost."""

import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from wagtail.models import Revision

from cms import posts
from cms.models import PostPage
from community.models import Picture
from community.pictures import store_picture
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


@pytest.fixture
def post(ada):
    return posts.start_post(author=ada, title="De kop die bleef", language="nl")


def heading(text):
    return {"type": "heading", "text": text}


def autosave(client, post, *blocks, **fields):
    values = {"title": "De kop die bleef", "intro": "", "language": "nl", "relation": "none", **fields}
    values["blocks"] = json.dumps(list(blocks))
    sent = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    return client.post(
        reverse("cms:post_autosave", args=[post.pk]), json.dumps(sent), content_type="application/json"
    )


def latest(post) -> PostPage:
    return PostPage.objects.get(pk=post.pk).get_latest_revision_as_object()


def headings(post):
    return [str(child.value) for child in latest(post).body]


def revisions(post):
    return list(Revision.objects.for_instance(post).order_by("pk"))


def picture(by):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    return store_picture(file=out, title="IMG_1.jpg", uploaded_by=by)


def test_each_sitting_is_one_revision(client, ada, post):
    """Saving by itself does not bury what was there before: the history has one entry a sitting."""
    first = autosave(client, post, heading("Een")).json()
    second = autosave(
        client, post, heading("Twee"), version=first["version"], sitting=first["sitting"]
    ).json()
    assert second["sitting"] == first["sitting"] != ""
    other_sitting = autosave(client, post, heading("Drie"), version=second["version"]).json()

    assert len(revisions(post)) == 3
    assert other_sitting["sitting"] != first["sitting"]
    kept = [[str(child.value) for child in one.as_object().body] for one in revisions(post)]
    assert kept == [[], ["Twee"], ["Drie"]]


def test_saving_what_is_saved_already_changes_nothing(client, ada, post):
    first = autosave(client, post, heading("Een")).json()
    before = revisions(post)

    again = autosave(client, post, heading("Een"), version=first["version"], sitting=first["sitting"]).json()
    fresh = autosave(client, post, heading("Een"), version=first["version"]).json()

    assert revisions(post) == before
    assert again["version"] == fresh["version"] == first["version"]
    assert (again["sitting"], fresh["sitting"]) == (first["sitting"], "")


def test_only_ones_own_sitting_is_written_over(client, ada, post):
    """Not what is live, not what a moderator has before him, not what somebody else saved."""
    first = autosave(client, post, heading("Een")).json()
    latest(post).get_latest_revision().publish()
    live = revisions(post)[-1]

    autosave(client, post, heading("Twee"), sitting=first["sitting"])
    assert [str(child.value) for child in Revision.objects.get(pk=live.pk).as_object().body] == ["Een"]
    posts.submit_post(post=post, by=ada)
    read = revisions(post)[-1]
    posts.withdraw_post(post=post, by=ada)
    autosave(client, post, heading("Drie"), sitting=str(read.pk))
    assert [str(child.value) for child in Revision.objects.get(pk=read.pk).as_object().body] == ["Twee"]

    page = latest(post)
    page.title = "Door een moderator"
    page.save_revision(user=make_user("Moos Zorg"))
    theirs = revisions(post)[-1]
    autosave(client, post, heading("Vier"), sitting=str(theirs.pk))
    assert Revision.objects.get(pk=theirs.pk).as_object().title == "Door een moderator"
    assert headings(post) == ["Vier"]


def test_draft_changed_elsewhere_is_not_overwritten(client, ada, post):
    opened = posts.version_of(latest(post))
    autosave(client, post, heading("Uit een andere tab"), version=opened)

    refused = autosave(client, post, heading("Van hier"), version=opened)
    page = client.post(
        reverse("cms:post_edit", args=[post.pk]),
        {
            "title": "De kop die bleef",
            "language": "nl",
            "relation": "none",
            "version": opened,
            "blocks": json.dumps([heading("Van hier")]),
        },
    )

    assert (refused.status_code, refused.json()["is_conflict"]) == (409, True)
    assert headings(post) == ["Uit een andere tab"]
    html = page.content.decode()
    assert page.status_code == 409
    assert page.context["story"]["blocks"] == [heading("Van hier")]
    assert "Uit een andere tab" in html
    assert page.context["form"]["version"].value() == posts.version_of(latest(post))
    kept = client.post(
        reverse("cms:post_edit", args=[post.pk]),
        {
            "title": "De kop die bleef",
            "language": "nl",
            "relation": "none",
            "version": page.context["form"]["version"].value(),
            "blocks": json.dumps([heading("Van hier")]),
        },
    )
    assert kept.status_code == 302
    assert headings(post) == ["Van hier"]
    assert [str(child.value) for child in revisions(post)[-2].as_object().body] == ["Uit een andere tab"]


def test_title_that_is_being_retyped_stays_what_it_was(client, ada, post):
    answer = autosave(client, post, heading("Een"), title="")

    assert answer.status_code == 200
    assert latest(post).title == "De kop die bleef"


def test_story_that_a_moderator_reads_does_not_save_itself(client, ada, post):
    autosave(client, post, heading("Een"))
    posts.submit_post(post=post, by=ada)

    answer = autosave(client, post, heading("Twee"))

    assert (answer.status_code, answer.json()["is_conflict"]) == (409, False)
    assert headings(post) == ["Een"]


def test_words_for_a_cover_make_no_pile_of_pictures(client, ada, post):
    cover = picture(ada)
    sitting = ""
    for typed in ("E", "Een", "Een kop"):
        answer = autosave(
            client, post, heading("x"), cover=str(cover.pk), cover_alt=typed, sitting=sitting
        ).json()
        sitting = answer["sitting"]

    assert (answer["cover"], Picture.objects.count()) == (str(cover.pk), 1)
    assert latest(post).cover.alt_text == "Een kop"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[]",
        b"5",
        b'{"blocks": 5}',
        b'{"title": "x"}',
        b'{"title": [5]}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"language": ["xx"], "relation": ["none"]}',
        b'{"language": ["nl"], "relation": ["none"], "blocks": ["{}"]}',
        b'{"language": ["nl"], "relation": ["none"], "title": ["a\\u0000"]}',
        b'{"language": ["nl"], "relation": ["none"], "sitting": ["99999999999999999999"]}',
        b'{"language": ["nl"], "relation": ["none"], "cover": ["99999999999999999999999"]}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_strange_messages_end_in_words(client, ada, post, body):
    answer = client.post(reverse("cms:post_autosave", args=[post.pk]), body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["error"]
    assert len(revisions(post)) == 1


def test_part_that_cannot_be_kept_is_named(client, ada, post):
    answer = autosave(client, post, heading("Goed"), heading("y" * 121), title="a\ud800")

    assert (answer.status_code, list(answer.json()["problems"])) == (422, ["1"])
    assert headings(post) == []


def test_who_is_logged_out_is_told_so(client, ada, post):
    client.logout()

    answer = autosave(client, post, heading("Een"))

    assert (answer.status_code, bool(answer.json()["error"])) == (401, True)
    assert headings(post) == []


def test_eve_saves_nothing_over_ada(client, ada, post):
    client.force_login(make_user("Eve Stil", handle="eve"))

    assert autosave(client, post, heading("Van Eve")).status_code == 404
    assert headings(post) == []


def test_nothing_is_saved_without_the_forms_token(ada, post):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)

    assert autosave(strict, post, heading("Van een andere site")).status_code == 403
    assert client_get_is_refused(strict, post)


def client_get_is_refused(client, post) -> bool:
    return client.get(reverse("cms:post_autosave", args=[post.pk])).status_code == 405
