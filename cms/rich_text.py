"""Rich text: what people write or paste, brought to paragraphs, lists, bold, italic and links.

`safe_html` lets nothing dangerous through and is all that showing needs. `clean_html` makes order first: what Word,
Google Docs or a web page put on the clipboard comes out as if it had been written here. static/js/story-clean.js does
the same in the browser, and tests/cms/pastes.py holds both to the same examples.
"""

import re
from dataclasses import dataclass, field, replace
from html import escape
from html.parser import HTMLParser
from itertools import groupby

import nh3

_TAGS = {"p", "b", "strong", "i", "em", "a", "ul", "ol", "li", "br"}
_SCHEMES = {"http", "https", "mailto"}
_DROPPED = {
    "script",
    "style",
    "title",
    "template",
    "iframe",
    "object",
    "svg",
    "math",
    "noscript",
    "textarea",
    "select",
}

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LISTS = {"ul", "ol"}
_CELLS = {"td", "th"}
_BLOCKS = {
    *_HEADINGS,
    *(
        "p",
        "div",
        "blockquote",
        "pre",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "figure",
    ),
    *("figcaption", "address", "dl", "dt", "dd", "table", "tr", "form", "details", "summary"),
}
_READ = {*_TAGS, *_BLOCKS, *_CELLS, "span", "font", "hr"}
_DEEPEST_LIST = 4

_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK = " \t\r\n\f\xa0"
_NUMBERED = re.compile(r"\(?[0-9a-zA-Z]{1,3}[.)]")
_WEIGHT = re.compile(r"(?:^|;)font-weight:(bold|normal|[1-9]00)")
_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
_SLANT = re.compile(r"(?:^|;)font-style:(italic|normal)")


def safe_html(html: str) -> str:
    """Rich text without anything that the site does not allow; links of people say whose they are."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="ugc nofollow noopener",
        clean_content_tags=_DROPPED,
    ).strip()


def clean_html(html: str) -> str:
    """The same text in the site's own few tags, wherever it was copied from; cleaning it again changes nothing."""
    well_formed = nh3.clean(
        html,
        tags=_READ,
        attributes={"*": {"style"}, "a": {"href", "style"}},
        url_schemes=_SCHEMES,
        link_rel=None,
        clean_content_tags=_DROPPED,
    )
    reader = _Reader()
    reader.feed(well_formed)
    reader.close()
    return safe_html(reader.html())


def is_blank(html: str) -> bool:
    """Whether there is nothing in it to read."""
    return not nh3.clean(html, tags=set()).replace("&nbsp;", " ").strip()


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of text of one make-up."""

    text: str = ""
    href: str = ""
    is_bold: bool = False
    is_italic: bool = False


@dataclass(slots=True)
class _Text:
    """The lines of a paragraph or a list item, and the lists below an item."""

    lines: list[list[_Run]] = field(default_factory=lambda: [[]])
    lists: list["_List"] = field(default_factory=list)

    def add(self, text: str, make_up: _Run) -> None:
        """Text as HTML means it: any white space is one space, and none where a line begins."""
        line = self.lines[-1]
        text = _SPACES.sub(" ", text)
        if not line or line[-1].text.endswith(" "):
            text = text.removeprefix(" ")
        if text:
            line.append(replace(make_up, text=text))

    def paragraphs(self) -> str:
        """Its lines as paragraphs: an empty line divides them."""
        written = [_line_html(line) for line in self.lines]
        groups = [list(group) for is_text, group in groupby(written, bool) if is_text]
        return "".join(f"<p>{'<br>'.join(group)}</p>" for group in groups)

    def item(self) -> str:
        """Its lines, with the lists below them, as what stands in a list item."""
        text = "<br>".join(html for html in map(_line_html, self.lines) if html)
        return text + "".join(one.html() for one in self.lists)


@dataclass(slots=True)
class _List:
    tag: str
    is_of_word: bool = False
    items: list[_Text] = field(default_factory=list)

    def html(self) -> str:
        items = "".join(f"<li>{item}</li>" for item in (one.item() for one in self.items) if item)
        return f"<{self.tag}>{items}</{self.tag}>" if items else ""


@dataclass(frozen=True, slots=True)
class _Within:
    """What holds inside an element. A marker is the bullet or number that Word writes before an item."""

    make_up: _Run = field(default_factory=_Run)
    is_heading: bool = False
    is_marker: bool = False
    is_in_cell: bool = False


class _Reader(HTMLParser):
    """Reads well-formed HTML into paragraphs and lists."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[_Text | _List] = []
        self._lists: list[_List] = []
        self._within = [_Within()]
        self._is_open = False  # the paragraph or item that text goes on in
        self._has_next_cell = False

    def html(self) -> str:
        return "".join(part.html() if isinstance(part, _List) else part.paragraphs() for part in self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        style = given.get("style", "").replace(" ", "").lower()
        inside = self._within[-1]
        if tag == "br":
            self._end_line()
        elif tag in _LISTS:
            self._begin_list(tag)
        elif tag == "li":
            self._begin_item()
        elif tag in _CELLS:
            self._has_next_cell = self._is_open
        elif tag in {*_BLOCKS, "hr"}:
            self._divide(is_in_cell=inside.is_in_cell and tag != "tr")
            if "mso-list:" in style and "mso-list:none" not in style and not self._lists:
                self._begin_item_of_word()
        if tag not in {"br", "hr"}:
            self._within.append(_within(inside, tag, given.get("href", "").strip(), style))

    def handle_endtag(self, tag: str) -> None:
        self._within.pop()
        if tag in _LISTS:
            self._lists.pop()
            self._is_open = False
            if self._lists and self._lists[-1].items:
                self._lists[-1].items[-1].lines.append([])
        elif tag in _BLOCKS:
            self._divide(is_in_cell=self._within[-1].is_in_cell and tag != "tr")
            if self._lists and self._lists[-1].is_of_word:
                self._lists.pop()
                self._is_open = False

    def handle_data(self, data: str) -> None:
        inside = self._within[-1]
        if inside.is_marker:
            if self._lists and len(self._lists[-1].items) == 1 and _NUMBERED.match(data.strip(_BLANK)):
                self._lists[-1].tag = "ol"
            return
        if not self._is_open and not data.strip(_BLANK):
            return
        text = self._open_text()
        if self._has_next_cell and data.strip(_BLANK):
            text.add(" · ", _Run())
            self._has_next_cell = False
        is_bold = inside.make_up.is_bold or inside.is_heading
        text.add(data, replace(inside.make_up, is_bold=is_bold))

    def _open_text(self) -> _Text:
        """The paragraph or item that text goes to; a new one where none is open."""
        if self._lists:
            items = self._lists[-1].items
            if not items:
                items.append(_Text())
            self._is_open = True
            return items[-1]
        last = self._parts[-1] if self._is_open else None
        if not isinstance(last, _Text):
            last = _Text()
            self._parts.append(last)
        self._is_open = True
        return last

    def _divide(self, *, is_in_cell: bool) -> None:
        """A block begins or ends: what follows is another paragraph, another line of an item, or goes on in a cell."""
        if is_in_cell:
            if self._is_open:
                self._open_text().add(" ", _Run())
        elif self._lists:
            self._end_line()
        else:
            self._is_open = self._has_next_cell = False

    def _end_line(self) -> None:
        if self._is_open:
            self._open_text().lines.append([])

    def _begin_list(self, tag: str) -> None:
        if len(self._lists) >= _DEEPEST_LIST:
            self._lists.append(self._lists[-1])
            return
        made = _List(tag)
        if self._lists:
            self._open_text().lists.append(made)
        else:
            self._parts.append(made)
        self._lists.append(made)
        self._is_open = False

    def _begin_item(self) -> None:
        self._is_open = False
        if self._lists:
            self._lists[-1].items.append(_Text())

    def _begin_item_of_word(self) -> None:
        """Word writes the items of a list as paragraphs whose style names the list."""
        last = self._parts[-1] if self._parts else None
        if not (isinstance(last, _List) and last.is_of_word):
            last = _List("ul", is_of_word=True)
            self._parts.append(last)
        self._lists.append(last)
        self._begin_item()


def _within(around: _Within, tag: str, href: str, style: str) -> _Within:
    """What holds inside this element of what is `around` it; a style says more than a tag."""
    make_up = around.make_up
    weight, slant = _WEIGHT.search(style), _SLANT.search(style)
    if weight or tag in {"b", "strong"}:
        make_up = replace(make_up, is_bold=not weight or weight[1] == "bold" or weight[1][0] in "6789")
    if slant or tag in {"i", "em"}:
        make_up = replace(make_up, is_italic=not slant or slant[1] == "italic")
    if _LINK.match(href):
        make_up = replace(make_up, href=href)
    return _Within(
        make_up=make_up,
        is_heading=around.is_heading or tag in _HEADINGS,
        is_marker=around.is_marker or "mso-list:ignore" in style,
        is_in_cell=around.is_in_cell or tag in _CELLS,
    )


def _line_html(line: list[_Run]) -> str:
    """A line without space at its ends; nothing where there is nothing to read."""
    runs = list(line)
    while runs and not runs[0].text.lstrip(_BLANK):
        runs.pop(0)
    while runs and not runs[-1].text.rstrip(_BLANK):
        runs.pop()
    if not runs:
        return ""
    runs[0] = replace(runs[0], text=runs[0].text.lstrip(_BLANK))
    runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip(_BLANK))
    return "".join(
        f'<a href="{escape(href)}">{_marked(list(group))}</a>' if href else _marked(list(group))
        for href, group in groupby(runs, lambda run: run.href)
    )


def _marked(runs: list[_Run]) -> str:
    html = ""
    for (is_bold, is_italic), group in groupby(runs, lambda run: (run.is_bold, run.is_italic)):
        text = escape("".join(run.text for run in group), quote=False)
        text = f"<i>{text}</i>" if is_italic else text
        html += f"<b>{text}</b>" if is_bold else text
    return html
