"""What pages leave to a worker. A task may run twice or late: the rows say what is still to be done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Replace
from django.tasks import task

from cms.picture_presets import OF_PEOPLE, OF_PRODUCTS, PRESETS, shown_as
from community.models import Picture, PictureRendition

_BEHIND_PEOPLE, _BEHIND_EVERYTHING_ELSE = -20, -50
_WEBP, _AVIF = "|format-webp", "|format-avif"
#: A picture is new this long; and asked for again after an hour, should a worker have been killed over it.
_NEW_FOR, _ASKED_FOR = timedelta(days=1), timedelta(hours=1)
_AT_ONCE = 200


@task(priority=_BEHIND_PEOPLE)
def make_renditions(picture_id: int) -> None:
    """Make what pages will show of a picture before anybody waits for it. One that is gone is left alone."""
    picture = Picture.objects.filter(pk=picture_id).first()
    if picture is not None:
        specs = dict.fromkeys(spec for preset in _presets_of(picture) for spec in shown_as(preset))
        picture.get_renditions(*specs)
        large = [spec for spec in specs if spec.endswith(_WEBP) and not spec.startswith("fill-")]
        ask_for_avif(picture, [spec.replace(_WEBP, _AVIF) for spec in large])


def ask_for_new_pictures(*, at: datetime) -> int:
    """Have a worker make what pages will show of the pictures of the last day; the number of pictures asked for."""
    first = PRESETS[OF_PEOPLE[0]][0][0]
    made = PictureRendition.objects.filter(image=OuterRef("pk"), filter_spec=f"{first}{_WEBP}")
    new = Picture.objects.filter(~Exists(made), created_at__gte=at - _NEW_FOR).order_by("-created_at")
    asked = 0
    for picture_id in new.values_list("pk", flat=True)[:_AT_ONCE]:
        if cache.add(f"renditions-asked-for:{picture_id}", True, _ASKED_FOR.total_seconds()):
            make_renditions.enqueue(picture_id=picture_id)
            asked += 1
    return asked


def _presets_of(picture: Picture) -> tuple[str, ...]:
    """Products' pictures are fetched by the site itself, and there are many: they get what lists show."""
    return OF_PRODUCTS if picture.uploaded_by_user_id is None else OF_PEOPLE


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
