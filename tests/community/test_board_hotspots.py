"""Pointing at the products in a picture, through the screen."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from advocates.models import Contributor
from community import boards, hotspots
from community.pictures import store_picture
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(client):
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


@pytest.fixture
def pin(ada):
    board = boards.create_board(owner=ada, title="Een tafel voor acht", at=NOW)
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    picture = store_picture(file=out, title="Kom", uploaded_by=ada, alt_text="Een kom")
    return boards.add_picture(board=board, picture=picture, by=ada, at=NOW)


@pytest.fixture
def spot(pin):
    product = make_product(make_shop(), "Theekop")
    return hotspots.add_hotspot(pin=pin, product=product, x_bps=2000, y_bps=3000, at=NOW)


def _address(name, pin, *rest) -> str:
    return reverse(f"community:{name}", args=[pin.board.pk, pin.pk, *(one.pk for one in rest)])


def _places(pin) -> list[tuple[str, int, int, str]]:
    return [(one.product.title, one.x_bps, one.y_bps, one.note) for one in pin.hotspots.all()]


def test_product_is_shown_where_one_pointed_or_in_the_middle(client, pin):
    cup, bowl = make_product(make_shop(), "Kop"), make_product(make_shop(), "Kom")

    client.post(_address("hotspot_add", pin), {"product": cup.pk, "left": "12", "top": "88"}, headers=HTMX)
    client.post(_address("hotspot_add", pin), {"product": bowl.pk})

    assert _places(pin) == [("Kop", 1200, 8800, ""), ("Kom", 5000, 5000, "")]
    assert {one.product for one in pin.board.publication.mentions.all()} == {cup, bowl}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((5000, 5000), [(6200, 5000), (3800, 5000), (5000, 6200)]),
        ((10_000, 10_000), [(8800, 10_000), (10_000, 8800), (8800, 8800)]),
        ((0, 0), [(1200, 0), (0, 1200), (1200, 1200)]),
    ],
)
def test_products_pointed_at_in_one_place_stand_beside_each_other(pin, asked, expected):
    shop = make_shop()

    for number in range(4):
        hotspots.add_hotspot(
            pin=pin, product=make_product(shop, f"Kop {number}"), x_bps=asked[0], y_bps=asked[1], at=NOW
        )

    assert [(left, top) for _title, left, top, _note in _places(pin)] == [asked, *expected]


def test_picture_full_of_products_keeps_them_apart(pin):
    shop = make_shop()

    for number in range(hotspots.MOST_HOTSPOTS):
        hotspots.add_hotspot(
            pin=pin, product=make_product(shop, f"Kop {number}"), x_bps=4321, y_bps=9999, at=NOW
        )

    places = [(left, top) for _title, left, top, _note in _places(pin)]
    assert len(set(places)) == hotspots.MOST_HOTSPOTS
    assert all(0 <= side <= 10_000 for place in places for side in place)


@pytest.mark.parametrize(
    "place",
    [{"left": "101"}, {"top": "-1"}, {"left": "x"}, {"left": ""}, {"top": "9" * 5000}, {"left": "1.5"}],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_place_outside_of_the_picture_is_refused_with_words(client, pin, place, headers):
    product = make_product(make_shop(), "Kop")

    page = client.post(_address("hotspot_add", pin), {"product": product.pk, **place}, headers=headers)

    assert page.status_code == 422
    assert "A place is given in percent, from 0 to 100." in page.content.decode()
    assert _places(pin) == []


@pytest.mark.parametrize("product", ["", "x", "-1", "99999999999999999999", "0", "123456789"])
def test_unknown_product_is_no_server_error(client, pin, product):
    page = client.post(_address("hotspot_add", pin), {"product": product})

    assert page.status_code in {400, 404}


def test_same_product_twice_is_refused_with_words(client, pin, spot):
    page = client.post(_address("hotspot_add", pin), {"product": spot.product.pk}, headers=HTMX)

    assert page.status_code == 422
    # In the bar at the foot of the window, where it is seen from every place of a long list.
    assert (
        '<span class="saved__refused">“Theekop” is in this picture already.</span>' in page.content.decode()
    )


def test_place_and_note_are_stored_by_themselves(client, pin, spot):
    answer = client.post(
        _address("hotspot_change", pin, spot), {"left": "25", "top": "75", "note": "Deze."}, headers=HTMX
    )

    assert _places(pin) == [("Theekop", 2500, 7500, "Deze.")]
    assert "Saved at" in answer.content.decode()
    assert 'id="spots"' not in answer.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"left": "101"}, {"top": ""}, {"note": "x" * 201}, {"note": "nul\0teken"}, {"left": "kwart"}]
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_wrong_place_or_note_is_said_and_stays_as_typed(client, pin, spot, wrong, headers):
    sent = {"left": "25", "top": "75", "note": "Blijft", **wrong}

    page = client.post(_address("hotspot_change", pin, spot), sent, headers=headers)

    assert page.status_code == 422
    assert "words-slot__problem" in page.content.decode()
    if not headers and "note" not in wrong:
        assert 'value="Blijft"' in page.content.decode()
    assert _places(pin) == [("Theekop", 2000, 3000, "")]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_hotspot_moved_in_two_tabs_shows_both_places(client, pin, spot, headers):
    [row] = client.get(_address("pin_hotspots", pin)).context["rows"]
    url = _address("hotspot_change", pin, spot)
    seen = {"top": "30", "note": "", "based_on": row.slot.based_on}
    client.post(url, {**seen, "left": "10"}, headers=HTMX)

    answer = client.post(url, {**seen, "left": "90"}, headers=headers)

    assert answer.status_code == 409
    slot = answer.context["slot"] if headers else answer.context["rows"][0].slot
    assert [(one.mine, one.theirs) for one in slot.versions] == [("90", "10")]
    assert _places(pin) == [("Theekop", 1000, 3000, "")]
    client.post(url, {**seen, "left": "90", "keep": "mine"}, headers=headers)
    assert _places(pin) == [("Theekop", 9000, 3000, "")]


def test_hotspots_are_ordered_removed_and_put_back(client, pin, spot):
    bowl = hotspots.add_hotspot(pin=pin, product=make_product(make_shop(), "Kom"), x_bps=0, y_bps=0, at=NOW)

    client.post(_address("hotspot_move", pin, bowl), {"direction": "up"}, headers=HTMX)
    assert [place[0] for place in _places(pin)] == ["Kom", "Theekop"]

    answer = client.post(_address("hotspot_remove", pin, bowl), headers=HTMX)
    assert [place[0] for place in _places(pin)] == ["Theekop"]
    assert answer.context["undo_name"] == "Kom"
    assert f'"spot-{spot.pk}"' in answer.headers["HX-Trigger-After-Settle"]

    client.post(_address("hotspot_undo", pin), headers=HTMX)
    assert [place[0] for place in _places(pin)] == ["Kom", "Theekop"]


def test_move_to_nowhere_is_a_bad_request(client, pin, spot):
    assert client.post(_address("hotspot_move", pin, spot), {"direction": "left"}).status_code == 400


def test_product_pin_has_no_hotspots(client, pin, ada):
    product_pin = boards.add_product(
        board=pin.board, product=make_product(make_shop(), "Kop"), by=ada, at=NOW
    )

    assert client.get(_address("pin_hotspots", product_pin)).status_code == 404


ADDRESSES = {
    "pin_hotspots": (False, {}),
    "hotspot_add": (False, {"product": "1"}),
    "hotspot_undo": (False, {}),
    "hotspot_change": (True, {"left": "1", "top": "1"}),
    "hotspot_move": (True, {"direction": "up"}),
    "hotspot_remove": (True, {}),
}


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("role", [None, "add"])
def test_only_who_may_change_the_picture_comes_here(client, pin, spot, name, role):
    is_of_spot, sent = ADDRESSES[name]
    eve = make_user("Eve Stil", handle="eve")
    if role:
        Contributor.objects.create(publication=pin.board.publication, user=eve, role=role, joined_at=NOW)
    client.force_login(eve)
    url = _address(name, pin, *([spot] if is_of_spot else []))

    answer = client.get(url) if name == "pin_hotspots" else client.post(url, sent)

    assert answer.status_code == (403 if role else 404)
    assert _places(pin) == [("Theekop", 2000, 3000, "")]


@pytest.mark.parametrize("name", ADDRESSES)
def test_anonymous_is_asked_to_log_in(client, pin, spot, name):
    client.logout()
    url = _address(name, pin, *([spot] if ADDRESSES[name][0] else []))

    answer = client.get(url) if name == "pin_hotspots" else client.post(url)

    assert answer.status_code == 302
    assert _places(pin) == [("Theekop", 2000, 3000, "")]


def test_hotspot_of_another_picture_is_not_there(client, pin, spot, ada):
    other = boards.add_picture(board=pin.board, picture=pin.picture, by=ada, at=NOW)

    assert client.post(_address("hotspot_remove", other, spot)).status_code == 404


def test_page_costs_as_many_queries_for_three_hotspots_as_for_one(client, pin):
    def grow(title):
        product = make_product(make_shop(), title, picture=pin.picture)
        hotspots.add_hotspot(pin=pin, product=product, x_bps=0, y_bps=0, at=NOW)

    def queries() -> int:
        client.get(_address("pin_hotspots", pin))  # makes the renditions
        with CaptureQueriesContext(connection) as captured:
            client.get(_address("pin_hotspots", pin))
        return len(captured)

    grow("Kop")
    one = queries()
    grow("Kom")
    grow("Bord")

    assert queries() == one
