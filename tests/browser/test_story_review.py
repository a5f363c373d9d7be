"""A story that is rejected, mended, approved, and changed while it is live: readers see what a moderator has read."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from cms.models import PostPage
from community.models import User

PLACES = ("/en/", "/en/stories/", "/en/@ada/", "/en/search/?q=gieter", "/en/themes/tafel/")
TITLE = "Een gieter die niet drupt"


def decide(post: PostPage, action: str, comment: str = "") -> None:
    """What the buttons of the admin do, by the moderator."""
    state = PostPage.objects.get(pk=post.pk).current_workflow_state.current_task_state
    moderator = User.objects.get(profile__handle="mo")
    state.task.specific.on_action(state, moderator, action, comment=comment)


def story_in_studio(page: Page) -> Locator:
    """Its row among Ada's publications."""
    return page.get_by_role("listitem").filter(has_text=TITLE)


@pytest.fixture
def editor(open_browser, world):
    return open_browser(world.ada)


def test_ada_mends_what_the_moderator_asked_and_changes_it_live_unseen(open_browser, world, editor, problems):
    reader = open_browser()
    editor.goto("/en/studio/stories/new/")
    editor.get_by_label("Title").fill(TITLE)
    editor.get_by_role("button", name="Begin").click()
    post = PostPage.objects.get(title=TITLE)
    editor.get_by_label("Intro").fill("Eerste samenvatting")
    editor.get_by_label("At the table").check()
    editor.get_by_role("button", name="Text", exact=True).click()
    editor.locator("[contenteditable]").fill("De tuit is gedraaid, niet gegoten.")
    editor.get_by_role("button", name="Send to the moderators").click()
    expect(story_in_studio(editor)).to_contain_text("With a moderator")
    assert reader.goto(f"/en/stories/{post.slug}/").status == 404

    decide(post, "reject", "Zeg ook wat minder goed is.")

    editor.goto(f"/en/studio/stories/{post.pk}/")
    expect(editor.get_by_text("Zeg ook wat minder goed is.")).to_be_visible()
    editor.get_by_role("button", name="Less good about it").click()
    editor.get_by_label("What is less good about it").fill("Hij is zwaar.")
    editor.get_by_role("button", name="Send in again").click()
    expect(story_in_studio(editor)).to_contain_text("With a moderator")
    decide(post, "approve")
    reader.goto(f"/en/stories/{post.slug}/")
    expect(reader.get_by_text("Hij is zwaar.")).to_be_visible()

    # She changes it while it is live: title, summary, text and cover.
    editor.goto(f"/en/studio/stories/{post.pk}/")
    expect(editor.get_by_text("This story is live.")).to_be_visible()
    editor.get_by_label("Title").fill("Ongelezen titel")
    editor.get_by_label("Intro").fill("Ongelezen samenvatting")
    editor.locator("[contenteditable]").fill("Ongelezen tekst.")
    expect(editor.locator("[data-story-status]")).to_have_text(re.compile("Draft saved at"))
    editor.get_by_role("button", name="Save and preview").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("Ongelezen titel")
    expect(editor.get_by_text("Ongelezen tekst.")).to_be_visible()
    editor.get_by_role("link", name="Back to the editor").click()
    editor.get_by_role("button", name="Send to the moderators").click()
    expect(story_in_studio(editor)).to_contain_text("With a moderator")

    for place in (*PLACES, f"/en/stories/{post.slug}/"):
        reader.goto(place)
        expect(reader.get_by_role("main").get_by_text(TITLE).first).to_be_visible()
        assert "Ongelezen" not in reader.content(), place
    assert PostPage.objects.get(pk=post.pk).publication.summary == "Eerste samenvatting"

    decide(post, "approve")

    reader.goto(f"/en/stories/{post.slug}/")
    expect(reader.get_by_text("Ongelezen tekst.")).to_be_visible()
    expect(reader.get_by_text("Hij is zwaar.")).to_be_visible()
    assert [told for told in problems if "404" not in told] == []
    problems.clear()
