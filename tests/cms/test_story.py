"""What comes out of the editor's JSON: clean blocks, or words at the block that is wrong."""

import io
import json
import re
from html import escape

import pytest
from django.template import Context, Template
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from advocates.enums import PublicationState
from cms.rich_text import clean_html
from cms.story import STORY, WHOLE, UnableToReadStory, blocks_of, ids_in, picture_ids, story_from
from community.boards import add_product, create_board, publish_board
from community.pictures import store_picture
from tests.cms.attacks import ATTACKS, dangers_in
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db):
    return make_user("Ada Vermeer", handle="ada")


def _picture(by, **fields):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    return store_picture(file=out, title="IMG_2231.jpg", uploaded_by=by, **fields)


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_that_was_stored_uncleaned_is_shown_clean(attack):
    """Trap 2, the other side: an import or a moderator's editor never passed our cleaner."""
    from wagtail.rich_text import RichText

    shown = Template("{% load story %}{{ value|story_text }}").render(Context({"value": RichText(attack)}))

    assert dangers_in(shown) == []


def _board(owner, title="Aan tafel", state=PublicationState.PUBLIC):
    board = create_board(owner=owner, title=title, at=NOW)
    add_product(board=board, by=owner, product=make_product(make_shop()), at=NOW)
    return publish_board(board=board, state=state, at=NOW)


def _image(picture, alt="Een kop", **fields):
    return {"picture": picture.pk, "alt": alt, "decorative": False, **fields}


@pytest.fixture
def whole(ada):
    """One of each part, as the editor sends them."""
    cup, plate = make_product(make_shop(), "Theekop"), make_product(make_shop(), "Bord")
    first, second = _picture(ada), _picture(ada)
    return [
        {"type": "heading", "text": "Waarom deze"},
        {"type": "text", "html": "<p>Al <b>drie</b> jaar.</p><ul><li>Licht</li></ul>"},
        {"type": "quote", "text": "Hij ligt in de hand.", "source": "Mila"},
        {"type": "picture", **_image(first, caption="Ochtend")},
        {
            "type": "gallery",
            "pictures": [
                _image(first, "Van voren", caption="Een"),
                _image(second, "", caption="") | {"decorative": True},
                _image(first, "Van opzij", caption=""),
            ],
        },
        {"type": "products", "products": [plate.pk, cup.pk], "note": "Elke dag"},
        {"type": "board", "board": [_board(make_user("Noor Bakker")).pk], "note": "Van Noor"},
        {
            "type": "before_after",
            "before": _image(first, "De kale plank"),
            "after": _image(first, "De plank met koppen"),
            "change": "Ik pak ze nu elke dag.",
        },
        {"type": "less_good", "text": "Wordt heet."},
        {
            "type": "craft",
            "maker": "Mila",
            "material": "Steengoed",
            "process": "Gedraaid\nen gebakken",
            "repair": "",
        },
        {
            "type": "video",
            "address": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "title": "Draaien",
            "poster": {"picture": second.pk},
        },
    ]


def test_story_is_read_and_written_back_the_same(ada, whole):
    story = story_from(whole, by=ada)

    assert blocks_of(story) == whole
    assert len(picture_ids(story)) == 2


def test_stored_parts_keep_their_names(ada, whole):
    """So that a moderator who compares two versions sees what changed, and not everything as new."""
    stored = STORY.to_python(STORY.get_prep_value(story_from(whole, by=ada)))
    once = blocks_of(stored)

    again = blocks_of(STORY.to_python(STORY.get_prep_value(story_from([once[1], once[0]], by=ada))))

    assert [block["id"] for block in again] == [once[1]["id"], once[0]["id"]]
    twice = story_from([once[0], once[0]], by=ada)
    assert [block.get("id") for block in blocks_of(twice)] == [once[0]["id"], None]
    assert "id" not in blocks_of(story_from([once[0] | {"id": "<b>"}], by=ada))[0]


_LINE = st.text("aZ9é漢🎉<&>\"'-. \u00a0", max_size=12).map(str.strip)
_WORDS = _LINE.filter(bool)


@given(
    st.lists(
        st.one_of(
            st.builds(lambda text: {"type": "heading", "text": text}, _WORDS),
            st.builds(lambda text: {"type": "text", "html": clean_html(f"<p>{escape(text)}</p>")}, _WORDS),
            st.builds(lambda text, who: {"type": "quote", "text": text, "source": who}, _WORDS, _LINE),
            st.builds(
                lambda maker, repair: {
                    "type": "craft",
                    "maker": maker,
                    "material": "",
                    "process": "",
                    "repair": repair,
                },
                _WORDS,
                _LINE,
            ),
            st.builds(
                lambda pk, title: {
                    "type": "video",
                    "address": f"https://www.youtube.com/watch?v={pk}",
                    "title": title,
                    "poster": {"picture": None},
                },
                st.from_regex(r"[A-Za-z0-9_-]{11}", fullmatch=True),
                _WORDS,
            ),
        ),
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_reading_and_writing_are_inverses(ada, blocks):
    blocks = [block for block in blocks if block.get("html") != ""]

    assert blocks_of(story_from(blocks, by=ada)) == blocks
    assert blocks_of(story_from(blocks, by=ada, is_draft=True)) == blocks


UNFINISHED = {
    "quote without words": {"type": "quote", "text": "", "source": "Mila"},
    "picture without words": {"type": "picture", "alt": "", "decorative": False, "caption": ""},
    "gallery of one": {"type": "gallery", "pictures": [{"alt": "x", "decorative": False, "caption": ""}]},
    "reason without products": {"type": "products", "products": [], "note": "Daarom"},
    "reason without board": {"type": "board", "board": [], "note": "Daarom"},
    "only before": {
        "type": "before_after",
        "before": {"alt": "x", "decorative": False},
        "after": {"picture": None, "alt": "", "decorative": False},
        "change": "",
    },
    "video without title": {
        "type": "video",
        "address": "https://vimeo.com/76979871",
        "title": "",
        "poster": {"picture": None},
    },
    "video of nobody": {"type": "video", "address": "vimeo", "title": "x", "poster": {"picture": None}},
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_draft_keeps_what_is_not_finished(ada, name):
    """A draft that saves itself may not lose a word because another is missing; sending it in asks for all."""
    block = json.loads(json.dumps(UNFINISHED[name]))
    for place in (block, block.get("before", {}), *block.get("pictures", [])):
        if "alt" in place and "picture" not in place:
            place["picture"] = _picture(ada).pk

    assert blocks_of(story_from([block], by=ada, is_draft=True)) == [block]
    if name == "quote without words":
        assert blocks_of(story_from([block], by=ada)) == []
        return
    with pytest.raises(UnableToReadStory) as refused:
        story_from([block], by=ada)
    assert list(refused.value.problems) == [0]


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=10s", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=x", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("m.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        (
            "https://www.youtube.com/watch?list=PL1&v=dQw4w9WgXcQ",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        ),
        ("https://vimeo.com/76979871", "https://vimeo.com/76979871"),
        ("https://player.vimeo.com/video/76979871?h=8272103f6e", "https://vimeo.com/76979871"),
        ('https://www.youtube.com/watch?v=dQw4w9WgXcQ"><script>', None),
        ("https://www.youtube.com/watch?v=tooshort", None),
        ("https://www.youtube.com.evil.example/watch?v=dQw4w9WgXcQ", None),
        ("https://evil.example/https://www.youtube.com/watch?v=dQw4w9WgXcQ", None),
        ("https://evil.example/?youtu.be/dQw4w9WgXcQ", None),
        ("https://user@youtu.be/dQw4w9WgXcQ", None),
        ("javascript:alert(1)//youtu.be/dQw4w9WgXcQ", None),
        ("https://vimeo.com/７６９７９８７１", None),
        ("https://vimeo.com/channels/staffpicks", None),
    ],
)
def test_video_is_one_of_two_providers_or_none(ada, address, stored):
    block = {"type": "video", "address": address, "title": "Draaien"}

    if stored is None:
        with pytest.raises(UnableToReadStory):
            story_from([block], by=ada)
    else:
        assert blocks_of(story_from([block], by=ada))[0]["address"] == stored


def test_board_that_nobody_may_find_is_refused(ada):
    """Trap 10: a number guessed neither shows a secret board nor says that it is there."""
    hidden = _board(make_user("Noor Bakker"), state=PublicationState.HIDDEN)
    said = []
    for pk in (hidden.pk, 2**62):
        with pytest.raises(UnableToReadStory) as refused:
            story_from([{"type": "board", "board": [pk]}], by=ada)
        said.append(refused.value.problems)

    assert said[0] == said[1]


def test_gallery_and_craft_have_their_limits(ada):
    picture = _picture(ada)
    image = _image(picture, caption="")

    assert len(story_from([{"type": "gallery", "pictures": [image] * 8}], by=ada)[0].value["pictures"]) == 8
    for wrong in (
        {"type": "gallery", "pictures": [image] * 9},
        {"type": "gallery", "pictures": [image, "x"]},
        {"type": "gallery", "pictures": 5},
        {"type": "craft", "maker": "x" * 201},
        {"type": "before_after", "before": 5, "after": [], "change": "x"},
        {"type": "video", "address": "", "title": "x", "poster": "5"},
        {"type": "board", "board": [1, 2]},
    ):
        with pytest.raises(UnableToReadStory):
            story_from([wrong], by=ada)
    assert blocks_of(story_from([{"type": "craft", "maker": " "}], by=ada)) == []


def test_empty_parts_fall_away(ada):
    blocks = [
        {"type": "heading", "text": "  "},
        {"type": "text", "html": "<p><br></p><p>&nbsp;</p>"},
        {"type": "quote", "text": "", "source": "Niemand"},
        {"type": "picture", "picture": "", "alt": "", "decorative": False, "caption": ""},
        {"type": "products", "products": [], "note": ""},
        {"type": "less_good", "text": ""},
        {"type": "gallery", "pictures": []},
        {"type": "board", "board": [], "note": ""},
        {"type": "before_after", "before": {}, "after": {}, "change": ""},
        {"type": "craft"},
        {"type": "video", "address": "", "title": "", "poster": {}},
        {"type": "text", "html": "<p>Over</p>"},
    ]

    assert blocks_of(story_from(blocks, by=ada)) == [{"type": "text", "html": "<p>Over</p>"}]


def test_undescribed_picture_is_asked_about(ada):
    """Trap 5: the title of a picture is its file's name, and never stands in for a description."""
    picture = _picture(ada, alt_text="")
    block = {"type": "picture", "picture": picture.pk, "alt": " ", "decorative": False, "caption": ""}

    with pytest.raises(UnableToReadStory) as refused:
        story_from([{"type": "heading", "text": "Kop"}, block], by=ada)

    assert list(refused.value.problems) == [1]
    decorative = story_from([block | {"decorative": True}], by=ada)
    assert blocks_of(decorative)[0]["alt"] == ""
    shown = Template("{% load wagtailcore_tags %}{% include_block story %}").render(
        Context({"story": decorative})
    )
    assert 'alt=""' in shown
    assert "IMG_2231" not in re.sub(r'(src|srcset)="[^"]*"', "", shown)


def test_picture_of_somebody_else_is_not_there(ada):
    """Trap 10: a number guessed does not bring a picture of a hidden board into the open."""
    eve = make_user("Eve Stil", handle="eve")
    block = {"type": "picture", "picture": _picture(ada).pk, "alt": "x", "decorative": False, "caption": ""}

    assert len(story_from([block], by=ada)) == 1
    assert len(story_from([block], by=eve, kept={block["picture"]})) == 1
    with pytest.raises(UnableToReadStory) as refused:
        story_from([block], by=eve)

    assert list(refused.value.problems) == [0]


def test_problems_stand_at_the_parts_that_were_sent(ada):
    blocks = [
        {"type": "heading", "text": ""},
        {"type": "heading", "text": "x" * 121},
        {"type": "tune"},
        {"type": "less_good", "text": "a"},
        {"type": "less_good", "text": "b"},
        {"type": "products", "products": [], "note": "Waarom"},
        {"type": "picture", "picture": None, "alt": "iets", "decorative": False, "caption": ""},
        {"type": "text", "html": "<p>Goed</p>"},
    ]

    with pytest.raises(UnableToReadStory) as refused:
        story_from(blocks, by=ada)

    assert sorted(refused.value.problems) == [1, 2, 4, 5, 6]
    assert WHOLE not in refused.value.problems


STRANGE = [None, True, 0, -1, 1.5, 2**63, 10**400, "9" * 5000, "²", "x", [], {}, [[]], "\ud800"]


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: repr(value)[:12])
def test_strange_values_end_in_words(ada, value):
    block = {
        "picture": {"type": "picture", "alt": "x", "picture": value},
        "products": {"type": "products", "products": [value]},
        "products whole": {"type": "products", "products": value or 5},
        "board": {"type": "board", "board": [value]},
        "gallery": {"type": "gallery", "pictures": [{"picture": value, "alt": "x"}]},
        "before": {"type": "before_after", "before": {"picture": value, "alt": "x"}, "change": "x"},
        "poster": {"type": "video", "address": "vimeo.com/76979871", "poster": {"picture": value}},
    }
    for one in block.values():
        with pytest.raises(UnableToReadStory) as refused:
            story_from([one], by=ada)
        assert list(refused.value.problems) == [0]
    for kind, key in (("heading", "text"), ("text", "html"), ("quote", "text"), ("less_good", "text")):
        if isinstance(value, str):
            story_from([{"type": kind, key: value[:100]}], by=ada)
        else:
            with pytest.raises(UnableToReadStory):
                story_from([{"type": kind, key: value}], by=ada)


def test_half_a_sign_is_stored_as_a_question_mark(ada):
    assert blocks_of(story_from([{"type": "heading", "text": "a\ud800\x00b"}], by=ada)) == [
        {"type": "heading", "text": "a?b"}
    ]


def test_at_most_six_products_stand_beside_each_other(ada):
    shop = make_shop()
    products = [make_product(shop, f"Kop {number}").pk for number in range(7)]

    story = story_from([{"type": "products", "products": products[:6] + products[:1], "note": ""}], by=ada)
    with pytest.raises(UnableToReadStory):
        story_from([{"type": "products", "products": products, "note": ""}], by=ada)

    assert blocks_of(story)[0]["products"] == products[:6]


def test_ids_are_what_can_be_ids():
    assert ids_in([1, "2", *STRANGE]) == [1, 2]
    assert ids_in("12") == []
