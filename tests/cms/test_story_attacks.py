"""Trap 2: what somebody types or pastes is text on every page, whichever field of a story it went through."""

import io

import pytest
from PIL import Image

from advocates.enums import PublicationState
from cms import posts
from cms.models import PostPage
from community.boards import add_product, create_board, publish_board
from community.pictures import store_picture
from tests.cms.attacks import ATTACKS
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

DANGERS = (
    "<script>alert",
    "<img src=x",
    "<IMG SRC=x",
    "<svg onload",
    "<iframe",
    "<embed",
    "<math",
    "<form action=//",
)


def everywhere(attack, *, picture, product, board):
    """The attack in every text of every part."""
    image = {"picture": picture.pk, "alt": attack[:250], "decorative": False}
    return [
        {"type": "heading", "text": attack[:120]},
        {"type": "text", "html": f"<p>Goed</p>{attack}"},
        {"type": "quote", "text": attack, "source": attack[:120]},
        {"type": "picture", **image, "caption": attack[:250]},
        {"type": "gallery", "pictures": [{**image, "caption": attack[:250]}] * 2},
        {"type": "products", "products": [product.pk], "note": attack[:250]},
        {"type": "board", "board": [board.pk], "note": attack[:250]},
        {"type": "before_after", "before": image, "after": image, "change": attack[:250]},
        {"type": "less_good", "text": attack},
        {"type": "craft", **dict.fromkeys(("maker", "material", "process", "repair"), attack[:200])},
        {"type": "video", "address": "https://youtu.be/dQw4w9WgXcQ", "title": attack[:120], "poster": {}},
    ]


@pytest.fixture
def ada(db):
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def things(ada):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    picture = store_picture(file=out, title="Kop", uploaded_by=ada, alt_text="Een kop")
    product = make_product(make_shop(), "Theekop")
    board = create_board(owner=ada, title="Aan tafel", at=NOW)
    add_product(board=board, by=ada, product=product, at=NOW)
    publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
    return {"picture": picture, "product": product, "board": board}


def publish(ada, things, attack) -> PostPage:
    post = posts.start_post(author=ada, title=attack[:120] or "x", language="nl")
    draft = posts.Draft(
        title=attack[:120],
        intro=attack,
        language="nl",
        relation="none",
        themes=[],
        cover=things["picture"],
        blocks=everywhere(attack, **things),
    )
    posts.save_draft(post=post, draft=draft, by=ada)
    post.refresh_from_db()
    post.get_latest_revision().publish()
    post.refresh_from_db()
    return post


def test_attack_in_every_field_stays_text(client, ada, things):
    """The same page with plain words has as many scripts, frames and handlers."""
    plain = client.get(publish(ada, things, "Gewone woorden").url).content.decode()
    client.force_login(ada)

    for attack in ATTACKS:
        post = publish(ada, things, attack)
        client.logout()
        page = client.get(post.url)
        client.force_login(ada)
        shown = [
            page.content.decode(),
            client.get(f"/studio/stories/{post.pk}/").content.decode(),
            client.get(f"/studio/stories/{post.pk}/preview/").content.decode(),
            client.get("/studio/").content.decode(),
            client.get("/stories/").content.decode(),
        ]
        assert page.status_code == 200
        for html in shown:
            assert [danger for danger in DANGERS if danger in html] == [], attack
            assert "alert(1)>" not in html.replace("&gt;", ""), attack
        for tag in ("<script", "<style", "<iframe", "<form", "onerror=", "onclick=", "javascript:"):
            if tag.startswith("<"):
                assert shown[0].count(tag) == plain.count(tag), (attack, tag)
        assert "<p>Goed</p>" in shown[0]
        assert PostPage.objects.get(pk=post.pk).publication.state == PublicationState.PUBLIC
