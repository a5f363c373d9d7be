"""Stan does not know yet what he wants: he wanders, finds something, and keeps it without having had an account."""

import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from advocates.enums import PublicationState, TouchKind
from advocates.models import Product, Touch
from community.boards import add_picture, create_board, delete_board, publish_board
from community.hotspots import add_hotspot
from community.models import Board, User
from community.pictures import store_picture
from tests.browser.world import picture_file

SHIFTED = """
() => new Promise((resolve) => {
  let score = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) score += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const step = () => {
    window.scrollBy(0, 500);
    if (window.scrollY + window.innerHeight < document.documentElement.scrollHeight - 2) return setTimeout(step, 100);
    setTimeout(() => resolve(score), 400);
  };
  step();
})
"""


def saving(product: Product) -> re.Pattern[str]:
    """The name of the link that saves it."""
    return re.compile(f"Save.*{re.escape(product.title)}")


def code_in_mail() -> str:
    """The code that was mailed last: it stands on a line of its own."""
    return re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)\s*$", mail.outbox[-1].body, re.MULTILINE).group(1)


def test_stan_wanders_from_home_to_a_board_and_finds_his_save_after_joining(open_browser, world):
    cup = world.products[1]
    page = open_browser()
    page.goto("/en/")
    page.get_by_role("link", name="At the table").first.click()
    page.get_by_role("link", name=world.board.publication.title).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(world.board.publication.title)

    # A look at the product and back: the board is where he decides.
    page.get_by_role("heading", name=cup.title).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(cup.title)
    page.go_back()
    page.get_by_role("link", name=saving(cup)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep this on a board of your own")

    page.get_by_role("main").get_by_role("link", name="Join").click()
    page.get_by_label("Email").fill("stan@example.com")
    page.get_by_label("Your name").fill("Stan de Wit")
    page.get_by_role("button", name="Join").click()
    page.get_by_role("textbox").last.fill(code_in_mail())
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_text("Saved to “Saved”")).to_be_visible()
    stan = User.objects.get(email="stan@example.com")
    board = Board.objects.get(owner=stan)
    pin = board.pins.get()
    assert (pin.product, pin.origin, board.publication.state) == (
        cup,
        world.board.publication,
        PublicationState.HIDDEN,
    )
    assert Touch.objects.filter(kind=TouchKind.SAVE, product=cup).exists()
    mention = board.publication.mentions.get()
    assert mention.link == world.board.publication.mentions.get(product=cup).link

    page.get_by_role("main").get_by_role("link", name="Go on looking").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(world.board.publication.title)


def test_noor_saves_in_a_dialog_and_thinks_again_by_keyboard_alone(open_browser, world):
    cup = world.products[0]
    board = Board.objects.get(pk=world.other_board.pk)
    assert not board.pins.filter(product=cup).exists()
    page = open_browser(world.noor)
    page.goto(f"/en{world.board.publication.path}")

    opener = page.get_by_role("link", name=saving(cup))
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Save to a board")
    dialog.get_by_role("button", name=board.publication.title).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Saved to")
    expect(dialog.get_by_text(f"Saved to “{board.publication.title}”")).to_be_visible()
    assert board.pins.get(product=cup).origin == world.board.publication

    dialog.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Not saved")
    expect(dialog.get_by_text(f"it is off “{board.publication.title}” again")).to_be_visible()
    assert not board.pins.filter(product=cup).exists()

    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_empty_title_in_the_dialog_is_said_there(open_browser, problems, world):
    page = open_browser(world.noor)
    page.goto(f"/en{world.board.publication.path}")
    page.get_by_role("link", name=saving(world.products[0])).click()
    dialog = page.get_by_role("dialog", name="Save to a board")
    dialog.get_by_label("A new board").fill(" ")

    dialog.get_by_role("button", name="Make and save").click()

    expect(dialog.get_by_text("This field is required.")).to_be_visible()
    # The browser's console tells of every 422.
    problems[:] = [problem for problem in problems if "422" not in problem]


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_on_a_board_moves_while_it_loads(open_browser, world, width):
    page = open_browser(width=width)
    # A visitor gets one stylesheet with the fonts in it; here they come in pieces, so another page fetches them first.
    page.goto("/en/people/", wait_until="networkidle")
    page.goto(f"/en{world.board.publication.path}", wait_until="domcontentloaded")

    assert page.evaluate(SHIFTED) < 0.02


@pytest.fixture
def look(world):
    """A public board of Noor's with a picture that shows two products."""
    at = timezone.now()
    board = create_board(owner=world.noor, title="Bij het raam", at=at)
    picture = store_picture(
        file=picture_file(2), title="Raam", uploaded_by=world.noor, alt_text="Een plank bij het raam"
    )
    pin = add_picture(board=board, picture=picture, by=world.noor, at=at)
    for number, product in enumerate(world.products[:2]):
        add_hotspot(pin=pin, product=product, x_bps=3000 * (number + 1), y_bps=9900 * number, at=at)
    publish_board(board=board, state=PublicationState.PUBLIC, at=at)
    yield board
    delete_board(board=board, at=timezone.now())


@pytest.mark.parametrize("width", [360, 1280])
def test_products_in_a_picture_are_reached_without_script(open_browser, world, look, width):
    """Trap 40: real buttons of a size to hit, with a name; the same products as a list."""
    first, second = world.products[:2]
    page = open_browser(width=width, java_script_enabled=False)
    page.goto(f"/en{look.publication.path}")

    picture = page.get_by_role("img", name="Een plank bij het raam").bounding_box()
    for product in (first, second):
        button = page.get_by_role("button", name=re.compile(re.escape(product.title)))
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
        assert picture["y"] - 1 <= box["y"]
        assert box["y"] + box["height"] <= picture["y"] + picture["height"] + 1

    shown = page.locator(".hotspots__panel").filter(has_text=second.title)
    expect(shown).to_be_hidden()
    page.get_by_role("button", name=re.compile(re.escape(second.title))).focus()
    page.keyboard.press("Enter")
    expect(shown).to_be_visible()
    expect(shown.get_by_role("link", name=re.compile("To the shop"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(page.locator(".hotspots__list li")).to_have_text(
        [re.compile(first.title), re.compile(second.title)]
    )
