"""Making a board through its screens."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from advocates.enums import PublicationState
from advocates.models import Contributor
from community import boards
from community.models import Board, Picture, Pin, Theme
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
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
    assert "“Theekop” is on this board already." in page.content.decode()
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


HTMX = {"HX-Request": "true"}


def _address(name, board, *rest) -> str:
    return reverse(f"community:{name}", args=[board.pk, *(one.pk for one in rest)])


def _photo(name="kom.jpg", colour="teal") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def _field(page, name, *, pin=None) -> str:
    """The digests that stand under a field of the editor."""
    if pin is None:
        return page.context["about"].based_on
    [row] = [row for row in page.context["rows"] if row.pin == pin]
    return getattr(row, name).based_on


@pytest.fixture
def board(client, ada):
    return _new_board(client)


@pytest.fixture
def cup(board, ada):
    return boards.add_product(board=board, product=make_product(make_shop(), "Theekop"), by=ada, at=NOW)


def _member(board, role, name="Noor Bakker"):
    user = make_user(name)
    Contributor.objects.create(publication=board.publication, user=user, role=role, joined_at=NOW)
    return user


# Beginning


def test_board_without_a_name_is_asked_for_one(client, ada):
    page = client.post(reverse("community:board_new"), {"title": "  "})

    assert page.status_code == 422
    assert page.context["form"].errors["title"]
    assert not Board.objects.exists()


# What a board says of itself


def _about(board, **changed) -> dict[str, object]:
    return {
        "title": board.publication.title,
        "description": "",
        "language": "nl",
        "relation": "none",
        **changed,
    }


def test_description_is_stored_and_said_so_without_a_new_page(client, board):
    theme = Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table")
    page = client.get(_address("board_edit", board))

    answer = client.post(
        _address("board_describe", board),
        _about(board, description="Met kaarsen.", themes=[theme.pk], based_on=_field(page, "about")),
        headers=HTMX,
    )

    board.refresh_from_db()
    assert answer.status_code == 200
    assert "Saved at" in answer.content.decode()
    assert "<textarea" not in answer.content.decode()
    assert (board.description, list(board.themes.all())) == ("Met kaarsen.", [theme])
    assert board.publication.theme_slugs == ["tafel"]


def test_title_changed_in_two_tabs_shows_both_and_stores_what_is_chosen(client, board):
    based_on = _field(client.get(_address("board_edit", board)), "about")
    url = _address("board_describe", board)
    client.post(url, _about(board, title="Van de een", based_on=based_on), headers=HTMX)

    answer = client.post(url, _about(board, title="Van de ander", based_on=based_on), headers=HTMX)

    assert answer.status_code == 409
    assert "Van de een" in answer.content.decode()
    assert "Van de ander" in answer.content.decode()
    board.publication.refresh_from_db()
    assert board.publication.title == "Van de een"
    client.post(url, _about(board, title="Van de ander", based_on=based_on, keep="mine"), headers=HTMX)
    board.publication.refresh_from_db()
    assert board.publication.title == "Van de ander"


def test_theirs_comes_back_as_the_whole_form(client, board):
    answer = client.post(
        _address("board_describe", board), _about(board, title="Verloren", keep="theirs"), headers=HTMX
    )

    assert answer.headers["HX-Retarget"] == "#about"
    assert 'value="Een tafel voor acht"' in answer.content.decode()


def test_form_shows_what_it_took_from_another_tab(client, board):
    based_on = _field(client.get(_address("board_edit", board)), "about")
    url = _address("board_describe", board)
    client.post(url, _about(board, description="Van elders.", based_on=based_on), headers=HTMX)

    answer = client.post(url, _about(board, title="Van hier", based_on=based_on), headers=HTMX)

    assert answer.headers["HX-Retarget"] == "#about"
    assert "Van elders." in answer.content.decode()
    assert 'value="Van hier"' in answer.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 121},
        {"title": "nul\0teken"},
        {"language": "xx"},
        {"relation": "king"},
        {"themes": ["999999999999999999999"]},
        {"themes": ["abc"]},
        {"description": "x" * 2001},
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_wrong_description_is_said_at_its_field_and_stays_as_typed(client, board, wrong, headers):
    sent = _about(board, **{"description": "Dit blijft staan.", **wrong})

    page = client.post(_address("board_describe", board), sent, headers=headers)

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == wrong.keys()
    assert page.context["form"]["description"].value() == sent["description"]
    board.refresh_from_db()
    assert (board.publication.title, board.description) == ("Een tafel voor acht", "")


@pytest.mark.parametrize("based_on", ["", "x", ":", "title:", "title:x,title:y", "é" * 3000, ",,,::"])
def test_strange_digests_are_no_server_error(client, board, based_on):
    answer = client.post(_address("board_describe", board), _about(board, title="Nieuw", based_on=based_on))

    assert answer.status_code in {302, 409}


# Pins: notes, headings, words of a picture


def test_note_is_stored_by_itself_and_the_list_is_left_alone(client, board, cup):
    answer = client.post(_address("pin_note", board, cup), {"note": "Zwaar."}, headers=HTMX)

    cup.refresh_from_db()
    assert cup.note == "Zwaar."
    assert "Saved at" in answer.content.decode()
    assert 'id="pins"' not in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_note_of_two_tabs_comes_back_with_both_versions(client, board, cup, headers):
    based_on = _field(client.get(_address("board_edit", board)), "note", pin=cup)
    url = _address("pin_note", board, cup)
    client.post(url, {"note": "Van de een.", "based_on": based_on}, headers=HTMX)

    answer = client.post(url, {"note": "Van de ander.", "based_on": based_on}, headers=headers)

    assert answer.status_code == 409
    assert "Van de een." in answer.content.decode()
    assert "Van de ander." in answer.content.decode()
    cup.refresh_from_db()
    assert cup.note == "Van de een."


@pytest.mark.parametrize("note", ["x" * 1001, "nul\0teken"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_note_that_cannot_be_stored_is_said_under_it(client, board, cup, note, headers):
    answer = client.post(_address("pin_note", board, cup), {"note": note}, headers=headers)

    assert answer.status_code == 422
    assert "words-slot__problem" in answer.content.decode()
    cup.refresh_from_db()
    assert cup.note == ""


def test_section_is_added_renamed_and_removed(client, board, cup):
    client.post(_address("board_add_section", board), {"heading": "Voor het eten"})
    section = board.pins.get(heading="Voor het eten")
    client.post(_address("pin_heading", board, section), {"heading": "Erna"}, headers=HTMX)
    section.refresh_from_db()
    assert section.heading == "Erna"

    client.post(_address("pin_remove", board, section), headers=HTMX)

    assert list(board.pins.values_list("product__title", flat=True)) == ["Theekop"]


@pytest.mark.parametrize("heading", ["", "   ", "x" * 121, "nul\0"])
def test_heading_that_is_none_is_refused(client, board, cup, heading):
    answer = client.post(_address("board_add_section", board), {"heading": heading}, headers=HTMX)

    assert answer.status_code == 422
    assert board.pins.count() == 1


def test_picture_is_described_where_it_stands(client, board):
    client.post(_address("board_add_picture", board), {"file": _photo()})
    pin = board.pins.get()
    page = client.get(_address("board_edit", board))
    assert [row.pin for row in page.context["undescribed"]] == [pin]

    answer = client.post(
        _address("pin_picture", board, pin),
        {"alt_text": "Een kom", "is_made_with_ai": "on", "based_on": _field(page, "words", pin=pin)},
        headers=HTMX,
    )

    # What asked for it is gone at once, and the row is called by its words.
    said = answer.content.decode()
    assert '<div id="undescribed" hx-swap-oob="innerHTML"></div>' in said
    assert f'id="head-{pin.pk}" hx-swap-oob="true"' in said
    assert "Not described yet" in page.content.decode()
    assert "Not described yet" not in said
    picture = Picture.objects.get()
    assert (picture.alt_text, picture.is_decorative, picture.is_made_with_ai) == ("Een kom", False, True)
    assert client.get(_address("board_edit", board)).context["undescribed"] == []


def test_undescribed_picture_is_named_when_one_wants_to_publish(client, board, cup):
    client.post(_address("board_add_picture", board), {"file": _photo()})

    page = client.post(_address("board_state", board), {"state": "public"}, headers=HTMX)

    assert page.status_code == 422
    assert page.context["state_form"].errors["state"] == [
        "Say first what can be seen in the picture at place 2, or that it is decoration."
    ]


@pytest.mark.parametrize(("state", "is_offered"), [("public", True), ("unlisted", True), ("hidden", False)])
def test_link_is_offered_to_send_once_others_may_come(client, board, cup, state, is_offered):
    boards.publish_board(board=board, state=PublicationState(state), at=NOW)

    page = client.get(_address("board_edit", board)).content.decode()

    assert (f"http://testserver{board.get_absolute_url()}" in page) is is_offered
    assert ('href="#state"' in page) is not is_offered


def test_pictures_that_came_in_the_background_are_said_to_be_stored(client, board):
    client.post(
        _address("board_add_picture", board), {"file": _photo()}, headers={"Accept": "application/json"}
    )

    answer = client.get(_address("board_edit", board), headers={**HTMX, "HX-Target": "pins"})

    assert "Saved at" in answer.content.decode()
    assert "Picture at place 1" in answer.content.decode()


# Pictures, several at once


def test_good_files_are_stored_and_each_refused_one_is_named(client, board, ada):
    files = [_photo("een.jpg"), SimpleUploadedFile("brief.txt", b"no picture"), _photo("twee.jpg", "navy")]

    page = client.post(_address("board_add_picture", board), {"file": files})

    assert page.status_code == 422
    [problem] = page.context["pictures_form"].non_field_errors()
    assert problem.startswith("“brief.txt”: ")
    assert board.pins.count() == 2
    assert {picture.uploaded_by_user for picture in Picture.objects.all()} == {ada}


@pytest.mark.parametrize(("name", "status", "count"), [("een.jpg", 200, 1), ("kapot.jpg", 422, 0)])
def test_script_gets_the_answer_about_one_file_as_json(client, board, name, status, count):
    file = _photo(name) if count else SimpleUploadedFile(name, b"\xff\xd8\xff broken")

    answer = client.post(
        _address("board_add_picture", board), {"file": file}, headers={"Accept": "application/json"}
    )

    assert (answer.status_code, board.pins.count()) == (status, count)
    assert len(answer.json()["refused"]) == 1 - count


def test_no_file_at_all_is_said(client, board):
    page = client.post(_address("board_add_picture", board), {})

    assert page.status_code == 422
    assert page.context["pictures_form"].errors["file"]


def test_picture_that_finds_no_place_is_not_kept(client, board, ada):
    Pin.objects.bulk_create(
        Pin(board=board, position=place, heading=f"Deel {place}", added_by=ada, created_at=NOW)
        for place in range(boards.MOST_PINS)
    )

    page = client.post(_address("board_add_picture", board), {"file": _photo()})

    assert page.status_code == 422
    assert not Picture.objects.exists()


# Order, undo, cover


@pytest.mark.parametrize(("sent", "expected"), [({"place": "1"}, "Bord"), ({"direction": "down"}, "Theekop")])
def test_pin_moves_by_place_or_direction_and_says_where_it_stands(client, board, cup, sent, expected):
    plate = boards.add_product(board=board, product=make_product(make_shop(), "Bord"), by=board.owner, at=NOW)

    answer = client.post(_address("pin_move", board, plate), sent, headers=HTMX)

    assert board.pins.order_by("position").first().product.title == expected
    assert f"stands at place {1 if expected == 'Bord' else 2} now" in answer.content.decode()


@pytest.mark.parametrize("place", ["0", "-1", "x", "201", "9" * 5000, "1.5", "nul\0"])
def test_place_that_is_none_is_refused_with_words(client, board, cup, place):
    answer = client.post(_address("pin_move", board, cup), {"place": place}, headers=HTMX)

    assert answer.status_code == 422
    # In the bar at the foot of the window, where it is seen from every place of a long list.
    assert '<span class="saved__refused">A place is a number from 1 to 1.</span>' in answer.content.decode()


@pytest.mark.parametrize("sent", [{}, {"direction": "sideways"}])
def test_move_to_nowhere_is_a_bad_request(client, board, cup, sent):
    assert client.post(_address("pin_move", board, cup), sent).status_code == 400


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_order_changed_elsewhere_is_shown_and_kept_if_chosen(client, board, cup, ada, headers):
    plate = boards.add_product(board=board, product=make_product(make_shop(), "Bord"), by=ada, at=NOW)
    bowl = boards.add_product(board=board, product=make_product(make_shop(), "Kom"), by=ada, at=NOW)
    seen = f"{cup.pk},{plate.pk},{bowl.pk}"
    url = _address("board_order", board)
    client.post(url, {"order": f"{bowl.pk},{cup.pk},{plate.pk}", "seen": seen}, headers=HTMX)
    mine = f"{plate.pk},{cup.pk},{bowl.pk}"

    answer = client.post(url, {"order": mine, "seen": seen}, headers=headers)

    assert answer.status_code == 409
    assert answer.context["my_names"] == ["Bord", "Theekop", "Kom"]
    assert [row.name for row in answer.context["rows"]] == ["Kom", "Theekop", "Bord"]
    client.post(url, {"order": mine, "keep": "mine"}, headers=headers)
    assert list(board.pins.order_by("position").values_list("pk", flat=True)) == [plate.pk, cup.pk, bowl.pk]


@pytest.mark.parametrize("order", ["", ",", "x,y", "9" * 5000, "9000001,9000002," * 2000, "٣,²"])
def test_strange_orders_change_nothing(client, board, cup, order):
    answer = client.post(_address("board_order", board), {"order": order, "seen": order}, headers=HTMX)

    assert answer.status_code == 200
    assert list(board.pins.all()) == [cup]


def test_removal_is_offered_back_and_undone(client, board, cup):
    answer = client.post(_address("pin_remove", board, cup), headers=HTMX)
    assert answer.context["undo_name"] == "Theekop"
    assert not board.pins.exists()

    answer = client.post(_address("board_undo", board), headers=HTMX)

    back = board.pins.get()
    assert back.product.title == "Theekop"
    assert answer.context["undo_name"] == ""
    assert f"pin-{back.pk}" in answer.headers["HX-Trigger-After-Settle"]


def test_nothing_to_undo_is_said(client, board, cup):
    answer = client.post(_address("board_undo", board), headers=HTMX)

    assert answer.status_code == 422
    assert "There is nothing to put back." in answer.content.decode()


def test_attention_goes_to_what_follows_the_removed(client, board, cup, ada):
    plate = boards.add_product(board=board, product=make_product(make_shop(), "Bord"), by=ada, at=NOW)

    answer = client.post(_address("pin_remove", board, cup), headers=HTMX)

    assert f'"pin-{plate.pk}"' in answer.headers["HX-Trigger-After-Settle"]


def test_cover_is_chosen_and_marked(client, board):
    for photo in (_photo("een.jpg"), _photo("twee.jpg", "navy")):
        client.post(_address("board_add_picture", board), {"file": photo})
    first, second = board.pins.order_by("position")

    answer = client.post(_address("pin_cover", board, second), headers=HTMX)

    assert [row.is_cover for row in answer.context["rows"]] == [False, True]
    board.publication.refresh_from_db()
    assert board.publication.cover_id == second.picture_id
    assert board.publication.cover_id != first.picture_id


def test_found_product_that_is_on_the_board_is_marked(client, board, cup):
    page = client.get(_address("board_edit", board), {"q": "theekop"}, headers={**HTMX, "HX-Target": "found"})

    assert page.context["found"] == [(cup.product, True)]
    assert 'aria-disabled="true"' in page.content.decode()


# Who may do what

#: Every address that changes something: what is sent, and the least that one must be.
CHANGES = {
    "board_describe": ({"title": "x", "language": "nl", "relation": "none"}, "edit"),
    "board_state": ({"state": "hidden"}, "owner"),
    "board_order": ({"order": ""}, "edit"),
    "board_add_section": ({"heading": "x"}, "add"),
    "pin_note": ({"note": "x"}, "edit"),
    "pin_heading": ({"heading": "x"}, "edit"),
    "pin_picture": ({"alt_text": "x"}, "edit"),
    "pin_move": ({"direction": "up"}, "edit"),
    "pin_cover": ({}, "edit"),
    "pin_remove": ({}, "edit"),
    "board_undo": ({}, "add"),
    "board_delete": ({}, "owner"),
}
RANKS = ["nobody", "add", "edit", "owner"]


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_for_who_may_make_it(client, board, cup, name, rank):
    sent, least = CHANGES[name]
    people = {"nobody": lambda: make_user("Eve Stil"), "owner": lambda: board.owner}
    client.force_login(people.get(rank, lambda: _member(board, rank))())
    rest = [cup] if name.startswith("pin_") else []

    answer = client.post(_address(name, board, *rest), sent)

    if rank == "nobody":
        assert answer.status_code == 404
    elif RANKS.index(rank) < RANKS.index(least):
        assert answer.status_code == 403
    else:
        assert answer.status_code in {302, 422}


@pytest.mark.parametrize("name", [*CHANGES, "board_edit"])
def test_anonymous_is_asked_to_log_in(client, board, cup, name):
    client.logout()
    rest = [cup] if name.startswith("pin_") else []

    answer = client.post(_address(name, board, *rest), {})

    assert answer.status_code == 302
    assert "/login/" in answer.url or "/account" in answer.url


def test_who_may_add_changes_their_own_pin_and_sees_no_other_tools(client, board, cup):
    noor = _member(board, "add")
    client.force_login(noor)
    client.post(_address("board_add_product", board), {"product": make_product(make_shop(), "Bord").pk})
    hers = board.pins.get(added_by=noor)

    stored = client.post(_address("pin_note", board, hers), {"note": "Van Noor."}, headers=HTMX)
    page = client.get(_address("board_edit", board))

    assert stored.status_code == 200
    assert [(row.may_change, row.added_by) for row in page.context["rows"]] == [(False, ""), (True, "Noor")]
    html = page.content.decode()
    assert _address("pin_note", board, hers) in html
    for name in ("pin_note", "pin_remove", "pin_move", "pin_cover"):
        assert _address(name, board, cup) not in html
    for name in ("board_describe", "board_state", "board_delete", "board_order"):
        assert _address(name, board) not in html


def test_who_may_add_undoes_their_own_removal_only(client, board, cup, ada):
    client.post(_address("pin_remove", board, cup))
    noor = _member(board, "add")
    client.force_login(noor)

    assert client.post(_address("board_undo", board)).status_code == 403

    client.post(_address("board_add_product", board), {"product": cup.product.pk})
    client.post(_address("pin_remove", board, board.pins.get()))
    assert client.post(_address("board_undo", board)).status_code == 302
    assert board.pins.get().added_by == noor


def test_pin_of_another_board_is_not_there(client, board, cup, ada):
    other = boards.create_board(owner=ada, title="Elders", at=NOW)

    assert client.post(_address("pin_note", other, cup), {"note": "x"}).status_code == 404


@pytest.mark.parametrize("pk", ["9" * 30, "0"])
def test_board_with_a_number_beyond_all_is_not_there(client, ada, pk):
    assert client.get(f"/studio/boards/{pk}/").status_code == 404


# Speed


def test_editor_costs_as_many_queries_for_three_pins_as_for_one(client, board, ada):
    def grow(colour):
        shop = make_shop()
        boards.add_product(
            board=board, product=make_product(shop, "Kop"), by=_member(board, "add", colour), at=NOW
        )
        client.post(_address("board_add_picture", board), {"file": _photo(f"{colour}.jpg", colour)})
        client.get(_address("board_edit", board))  # makes the renditions

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(_address("board_edit", board))
        return len(captured)

    grow("teal")
    one = queries()
    grow("navy")
    grow("olive")

    assert queries() == one
