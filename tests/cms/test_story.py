"""What comes out of the editor's JSON: clean blocks, or words at the block that is wrong."""

import io
import re
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from PIL import Image

from cms.story import WHOLE, UnableToReadStory, blocks_of, clean_html, ids_in, story_from
from community.pictures import store_picture
from tests.factories import make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

#: What has got through cleaners before: plain, broken, nested, encoded, and in strange namespaces.
ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=x oNeRrOr=alert(1)//",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    '<p style="background:url(javascript:alert(1))" onclick="alert(1)">x</p>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=//evil.example><button formaction=javascript:alert(1)>x</button></form>",
    '<embed type="image" src="javascript:alert(1)">',
    '"><script>alert(1)</script>',
    "{{ 7|add:7 }}{% debug %}",
    "<b><b><b><a href=//evil.example onmouseover=alert(1)><i>x",
]

_ALLOWED = {"p", "b", "strong", "i", "em", "a", "ul", "ol", "li", "br"}


class _Dangers(HTMLParser):
    """The tags and attributes in a text that a cleaned one cannot hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in _ALLOWED:
            self.found.append(tag)
        for name, value in attrs:
            is_web = name == "href" and re.match(r"(https?:)?//|mailto:", value or "")
            if not is_web and (name, value) != ("rel", "ugc nofollow noopener"):
                self.found.append(f"{tag} {name}={value}")


def dangers_in(html: str) -> list[str]:
    reader = _Dangers()
    reader.feed(html)
    reader.close()
    return reader.found


@pytest.fixture
def ada(db):
    return make_user("Ada Vermeer", handle="ada")


def _picture(by, **fields):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    return store_picture(file=out, title="IMG_2231.jpg", uploaded_by=by, **fields)


@pytest.mark.parametrize("attack", ATTACKS)
def test_cleaned_text_holds_no_danger(attack):
    """Trap 2: only Wagtail's own editor cleans rich text; ours has to itself."""
    assert dangers_in(clean_html(attack)) == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_that_was_stored_uncleaned_is_shown_clean(attack):
    """Trap 2, the other side: an import or a moderator's editor never passed our cleaner."""
    from wagtail.rich_text import RichText

    shown = Template("{% load story %}{{ value|story_text }}").render(Context({"value": RichText(attack)}))

    assert dangers_in(shown) == []


def test_links_of_people_say_whose_they_are():
    html = clean_html('<p>Zie <a href="https://pot.example/x?a=1&b=2" target="_blank">de <b>pot</b></a></p>')

    assert html == (
        '<p>Zie <a href="https://pot.example/x?a=1&amp;b=2" rel="ugc nofollow noopener">de <b>pot</b></a></p>'
    )


def test_story_is_read_and_written_back_the_same(ada):
    cup, plate = make_product(make_shop(), "Theekop"), make_product(make_shop(), "Bord")
    picture = _picture(ada)
    blocks = [
        {"type": "heading", "text": "Waarom deze"},
        {"type": "text", "html": "<p>Al <b>drie</b> jaar.</p><ul><li>Licht</li></ul>"},
        {"type": "quote", "text": "Hij ligt in de hand.", "source": "Mila"},
        {
            "type": "picture",
            "picture": picture.pk,
            "alt": "Een kop",
            "decorative": False,
            "caption": "Ochtend",
        },
        {"type": "products", "products": [plate.pk, cup.pk], "note": "Elke dag"},
        {"type": "less_good", "text": "Wordt heet."},
    ]

    assert blocks_of(story_from(blocks, by=ada)) == blocks


def test_empty_parts_fall_away(ada):
    blocks = [
        {"type": "heading", "text": "  "},
        {"type": "text", "html": "<p><br></p><p>&nbsp;</p>"},
        {"type": "quote", "text": "", "source": "Niemand"},
        {"type": "picture", "picture": "", "alt": "", "decorative": False, "caption": ""},
        {"type": "products", "products": [], "note": ""},
        {"type": "less_good", "text": ""},
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
