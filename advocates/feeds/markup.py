"""RSS 2.0 and Atom: raw items cut from XML while it streams by.

No tree is built: the parser's events fill one item at a time, so memory does not grow with the file.
defusedxml refuses document types and entities (entity bombs, files read from the server).
"""

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from advocates.feeds.items import (
    KNOWN_FIELDS,
    MAX_VALUE_CHARS,
    MAX_VALUES,
    FeedError,
    RawItem,
    UnableToReadFeed,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

GOOGLE = "http://base.google.com/ns/1.0"
_ATOM = "http://www.w3.org/2005/Atom"
_DETAIL_PARTS = frozenset({"section_name", "attribute_name", "attribute_value"})
_CHUNK = 64 * 1024
_MAX_DEPTH = 50
_MAX_SILENCE = 1024 * 1024

# Atom's words for what the Google format calls otherwise.
_ATOM_NAMES = {"summary": "description", "content": "description"}

# Expat's error codes that have a better answer than its own words (xml.parsers.expat.errors.codes).
_MISPLACED_DECLARATION = 17
_UNBOUND_PREFIX = 27


class _Items:
    """The parser's target: turns its events into raw items. `line` tells where the parser is."""

    def __init__(self) -> None:
        self.line: Callable[[], int] = lambda: 0
        self.events = 0
        self.silence = 0  # bytes since the last event
        self._done: list[RawItem] = []
        self._depth = 0
        self._item_depth = 0
        self._item_line = 0
        self._google: dict[str, list[str]] = {}
        self._plain: dict[str, list[str]] = {}
        self._values: list[str] | None = None  # where the text of the open field goes
        self._is_detail = False
        self._text: list[str] = []
        self._size = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.events += 1
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UnableToReadFeed(
                _("Elements are nested more than {depth} deep."), depth=_MAX_DEPTH, line=self.line()
            )
        namespace, _brace, name = tag.rpartition("}")
        if not self._item_depth:
            if name in ("item", "entry"):
                self._item_depth, self._item_line = self._depth, self.line()
                self._google, self._plain = {}, {}
        elif self._depth == self._item_depth + 1:
            self._open_field(namespace.removeprefix("{"), name, attributes)
        elif self._values is not None:
            # Markup inside a value: its text counts, its tags do not. A detail alone has parts (see craft.py).
            self._text.append(f"\n{name}=" if self._is_detail and name in _DETAIL_PARTS else " ")

    def _open_field(self, namespace: str, name: str, attributes: dict[str, str]) -> None:
        if namespace == _ATOM:
            name = _ATOM_NAMES.get(name, name)
        fields = self._google if namespace == GOOGLE else self._plain
        if name not in KNOWN_FIELDS or namespace not in ("", GOOGLE, _ATOM):
            return
        values = fields.setdefault(name, [])
        if len(values) >= MAX_VALUES:
            return
        if name == "link" and "href" in attributes:
            if attributes.get("rel", "alternate") == "alternate":
                values.append(attributes["href"])
            return
        self._values, self._text, self._size = values, [], 0
        self._is_detail = name == "product_detail"

    def data(self, text: str) -> None:
        self.events += 1
        if self._values is not None and self._size < MAX_VALUE_CHARS:
            self._text.append(text)
            self._size += len(text)

    def end(self, _tag: str) -> None:
        self.events += 1
        if self._depth == self._item_depth:
            # Atom's own id and title give way to the ones with Google's prefix.
            self._done.append(RawItem(self._item_line, self._plain | self._google))
            self._item_depth = 0
        elif self._values is not None and self._depth == self._item_depth + 1:
            self._values.append("".join(self._text))
            self._values = None
        self._depth -= 1

    def close(self) -> None:
        """The parser calls this at the end of the document."""

    def take(self) -> list[RawItem]:
        done, self._done = self._done, []
        return done


def read_markup(stream: io.BufferedReader) -> Iterator[RawItem | FeedError]:
    """The items of an RSS or Atom feed. Where the XML breaks, those before it stand and an error follows."""
    items = _Items()
    parser = XMLParser(target=items, forbid_dtd=True)
    items.line = lambda: int(parser.parser.CurrentLineNumber)
    problem: UnableToReadFeed | None = None
    is_open = True
    while is_open and problem is None:
        try:
            is_open = _feed(parser, items, stream.read1(_CHUNK))
        except UnableToReadFeed as error:
            problem = error
        yield from items.take()
    if problem is not None:
        yield problem.as_feed_error()


def _feed(parser: XMLParser, items: _Items, chunk: bytes) -> bool:
    """Give the parser one chunk; False after the last. Raises UnableToReadFeed where the XML is not XML."""
    try:
        if not chunk:
            parser.close()
            return False
        before = items.events
        parser.feed(chunk)
        items.silence = 0 if items.events > before else items.silence + len(chunk)
    except ParseError as error:
        line, column = error.position
        raise UnableToReadFeed(
            _("Line {line}, column {column}: {reason}"),
            line=line,
            column=column + 1,
            reason=_parse_reason(error),
        ) from error
    except DefusedXmlException as error:
        raise UnableToReadFeed(
            _("The feed has a <!DOCTYPE …> or <!ENTITY …> of its own. Remove it: a feed needs none."),
            line=items.line(),
        ) from error
    except (LookupError, ValueError) as error:
        raise UnableToReadFeed(
            _("The encoding that the first line of the XML names is not supported. Save the feed as UTF-8.")
        ) from error
    if items.silence > _MAX_SILENCE:
        raise UnableToReadFeed(_("A single tag or comment is larger than 1 MB."), line=items.line())
    return True


def _parse_reason(error: ParseError) -> "str | _StrPromise":
    if error.code == _MISPLACED_DECLARATION:
        return _("something stands before <?xml … ?>. Remove the blank lines or text at the top.")
    if error.code == _UNBOUND_PREFIX:
        return format_lazy(
            _('a prefix such as “g:” is not declared. Add xmlns:g="{google}" to the first element.'),
            google=GOOGLE,
        )
    words = str(error).partition(":")[0]
    return format_lazy(_("the XML breaks off here ({words}). The products before it were read."), words=words)
