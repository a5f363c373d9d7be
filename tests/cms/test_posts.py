"""Writing a story on the site: draft, submit, withdraw; an author never sees the admin."""

import io
import json

import pytest
from django.urls import reverse
from PIL import Image

from cms import posts
from cms.models import PostPage
from cms.standings import Step, posts_of
from community.models import Picture, Theme
from tests.factories import make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


@pytest.fixture
def post(client, ada):
    client.post(reverse("cms:post_new"), {"title": "De kop die bleef", "language": "nl"})
    return PostPage.objects.get()


TEXT = {"type": "text", "html": "<p>Al drie jaar.</p>"}


def save(client, post, *, blocks=(TEXT,), **fields):
    if not isinstance(blocks, str):
        blocks = json.dumps(list(blocks))
    data = {
        "title": "De kop die bleef",
        "language": "nl",
        "relation": "none",
        "blocks": blocks,
    }
    return client.post(reverse("cms:post_edit", args=[post.pk]), {**data, **fields})


def latest(post) -> PostPage:
    return PostPage.objects.get(pk=post.pk).get_latest_revision_as_object()


def jpeg(name="IMG_2231.jpg"):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    out.name = name
    return out


def test_author_without_admin_access_writes_submits_and_takes_back(client, ada, post):
    """Trap 4: nothing of it needs the admin."""
    theme = Theme.objects.create(slug="tafel", name_nl="Tafel", name_en="Table")
    cup = make_product(make_shop(), "Theekop")
    blocks = [TEXT, {"type": "products", "products": [cup.pk], "note": ""}]
    fields = {"title": "Drie jaar thee", "intro": "Kort", "themes": [theme.pk], "relation": "bought"}

    saved = save(client, post, blocks=blocks, **fields)
    sent = save(client, post, blocks=blocks, submit="yes", **fields)

    assert (saved.status_code, sent.status_code, sent["Location"]) == (302, 302, reverse("cms:studio"))
    draft = latest(post)
    assert (draft.title, draft.intro, draft.relation, draft.live) == (
        "Drie jaar thee",
        "Kort",
        "bought",
        False,
    )
    assert (list(draft.themes.all()), draft.product_ids()) == ([theme], [cup.pk])
    assert [one.step for one in posts_of(author=ada)[1]] == [Step.IN_REVIEW]
    assert client.get("/admin/").status_code == 302
    client.post(reverse("cms:post_withdraw", args=[post.pk]))
    assert [one.step for one in posts_of(author=ada)[1]] == [Step.DRAFT]


def test_story_that_is_being_read_cannot_be_changed(client, ada, post):
    """Trap 1: the text would be published without having been read."""
    save(client, post, submit="yes")

    refused = save(client, post, blocks=[{"type": "text", "html": "<p>Ongelezen</p>"}])
    page = client.get(reverse("cms:post_edit", args=[post.pk])).content.decode()

    assert refused.status_code == 422
    assert refused.context["form"].non_field_errors()
    assert latest(post).body[0].value.source == "<p>Al drie jaar.</p>"
    assert "data-story-list" not in page
    assert "Al drie jaar." in page
    assert reverse("cms:post_withdraw", args=[post.pk]) in page


def test_empty_story_is_not_sent_in(client, ada, post):
    save(client, post, blocks=[], submit="yes")

    assert [one.step for one in posts_of(author=ada)[1]] == [Step.DRAFT]


def test_two_stories_of_one_title_have_addresses_of_their_own(client, ada, post):
    client.post(reverse("cms:post_new"), {"title": "De kop die bleef", "language": "nl"})
    client.post(reverse("cms:post_new"), {"title": "!!!", "language": "nl"})

    slugs = list(PostPage.objects.order_by("pk").values_list("slug", flat=True))
    assert slugs == ["de-kop-die-bleef", "de-kop-die-bleef-2", "story"]


def test_wrong_fields_keep_what_was_typed(client, ada, post):
    page = save(client, post, title="", intro="x" * 401, blocks=[{"type": "heading", "text": "Getypt"}])

    assert page.status_code == 422
    assert sorted(page.context["form"].errors) == ["intro", "title"]
    assert page.context["story"]["blocks"] == [{"type": "heading", "text": "Getypt"}]
    assert "x" * 401 in page.content.decode()
    assert latest(post).title == "De kop die bleef"


def test_wrong_part_is_named_and_the_rest_is_kept(client, ada, post):
    blocks = [TEXT, {"type": "heading", "text": "y" * 130}]

    page = save(client, post, blocks=blocks, intro="Getypt")

    assert page.status_code == 422
    assert list(page.context["story"]["problems"]) == ["1"]
    assert page.context["story"]["blocks"] == blocks
    assert page.context["form"]["intro"].value() == "Getypt"


@pytest.mark.parametrize(
    "sent",
    ["", "x", "null", "5", "{}", "[1]", "[NaN]", "[Infinity]", '[{"type":NaN}]', "[" * 100_000, "9" * 5000],
    ids=lambda text: text[:12],
)
def test_field_of_parts_that_is_no_story_is_no_server_error(client, ada, post, sent):
    save(client, post)

    page = save(client, post, blocks=sent)

    if sent == "":
        assert page.status_code == 302
    else:
        assert page.status_code == 422
        assert page.context["whole_problem"]
        assert latest(post).body[0].value.source == "<p>Al drie jaar.</p>"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "products", "products": 5},
        {"type": "products", "products": ["9" * 5000, 10**30, {}, None]},
        {"type": "picture", "picture": "9" * 5000, "alt": "x"},
        {"type": "picture", "picture": {"a": 1}},
        {"type": ["list"]},
        {},
    ],
)
def test_strange_part_is_shown_again_with_words(client, ada, post, block):
    page = save(client, post, blocks=[block])

    assert page.status_code == 422
    assert list(page.context["story"]["problems"]) == ["0"]


def test_draft_keeps_a_cover_without_words_and_sending_it_in_asks_for_them(client, ada, post):
    """Trap 5: the title of a picture is its file's name, and never stands in for a description."""
    save(client, post, cover_file=jpeg())
    picture = latest(post).cover
    asked = save(client, post, cover=str(picture.pk), submit="yes")

    assert picture.default_alt_text == ""
    assert (asked.status_code, list(asked.context["form"].errors)) == (422, ["cover_alt"])
    assert asked.context["cover"] == picture
    save(client, post, cover=str(picture.pk), cover_alt="Een kop op tafel", submit="yes")
    assert latest(post).cover.default_alt_text == "Een kop op tafel"
    assert posts.is_in_review(post)


def test_picture_of_a_story_that_was_not_saved_is_gone_again(client, ada, post):
    page = save(client, post, cover_file=jpeg(), blocks=[{"type": "heading", "text": "x" * 121}])
    other = save(client, post, cover_file=jpeg(), intro="x" * 401)

    assert (page.status_code, other.status_code) == (422, 422)
    assert "cover_file" in page.context["form"].errors
    assert "cover_file" in other.context["form"].errors
    assert Picture.objects.count() == 0


def test_other_words_for_a_cover_leave_the_live_one_alone(client, ada, post):
    """Trap 1: what is live changes only after a moderator has read it."""
    save(client, post, cover_file=jpeg(), cover_alt="Een kop")
    first = latest(post).cover
    save(client, post, cover=str(first.pk), cover_alt="Een kop op tafel")
    assert latest(post).cover == first
    post.refresh_from_db()
    post.get_latest_revision().publish()

    save(client, post, cover=str(first.pk), cover_alt="Iets heel anders")

    assert latest(post).cover.alt_text == "Iets heel anders"
    first.refresh_from_db()
    assert first.alt_text == "Een kop op tafel"


def test_cover_can_be_taken_away(client, ada, post):
    save(client, post, cover_file=jpeg(), cover_is_decorative="on")
    assert latest(post).cover.is_decorative

    save(client, post, cover=str(latest(post).cover.pk), cover_is_removed="on")

    assert latest(post).cover is None


def test_cover_of_somebody_else_cannot_be_taken(client, ada, post):
    save(client, post, cover_file=jpeg(), cover_alt="Een kop")
    cover = latest(post).cover
    eve = make_user("Eve Stil", handle="eve")
    client.force_login(eve)
    hers = posts.start_post(author=eve, title="Van Eve", language="nl")

    page = save(client, hers, cover=str(cover.pk), cover_alt="Een kop")

    assert page.status_code == 422
    assert "cover" in page.context["form"].errors
    assert latest(hers).cover is None


def test_eve_finds_nothing_of_ada(client, ada, post):
    save(client, post, submit="yes")
    client.force_login(make_user("Eve Stil", handle="eve"))

    for name in ("post_edit", "post_preview"):
        assert client.get(reverse(f"cms:{name}", args=[post.pk])).status_code == 404
    assert save(client, post, title="Van Eve").status_code == 404
    assert client.post(reverse("cms:post_withdraw", args=[post.pk])).status_code == 404
    assert client.get(f"/stories/{post.slug}/").status_code == 404
    assert posts.is_in_review(post)


@pytest.mark.parametrize("name", ["post_new", "product_choices", "picture_new"])
def test_nobody_writes_without_logging_in(client, name):
    response = client.post(reverse(f"cms:{name}"))

    assert response["Location"].startswith(reverse("account_login"))


def test_preview_shows_the_last_draft_and_leads_back(client, ada, post):
    saved = save(client, post, blocks=[{"type": "heading", "text": "Nieuwste kop"}], preview="yes")

    assert saved["Location"] == reverse("cms:post_preview", args=[post.pk])
    page = client.get(saved["Location"]).content.decode()
    assert "Nieuwste kop" in page
    assert f'href="{reverse("cms:post_edit", args=[post.pk])}"' in page


def test_products_are_found_while_typing(client, ada):
    shop = make_shop("Klei & Co")
    cup = make_product(shop, "Theekop <b>grijs</b>")
    make_product(shop, "Bord")

    answer = client.get(reverse("cms:product_choices"), {"q": "theekop\x00"}).json()

    assert answer == {"choices": [{"id": cup.pk, "title": "Theekop <b>grijs</b>", "from": "Klei & Co"}]}
    assert client.get(reverse("cms:product_choices")).json() == {"choices": []}


def test_picture_is_uploaded_and_shown(client, ada):
    answer = client.post(reverse("cms:picture_new"), {"file": jpeg()}).json()

    picture = Picture.objects.get(uploaded_by_user=ada)
    assert answer == {"id": picture.pk, "url": picture.get_rendition("width-480|format-webp").url}
