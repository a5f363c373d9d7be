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

from cms.static_files import (
    SITE_SCRIPTS,
    BundledStaticFilesStorage,
    UnableToBundle,
    bundle,
    script_bundle,
)
from cms.templatetags.ui import font_stylesheet, site_scripts

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


def test_scripts_of_every_page_keep_their_names_to_themselves():
    files = {name: f"const mine = {number};\n" for number, name in enumerate(SITE_SCRIPTS)}

    whole = script_bundle(_found(**files))

    assert whole.startswith("{\nconst mine = 0;\n}\n{\nconst mine = 1;\n}\n")
    assert whole.count("const mine") == len(SITE_SCRIPTS)


@pytest.mark.parametrize("line", ['import x from "./x.js";', "export const x = 1;", "  import './x.js'"])
def test_script_that_does_not_stand_alone_is_refused(line):
    files = dict.fromkeys(SITE_SCRIPTS, "const mine = 1;\n")

    with pytest.raises(UnableToBundle):
        script_bundle(_found(**{**files, SITE_SCRIPTS[0]: line}))
    lazy = script_bundle(_found(**{**files, SITE_SCRIPTS[0]: "const { x } = await import(url);"}))
    assert "await import(url)" in lazy


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


def test_pages_load_one_script_in_a_release_and_each_by_itself_before(collected, settings):
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    assert site_scripts() == f'<script type="module" src="/static/{names["js/site.js"]}"></script>'
    whole = (collected / names["js/site.js"]).read_text()
    assert all((ROOT / "static" / name).read_text().strip() in whole for name in SITE_SCRIPTS)

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }

    assert [f"/static/{name}" in site_scripts() for name in SITE_SCRIPTS] == [True] * len(SITE_SCRIPTS)
