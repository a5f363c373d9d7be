"""Files that are more, or less, than the picture they say they are, through the upload that authors use.

Trap 12: what is refused leaves nothing behind, on disk or in the database; what is taken is encoded anew, so that only
pixels come out again, in every format that is served.
"""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image, PngImagePlugin

from community.models import Picture, PictureRendition
from tests.community.test_pictures import SECRETS, SERVED, photo
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SCRIPT = b"<html><script>alert(document.domain)</script></html>"


@pytest.fixture
def ada(client):
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


def stored_files() -> set[str]:
    """The names of all files in the storage, folders below each other."""

    def below(folder: str) -> set[str]:
        if not default_storage.exists(folder):
            return set()
        folders, files = default_storage.listdir(folder)
        names = {f"{folder}/{name}".lstrip("/") for name in files}
        return names.union(*(below(f"{folder}/{name}".lstrip("/")) for name in folders))

    return below("")


def upload(client, data: bytes, name: str):
    file = io.BytesIO(data)
    file.name = name
    return client.post(reverse("cms:picture_new"), {"file": file})


def image_bytes(kind: str = "JPEG", size=(400, 300), **fields) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind, **fields)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb_of_200_megapixels() -> bytes:
    """A whole, valid PNG of 20,000 × 10,000 grey pixels in a few hundred kilobytes."""
    row = zlib.compressobj(9)
    packed = b"".join(row.compress(bytes(20_001)) for _row in range(10_000)) + row.flush()
    header = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def zip_with_a_picture_before_it() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.html", SCRIPT)
    return image_bytes() + archive.getvalue()


def png_with_words() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SCRIPT.decode())
    words.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>Amsterdam-thuis</x:xmpmeta>")
    return image_bytes("PNG", pnginfo=words)


REFUSED = {
    "bomb.png": bomb_of_200_megapixels,
    "cut-off.jpg": lambda: image_bytes()[:3000],
    "cut-off-at-the-end.jpg": lambda: image_bytes()[:-2000],
    "cut-off.png": lambda: image_bytes("PNG")[:3000],
    "cut-off.webp": lambda: image_bytes("WEBP")[:1000],
    "page-with-a-picture-behind-it.jpg": lambda: SCRIPT + image_bytes(),
    "archive.jpg": lambda: zip_with_a_picture_before_it()[len(image_bytes()) :],
    "script.jpg": lambda: b"/*\xff\xd8\xff\xe0*/alert(1)//",
    "empty.jpg": lambda: b"",
    "no-pixels.png": lambda: (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 2, 0, 0, 0))
    ),
    "postscript.jpg": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage",
    "bitmap.bmp": lambda: image_bytes("BMP"),
    "drawing.tiff": lambda: image_bytes("TIFF"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_is_no_whole_picture_leaves_nothing_behind(client, ada, name):
    before = stored_files()

    answer = upload(client, REFUSED[name](), name)

    assert answer.status_code == 422
    assert answer.json()["error"]
    assert (Picture.objects.count(), PictureRendition.objects.count()) == (0, 0)
    assert stored_files() == before


#: A picture first, and something else behind it or inside it: a browser that sniffs could take it for the other.
POLYGLOTS = {
    "page.jpg": lambda: image_bytes() + SCRIPT,
    "archive.jpg": zip_with_a_picture_before_it,
    "comment.jpg": lambda: image_bytes(comment=SCRIPT),
    "words.png": png_with_words,
    "tail.png": lambda: image_bytes("PNG") + SCRIPT,
    "page.html": lambda: image_bytes(comment=SCRIPT),
    "script.js": lambda: image_bytes("WEBP") + b"\n/*" + SCRIPT + b"*/",
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_of_a_file_with_two_faces_only_the_picture_stays(client, ada, name):
    data = POLYGLOTS[name]()
    assert b"<script>" in data or b"index.html" in data

    answer = upload(client, data, name)

    assert answer.status_code == 200
    picture = Picture.objects.get(pk=answer.json()["id"])
    assert picture.file.name.rpartition(".")[2] in {"jpg", "png"}
    for file in _served(picture):
        assert [
            secret for secret in (b"script", b"index.html", b"PK\x03\x04", *SECRETS) if secret in file
        ] == []
    assert [name for name in stored_files() if name.endswith((".html", ".js"))] == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_place_on_earth_is_in_no_format_that_is_served(client, ada, kind):
    """Trap 3: Wagtail copies EXIF into renditions; somebody's home would be in each of them."""
    data = photo(kind).read()
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825)[2] == (52.0, 22.0, 12.0)

    answer = upload(client, data, f"photo.{kind.lower()}")

    picture = Picture.objects.get(pk=answer.json()["id"])
    files = _served(picture)
    assert len(files) == 1 + len(SERVED)
    for file in files:
        opened = Image.open(io.BytesIO(file))
        assert dict(opened.getexif()) == {}
        assert [secret for secret in SECRETS if secret in file] == []
        assert {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Comment"} & set(
            opened.info
        ) == set()


def _served(picture) -> list[bytes]:
    """The original and a rendition in each format, as they are on disk."""
    names = [picture.file.name]
    names += [picture.get_rendition(f"width-40|format-{served}").file.name for served in SERVED]
    contents = []
    for name in names:
        with default_storage.open(name) as file:
            contents.append(file.read())
    return contents
