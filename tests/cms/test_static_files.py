"""The stylesheet in one piece, and packed copies of what visitors fetch."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.management import call_command

from cms.static_files import BundledStaticFilesStorage, UnableToBundle, bundle
from cms.templatetags.ui import font_stylesheet

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static/css"


def _found(**files: str) -> dict[str, tuple[InMemoryStorage, str]]:
    storage = InMemoryStorage()
    for name, text in files.items():
        storage.save(name, ContentFile(text.encode()))
    return {name: (storage, name) for name in files}


@pytest.fixture
def collected(tmp_path, settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "cms.static_files.BundledStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_parts_stand_in_their_layers_and_in_their_order():
    found = _found(
        **{
            "css/main.css": '@layer a, b;\n@import url("one.css") layer(a);\n@import url("parts/two.css") layer(b);\n',
            "css/one.css": "/* why */\np { color: red; }\n",
            "css/parts/two.css": 'b { background: url("../../dot.svg"); }\ni { background: url(data:image/png;x); }\n',
        }
    )

    assert bundle(found) == (
        "@layer a, b;\n"
        "@layer a {\np { color: red; }\n}\n"
        '@layer b {\nb { background: url("../dot.svg"); }\ni { background: url(data:image/png;x); }\n}\n'
    )


def test_fonts_are_part_of_it_where_there_are_fonts():
    main = {"css/main.css": "@layer a;\n"}
    fonts = {"fonts/fonts.css": '@font-face { src: url("../npm/a.woff2"); }\n'}

    assert bundle(_found(**main)) == "@layer a;\n"
    assert bundle(_found(**main, **fonts)) == '@layer a;\n@font-face { src: url("../npm/a.woff2"); }\n'


@pytest.mark.parametrize(
    "main", ['@import url("gone.css") layer(a);', '@import "one.css";', '@import url("one.css") screen;']
)
def test_what_cannot_be_put_into_one_file_is_refused(main):
    with pytest.raises(UnableToBundle):
        bundle(_found(**{"css/main.css": main, "css/one.css": ""}))


def test_site_serves_one_stylesheet_with_all_of_its_parts(collected):
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    whole = (collected / names["css/main.css"]).read_text()

    assert re.search(r"css/main\.[0-9a-f]{12}\.css", names["css/main.css"])
    assert "@import" not in whole
    assert whole.startswith("@layer reset, tokens, base, layout, components, utilities;")
    parts = sorted((CSS / "components").glob("*.css"))
    assert len(parts) > 50
    for part in parts:
        rules = re.sub(r"/\*.*?\*/", "", part.read_text(), flags=re.DOTALL).split("{")[0].strip()
        assert rules in whole, part.name
    for address in re.findall(r'url\("\.\./([^"]+)"\)', whole):
        assert (collected / address).exists(), address


def test_what_visitors_fetch_is_packed_beside_itself(collected):
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]

    for name in ("css/main.css", "js/main.js", "django_htmx/htmx-2.min.js", "icons.svg"):
        plain = (collected / names[name]).read_bytes()
        assert gzip.decompress((collected / f"{names[name]}.gz").read_bytes()) == plain
    assert not list((collected / "wagtailadmin").rglob("*.gz"))


def test_collecting_again_gives_the_same(collected):
    first = (collected / "staticfiles.json").read_text()
    call_command("collectstatic", interactive=False, verbosity=0)

    assert (collected / "staticfiles.json").read_text() == first


def test_fonts_ask_for_no_stylesheet_of_their_own_in_a_release(collected):
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]

    assert isinstance(staticfiles_storage._wrapped, BundledStaticFilesStorage)
    assert ("preload" in font_stylesheet()) == ("fonts/fonts.css" in names)
    assert "stylesheet" not in font_stylesheet()
