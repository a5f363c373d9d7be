"""The board editor as somebody uses it who writes, orders and throws away; each change is stored at once."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from community.boards import add_product, create_board
from tests.browser.world import picture_file

IN_PINS = "document.activeElement.closest('#pins') !== null"


@pytest.fixture
def board(world):
    board = create_board(owner=world.noor, title="Op de plank", at=timezone.now())
    for product in world.products[:2]:
        add_product(board=board, by=board.owner, product=product, at=timezone.now())
    return board


def titles(board) -> list[str]:
    return [pin.product.title if pin.product else "" for pin in board.pins.order_by("position")]


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


def test_noor_writes_a_note_and_it_is_stored_when_she_goes_on(editor, board, world):
    editor.get_by_label(f"Note with {world.products[1].title}").fill("Elke kom heeft een andere duim.")
    editor.keyboard.press("Tab")

    expect(editor.get_by_text("Saved at")).to_be_visible()
    assert board.pins.get(product=world.products[1]).note == "Elke kom heeft een andere duim."


def test_noor_orders_with_the_keyboard_and_keeps_her_place(editor, board, world):
    editor.get_by_role("button", name=re.compile(f"Down.*{world.products[0].title}")).focus()
    editor.keyboard.press("Enter")

    expect(editor.locator("#pins .pin-row__title").first).to_contain_text(world.products[1].title)
    assert titles(board) == [world.products[1].title, world.products[0].title]
    assert editor.evaluate(IN_PINS)


def test_noor_removes_a_product(editor, board, world):
    editor.get_by_role("button", name=re.compile(f"Remove.*{world.products[0].title}")).click()

    expect(editor.locator("#pins .pin-row")).to_have_count(1)
    assert titles(board) == [world.products[1].title]


def test_noor_adds_a_picture_of_her_own(editor, board):
    photo = {"name": "plank.jpg", "mimeType": "image/jpeg", "buffer": picture_file(5).read()}
    editor.locator("input[type=file]").set_input_files(photo)
    expect(editor.get_by_text("plank.jpg")).to_be_visible()
    editor.get_by_label("What can be seen").fill("Een plank met koppen")
    editor.get_by_role("button", name="Add picture").click()

    shown = editor.get_by_role("img", name="Een plank met koppen")
    expect(shown).to_be_visible()
    editor.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=shown.element_handle())
    assert board.pins.get(product=None).picture.alt_text == "Een plank met koppen"
