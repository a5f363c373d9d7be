"""The board editor as people use it: by mouse, by keyboard alone, by thumb, in two tabs; each change stored at once."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from advocates.enums import PublicationState
from community import pins
from community.boards import add_picture, add_product, create_board
from community.models import Board, Picture
from community.pictures import store_picture
from tests.browser.world import picture_file

PHONE = 360
IN_PINS = "document.activeElement.closest('#pins') !== null"
FOCUS_IS_LOST = "document.activeElement === document.body"
#: Controls that a thumb may miss: smaller than 24 px either way, and not inside running text.
SMALL_TARGETS = """() => [...document.querySelectorAll("main button, main a, main input:not([type=hidden])")]
  .filter((control) => control.checkVisibility() && !control.closest("p, li.breadcrumbs__item"))
  .map((control) => [control.outerHTML.slice(0, 90), control.getBoundingClientRect()])
  .filter(([_html, box]) => box.width < 24 || box.height < 24)
  .map(([html]) => html)"""


@pytest.fixture
def board(world):
    board = create_board(owner=world.noor, title="Op de plank", at=timezone.now())
    for product in world.products[:2]:
        add_product(board=board, by=board.owner, product=product, at=timezone.now())
    return board


def titles(board) -> list[str]:
    return [pins.name_of(pin) for pin in board.pins.order_by("position")]


def photo(name: str, number: int = 5, size: tuple[int, int] = (900, 1100)) -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture_file(number, size).read()}


@pytest.fixture
def editor(open_browser, world, board):
    page = open_browser(world.noor)
    page.goto(f"/en/studio/boards/{board.pk}/")
    return page


def test_noor_finds_a_product_while_she_types_and_adds_it(editor, board, world):
    editor.get_by_role("searchbox", name="Search products").press_sequentially("vaas")
    editor.get_by_role("button", name=re.compile("Add.*Vaas op een voet")).click()

    expect(editor.locator("#pins .pin-row")).to_have_count(3)
    assert titles(board) == [world.products[0].title, world.products[1].title, "Vaas op een voet"]
    # The search stays as it was, for the next one.
    expect(editor.get_by_role("button", name=re.compile("Added.*Vaas op een voet"))).to_be_focused()


def test_noor_writes_a_note_and_it_is_stored_when_she_goes_on(editor, board, world):
    editor.get_by_label(f"Note with {world.products[1].title}").fill("Elke kom heeft een andere duim.")
    editor.keyboard.press("Tab")

    expect(editor.get_by_text("Saved at")).to_be_visible()
    assert board.pins.get(product=world.products[1]).note == "Elke kom heeft een andere duim."


def test_note_that_noor_is_still_writing_survives_what_happens_around_it(editor, board, world):
    note = editor.get_by_label(f"Note with {world.products[1].title}")
    note.press_sequentially("Elke kom")
    # As when a picture arrives in the background: the list comes anew while she types.
    with editor.expect_response(lambda answer: answer.request.method == "POST"):
        editor.evaluate("htmx.trigger('#pins-again', 'refresh')")
    editor.wait_for_load_state("networkidle")

    expect(note).to_be_focused()
    note.press_sequentially(" heeft een duim.")
    with editor.expect_response("**/note/"):
        editor.keyboard.press("Tab")

    assert board.pins.get(product=world.products[1]).note == "Elke kom heeft een duim."


def test_noor_orders_with_the_keyboard_and_keeps_her_place(editor, board, world):
    editor.get_by_role("button", name=re.compile(f"Down.*{world.products[0].title}")).focus()
    editor.keyboard.press("Enter")

    expect(editor.locator("#pins .pin-row__title").first).to_contain_text(world.products[1].title)
    assert titles(board) == [world.products[1].title, world.products[0].title]
    assert editor.evaluate(IN_PINS)


def test_noor_orders_with_her_thumb_and_the_window_stays_with_her(open_browser, world, board):
    for product in world.products[2:]:
        add_product(board=board, by=board.owner, product=product, at=timezone.now())
    page = open_browser(world.noor, width=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"/en/studio/boards/{board.pk}/")
    down = page.get_by_role("button", name=re.compile(f"Down.*{world.products[2].title}"))
    down.scroll_into_view_if_needed()
    height = down.bounding_box()["y"]

    down.tap()

    expect(page.locator("#pins .pin-row__title").nth(3)).to_contain_text(world.products[2].title)
    expect(down).to_be_focused()
    # It stands one row lower, and is still in the window.
    assert abs(down.bounding_box()["y"] - height) < 500


def test_noor_removes_a_product_and_puts_it_back(editor, board, world):
    editor.get_by_role("button", name=re.compile(f"Remove.*{world.products[0].title}")).click()

    expect(editor.locator("#pins .pin-row")).to_have_count(1)
    assert titles(board) == [world.products[1].title]
    expect(editor.locator("#pins .pin-row")).to_be_focused()

    editor.get_by_role("button", name=re.compile("Undo")).click()

    expect(editor.locator("#pins .pin-row")).to_have_count(2)
    expect(editor.locator("#pins .pin-row").first).to_be_focused()
    assert titles(board) == [product.title for product in world.products[:2]]


def test_noor_sees_both_notes_when_two_tabs_wrote_one(editor, board, world, problems):
    name = f"Note with {world.products[0].title}"
    other = editor.context.new_page()
    other.goto(f"/en/studio/boards/{board.pk}/")
    editor.get_by_label(name).fill("Van het ene tabblad.")
    editor.keyboard.press("Tab")
    expect(editor.get_by_text("Saved at")).to_be_visible()

    other.get_by_label(name).fill("Van het andere.")
    other.keyboard.press("Tab")

    told = other.get_by_role("alert")
    expect(told).to_contain_text("Van het ene tabblad.")
    expect(told).to_contain_text("Van het andere.")
    assert board.pins.get(product=world.products[0]).note == "Van het ene tabblad."
    told.get_by_role("button", name=re.compile("Keep mine")).click()
    expect(told).to_have_count(0)
    assert board.pins.get(product=world.products[0]).note == "Van het andere."
    # The browser itself writes each refusal on the console.
    assert [problem for problem in problems if "409" not in problem] == []
    problems.clear()


def test_noor_hears_when_the_site_cannot_be_reached(editor, board, world, problems):
    editor.route("**/note/", lambda route: route.abort())
    editor.get_by_label(f"Note with {world.products[0].title}").fill("Onderweg kwijt?")
    editor.keyboard.press("Tab")

    expect(editor.get_by_role("status").filter(has_text="Not saved")).to_be_visible()
    problems.clear()


def test_each_change_is_stored_by_a_button_where_there_is_no_script(open_browser, world, board):
    page = open_browser(world.noor, java_script_enabled=False)
    page.goto(f"/en/studio/boards/{board.pk}/")
    pin = board.pins.get(product=world.products[0])

    page.get_by_label(f"Note with {world.products[0].title}").fill("Zonder script.")
    page.locator(f"#pin-{pin.pk}").get_by_role("button", name=re.compile("Save note")).click()
    page.get_by_label("Title").fill("Zonder script")
    page.locator("#about").get_by_role("button", name="Save").click()
    page.locator("input[type=file]").set_input_files([photo("een.jpg"), photo("twee.jpg", 2)])
    page.get_by_role("button", name="Add pictures", exact=True).click()
    page.get_by_label(re.compile("New section")).fill("Later")
    page.get_by_role("button", name="Add section").click()

    pin.refresh_from_db()
    board.refresh_from_db()
    assert (pin.note, board.publication.title) == ("Zonder script.", "Zonder script")
    assert titles(board) == [
        *(one.title for one in world.products[:2]),
        "Your picture",
        "Your picture",
        "Later",
    ]


def tab_to(page: Page, target: Locator, *, key: str = "Tab") -> None:
    """Go on with the Tab key until this control has the focus, as somebody does without a mouse."""
    for _step in range(150):
        page.keyboard.press(key)
        assert not page.evaluate(FOCUS_IS_LOST)
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"The keyboard does not reach {target}")


def test_noor_makes_a_board_by_keyboard_alone(open_browser, world):
    page = open_browser(world.noor)
    # Asked for beforehand: a chooser that opens while it is being asked for goes to nobody.
    page.on("filechooser", lambda _chooser: None)
    page.goto("/en/studio/boards/new/")
    tab_to(page, page.get_by_label("Title"))
    page.keyboard.type("Met de handen")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your board is there.")).to_be_visible()
    board = Board.objects.get(publication__title="Met de handen")

    _add_two_products_by_keyboard(page)
    tab_to(page, page.locator("input[type=file]"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([photo("plank.jpg")])
    expect(page.locator("#pins .pin-row")).to_have_count(3)
    picture_pin = board.pins.get(product=None)

    tab_to(page, page.locator(f"#alt-{picture_pin.pk}"))
    page.keyboard.type("Een plank met koppen")
    tab_to(page, page.locator(f"#note-{picture_pin.pk}"))
    page.keyboard.type("Zo staat het bij mij.")
    tab_to(page, page.locator(f"#up-{picture_pin.pk}"))
    page.keyboard.press("Enter")
    expect(page.locator(f"#place-{picture_pin.pk}")).to_have_value("2")
    assert not page.evaluate(FOCUS_IS_LOST)
    tab_to(page, page.locator(f"#place-{picture_pin.pk}"))
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator("#pins .pin-row").first).to_have_id(f"pin-{picture_pin.pk}")
    assert not page.evaluate(FOCUS_IS_LOST)

    _begin_a_section_by_keyboard(page, board)
    _place_a_product_by_keyboard(page, picture_pin.pk)

    tab_to(page, page.get_by_label("What is it about"))
    page.keyboard.type("Wat ik vasthoud.")
    tab_to(page, page.get_by_role("button", name="Publish"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#choice-public")).to_be_focused()

    board.refresh_from_db()
    picture_pin.refresh_from_db()
    assert board.publication.state == PublicationState.PUBLIC
    assert board.description == "Wat ik vasthoud."
    assert titles(board)[:2] == ["Een plank met koppen", "Voor thee"]
    assert picture_pin.note == "Zo staat het bij mij."
    [spot] = picture_pin.hotspots.all()
    assert (spot.product.title, spot.x_bps, spot.y_bps, spot.note) == (
        "Vaas op een voet",
        5200,
        4900,
        "Deze.",
    )


def _add_two_products_by_keyboard(page: Page) -> None:
    """From one search: the arrows lead into the list, Enter adds, the list stays for the next."""
    tab_to(page, page.get_by_role("searchbox", name="Search products"))
    page.keyboard.type("hand gedraaid")
    expect(page.locator(".picker__item").nth(1)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#pins .pin-row")).to_have_count(1)
    # The list comes anew with what was added, and the focus is where it was.
    expect(page.locator(".picker__item button").first).to_have_accessible_name(re.compile("Added"))
    expect(page.locator(".picker__item button").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#pins .pin-row")).to_have_count(2)
    assert not page.evaluate(FOCUS_IS_LOST)


def _begin_a_section_by_keyboard(page: Page, board: Board) -> None:
    """It begins at the end, and is brought to the second place by its number."""
    tab_to(page, page.get_by_label(re.compile("New section")))
    page.keyboard.type("Voor thee")
    page.keyboard.press("Enter")
    expect(page.locator("#pins .pin-row")).to_have_count(4)
    section = board.pins.get(heading="Voor thee")
    tab_to(page, page.locator(f"#place-{section.pk}"), key="Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("#pins .pin-row").nth(1)).to_have_id(f"pin-{section.pk}")


def _place_a_product_by_keyboard(page: Page, pin_pk: int) -> None:
    """Go to the picture's products, add one, move it with the arrow keys, say a word about it, and come back."""
    tab_to(page, page.locator(f"#spots-{pin_pk}"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Products in this picture", exact=True)).to_be_visible()
    tab_to(page, page.get_by_role("searchbox", name="Search products"))
    page.keyboard.type("vaas")
    expect(page.locator(".picker__item")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    marker = page.get_by_role("button", name=re.compile("^1: Vaas op een voet"))
    tab_to(page, marker, key="Shift+Tab")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    expect(marker).to_have_accessible_name(re.compile("52 percent from the left, 49 percent from the top"))
    tab_to(page, page.get_by_label("Note: Vaas op een voet"))
    page.keyboard.type("Deze.")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Saved at")).to_be_visible()
    page.wait_for_load_state("networkidle")
    tab_to(page, page.get_by_role("link", name="Back to the board"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Edit board")).to_be_visible()


def test_noor_makes_a_board_on_her_phone_with_several_pictures_at_once(open_browser, world, problems):
    page = open_browser(world.noor, width=PHONE, has_touch=True, is_mobile=True)
    page.goto("/en/studio/boards/new/")
    page.get_by_label("Title").fill("Onderweg gezien")
    page.get_by_role("button", name="Begin").tap()
    expect(page.get_by_role("heading", name="Edit board")).to_be_visible()
    board = Board.objects.get(publication__title="Onderweg gezien")

    page.locator("input[type=file]").set_input_files(
        [
            photo("een.jpg", 1),
            {"name": "brief.txt", "mimeType": "text/plain", "buffer": b"geen foto"},
            photo("toren.jpg", 2, (300, 1800)),
            photo("drie.jpg", 3),
        ]
    )
    refused = page.locator("[data-upload-list] li", has_text="brief.txt")
    expect(refused).to_contain_text("This is not a picture we can read")
    expect(page.locator("[data-upload-list] li", has_text="added")).to_have_count(3)
    expect(page.locator("#pins .pin-row")).to_have_count(3)
    expect(page.get_by_text("3 pictures are not described yet")).to_be_visible()

    page.get_by_role("button", name="Publish").tap()
    expect(page.get_by_role("alert")).to_contain_text(
        "Say first what can be seen in the picture at place 1, 2, 3"
    )
    for number, pin in enumerate(board.pins.order_by("position")):
        if number:
            page.locator(f"#decorative-{pin.pk}").check()
        else:
            page.locator(f"#alt-{pin.pk}").fill("Een gedekte tafel")
            page.locator(f"#alt-{pin.pk}").blur()
    expect(page.get_by_text("Saved at")).to_be_visible()
    page.wait_for_load_state("networkidle")
    tall = board.pins.get(picture__title="Onderweg gezien", position=1)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert page.evaluate(SMALL_TARGETS) == []

    page.locator(f"#spots-{tall.pk}").tap()
    frame = page.locator("[data-place]")
    expect(frame).to_be_visible()
    box = frame.bounding_box()
    assert box["height"] <= 800
    page.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.25)
    expect(page.locator("#new-top")).to_have_value("25")
    page.get_by_role("searchbox", name="Search products").fill("kruik")
    page.get_by_role("button", name=re.compile("Show here.*Kruik")).tap()
    expect(page.locator(".spot-row")).to_have_count(1)
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    [spot] = tall.hotspots.all()
    assert (spot.x_bps, spot.y_bps) == (5000, 2500)

    page.get_by_role("link", name="Back to the board").tap()
    page.get_by_role("button", name="Publish").tap()
    expect(page.locator("#choice-public")).to_contain_text("now")
    board.refresh_from_db()
    assert board.publication.state == PublicationState.PUBLIC
    assert {picture.is_decorative for picture in Picture.objects.filter(title="Onderweg gezien")} == {
        True,
        False,
    }
    # The browser itself writes each refusal on the console.
    assert [problem for problem in problems if "422" not in problem] == []
    problems.clear()


def test_marker_is_dragged_to_its_place(open_browser, world, board):
    picture = store_picture(file=picture_file(5), title="Plank", uploaded_by=world.noor, alt_text="Een plank")
    pin = add_picture(board=board, picture=picture, by=world.noor, at=timezone.now())
    page = open_browser(world.noor)
    page.goto(f"/en/studio/boards/{board.pk}/pins/{pin.pk}/hotspots/")
    page.get_by_role("searchbox", name="Search products").fill("espresso")
    page.get_by_role("button", name=re.compile("Show here.*Espressokop")).click()
    marker = page.get_by_role("button", name=re.compile("^1: Espressokop"))
    expect(marker).to_be_visible()
    marker.scroll_into_view_if_needed()
    box = page.locator("[data-place]").bounding_box()

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.75, steps=4)
    with page.expect_response("**/change/"):
        page.mouse.up()

    expect(marker).to_have_accessible_name(re.compile("20 percent from the left, 75 percent from the top"))
    spot = pin.hotspots.get()
    assert (spot.x_bps, spot.y_bps) == (2000, 7500)
