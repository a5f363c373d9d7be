"""What holds for every template and stylesheet of the site."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]

_COMMENT = re.compile(r"{%\s*comment.*?%}.*?{%\s*endcomment\s*%}|{#.*?#}", re.DOTALL)


def _markup(path: Path) -> str:
    return _COMMENT.sub("", path.read_text())


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def test_there_are_templates_to_look_at():
    assert len(PAGES) > 30


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_template_has_no_inline_style_or_handler(path):
    markup = _markup(path)

    assert re.findall(r"<[^>]*\sstyle\s*=", markup) == []
    assert re.findall(r"<[^>]*\son[a-z]+\s*=", markup) == []
    assert re.findall(r"<style\b", markup) == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_template_has_scripts_from_files_only(path):
    scripts = re.findall(r"<script\b[^>]*>", _markup(path))

    data = [tag for tag in scripts if "application/ld+json" in tag or "application/json" in tag]
    assert [tag for tag in scripts if tag not in data and "src=" not in tag] == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_image_has_an_alternative_and_a_size(path):
    images = re.findall(r"<img\b[^>]*>", _markup(path), re.DOTALL)

    assert [tag for tag in images if "alt=" not in tag] == []
    assert [tag for tag in images if "width=" not in tag or "height=" not in tag] == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_links_to_shops_say_that_they_are_sponsored(path):
    """Trap 35."""
    links = re.findall(r"<a\b[^>]*buy_url[^>]*>", _markup(path), re.DOTALL)

    assert [tag for tag in links if 'rel="sponsored nofollow noopener"' not in tag] == []


def _stylesheets() -> set[str]:
    return {path.stem for path in (ROOT / "static/css/components").glob("*.css")}


@pytest.mark.parametrize("path", sorted((ROOT / "static/css/components").glob("*.css")), ids=lambda p: p.stem)
def test_only_tokens_carry_colours(path):
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", css) == []


def test_scripts_are_short_modules():
    scripts = sorted((ROOT / "static/js").rglob("*.js"))

    assert scripts
    assert [path.name for path in scripts if len(path.read_text().splitlines()) >= 60] == []
