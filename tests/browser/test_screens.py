"""Every screen for everybody: read by axe, on a phone and a wide window, by day and by night, and silent."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils.translation import override
from playwright.sync_api import Page

from tests.browser.world import World

SERIOUS = {"serious", "critical"}
WIDTHS = (360, 1280)
#: Two frames further, and no colour on its way to another.
SETTLED = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(document.getAnimations().map((animation) => animation.finished));
}"""

#: Name of a screen → who looks at it, and its address.
SCREENS: dict[str, tuple[str | None, Callable[[World], str]]] = {
    "home": (None, lambda _world: reverse("home")),
    "boards": (None, lambda _world: reverse("community:boards")),
    "board": (None, lambda world: world.board.get_absolute_url()),
    "save": ("noor", lambda world: reverse("community:save", query={"product": world.products[0].pk})),
    "keep": (None, lambda world: reverse("community:save", query={"product": world.products[0].pk})),
    "remix": ("noor", lambda world: reverse("community:remix", args=[world.board.pk])),
    "board people": ("ada", lambda world: reverse("community:board_people", args=[world.board.pk])),
    "post": (None, lambda world: world.post.get_url()),
    "product": (None, lambda world: world.products[0].get_absolute_url()),
    "profile": (None, lambda world: world.ada.profile.get_absolute_url()),
    "shop": (None, lambda world: world.shop.get_absolute_url()),
    "search": (None, lambda _world: reverse("search") + "?q=kop"),
    "sign-up": (None, lambda _world: reverse("account_signup")),
    "log-in": (None, lambda _world: reverse("account_login")),
    "studio": ("ada", lambda _world: reverse("cms:studio")),
    "earnings": ("ada", lambda _world: reverse("advocates:earnings")),
    "share explanation": ("ada", lambda world: world.share.get_absolute_url()),
    "board editor": ("ada", lambda world: reverse("community:board_edit", args=[world.board.pk])),
    "products in a picture": (
        "ada",
        lambda world: reverse(
            "community:pin_hotspots", args=[world.board.pk, world.board.pins.get(product=None).pk]
        ),
    ),
    "story editor": ("ada", lambda world: reverse("cms:post_edit", args=[world.post.pk])),
    "desk review": ("mila", lambda world: reverse("advocates:desk_review", args=[world.shop.slug])),
}


def serious_violations(page: Page, **options: object) -> list[str]:
    page.evaluate(SETTLED)
    # Axe would fetch the stylesheets again to read them; the browser has done that.
    run = Axe().run(page, options={"resultTypes": ["violations"], "preload": False, **options})
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in run.response["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("screen", SCREENS)
def test_screen_is_silent_fits_a_phone_and_is_accessible(open_browser, problems, world, screen):
    name, address = SCREENS[screen]
    with override("en"):
        path = address(world)
    page = open_browser(getattr(world, name) if name else None, width=360)

    response = page.goto(path)
    page.wait_for_load_state("networkidle")

    assert response.status == 200
    assert problems == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_violations(page) == [], f"{width} px, light"
        page.emulate_media(color_scheme="dark")
        assert serious_violations(page, runOnly=["color-contrast"]) == [], f"{width} px, dark"
        page.emulate_media(color_scheme="light")
    # What axe tried out on the page was refused by the policy, which said so.
    problems.clear()
