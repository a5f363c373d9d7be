"""What stands on a board, through the verbs: said, ordered, parted, pointed at, removed and put back."""

import io

import pytest
from django.contrib.auth.models import AnonymousUser
from PIL import Image

from advocates.enums import PublicationState, Relation
from advocates.models import Contributor
from community import hotspots, pins, removals
from community.boards import (
    MOST_PINS,
    UnableToChangeBoard,
    add_picture,
    add_product,
    change_board,
    create_board,
    may,
    publish_board,
    set_cover,
    words_of,
)
from community.conflicts import ChangedElsewhere, digests_of
from community.models import Hotspot, Picture, Pin
from community.pictures import store_picture
from community.product_picker import products_to_pick
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def board(ada):
    return create_board(owner=ada, title="Een tafel voor acht", at=NOW)


def picture(by, alt_text="Een kom") -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    return store_picture(file=out, title="Kom", uploaded_by=by, alt_text=alt_text)


def pinned(board, shop, *titles) -> list[Pin]:
    return [
        add_product(board=board, product=make_product(shop, title), by=board.owner, at=NOW)
        for title in titles
    ]


def names(board) -> list[str]:
    return [pins.name_of(pin) for pin in board.pins.order_by("position")]


def mentioned(board) -> list[str]:
    return [mention.product.title for mention in board.publication.mentions.select_related("product")]


# Who may


@pytest.mark.parametrize(
    ("role", "expected"),
    [("add", (True, False, False)), ("edit", (True, True, False)), (None, (False, False, False))],
)
def test_contributor_may_what_the_role_says(board, role, expected):
    eve = make_user("Eve Stil")
    if role:
        Contributor.objects.create(publication=board.publication, user=eve, role=role, joined_at=NOW)

    rights = may(eve, board)

    assert (rights.may_add, rights.may_edit, rights.may_own) == expected


def test_owner_may_all_and_nobody_may_nothing(board, ada):
    rights, none = may(ada, board), may(AnonymousUser(), board)

    assert (rights.may_add, rights.may_edit, rights.may_own) == (True, True, True)
    assert (none.may_add, none.may_edit, none.may_own) == (False, False, False)


def test_who_may_add_may_change_only_what_they_added(board, shop):
    eve = make_user("Eve Stil")
    Contributor.objects.create(publication=board.publication, user=eve, role="add", joined_at=NOW)
    [hers] = pinned(board, shop, "Kom")
    mine = add_product(board=board, product=make_product(shop, "Bord"), by=eve, at=NOW)

    rights = may(eve, board)

    assert (rights.may_change(mine), rights.may_change(hers)) == (True, False)


# Notes and words in two tabs


def test_note_written_in_two_tabs_is_a_conflict_with_both_versions(board, shop):
    [pin] = pinned(board, shop, "Kom")
    seen = digests_of(pins.note_words(pin))
    pins.set_note(pin=Pin.objects.get(pk=pin.pk), note="Van de een.", based_on=seen, at=NOW)

    with pytest.raises(ChangedElsewhere) as conflict:
        pins.set_note(pin=pin, note="Van de ander.", based_on=seen, at=NOW)

    [versions] = conflict.value.versions
    assert (versions.mine, versions.theirs) == ("Van de ander.", "Van de een.")
    pin.refresh_from_db()
    assert pin.note == "Van de een."


def test_same_note_in_two_tabs_is_no_conflict_whatever_its_line_ends(board, shop):
    [pin] = pinned(board, shop, "Kom")
    seen = digests_of(pins.note_words(pin))
    pins.set_note(pin=Pin.objects.get(pk=pin.pk), note="Een\nTwee", based_on=seen, at=NOW)

    pins.set_note(pin=pin, note="Een\r\nTwee ", based_on=seen, at=NOW)

    assert pin.note == "Een\nTwee"


def test_board_takes_the_title_from_one_tab_and_the_text_from_another(board):
    seen = digests_of(words_of(board))
    same = {"language": "nl", "themes": [], "relation": Relation.NONE}
    change_board(board=board, title="Een tafel voor tien", description="", based_on=seen, at=NOW, **same)
    change_board(
        board=board,
        title="Een tafel voor acht",
        description="Met een lange avond.",
        based_on=seen,
        at=NOW,
        **same,
    )

    board.refresh_from_db()
    assert (board.publication.title, board.description) == ("Een tafel voor tien", "Met een lange avond.")


def test_words_of_a_picture_are_its_first_owners(board, ada):
    other = create_board(owner=ada, title="Elders", at=NOW)
    saved = add_picture(board=board, picture=picture(ada), by=ada, origin=other.publication, at=NOW)
    own = add_picture(board=board, picture=picture(ada, ""), by=ada, at=NOW)
    words = {"alt_text": "Een plank", "is_decorative": False, "is_made_with_ai": True}

    with pytest.raises(UnableToChangeBoard):
        pins.describe_picture(pin=saved, at=NOW, **words)
    described = pins.describe_picture(pin=own, at=NOW, **words)

    assert (described.alt_text, described.is_decorative, described.is_made_with_ai) == (
        "Een plank",
        False,
        True,
    )
    assert Picture.objects.get(pk=saved.picture_id).alt_text == "Een kom"


# Order and sections


@pytest.mark.parametrize(
    ("to", "expected"),
    [(0, ["Drie", "Een", "Twee"]), (1, ["Een", "Drie", "Twee"]), (99, ["Een", "Twee", "Drie"])],
)
def test_pin_moves_to_a_place(board, shop, to, expected):
    third = pinned(board, shop, "Een", "Twee", "Drie")[2]

    pins.move_pin(pin=third, to=to, at=NOW)

    assert names(board) == expected
    assert mentioned(board) == expected


def test_order_made_from_an_order_that_is_gone_is_refused(board, shop):
    one, two, three = (pin.pk for pin in pinned(board, shop, "Een", "Twee", "Drie"))
    pins.order_pins(board=board, pin_ids=[three, one, two], seen=[one, two, three], at=NOW)

    with pytest.raises(pins.OrderChangedElsewhere):
        pins.order_pins(board=board, pin_ids=[two, one, three], seen=[one, two, three], at=NOW)

    assert names(board) == ["Drie", "Een", "Twee"]


def test_what_was_added_or_removed_elsewhere_does_not_stop_an_order(board, shop):
    first, second, third = pinned(board, shop, "Een", "Twee", "Drie")
    seen = [first.pk, second.pk, third.pk]
    pinned(board, shop, "Vier")
    removals.remove_pin(pin=second, by=board.owner, at=NOW)

    pins.order_pins(board=board, pin_ids=[third.pk, seen[1], first.pk], seen=seen, at=NOW)

    assert names(board) == ["Drie", "Een", "Vier"]


def test_section_is_a_heading_in_the_same_order(board, shop, ada):
    pinned(board, shop, "Kom")
    section = pins.add_section(board=board, heading="Voor het eten", by=ada, at=NOW)
    pinned(board, shop, "Bord")

    pins.rename_section(pin=section, heading="Erna", at=NOW)
    pins.move_pin(pin=section, to=0, at=NOW)

    assert names(board) == ["Erna", "Kom", "Bord"]
    assert mentioned(board) == ["Kom", "Bord"]


def test_section_has_no_note_and_a_product_no_heading(board, shop, ada):
    [pin] = pinned(board, shop, "Kom")
    section = pins.add_section(board=board, heading="Voor het eten", by=ada, at=NOW)

    with pytest.raises(UnableToChangeBoard):
        pins.set_note(pin=section, note="Nee", at=NOW)
    with pytest.raises(UnableToChangeBoard):
        pins.rename_section(pin=pin, heading="Nee", at=NOW)


def test_board_with_headings_alone_cannot_be_published_and_hides_when_the_rest_goes(board, shop, ada):
    pins.add_section(board=board, heading="Leeg", by=ada, at=NOW)
    with pytest.raises(UnableToChangeBoard):
        publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
    [pin] = pinned(board, shop, "Kom")
    publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)

    removals.remove_pin(pin=pin, by=ada, at=NOW)

    board.publication.refresh_from_db()
    assert board.publication.state == PublicationState.HIDDEN


# Pictures that nobody described


def test_undescribed_picture_keeps_a_board_from_being_published(board, ada):
    pin = add_picture(board=board, picture=picture(ada, ""), by=ada, at=NOW)
    with pytest.raises(UnableToChangeBoard) as refusal:
        publish_board(board=board, state=PublicationState.UNLISTED, at=NOW)
    assert "1" in str(refusal.value)

    pins.describe_picture(pin=pin, alt_text="", is_decorative=True, is_made_with_ai=False, at=NOW)
    publish_board(board=board, state=PublicationState.UNLISTED, at=NOW)

    assert board.publication.state == PublicationState.UNLISTED


def test_undescribed_picture_saved_from_elsewhere_does_not_block(board, ada):
    other = create_board(owner=ada, title="Elders", at=NOW)
    add_picture(board=board, picture=picture(ada, ""), by=ada, origin=other.publication, at=NOW)

    publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)

    assert board.publication.state == PublicationState.PUBLIC


# Hotspots


def test_products_in_a_picture_are_mentioned_in_reading_order_each_once(board, shop, ada):
    cup, bowl, plate = (make_product(shop, title) for title in ("Kop", "Kom", "Bord"))
    pin = add_picture(board=board, picture=picture(ada), by=ada, at=NOW)
    add_product(board=board, product=plate, by=ada, at=NOW)
    for product in (cup, bowl, plate):
        hotspots.add_hotspot(pin=pin, product=product, x_bps=2500, y_bps=10_000, at=NOW)

    hotspots.move_hotspot(hotspot=pin.hotspots.get(product=bowl), to=0, at=NOW)

    assert mentioned(board) == ["Kom", "Kop", "Bord"]
    assert [spot.product.title for spot in pin.hotspots.all()] == ["Kom", "Kop", "Bord"]


def test_hotspot_stands_on_pictures_only_and_shows_a_product_once(board, shop, ada):
    cup = make_product(shop, "Kop")
    product_pin = add_product(board=board, product=cup, by=ada, at=NOW)
    picture_pin = add_picture(board=board, picture=picture(ada), by=ada, at=NOW)
    hotspots.add_hotspot(pin=picture_pin, product=cup, x_bps=0, y_bps=0, at=NOW)

    for pin in (product_pin, picture_pin):
        with pytest.raises(UnableToChangeBoard):
            hotspots.add_hotspot(pin=pin, product=cup, x_bps=0, y_bps=0, at=NOW)

    assert Hotspot.objects.count() == 1


def test_thirteenth_hotspot_is_refused(board, shop, ada):
    pin = add_picture(board=board, picture=picture(ada), by=ada, at=NOW)
    for number in range(hotspots.MOST_HOTSPOTS):
        hotspots.add_hotspot(pin=pin, product=make_product(shop, f"Kop {number}"), x_bps=0, y_bps=0, at=NOW)

    with pytest.raises(UnableToChangeBoard):
        hotspots.add_hotspot(pin=pin, product=make_product(shop, "Een te veel"), x_bps=0, y_bps=0, at=NOW)

    assert pin.hotspots.count() == hotspots.MOST_HOTSPOTS


def test_hotspot_moved_in_one_tab_and_annotated_in_another_keeps_both(board, shop, ada):
    pin = add_picture(board=board, picture=picture(ada), by=ada, at=NOW)
    spot = hotspots.add_hotspot(pin=pin, product=make_product(shop), x_bps=1000, y_bps=1000, at=NOW)
    seen = digests_of(hotspots.hotspot_words(spot))

    hotspots.change_hotspot(hotspot=spot, x_bps=9000, y_bps=1000, note="", based_on=seen, at=NOW)
    hotspots.change_hotspot(hotspot=spot, x_bps=1000, y_bps=1000, note="Die.", based_on=seen, at=NOW)

    spot.refresh_from_db()
    assert (spot.x_bps, spot.y_bps, spot.note) == (9000, 1000, "Die.")
    with pytest.raises(ChangedElsewhere):
        hotspots.change_hotspot(hotspot=spot, x_bps=5000, y_bps=1000, note="", based_on=seen, at=NOW)


# Removing and putting back


def test_removed_picture_comes_back_where_it_was_with_its_hotspots_and_as_cover(board, shop, ada):
    other = create_board(owner=ada, title="Elders", at=NOW)
    first = add_picture(board=board, picture=picture(ada), by=ada, at=NOW)
    pin = add_picture(board=board, picture=picture(ada), by=ada, note="Zo.", origin=other.publication, at=NOW)
    pinned(board, shop, "Bord")
    set_cover(board=board, picture=pin.picture, at=NOW)
    for title, x_bps in (("Kop", 2000), ("Kom", 6000)):
        hotspots.add_hotspot(
            pin=pin, product=make_product(shop, title), x_bps=x_bps, y_bps=3000, note=f"De {title}", at=NOW
        )
    removals.remove_pin(pin=Pin.objects.get(pk=pin.pk), by=ada, at=NOW)
    board.refresh_from_db()
    assert mentioned(board) == ["Bord"]
    assert board.publication.cover_id == first.picture_id

    back = removals.undo_removal(board=board, at=NOW)

    assert list(board.pins.order_by("position").values_list("pk", flat=True))[1] == back.pk
    assert (back.picture_id, back.note, back.origin_id, back.added_by_id) == (
        pin.picture_id,
        "Zo.",
        other.publication_id,
        ada.pk,
    )
    assert [(spot.product.title, spot.x_bps, spot.y_bps, spot.note) for spot in back.hotspots.all()] == [
        ("Kop", 2000, 3000, "De Kop"),
        ("Kom", 6000, 3000, "De Kom"),
    ]
    assert board.publication.cover_id == pin.picture_id
    assert mentioned(board) == ["Kop", "Kom", "Bord"]
    assert board.last_removed is None


def test_removed_section_comes_back_where_it_was(board, shop, ada):
    pinned(board, shop, "Kom")
    section = pins.add_section(board=board, heading="Voor het eten", by=ada, at=NOW)
    pinned(board, shop, "Bord")
    removals.remove_pin(pin=section, by=ada, at=NOW)
    assert names(board) == ["Kom", "Bord"]

    removals.undo_removal(board=board, at=NOW)

    assert names(board) == ["Kom", "Voor het eten", "Bord"]


def test_removed_hotspot_comes_back_in_its_place(board, shop, ada):
    pin = add_picture(board=board, picture=picture(ada), by=ada, at=NOW)
    for title in ("Kop", "Kom"):
        hotspots.add_hotspot(
            pin=pin, product=make_product(shop, title), x_bps=2000, y_bps=3000, note=title, at=NOW
        )
    removals.remove_hotspot(hotspot=pin.hotspots.first(), by=ada, at=NOW)
    assert mentioned(board) == ["Kom"]

    removals.undo_removal(board=pin.board, at=NOW)

    assert [(spot.product.title, spot.note) for spot in pin.hotspots.all()] == [
        ("Kop", "Kop"),
        ("Kom", "Kom"),
    ]
    assert mentioned(board) == ["Kop", "Kom"]


def test_only_the_last_removal_can_be_undone_and_only_once(board, shop, ada):
    for pin in pinned(board, shop, "Kom", "Bord"):
        removals.remove_pin(pin=pin, by=ada, at=NOW)

    removals.undo_removal(board=board, at=NOW)

    assert names(board) == ["Bord"]
    with pytest.raises(UnableToChangeBoard):
        removals.undo_removal(board=board, at=NOW)


def test_removal_whose_product_was_added_again_cannot_be_undone(board, shop, ada):
    [pin] = pinned(board, shop, "Kom")
    product = pin.product
    removals.remove_pin(pin=pin, by=ada, at=NOW)
    add_product(board=board, product=product, by=ada, at=NOW)

    with pytest.raises(UnableToChangeBoard):
        removals.undo_removal(board=board, at=NOW)

    board.refresh_from_db()
    assert names(board) == ["Kom"]
    assert board.last_removed["name"] == "Kom"


def test_what_no_longer_exists_cannot_be_put_back(board, shop, ada):
    pin = add_picture(board=board, picture=picture(ada), by=ada, at=NOW)
    removals.remove_pin(pin=pin, by=ada, at=NOW)
    Picture.objects.all().delete()

    with pytest.raises(UnableToChangeBoard):
        removals.undo_removal(board=board, at=NOW)


@pytest.mark.parametrize("verb", ["note", "move", "remove"])
def test_pin_removed_in_another_tab_is_said_to_be_gone(board, shop, ada, verb):
    [pin] = pinned(board, shop, "Kom")
    removals.remove_pin(pin=Pin.objects.get(pk=pin.pk), by=ada, at=NOW)
    verbs = {
        "note": lambda: pins.set_note(pin=pin, note="Te laat.", at=NOW),
        "move": lambda: pins.move_pin(pin=pin, to=0, at=NOW),
        "remove": lambda: removals.remove_pin(pin=pin, by=ada, at=NOW),
    }

    with pytest.raises(UnableToChangeBoard):
        verbs[verb]()


def test_full_board_takes_nothing_more_and_nothing_back(board, shop, ada):
    removed = pins.add_section(board=board, heading="Weg", by=ada, at=NOW)
    removals.remove_pin(pin=removed, by=ada, at=NOW)
    Pin.objects.bulk_create(
        Pin(board=board, position=place, heading=f"Deel {place}", added_by=ada, created_at=NOW)
        for place in range(MOST_PINS)
    )

    with pytest.raises(UnableToChangeBoard):
        pinned(board, shop, "Kom")
    with pytest.raises(UnableToChangeBoard):
        removals.undo_removal(board=board, at=NOW)

    assert board.pins.count() == MOST_PINS


# Finding something to pin


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("theekop", ["Theekop, grijs glazuur"]),
        ("theek", ["Theekop, grijs glazuur"]),
        ("grijs theeko", ["Theekop, grijs glazuur"]),
        ("the", ["Theekop, grijs glazuur"]),
        ("th", []),
        ("zz'; & | ! (", []),
        ("koppen:* | bord", []),
    ],
)
def test_product_is_found_while_its_name_is_typed(shop, typed, expected):
    make_product(shop, "Theekop, grijs glazuur")
    make_product(shop, "Ontbijtbord")

    assert [product.title for product in products_to_pick(typed, most=5)] == expected


def test_product_that_is_gone_for_good_is_not_offered(shop):
    product = make_product(shop, "Theekop, grijs glazuur")
    product.offer.availability = "unavailable"
    product.offer.save()

    assert products_to_pick("theek", most=5) == []
