"""What leaves the site: feeds, share images, oEmbed, cards. Only what anybody may find, always with its label."""

import io
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from advocates.enums import PublicationKind, PublicationState
from community import share_images
from community.models import Theme
from tests.community.outside_world import Outside
from tests.factories import make_publication, make_user

pytestmark = pytest.mark.django_db

LABEL = "Advertisement: Ada Vermeer earns a share when you buy at Klei & Co."
SITE = settings.SITE_URL


@pytest.fixture
def world() -> Outside:
    return Outside()


def _channel(response) -> Element:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    return fromstring(response.content)[0]


def _titles(channel: Element) -> list[str]:
    return [item.findtext("title") or "" for item in channel.findall("item")]


# Feeds -----------------------------------------------------------------------------------------------------


def test_feed_of_a_person_has_what_anybody_may_find(client, world):
    channel = _channel(client.get("/@ada/rss.xml"))

    assert _titles(channel) == ["Een tafel voor acht"]
    assert channel.findtext("link") == f"{SITE}/@ada/"
    item = channel.find("item")
    assert item.findtext("link") == f"{SITE}{world.public.get_absolute_url()}"
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Ada Vermeer"


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_each_item_of_a_feed_begins_with_its_label(client, world, prefix):
    """Trap 34."""
    for address in (f"{prefix}/@ada/rss.xml", f"{prefix}{world.public.get_absolute_url()}rss.xml"):
        texts = [item.findtext("description") for item in _channel(client.get(address)).findall("item")]

        assert len(texts) == 1
        assert texts[0].startswith(f"<p><strong>{LABEL.replace('&', '&amp;')}</strong></p><p>")


def test_feed_of_a_board_has_what_was_added_to_it(client, world):
    channel = _channel(client.get(f"{world.public.get_absolute_url()}rss.xml"))

    assert _titles(channel) == ["Theekop, grijs glazuur"]
    pin = world.public.pins.get()
    address = f"{SITE}{world.public.get_absolute_url()}#pin-{pin.pk}"
    assert channel.find("item").findtext("link") == address


def test_item_without_a_note_has_its_label_and_no_empty_paragraph(client, world):
    world.public.pins.update(note="")

    (item,) = _channel(client.get(f"{world.public.get_absolute_url()}rss.xml")).findall("item")

    assert item.findtext("description") == f"<p><strong>{LABEL.replace('&', '&amp;')}</strong></p>"


def test_feed_of_a_board_that_not_everybody_may_find_is_not_there(world):
    ada = Client()
    ada.force_login(world.ada)
    for board in world.closed:
        assert Client().get(f"{board.get_absolute_url()}rss.xml").status_code == 404
        # A feed looks the same whoever asks: not even its maker gets one.
        assert ada.get(f"{board.get_absolute_url()}rss.xml").status_code == 404


def test_feed_of_a_theme_and_of_all_stories(client, world):
    Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table")
    for kind, title in ((PublicationKind.POST, "Een verhaal"), (PublicationKind.GUIDE, "Een gids")):
        make_publication(world.ada, title, kind=kind, theme_slugs=["tafel"])
    make_publication(world.ada, "Nog geheim", kind=PublicationKind.POST, state=PublicationState.HIDDEN)
    make_publication(world.ada, "Elders", kind=PublicationKind.BOARD, theme_slugs=["elders"])

    assert set(_titles(_channel(client.get("/stories/rss.xml")))) == {"Een verhaal", "Een gids"}
    theme = _channel(client.get("/en/themes/tafel/rss.xml"))
    assert set(_titles(theme)) == {"Een verhaal", "Een gids"}
    assert theme.findtext("title") == "At the table · Voorspraak"


@pytest.mark.parametrize("address", ["/@nobody/rss.xml", "/themes/none/rss.xml", "/@ada/none/rss.xml"])
def test_feed_of_nothing_is_not_there(client, world, address):
    assert client.get(address).status_code == 404


def test_feed_of_somebody_who_left_is_not_there(client, world):
    world.ada.is_active = False
    world.ada.save()

    assert client.get("/@ada/rss.xml").status_code == 404


def test_feed_can_be_read_whatever_is_in_a_title(client, world):
    """Control characters cannot stand in XML; markup must not become any."""
    make_publication(world.ada, "Kop\x0b <b>& schotel</b>\x1f", summary="<script>alert(1)</script>\x08")

    channel = _channel(client.get("/@ada/rss.xml"))

    assert "Kop <b>& schotel</b>" in _titles(channel)
    texts = "".join(item.findtext("description") for item in channel.findall("item"))
    assert "<script>" not in texts
    assert "&lt;script&gt;" in texts


def test_picture_of_a_feed_says_nothing_of_where_it_was_taken(client, world):
    """Trap 3."""
    enclosure = _channel(client.get("/@ada/rss.xml")).find("item/enclosure")

    assert enclosure.get("type") == "image/jpeg"
    rendition = world.public.publication.cover.get_rendition("width-720|format-jpeg")
    assert enclosure.get("url") == f"{SITE}{rendition.url}"
    with rendition.file.open() as file:
        content = file.read()
    assert int(enclosure.get("length")) == len(content)
    assert dict(Image.open(io.BytesIO(content)).getexif()) == {}


def test_feed_costs_the_same_for_one_and_for_three(client, world):
    def cost() -> int:
        client.get("/@ada/rss.xml")  # makes the renditions that are missing
        with CaptureQueriesContext(connection) as queries:
            client.get("/@ada/rss.xml")
        return len(queries)

    one = cost()
    world.board("Tweede", PublicationState.PUBLIC)
    world.board("Derde", PublicationState.PUBLIC)

    assert cost() == one
    assert len(_titles(_channel(client.get("/@ada/rss.xml")))) == 3


def test_feed_may_be_kept_and_is_not_sent_twice(client, world):
    first = client.get("/@ada/rss.xml")
    again = client.get("/@ada/rss.xml", headers={"If-None-Match": first["ETag"]})
    world.board("Nieuw", PublicationState.PUBLIC)
    changed = client.get("/@ada/rss.xml", headers={"If-None-Match": first["ETag"]})

    assert "public" in first["Cache-Control"]
    assert first.cookies == {}
    assert (again.status_code, changed.status_code) == (304, 200)


# Share images ----------------------------------------------------------------------------------------------


def _picture(client, board) -> Image.Image:
    response = client.get(reverse("community:share_image", args=[board.publication.pk]))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(response.content))
    picture.load()
    return picture


def test_share_image_is_drawn_from_cover_and_words(client, world):
    picture = _picture(client, world.public)

    assert (picture.format, picture.size) == ("JPEG", (1200, 630))
    assert picture.getpixel((1000, 300))[1] > 100, "the cover, which is teal, stands on the right"
    assert picture.getpixel((1000, 300))[0] < 40
    words = picture.crop((64, 150, 620, 470)).convert("L")
    assert min(words.get_flattened_data()) < 60, "the title is written in ink"
    assert dict(picture.getexif()) == {}


def test_share_image_is_drawn_once_and_anew_after_a_change(client, world, monkeypatch):
    address = reverse("community:share_image", args=[world.public.publication.pk])
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    world.public.publication.title = "Een tafel voor tien"
    world.public.publication.save()
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert changed.status_code == 200
    assert changed.content != first.content
    folder = f"share/{world.public.publication.pk}"
    assert len(share_images.default_storage.listdir(folder)[1]) == 1, "what was drawn before is deleted"


def test_share_image_of_what_not_everybody_may_find_is_not_there(client, world):
    for board in world.closed:
        address = reverse("community:share_image", args=[board.publication.pk])
        assert client.get(address).status_code == 404
    assert client.get("/share/99999999999999999999999999.jpg").status_code == 404


def test_share_image_without_cover_or_with_a_lost_file_has_the_words(client, world):
    plain = make_publication(world.ada, "Zonder foto")
    world.public.publication.cover.file.storage.delete(world.public.publication.cover.file.name)

    assert client.get(reverse("community:share_image", args=[plain.pk])).status_code == 200
    _picture(client, world.public)


@pytest.mark.parametrize(
    "title",
    [
        "Eén crème brûlée, € 24 – “geëerd”",
        "Łódź, 東京 и Αθήνα",
        "🫖" * 20,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "kort " * 40,
        "\x00\x0b",
        "",
    ],
)
def test_any_title_can_be_drawn(title):
    drawn = share_images.draw(words=share_images.Words(title, "Zoë", "Bord"), cover=None)

    assert Image.open(io.BytesIO(drawn)).size == (1200, 630)


def test_letters_that_no_type_has_are_written_bare():
    assert share_images.bare_letters("Eén crème – “ĳ” € 24 東") == 'Een creme - "ij" EUR 24'


# oEmbed ----------------------------------------------------------------------------------------------------


def _asked(client, board, **parameters):
    url = f"{SITE}{board.get_absolute_url()}"
    return client.get(reverse("oembed"), {"url": url, **parameters})


def test_oembed_describes_a_public_board(client, world):
    told = _asked(client, world.public).json()

    assert told["version"] == "1.0"
    assert told["type"] == "rich"
    assert told["title"] == "Een tafel voor acht"
    assert told["author_name"] == "Ada Vermeer"
    assert told["author_url"] == f"{SITE}/@ada/"
    assert (told["width"], told["height"]) == (400, 560)
    assert f'src="{SITE}/embed/{world.public.publication.pk}/"' in told["html"]
    assert told["thumbnail_url"].startswith(f"{SITE}/share/{world.public.publication.pk}.jpg?v=")


def test_oembed_knows_an_address_in_any_language_of_the_menus(client, world):
    url = f"{SITE}/en{world.public.get_absolute_url()}"

    assert client.get(reverse("oembed"), {"url": url}).json()["title"] == "Een tafel voor acht"


def test_oembed_keeps_to_the_room_there_is(client, world):
    told = _asked(client, world.public, maxwidth="320", maxheight="240").json()

    assert (told["width"], told["height"]) == (320, 240)
    assert 'width="320" height="240"' in told["html"]
    assert "thumbnail_url" not in told, "the picture is wider than that"
    assert _asked(client, world.public, maxwidth="9" * 5000).json()["width"] == 400


@pytest.mark.parametrize("width", ["-1", "0", "000", "wide", "1e3", "٣", "1\x00"])
def test_oembed_says_what_is_wrong_with_the_room(client, world, width):
    assert _asked(client, world.public, maxwidth=width).status_code == 400


def test_oembed_in_xml_says_the_same(client, world):
    world.public.publication.title = "Kop & <schotel>\x0b"
    world.public.publication.save()

    response = _asked(client, world.public, format="xml")
    told = {field.tag: field.text for field in fromstring(response.content)}

    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert told["title"] == "Kop & <schotel>"
    assert told["type"] == "rich"


def test_oembed_in_another_form_is_not_made(client, world):
    assert _asked(client, world.public, format="yaml").status_code == 501


def test_oembed_knows_nothing_of_what_not_everybody_may_find(client, world):
    assert [_asked(client, board).status_code for board in world.closed] == [404, 404]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://elsewhere.example/@ada/een-tafel-voor-acht/",
        "javascript:alert(1)",
        "http://[",
        f"{SITE}/",
        f"{SITE}/@ada/",
        f"{SITE}/@ada/een\x00tafel/",
        f"{SITE}/{'a' * 5000}",
    ],
)
def test_oembed_of_another_address_is_not_there(client, world, url):
    assert client.get(reverse("oembed"), {"url": url}).status_code == 404


def test_page_tells_where_to_ask(client, world):
    page = client.get(world.public.get_absolute_url()).content.decode()

    links = [line for line in page.splitlines() if "json+oembed" in line]
    assert len(links) == 1
    address = urlsplit(links[0].split('href="')[1].split('"')[0].replace("&amp;", "&"))
    assert parse_qs(address.query)["url"] == [f"{SITE}{world.public.get_absolute_url()}"]
    assert client.get(f"{address.path}?{address.query}").status_code == 200


# The card --------------------------------------------------------------------------------------------------


def test_card_keeps_label_and_author(client, world):
    """Trap 34."""
    page = client.get(reverse("embed", args=[world.public.publication.pk])).content.decode()

    assert ">Advertisement</span>" in page
    assert LABEL.replace("&", "&amp;") in page
    assert ">Ada Vermeer</a>" in page
    assert 'name="robots" content="noindex"' in page
    links = [part.split(">")[0] for part in page.split("<a ")[1:]]
    assert len(links) == 3
    assert all('target="_blank" rel="noopener"' in link for link in links)


def test_card_may_be_framed_by_anybody_and_runs_nothing(client, world):
    response = client.get(reverse("embed", args=[world.public.publication.pk]))
    policy = response["Content-Security-Policy"]

    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in response
    assert "<script" not in response.content.decode()


def test_card_is_the_same_for_everybody(world):
    address = reverse("embed", args=[world.public.publication.pk])
    ada = Client()
    ada.force_login(world.ada)
    anonymous = Client().get(address)

    assert ada.get(address).content == anonymous.content
    assert anonymous.cookies == {}
    assert "public" in anonymous["Cache-Control"]


def test_card_of_what_not_everybody_may_find_is_not_there(world):
    ada = Client()
    ada.force_login(world.ada)
    for board in world.closed:
        assert ada.get(reverse("embed", args=[board.publication.pk])).status_code == 404


def test_other_pages_may_not_be_framed(client, world):
    response = client.get(world.public.get_absolute_url())

    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_card_speaks_the_language_of_the_publication(client, world):
    english = make_publication(
        make_user("Noor Bakker", handle="noor"), "On a table", language="en", path="/@noor/x/"
    )

    page = client.get(reverse("embed", args=[english.pk])).content.decode()

    assert '<html lang="en">' in page
    assert f'href="{SITE}/en/@noor/x/"' in page
    assert 'href="/en/@noor/"' in page
