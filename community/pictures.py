"""Pictures: every upload is decoded, cleaned and encoded anew before anything of it is stored.

Nothing that a camera or a program wrote beside the picture survives (EXIF with its GPS place, XMP, IPTC), the
colours are sRGB, and what cannot be decoded within the limits is refused with words.
"""

import io
from dataclasses import dataclass
from typing import IO, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.text import slugify
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from community.models import Picture, User

register_heif_opener()

#: What may come in, by what decoding finds, never by the name of the file.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
LONGEST_EDGE = 4096
_JPEG_QUALITY = 90


class UnableToStorePicture(Exception):
    """The file is no picture that we can take; the message says what to do."""


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture that is safe to store: encoded anew, without metadata."""

    content: bytes
    extension: str
    width: int
    height: int
    colour: str


def clean_picture(file: IO[bytes]) -> CleanPicture:
    """Decode and clean an upload of at most WAGTAILIMAGES_MAX_UPLOAD_SIZE bytes and MAX_IMAGE_PIXELS pixels.

    JPEG comes out, or PNG where the picture has transparency. Raises UnableToStorePicture.
    """
    data = file.read(settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE + 1)
    if len(data) > settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE:
        raise UnableToStorePicture(
            _("The picture is larger than %(size)d MB: save it smaller and try again.")
            % {"size": settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE // (1024 * 1024)}
        )
    picture = _decode(data)
    has_alpha = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    picture = _in_srgb(picture).convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    # A new image object carries pixels alone: whatever stood in `info` stays behind.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    if has_alpha:
        bare.save(out, "PNG", optimize=True)
    else:
        bare.save(out, "JPEG", quality=_JPEG_QUALITY, progressive=True, optimize=True)
    return CleanPicture(
        content=out.getvalue(),
        extension="png" if has_alpha else "jpg",
        width=bare.width,
        height=bare.height,
        colour=_mean_colour(bare),
    )


def store_picture(
    *,
    file: IO[bytes],
    title: str,
    uploaded_by: User | None,
    alt_text: str = "",
    is_decorative: bool = False,
) -> Picture:
    """Clean an upload and store it. Raises UnableToStorePicture; then nothing is stored."""
    return store_clean_picture(
        clean=clean_picture(file),
        title=title,
        uploaded_by=uploaded_by,
        alt_text=alt_text,
        is_decorative=is_decorative,
    )


def store_clean_picture(
    *,
    clean: CleanPicture,
    title: str,
    uploaded_by: User | None,
    alt_text: str = "",
    is_decorative: bool = False,
) -> Picture:
    """Store what `clean_picture` made, perhaps in another process."""
    picture = Picture(
        title=title[:255] or _("Picture"),
        uploaded_by_user=uploaded_by,
        alt_text=alt_text,
        is_decorative=is_decorative,
        colour=clean.colour,
    )
    name = f"{slugify(title)[:60] or 'picture'}.{clean.extension}"
    picture.file.save(name, ContentFile(clean.content), save=False)
    picture.width, picture.height = clean.width, clean.height  # the file field clears them while it stores
    picture.file_size = len(clean.content)
    picture.save()
    return picture


def _decode(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
            raise _too_many_pixels()
        picture.load()
    except UnidentifiedImageError as error:
        raise UnableToStorePicture(
            _("This is not a picture we can read: use JPEG, PNG, WebP, AVIF or HEIC.")
        ) from error
    except Image.DecompressionBombError as error:  # Pillow's own limit, met before ours
        raise _too_many_pixels() from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnableToStorePicture(
            _("The picture is damaged or incomplete: export it again and try once more.")
        ) from error
    return ImageOps.exif_transpose(picture)


def _too_many_pixels() -> UnableToStorePicture:
    return UnableToStorePicture(
        _("The picture has more than %(pixels)d million pixels: save it smaller and try again.")
        % {"pixels": settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 1_000_000}
    )


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        return (
            ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            or picture
        )
    except ImageCms.PyCMSError:
        # A broken profile says nothing about the pixels: they are shown as they are.
        return picture


def _mean_colour(picture: Image.Image) -> str:
    pixel = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    red, green, blue = cast("tuple[int, int, int]", pixel)
    return f"#{red:02x}{green:02x}{blue:02x}"
