"""What pages leave to a worker. A task may run twice or late: the rows say what is still to be done."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Replace
from django.tasks import task

from community.models import Picture, PictureRendition

_BEHIND_EVERYTHING_ELSE = -50
_WEBP, _AVIF = "|format-webp", "|format-avif"


@task(priority=_BEHIND_EVERYTHING_ELSE)
def make_avif(picture_id: int, specs: list[str]) -> None:
    """Make a picture's renditions by these specs ("width-720|format-avif") that are not there yet.

    Each takes a second or more of a processor, so that no page waits for it. A picture that is gone is left alone.
    """
    picture = Picture.objects.filter(pk=picture_id).first()
    if picture is not None:
        picture.get_renditions(*specs)


def ask_for_avif(picture: Picture, specs: Sequence[str]) -> None:
    """Have a worker make these AVIF renditions, unless the site does without (setting PICTURES_AS_AVIF)."""
    if settings.PICTURES_AS_AVIF:
        make_avif.enqueue(picture_id=picture.pk, specs=list(specs))


def ask_for_missing_avif() -> int:
    """Have a worker make AVIF of everything that pages show as WebP without it; the number of pictures."""
    same = PictureRendition.objects.filter(
        image=OuterRef("image"), focal_point_key=OuterRef("focal_point_key"), filter_spec=OuterRef("spec")
    )
    shown = (
        PictureRendition.objects.filter(filter_spec__endswith=_WEBP)
        # Squares of a fixed size are faces and thumbnails: too small for a second format.
        .exclude(filter_spec__startswith="fill-")
        .annotate(spec=Replace(F("filter_spec"), Value(_WEBP), Value(_AVIF), output_field=CharField()))
        .exclude(Exists(same))
        .order_by("-image", "pk")
    )
    missing: dict[int, list[str]] = {}
    for picture_id, spec in shown.values_list("image", "spec"):
        missing.setdefault(picture_id, []).append(spec)
    for picture_id, specs in missing.items():
        make_avif.enqueue(picture_id=picture_id, specs=specs)
    return len(missing)
