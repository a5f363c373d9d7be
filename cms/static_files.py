"""Static files as they are served: one stylesheet, one script, names that change with the content, packed copies.

While somebody works on the look each component has its own file, joined by `@import`; a browser would fetch sixty of
them, one after the other. `collectstatic` writes them into one, in the same order and layers; likewise the scripts
that every page has.
"""

import gzip
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile

STYLESHEET = "css/main.css"
#: The web fonts, where npm was run: in a bundle they are part of the stylesheet.
FONTS = "fonts/fonts.css"
#: Small scripts that every page has. They stand alone: none imports or exports, so that they can be one file.
SITE_SCRIPTS = (
    "js/main.js",
    "js/dialog.js",
    "js/copy.js",
    "js/dropzone.js",
    "js/load-more.js",
    "js/suggest.js",
)
SITE_SCRIPT = "js/site.js"
#: What visitors fetch; the admin's files are many, and few people's.
_PACKED = ("css/", "js/", "django_htmx/", "npm/sortablejs/", "icons.", "favicon.")
_PACKED_ENDINGS = (".css", ".js", ".svg")

_IMPORT = re.compile(
    r"""@import\s+url\(\s*["']?(?P<path>[^"')]+)["']?\s*\)\s*(?:layer\((?P<layer>[\w-]+)\))?\s*;"""
)
_URL = re.compile(r"""url\(\s*(["']?)(?P<path>[^"')]+)\1\s*\)""")
_MODULE_WORD = re.compile(r"^\s*(?:import\b(?!\s*\()|export\b)", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

#: Name of a file → the storage that has it and its path there, as `collectstatic` hands it over.
Found = Mapping[str, tuple[Any, str]]


class UnableToBundle(Exception):
    """A stylesheet names a file that is not there, or imports in a way that cannot be put into one file."""


def bundle(found: Found) -> str:
    """The stylesheet with all that it imports; each part in its layer, addresses as seen from the bundle."""
    text = _read(found, STYLESHEET)
    whole = _IMPORT.sub(lambda match: _part(found, match["path"], match["layer"]), text)
    if "@import" in whole:
        raise UnableToBundle(f"{STYLESHEET} or a part of it imports in another way than url(…) layer(…).")
    if FONTS in found:
        whole += _moved(_read(found, FONTS), FONTS)
    return _tidied(whole)


def script_bundle(found: Found) -> str:
    """The scripts of every page as one module; each keeps its names to itself, in a block of its own."""
    texts = [_read(found, name) for name in SITE_SCRIPTS]
    for name, text in zip(SITE_SCRIPTS, texts, strict=True):
        if _MODULE_WORD.search(text):
            raise UnableToBundle(f"{name} imports or exports: a script of every page stands alone.")
    return "".join(f"{{\n{text.rstrip()}\n}}\n" for text in texts)


class BundledStaticFilesStorage(ManifestStaticFilesStorage):
    """Hashed names in a manifest, the stylesheet in one piece, and a packed copy beside what visitors fetch."""

    #: The tags `font_stylesheet` and `site_scripts` ask: the fonts need no stylesheet of their own then, and the
    #: scripts of every page are one.
    has_bundles = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Make the bundles, then let Django name the files, then pack them."""
        if dry_run or STYLESHEET not in paths:
            yield from super().post_process(paths, dry_run, **options)
            return
        bundles = {STYLESHEET: bundle(paths), SITE_SCRIPT: script_bundle(paths)}
        for name, text in bundles.items():
            self.delete(name)
            self.save(name, ContentFile(text.encode()))
        whole = {**paths, **{name: (self, name) for name in bundles}}
        yield from super().post_process(whole, dry_run, **options)
        for name in sorted(whole):
            if name.startswith(_PACKED) and name.endswith(_PACKED_ENDINGS):
                self._pack(self.stored_name(name))

    def _pack(self, name: str) -> None:
        with self.open(name) as file:
            packed = gzip.compress(file.read(), mtime=0)
        self.delete(f"{name}.gz")
        self.save(f"{name}.gz", ContentFile(packed))


def _part(found: Found, path: str, layer: str | None) -> str:
    name = posixpath.normpath(posixpath.join(posixpath.dirname(STYLESHEET), path))
    inside = _moved(_read(found, name), name)
    return f"@layer {layer} {{\n{inside}\n}}" if layer else inside


def _moved(text: str, name: str) -> str:
    """The addresses in a file as they read from the folder of the bundle."""
    here, there = posixpath.dirname(name), posixpath.dirname(STYLESHEET)

    def moved(match: re.Match[str]) -> str:
        path = match["path"]
        if re.match(r"[a-z]+:|/|#", path):
            return match[0]
        return f'url("{posixpath.relpath(posixpath.join(here, path), there)}")'

    return _URL.sub(moved, text)


def _read(found: Found, name: str) -> str:
    if name not in found:
        raise UnableToBundle(f"{name} is imported and is not among the static files.")
    storage, path = found[name]
    with storage.open(path) as file:
        return str(file.read().decode())


def _tidied(text: str) -> str:
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
