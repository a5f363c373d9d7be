"""The story's editor as people use it: what they paste, what saves itself, and what is in the way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cms import posts
from cms.models import PostPage
from community.pictures import store_picture
from tests.browser.test_screens import serious_violations
from tests.browser.world import picture_file
from tests.cms.pastes import PASTES

ALT = '[data-story-list] [data-part="alt"]'
SAVED = re.compile(r"Draft saved at \d")


def draft_of(post) -> PostPage:
    return PostPage.objects.get(pk=post.pk).get_latest_revision_as_object()


def words_of(post) -> list[str]:
    return [str(child.value) for child in draft_of(post).body if child.block_type == "heading"]


def photo(name: str, number: int = 5) -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture_file(number, (600, 400)).read()}


@pytest.fixture
def post(world):
    return posts.start_post(author=world.ada, title="Een nieuwe kop", language="nl")


@pytest.fixture
def editor(open_browser, world, post) -> Page:
    return open_editor(open_browser, world, post)


def open_editor(open_browser, world, post, **options) -> Page:
    page = open_browser(world.ada, **options)
    page.goto(f"/en/studio/stories/{post.pk}/")
    expect(page.locator("form[data-story-ready]")).to_be_attached()
    return page


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    """What the editor does by itself comes a moment later."""
    for _attempt in range(50):
        if is_so():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not come to be")


def add_heading(page: Page, words: str) -> None:
    page.get_by_role("button", name="Heading", exact=True).click()
    page.get_by_role("textbox", name="Heading").last.fill(words)


def status(page: Page):
    return page.locator("[data-story-status]")


def paste(page: Page, html: str) -> None:
    """Paste into the text that has the focus, as the clipboard does."""
    page.evaluate(
        """(html) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/html", html);
          clipboardData.setData("text/plain", "plain");
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        html,
    )


def test_what_is_pasted_comes_in_clean_and_is_what_is_stored(editor, post):
    """The browser is held to the same examples as the server, and fetches nothing of what was pasted."""
    asked = []
    editor.on("request", lambda request: asked.append(request.url))
    clean = """(html) => import(document.querySelector("[data-story]").dataset.moduleClean)
      .then(({ cleaned }) => cleaned(html).getHTML())"""
    for name, (html, expected) in PASTES.items():
        assert editor.evaluate(clean, html) == expected, name

    editor.get_by_role("button", name="Text", exact=True).click()
    paste(editor, PASTES["word"][0])
    expect(status(editor)).to_have_text(SAVED)

    [text] = draft_of(post).body
    assert text.value.source == PASTES["word"][1]
    assert [
        url for url in asked if "pot.example" in url or "image001" in url or url.startswith("file:")
    ] == []


def test_draft_saves_itself_into_one_revision(editor, post, world):
    before = PostPage.objects.get(pk=post.pk).revisions.count()
    add_heading(editor, "Eerste")
    expect(status(editor)).to_have_text(SAVED)
    add_heading(editor, "Tweede")
    wait_until(editor, lambda: words_of(post) == ["Eerste", "Tweede"])

    assert PostPage.objects.get(pk=post.pk).revisions.count() == before + 1
    editor.reload()
    expect(editor.get_by_role("textbox", name="Heading")).to_have_count(2)


def test_half_a_part_is_kept_and_sending_it_in_says_what_is_missing(editor, post, problems):
    editor.get_by_role("button", name="Picture", exact=True).click()
    editor.locator("[data-story-list] [data-picture-file]").set_input_files(photo("IMG_1.jpg"))
    expect(editor.locator(ALT)).to_be_visible()
    expect(status(editor)).to_have_text(SAVED)
    assert len(draft_of(post).body) == 1

    editor.get_by_role("button", name="Send to the moderators").click()
    expect(editor.locator("[data-story-problem]")).to_have_text(
        "Say what can be seen in the picture, or mark it as decoration."
    )
    editor.locator(ALT).fill("Een pot op een plank")
    editor.get_by_role("button", name="Send to the moderators").click()

    expect(editor).to_have_url(re.compile(r"/en/studio/$"))
    assert posts.is_in_review(PostPage.objects.get(pk=post.pk))
    assert [told for told in problems if "422" not in told] == []
    problems.clear()


def test_text_outlives_a_lost_connection(editor, post, problems):
    editor.context.set_offline(True)
    add_heading(editor, "Getypt in de trein")
    expect(status(editor)).to_contain_text("No connection. Your text is kept in this tab")
    assert words_of(post) == []

    editor.context.set_offline(False)

    expect(status(editor)).to_have_text(SAVED)
    assert words_of(post) == ["Getypt in de trein"]
    assert [told for told in problems if "ERR_INTERNET_DISCONNECTED" not in told] == []
    problems.clear()


def test_text_outlives_the_session(editor, post, world, problems):
    cookies = editor.context.cookies()
    editor.context.clear_cookies(name="sessionid")
    add_heading(editor, "Getypt na het uitloggen")
    expect(status(editor)).to_contain_text("You are logged out here.")
    assert words_of(post) == []
    login = editor.get_by_role("link", name="Log in and go on")
    expect(login).to_have_attribute("href", re.compile(rf"next=/en/studio/stories/{post.pk}/"))

    editor.on("dialog", lambda dialog: dialog.accept())
    editor.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    login.click()

    expect(editor.get_by_role("textbox", name="Heading")).to_have_value("Getypt na het uitloggen")
    assert words_of(post) == ["Getypt na het uitloggen"]
    assert [told for told in problems if "401" not in told] == []
    problems.clear()


def test_two_tabs_do_not_overwrite_each_other(open_browser, world, post, problems):
    first = open_editor(open_browser, world, post)
    second = open_editor(open_browser, world, post)
    add_heading(first, "Uit de eerste tab")
    expect(status(first)).to_have_text(SAVED)

    add_heading(second, "Uit de tweede tab")
    expect(status(second)).to_contain_text("changed elsewhere")
    assert words_of(post) == ["Uit de eerste tab"]
    second.get_by_role("button", name="Look at both versions").click()
    expect(second.get_by_role("heading", name="There are two versions of this story")).to_be_visible()
    second.locator("summary", has_text="The other version").click()
    expect(second.locator("details").get_by_text("Uit de eerste tab")).to_be_visible()
    expect(second.get_by_role("textbox", name="Heading")).to_have_value("Uit de tweede tab")
    second.get_by_role("button", name="Keep what I wrote").click()

    expect(second.get_by_text("Saved as a draft.")).to_be_visible()
    assert words_of(post) == ["Uit de tweede tab"]
    kept = [revision.as_object() for revision in PostPage.objects.get(pk=post.pk).revisions.order_by("pk")]
    assert [str(child.value) for child in kept[-2].body] == ["Uit de eerste tab"]
    assert [told for told in problems if "409" not in told] == []
    problems.clear()


def test_gallery_takes_several_pictures_at_once(editor, post):
    editor.get_by_role("button", name="Gallery", exact=True).click()
    editor.locator("[data-gallery-files]").set_input_files([photo("a.jpg", 1), photo("b.jpg", 2)])
    shots = editor.locator("[data-part-list] > li")
    expect(shots).to_have_count(2)
    for number in range(2):
        shots.nth(number).locator('[data-part="alt"]').fill(f"Pot {number}")
    shots.nth(1).get_by_role("button", name="Move this picture up").click()

    def alts() -> list[str]:
        galleries = [child.value["pictures"] for child in draft_of(post).body]
        return [one["picture"].contextual_alt_text for pictures in galleries for one in pictures]

    wait_until(editor, lambda: alts() == ["Pot 1", "Pot 0"])


def test_board_and_products_are_found_while_typing(editor, post, world):
    editor.get_by_role("button", name="Board", exact=True).click()
    editor.get_by_role("searchbox", name="Search public boards").fill("steengoed")
    editor.get_by_role("button", name=re.compile("Add.*Klein en van steengoed")).click()
    editor.get_by_role("button", name="Products", exact=True).click()
    editor.get_by_role("searchbox", name="Search products").fill("espressokop")
    editor.get_by_role("button", name=re.compile("Add.*Espressokop")).click()
    wait_until(editor, lambda: len(draft_of(post).body) == 2)

    board, products = draft_of(post).body
    assert board.value["board"] == world.other_board
    assert [product.title for product in products.value["products"]] == ["Espressokop"]


def test_nothing_jumps_while_the_editor_opens(open_browser, world):
    """What stands below the parts is shown when they are in their place."""
    page = open_browser(world.ada)
    page.add_init_script(
        """window.shifts = [];
        new PerformanceObserver((list) => {
          for (const { value, sources } of list.getEntries())
            window.shifts.push([value, sources.map((one) => one.node?.className ?? "")]);
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto(f"/en/studio/stories/{world.post.pk}/")
    expect(page.locator("form[data-story-ready]")).to_be_attached()
    page.wait_for_timeout(300)

    assert page.locator("[data-story-part]").count() == len(world.post.body)
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _where in shifts) < 0.05, shifts
    assert page.evaluate("scrollY") == 0


def publish(world, blocks, title) -> PostPage:
    post = posts.start_post(author=world.ada, title=title, language="nl")
    draft = posts.Draft(
        title=title, intro="", language="nl", relation="none", themes=[], cover=None, blocks=blocks
    )
    posts.save_draft(post=post, draft=draft, by=world.ada)
    post.refresh_from_db()
    post.get_latest_revision().publish()
    post.refresh_from_db()
    return post


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("https://youtu.be/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871"),
    ],
)
def test_video_asks_nothing_of_anybody_before_it_is_played(open_browser, world, site_url, address, player):
    block = {"type": "video", "address": address, "title": "Draaien", "poster": {}}
    post = publish(world, [block], "Met een film")
    page = open_browser()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(
        re.compile(r"youtube|vimeo"),
        lambda route: route.fulfill(body="<p>Speler</p>", content_type="text/html"),
    )
    page.goto("/en" + post.publication.path)
    opener = page.get_by_role("link", name=re.compile("Draaien"))
    expect(page.get_by_text("sees that you watch")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith((site_url, "data:"))] == []

    opener.focus()
    page.keyboard.press("Enter")

    expect(page.locator("iframe")).to_have_attribute("src", re.compile(re.escape(player)))
    expect(page.frame_locator("iframe").get_by_text("Speler")).to_be_visible()
    expect(page.locator("iframe")).to_have_attribute("title", "Draaien")
    without_script = open_browser(java_script_enabled=False)
    without_script.goto("/en" + post.publication.path)
    link = without_script.get_by_role("link", name=re.compile("Draaien"))
    expect(link).to_have_attribute("href", re.compile(r"^https://(www\.youtube\.com|vimeo\.com)/"))


def test_before_and_after_are_compared_with_a_slider_by_keyboard(open_browser, world):
    images = [
        {
            "picture": store_picture(file=picture_file(number), title="x", uploaded_by=world.ada).pk,
            "alt": alt,
            "decorative": False,
        }
        for number, alt in enumerate(["De kale plank", "De volle plank"])
    ]
    block = {"type": "before_after", "before": images[0], "after": images[1], "change": "Alles staat."}
    post = publish(world, [block], "Voor en na")
    for script in (True, False):
        page = open_browser(java_script_enabled=script)
        page.goto("/en" + post.publication.path)
        before, after = page.get_by_alt_text("De kale plank"), page.get_by_alt_text("De volle plank")
        expect(before).to_be_visible()
        expect(after).to_be_visible()
        slider = page.get_by_role("slider", name="Move the line between before and after")
        if not script:
            expect(slider).to_have_count(0)
            assert before.bounding_box()["x"] + before.bounding_box()["width"] <= after.bounding_box()["x"]
            continue
        assert before.bounding_box() == after.bounding_box()
        slider.focus()
        page.keyboard.press("End")
        side = page.locator(".story-change__side--after")
        expect(side).to_have_css("clip-path", "inset(0px 0px 0px 100%)")


def everything(world) -> list[dict[str, object]]:
    """One of each part."""
    pictures = [store_picture(file=picture_file(n), title="x", uploaded_by=world.ada) for n in range(3)]
    image = [{"picture": one.pk, "alt": "Een pot op een plank", "decorative": False} for one in pictures]
    return [
        {"type": "heading", "text": "Wat ik ermee doe"},
        {"type": "text", "html": "<p>Elke dag, en <a href='https://pot.example/'>daar</a> staat waarom.</p>"},
        {"type": "quote", "text": "Hij ligt in de hand.", "source": "Mila"},
        {"type": "picture", **image[0], "caption": "Ochtend"},
        {"type": "gallery", "pictures": [{**one, "caption": "Van voren"} for one in image]},
        {"type": "products", "products": [one.pk for one in world.products[:2]], "note": "De twee."},
        {"type": "board", "board": [world.other_board.pk], "note": "Van Noor"},
        {"type": "before_after", "before": image[0], "after": image[1], "change": "Alles staat."},
        {"type": "craft", "maker": "Mila", "material": "Klei", "process": "Gedraaid", "repair": "Gelijmd"},
        {"type": "video", "address": "vimeo.com/76979871", "title": "Draaien", "poster": {}},
        {
            "type": "video",
            "address": "vimeo.com/76979871",
            "title": "Met een foto ervoor",
            "poster": {"picture": pictures[2].pk},
        },
        {"type": "less_good", "text": "Wordt heet."},
    ]


def test_every_part_can_be_read_and_written_by_everybody(open_browser, world, problems):
    """Axe finds nothing serious in a story with one of each part, nor in its editor; both fit a telephone."""
    post = publish(world, everything(world), "Alles bij elkaar")
    for who, path in ((None, post.publication.path), (world.ada, f"/studio/stories/{post.pk}/")):
        page = open_browser(who, width=360)
        page.set_default_timeout(60_000)
        page.goto("/en" + path)
        page.wait_for_load_state("networkidle")
        if who:
            expect(page.locator("[data-story-part]")).to_have_count(12)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert serious_violations(page) == [], f"{path} {width} px, light"
            page.emulate_media(color_scheme="dark")
            assert serious_violations(page, runOnly=["color-contrast"]) == [], f"{path} {width} px, dark"
            page.emulate_media(color_scheme="light")
    problems.clear()  # what axe tried out was refused by the policy, which said so
