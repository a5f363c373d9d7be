"""Printed cards: they scan, they say who earns, and the same card is the same file."""

import re
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
import zxingcpp
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image, ImageDraw

from advocates.link_cards import LANGUAGES, SIZES, card_of, card_pdf, card_svg
from advocates.link_names import name_link
from advocates.links import create_link, house_links, retire_link
from tests.advocates.market import NOW, Market
from tests.factories import make_product, make_publication, make_user

pytestmark = pytest.mark.django_db

SITE = "https://voorspraak.example"
_SVG = "{http://www.w3.org/2000/svg}"
_DOTS_PER_MM = 8


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def link(market):
    ada = market.advocate("Ada Vermeer", handle="ada")
    made = create_link(
        advocate=ada, product=make_product(market.shop, "Theekop à € 24"), channel="schap", at=NOW
    )
    return name_link(link=made, name="grijze-kop")


@pytest.fixture(params=["site", "core"])
def faces(request, monkeypatch):
    """With the site's fonts, and as where npm was not run: then nothing finds them."""
    if request.param == "core":
        monkeypatch.setattr(finders, "find", lambda _path: None)
    elif finders.find("npm/instrument-sans/instrument-sans-latin-wght-normal.woff2") is None:
        pytest.skip("npm was not run")
    return request.param


def _scanned_pdf(data):
    [page] = pypdfium2.PdfDocument(data)
    picture = page.render(scale=3).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(picture)], page.get_textpage().get_text_bounded()


def _scanned_svg(text):
    """The code as the path draws it: each run of the SVG is a rectangle of the picture."""
    root = ET.fromstring(text)  # noqa: S314 -- our own
    _x, _y, width, height = (float(number) for number in root.get("viewBox").split())
    picture = Image.new("L", (round(width * _DOTS_PER_MM), round(height * _DOTS_PER_MM)), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, w, h in re.findall(
        r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-", root.find(f"{_SVG}path").get("d")
    ):
        left, top = float(x) * _DOTS_PER_MM, float(y) * _DOTS_PER_MM
        draw.rectangle((left, top, left + float(w) * _DOTS_PER_MM, top + float(h) * _DOTS_PER_MM), fill=0)
    lines = [line.text for line in root.iter(f"{_SVG}text")]
    return [found.text for found in zxingcpp.read_barcodes(picture)], lines


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_scans_and_says_what_it_is_and_who_earns(link, faces, size, language):
    card = card_of(link=link, language=language, base_url=SITE)

    found, text = _scanned_pdf(card_pdf(card, size=SIZES[size]))
    found_in_svg, lines = _scanned_svg(card_svg(card, size=SIZES[size]))

    words, words_in_svg = " ".join(text.split()), " ".join(lines)
    assert found == found_in_svg == [f"{SITE}/go/{link.code}"]
    for said in (card.title, card.who, card.disclosure, "voorspraak.example/@ada/grijze-kop/"):
        assert said in words
        assert said in words_in_svg
    assert card.title == "Theekop à € 24"
    assert "Ada Vermeer" in card.who
    assert "Klei & Co" in card.who


def test_the_same_card_is_the_same_file(link, faces):
    card = card_of(link=link, language="nl", base_url=SITE)

    assert card_pdf(card, size=SIZES["a7"]) == card_pdf(card, size=SIZES["a7"])
    assert card_svg(card, size=SIZES["a7"]) == card_svg(card, size=SIZES["a7"])


@pytest.mark.parametrize(
    "title", ["W" * 200, "Łódź ś 🎉 李 café", "<script>&\"'", "aan " * 60, "\u202eomgekeerd", "🎉"]
)
@pytest.mark.parametrize("size", SIZES)
def test_no_title_breaks_a_card(market, link, faces, title, size):
    link.product.title = title
    card = card_of(link=link, language="nl", base_url=SITE)

    found, _text = _scanned_pdf(card_pdf(card, size=SIZES[size]))
    svg = card_svg(card, size=SIZES[size])

    root = ET.fromstring(svg)  # noqa: S314 -- our own
    widest = max(float(line.get("x")) + float(line.get("textLength")) for line in root.iter(f"{_SVG}text"))
    lowest = max(float(line.get("y")) for line in root.iter(f"{_SVG}text"))
    assert found == [f"{SITE}/go/{link.code}"]
    assert widest <= SIZES[size].width - SIZES[size].margin / 2
    assert lowest <= SIZES[size].height
    assert "<script" not in svg


def test_letters_that_a_face_lacks_are_made_plain(link, faces):
    link.product.title = "Łódź ś 🎉"

    _found, text = _scanned_pdf(card_pdf(card_of(link=link, language="nl", base_url=SITE), size=SIZES["a6"]))

    assert "Lódz s" in text
    assert "🎉" not in text


def test_a_card_of_the_house_says_that_nobody_earns(market, client):
    product = make_product(market.shop)
    house = house_links(products=[product], at=NOW)[product.pk]

    card = card_of(link=house, language="en", base_url=SITE)

    assert card.who == "Klei & Co"
    assert card.disclosure == "This code is of Klei & Co itself. Nobody earns a commission on it."
    assert card.address == f"voorspraak.example/go/{house.code}"


@pytest.mark.parametrize(("kind", "content"), [("pdf", "application/pdf"), ("svg", "image/svg+xml")])
def test_ada_prints_her_card_and_nobody_else(client, link, kind, content):
    address = reverse(
        "advocates:link_card", kwargs={"pk": link.pk, "size": "a7", "language": "nl", "kind": kind}
    )
    anonymous = client.get(address)
    client.force_login(make_user("Eve Stil"))
    of_eve = client.get(address)
    client.force_login(link.advocate.user)
    of_ada = client.get(address)

    assert reverse("account_login") in anonymous["Location"]
    assert of_eve.status_code == 404
    assert (of_ada.status_code, of_ada["Content-Type"]) == (200, content)
    assert of_ada["Content-Disposition"] == f'inline; filename="grijze-kop-a7-nl.{kind}"'
    assert address in client.get(reverse("advocates:link", args=[link.pk])).content.decode()


@pytest.mark.parametrize("name", ["a5-nl.pdf", "a7-xx.pdf", "a7-nl.exe"])
def test_there_is_no_other_card(client, link, name):
    client.force_login(link.advocate.user)

    assert client.get(f"/studio/links/{link.pk}/cards/{name}").status_code == 404


def _desk_card(market, product, link):
    return reverse(
        "advocates:desk_card",
        kwargs={
            "slug": market.shop.slug,
            "pk": product.pk,
            "link_pk": link.pk,
            "size": "a7",
            "language": "nl",
            "kind": "svg",
        },
    )


def test_mila_prints_cards_of_the_house_and_of_her_advocates(client, market, link):
    client.force_login(market.mila)

    page = client.get(reverse("advocates:desk_cards", args=[market.shop.slug, link.product.pk]))

    house = page.context["house"]
    assert list(page.context["links"]) == [link]
    for one in (house, link):
        address = _desk_card(market, link.product, one)
        assert address in page.content.decode()
        assert client.get(address).status_code == 200


def test_mila_prints_no_card_of_another_shop_or_of_what_nobody_made_for_it(client, market, link):
    other = Market("Eik")
    client.force_login(market.mila)
    theirs = house_links(products=[make_product(other.shop)], at=NOW).popitem()[1]
    mention = create_link(advocate=link.advocate, product=link.product, channel="blog", at=NOW)
    mention.publication = make_publication(link.advocate.user)
    mention.save()
    retired = retire_link(
        link=create_link(advocate=link.advocate, product=link.product, channel="oud", at=NOW)
    )

    codes = [
        client.get(_desk_card(market, link.product, one)).status_code for one in (theirs, mention, retired)
    ]
    codes.append(client.get(_desk_card(market, theirs.product, theirs)).status_code)
    client.force_login(make_user("Eve Stil"))
    codes.append(client.get(_desk_card(market, link.product, link)).status_code)

    assert codes == [404] * 5
