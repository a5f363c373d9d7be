"""Pictures: nothing of the camera survives, and what is no picture is refused with words."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from community.models import Picture
from community.pictures import UnableToStorePicture, clean_picture, store_picture
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SERVED = ["jpeg", "png", "webp", "avif"]
SECRETS = (b"Exif", b"GPS", b"http://ns.adobe.com/xap", b"xmpmeta", b"Amsterdam-thuis", b"8BIM", b"XML:com")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Amsterdam-thuis</x:xmpmeta>'


def photo(kind: str, size=(80, 60), **fields) -> io.BytesIO:
    """A photograph as a telephone makes it: with place, maker and rotation."""
    exif = Image.Exif()
    exif[0x010F] = "Amsterdam-thuis"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 22.0, 12.0), 3: "E", 4: (4.0, 53.0, 42.0)})
    out = io.BytesIO()
    picture = Image.new("RGB", size, "teal")
    picture.paste("tomato", (0, 0, size[0] // 2, size[1]))
    picture.save(out, kind, exif=exif, xmp=XMP, **fields)
    out.seek(0)
    return out


@pytest.fixture
def ada(client):
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_nothing_of_the_camera_is_stored_or_served(ada, kind):
    """Trap 3: Wagtail copies EXIF into renditions; the place where somebody lives would be in them."""
    raw = photo(kind)
    assert Image.open(raw).getexif().get_ifd(0x8825)[2] == (52.0, 22.0, 12.0)
    raw.seek(0)

    picture = store_picture(file=raw, title="Kop", uploaded_by=ada)

    files = [picture.file.name]
    files += [picture.get_rendition(f"width-40|format-{served}").file.name for served in SERVED]
    for name in files:
        with default_storage.open(name) as file:
            data = file.read()
        opened = Image.open(io.BytesIO(data))
        assert dict(opened.getexif()) == {}
        assert [secret for secret in SECRETS if secret in data] == []
        assert {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"} & set(opened.info) == set()


def test_photograph_on_its_side_is_set_upright(ada):
    picture = store_picture(file=photo("JPEG", size=(80, 60)), title="Kop", uploaded_by=ada)

    assert (picture.width, picture.height) == (60, 80)


def test_transparency_is_kept(ada):
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (200, 0, 0, 0)).save(out, "PNG")
    out.seek(0)

    clean = clean_picture(out)

    assert (clean.extension, Image.open(io.BytesIO(clean.content)).getpixel((5, 5))[3]) == ("png", 0)


def test_largest_picture_is_made_smaller(ada):
    out = io.BytesIO()
    Image.new("RGB", (5000, 100), "teal").save(out, "PNG")
    out.seek(0)

    clean = clean_picture(out)

    assert (clean.width, clean.height) == (4096, 82)


def _png_that_says_it_is_huge() -> bytes:
    """The header of 200 megapixels, and nothing behind it."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _gif_that_is_a_script() -> bytes:
    out = io.BytesIO()
    Image.new("P", (1, 1)).save(out, "GIF")
    return b"GIF89a/*" + out.getvalue()[8:] + b"*/=1;alert(1);//"


REFUSED = {
    "too-large.jpg": lambda: b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024),
    "huge.png": _png_that_says_it_is_huge,
    "cut-off.jpg": lambda: photo("JPEG", size=(400, 300)).read()[:2000],
    "drawing.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "drawing.png": lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "script.gif": _gif_that_is_a_script,
    "script.jpg": _gif_that_is_a_script,
    "letter.jpg": lambda: b"Beste Ada, dit is geen foto.",
    "page.png": lambda: b"<html><script>alert(1)</script></html>",
    "zero.webp": lambda: b"RIFF\x00\x00\x00\x00WEBP",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_words_and_not_stored(client, ada, name):
    """Trap 12: by decoding and by limits, never by the name of the file."""
    file = io.BytesIO(REFUSED[name]())
    file.name = name
    before = set(default_storage.listdir("")[1]) if default_storage.exists("") else set()

    answer = client.post(reverse("cms:picture_new"), {"file": file})

    assert answer.status_code == 422
    assert answer.json()["error"]
    assert Picture.objects.count() == 0
    assert (set(default_storage.listdir("")[1]) if default_storage.exists("") else set()) == before


def test_each_refusal_says_what_to_do(ada):
    said = {}
    for name, make in REFUSED.items():
        with pytest.raises(UnableToStorePicture) as refused:
            clean_picture(io.BytesIO(make()))
        said[name] = str(refused.value)

    assert len({said["too-large.jpg"], said["huge.png"], said["cut-off.jpg"], said["letter.jpg"]}) == 4
    assert "10" in said["too-large.jpg"]
    assert "50" in said["huge.png"]


def test_missing_file_is_named(client, ada):
    answer = client.post(reverse("cms:picture_new"))

    assert (answer.status_code, bool(answer.json()["error"])) == (422, True)


def test_title_never_stands_in_for_a_description():
    """Trap 5: the title is what the camera called the file."""
    picture = Picture(title="IMG_2231.jpg")

    assert picture.default_alt_text == ""
    assert Picture(title="IMG_2231.jpg", alt_text="Een kop").default_alt_text == "Een kop"
    assert Picture(title="x", alt_text="Een kop", is_decorative=True).default_alt_text == ""
