"""Making a board through its screens."""

import pytest
from django.urls import reverse

from advocates.enums import PublicationState
from cms.site_tree import plant_site
from community.models import Board
from tests.factories import make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    plant_site(hostname="testserver", port=80)
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


def _new_board(client) -> Board:
    client.post(
        reverse("community:board_new"),
        {"title": "Een tafel voor acht", "description": "", "language": "nl", "relation": "none"},
    )
    return Board.objects.get()


def test_board_is_made_filled_ordered_and_published(client, ada):
    board = _new_board(client)
    shop = make_shop()
    cup, plate = make_product(shop, "Theekop"), make_product(shop, "Bord")

    client.post(reverse("community:board_add_product", args=[board.pk]), {"product": cup.pk})
    client.post(reverse("community:board_add_product", args=[board.pk]), {"product": plate.pk})
    second = board.pins.get(product=plate)
    client.post(reverse("community:pin_move", args=[board.pk, second.pk]), {"direction": "up"})
    client.post(reverse("community:pin_note", args=[board.pk, second.pk]), {"note": "Zwaar en stil."})
    client.post(reverse("community:board_state", args=[board.pk]), {"state": "public"})

    assert [(pin.product.title, pin.note) for pin in board.pins.order_by("position")] == [
        ("Bord", "Zwaar en stil."),
        ("Theekop", ""),
    ]
    board.refresh_from_db()
    assert board.publication.state == PublicationState.PUBLIC
    assert [mention.product.title for mention in board.publication.mentions.all()] == ["Bord", "Theekop"]
    page = client.get(board.get_absolute_url())
    assert page.status_code == 200
    assert page.content.decode().index("Bord") < page.content.decode().index("Theekop")


def test_same_product_twice_is_refused_with_words(client, ada):
    board = _new_board(client)
    cup = make_product(make_shop(), "Theekop")
    url = reverse("community:board_add_product", args=[board.pk])
    client.post(url, {"product": cup.pk})

    page = client.post(url, {"product": cup.pk}, headers={"HX-Request": "true"})

    assert page.status_code == 422
    assert "“Theekop” staat al op dit bord." in page.content.decode()
    assert board.pins.count() == 1


def test_empty_board_cannot_be_published(client, ada):
    board = _new_board(client)

    page = client.post(reverse("community:board_state", args=[board.pk]), {"state": "public"})

    assert page.status_code == 422
    assert page.context["state_form"].errors["state"]


def test_eve_finds_neither_the_editor_nor_the_hidden_board(client, ada):
    board = _new_board(client)
    address = board.get_absolute_url()
    client.force_login(make_user("Eve Stil", handle="eve"))

    assert client.get(reverse("community:board_edit", args=[board.pk])).status_code == 404
    assert (
        client.post(reverse("community:board_state", args=[board.pk]), {"state": "public"}).status_code == 404
    )
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("product", ["", "x", "-1", "99999999999999999999", "0", "123456789"])
def test_unknown_product_is_no_server_error(client, ada, product):
    board = _new_board(client)

    page = client.post(reverse("community:board_add_product", args=[board.pk]), {"product": product})

    assert page.status_code in {400, 404}
    assert board.pins.count() == 0


def test_order_of_the_whole_board_is_stored_and_strange_ids_are_ignored(client, ada):
    board = _new_board(client)
    shop = make_shop()
    for title in ("Een", "Twee", "Drie"):
        product = make_product(shop, title)
        client.post(reverse("community:board_add_product", args=[board.pk]), {"product": product.pk})
    first, second, third = board.pins.order_by("position")

    client.post(
        reverse("community:board_order", args=[board.pk]),
        {"order": f"{third.pk},{first.pk},{second.pk},999999,abc"},
        headers={"HX-Request": "true"},
    )

    assert [pin.product.title for pin in board.pins.order_by("position")] == ["Drie", "Een", "Twee"]
