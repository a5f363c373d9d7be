"""Text that was pasted comes in clean, and text that was written stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.rich_text import clean_html, is_blank, safe_html
from tests.cms.attacks import ATTACKS, dangers_in
from tests.cms.pastes import PASTES

REL = ' rel="ugc nofollow noopener"'


@pytest.mark.parametrize("name", PASTES)
def test_pasted_text_comes_in_clean(name):
    pasted, expected = PASTES[name]

    assert clean_html(pasted).replace(REL, "") == expected
    assert clean_html(clean_html(pasted)) == clean_html(pasted)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("clean", [clean_html, safe_html])
def test_cleaned_text_holds_no_danger(attack, clean):
    """Trap 2: only Wagtail's own editor cleans rich text; ours has to itself."""
    assert dangers_in(clean(attack)) == []


def test_links_of_people_say_whose_they_are():
    html = clean_html('<p>Zie <a href="https://pot.example/x?a=1&b=2" target="_blank">de <b>pot</b></a></p>')

    assert html == (
        '<p>Zie <a href="https://pot.example/x?a=1&amp;b=2" rel="ugc nofollow noopener">de <b>pot</b></a></p>'
    )


_MARKUP = st.recursive(
    st.sampled_from(["kop", " ", "\n", "&nbsp;", "a &lt; b", "<br>", "<hr>", "1.", ATTACKS[0], ATTACKS[2]]),
    lambda inner: st.builds(
        lambda tag, style, children: f"<{tag} style='{style}'>{''.join(children)}</{tag}>",
        st.sampled_from(
            [
                "p",
                "div",
                "b",
                "i",
                "em",
                "strong",
                "span",
                "a",
                "h2",
                "ul",
                "ol",
                "li",
                "table",
                "tr",
                "td",
                "blockquote",
                "font",
                "o:p",
            ]
        ),
        st.sampled_from(
            ["", "font-weight:normal", "font-weight:700", "mso-list:l0 level1", "mso-list:Ignore"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(_MARKUP)
def test_cleaning_again_changes_nothing(html):
    once = clean_html(html)

    assert clean_html(once) == once
    assert dangers_in(once) == []


@given(st.text(max_size=60))
def test_any_text_is_taken(text):
    assert dangers_in(clean_html(text)) == []


@pytest.mark.parametrize("html", ["<ul><li>" * 8000 + "x", "<b>" * 16_000 + "x", "<div>" * 10_000 + "x"])
def test_depth_is_no_server_error(html):
    assert "x" in clean_html(html)


def test_blank_is_what_shows_nothing():
    assert [is_blank(html) for html in ("", "<p>&nbsp;</p>", "<p><br></p>", "<p>x</p>")] == [
        True,
        True,
        True,
        False,
    ]
