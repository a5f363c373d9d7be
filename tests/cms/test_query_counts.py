"""Lists cost as many queries for three rows as for one."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from advocates.enums import PublicationState
from cms import posts
from cms.models import PostPage
from cms.site_tree import plant_theme_pages
from community.boards import add_product, create_board, publish_board, set_cover
from community.models import Theme
from community.pictures import store_picture
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


def _picture(by):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    return store_picture(file=out, title="Vlak", uploaded_by=by, alt_text="Een vlak")


class World:
    """One author, one board and one story that grow; and rows of each kind beside them."""

    def __init__(self) -> None:
        self.theme = Theme.objects.get_or_create(
            slug="tafel", defaults={"name_nl": "Tafel", "name_en": "Table"}
        )[0]
        plant_theme_pages()
        self.ada = make_user("Ada Vermeer", handle="ada")
        self.board = create_board(owner=self.ada, title="Het bord", at=NOW)
        self.post = posts.start_post(author=self.ada, title="Het verhaal", language="nl")
        self.products = []
        self.count = 0

    def grow(self) -> None:
        """One row more in every list."""
        self.count += 1
        shop = make_shop(f"Klei {self.count}")
        deal = make_deal(shop)
        make_enrolment(self.ada, deal)
        self.products.append(make_product(shop, "Theekop", picture=_picture(self.ada)))
        add_product(board=self.board, by=self.board.owner, product=self.products[-1], at=NOW)
        publish_board(board=self.board, state=PublicationState.PUBLIC, at=NOW)
        self._publish(self.post, "Het verhaal", self.products)
        for author in (self.ada, make_user(f"Bob {self.count} de Lezer")):
            board = create_board(owner=author, title="Theekop op tafel", themes=[self.theme], at=NOW)
            add_product(board=board, by=board.owner, product=self.products[0], at=NOW)
            set_cover(board=board, picture=self.products[0].picture, at=NOW)
            publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
            post = posts.start_post(author=author, title="Theekop thuis", language="nl")
            self._publish(post, "Theekop thuis", self.products[:1])

    def _publish(self, post, title, products) -> None:
        blocks = [
            {"type": "text", "html": "<p>Tekst</p>"},
            {"type": "products", "products": [product.pk for product in products], "note": ""},
        ]
        draft = posts.Draft(
            title=title,
            intro="",
            language="nl",
            relation=posts.Relation.NONE,
            themes=[self.theme],
            cover=_picture(post.owner),
            blocks=blocks,
        )
        posts.save_draft(post=post, draft=draft, by=post.owner)
        PostPage.objects.get(pk=post.pk).get_latest_revision().publish()

    def addresses(self) -> dict[str, str]:
        return {
            "home": "/",
            "board": self.board.get_absolute_url(),
            "post": f"/stories/{self.post.slug}/",
            "product": self.products[0].get_absolute_url(),
            "profile": "/@ada/",
            "people": "/people/",
            "boards": "/boards/",
            "stories": "/stories/",
            "theme": "/themes/tafel/",
            "search": "/search/?q=theekop",
            "studio": reverse("cms:studio"),
            "editor": reverse("cms:post_edit", args=[self.post.pk]),
        }


def _counts(world: World) -> dict[str, list[str]]:
    client = Client()
    client.force_login(world.ada)
    counts = {}
    for name, address in world.addresses().items():
        client.get(address)  # makes the renditions that are missing
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts[name] = [query["sql"] for query in queries]
    return counts


def test_pages_cost_the_same_for_one_row_and_for_three():
    world = World()
    world.grow()
    one = _counts(world)
    world.grow()
    world.grow()

    three = _counts(world)

    assert {name: len(sql) for name, sql in three.items()} == {name: len(sql) for name, sql in one.items()}
