"""Paths: what led to many sales of one shop, read in a number of queries that does not grow with them."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from advocates.codes import find_codes
from advocates.enums import TouchKind
from advocates.models import Code, Sale, Touch
from advocates.split import CLOCK_TOLERANCE
from advocates.uuid7 import named_uuid7, uuid7_floor

#: A path is the newest touches of a visitor up to this number; a person does not come near it.
LONGEST_PATH = 300
#: Clicks of one visitor on one link that are no longer apart are one: a double click, a page that was loaded again.
SAME_CLICK = timedelta(seconds=10)

_IDS = uuid.UUID("5b0e6c3e-6b7c-5f0e-9d53-6f3d0c6f7a11")

# The reported click, and what the same visitor did for this shop before it; of publications, those that mention the
# shop's products. The bounds stand on the ids as well, so that other months are not looked at. A touch without an
# advocate is its publication's author's, if that is an advocate by now.
_PATHS = """
SELECT wanted.place, step.id::text, step.kind, step.occurred_at, coalesce(step.advocate_id, author.id),
    step.publication_id, step.is_own, step.shop_id, click.visitor_key, step.link_id
FROM unnest(%(places)s::int[], %(clicks)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
    %(lows)s::uuid[], %(highs)s::uuid[]) AS wanted(place, click, starts, ends, low, high)
JOIN advocates_touch click ON click.id = wanted.click AND click.kind = 'click'
CROSS JOIN LATERAL (
    SELECT click.id, click.kind, click.occurred_at, click.advocate_id, click.publication_id, click.is_own,
        click.shop_id, click.link_id
    UNION ALL
    (SELECT earlier.id, earlier.kind, earlier.occurred_at, earlier.advocate_id, earlier.publication_id,
        earlier.is_own, earlier.shop_id, earlier.link_id
    FROM advocates_touch earlier
    WHERE earlier.visitor_key = click.visitor_key
        AND earlier.occurred_at >= wanted.starts AND earlier.occurred_at < wanted.ends
        AND earlier.id >= wanted.low AND earlier.id < wanted.high AND earlier.id <> click.id
        AND (earlier.shop_id = %(shop)s OR earlier.shop_id IS NULL AND EXISTS (
            SELECT FROM advocates_mention mention JOIN advocates_product product ON product.id = mention.product_id
            WHERE mention.publication_id = earlier.publication_id AND product.shop_id = %(shop)s))
    ORDER BY earlier.occurred_at DESC, earlier.id DESC LIMIT %(longest)s)
) AS step
LEFT JOIN advocates_publication publication ON publication.id = step.publication_id AND step.advocate_id IS NULL
LEFT JOIN advocates_advocate author ON author.user_id = publication.author_id
"""

_OWN_DEVICES = """
SELECT visitor_key, advocate_id FROM advocates_touch
WHERE visitor_key = ANY(%s) AND is_own AND advocate_id IS NOT NULL AND id >= %s AND id < %s
GROUP BY visitor_key, advocate_id
"""


class Step(NamedTuple):
    """One touch of a path, with the advocate whom it may credit."""

    id: str
    kind: str
    occurred_at: datetime
    advocate: int | None
    publication: int | None
    is_own: bool
    shop: int | None
    visitor_key: uuid.UUID | None
    link: int | None = None


class Window(NamedTuple):
    """A sale's place among those that are looked at, and how many days its path goes back."""

    place: int
    sale: Sale
    days: int


def paths_of(*, shop_id: int, windows: Iterable[Window]) -> dict[int, list[Step]]:
    """Place -> the reported click and what its visitor did before; nothing for a click that we do not know.

    What is longer ago than the deal's window comes along, as far as a visitor is known: who came too early is told so.
    """
    wanted = []
    for place, sale, days in windows:
        if sale.click_id is None:
            continue
        end = sale.placed_at + CLOCK_TOLERANCE
        start = end - timedelta(days=max(days, settings.VISITOR_COOKIE_DAYS))
        end += timedelta(microseconds=1)
        # The last millisecond as a whole: ids say no more than that.
        low, high = uuid7_floor(start), uuid7_floor(end + timedelta(milliseconds=1))
        wanted.append((place, sale.click_id, start, end, low, high))
    if not wanted:
        return {}
    names = ("places", "clicks", "starts", "ends", "lows", "highs")
    columns = dict(zip(names, map(_array, zip(*wanted, strict=True)), strict=True))
    paths: dict[int, list[Step]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PATHS, {**columns, "shop": shop_id, "longest": LONGEST_PATH - 1})
        for place, *step in cursor.fetchall():
            paths.setdefault(place, []).append(Step._make(step))
    reported = {place: str(click) for place, click, *_window in wanted}
    return {place: _each_click_once(path, reported[place]) for place, path in paths.items()}


def _array(values: Iterable[int | uuid.UUID | datetime]) -> str:
    """Values that need no quotes, as the database writes an array: the driver would look at each for its type."""
    return f"{{{','.join(map(str, values))}}}"


def _each_click_once(path: list[Step], reported: str) -> list[Step]:
    """The path with one click for those that are the same: the reported one, else the last of them."""
    links = [step.link for step in path if step.link is not None]
    if len(links) == len(set(links)):
        return path
    runs: dict[int, list[list[Step]]] = {}
    for step in sorted(path, key=lambda step: (step.occurred_at, step.id)):
        if step.link is None or step.kind != TouchKind.CLICK:
            continue
        of_link = runs.setdefault(step.link, [])
        if of_link and step.occurred_at - of_link[-1][-1].occurred_at <= SAME_CLICK:
            of_link[-1].append(step)
        else:
            of_link.append([step])
    repeated: set[str] = set()
    for run in (run for of_link in runs.values() for run in of_link):
        ids = [step.id for step in run]
        repeated |= {*ids} - {reported if reported in ids else ids[-1]}
    return [step for step in path if step.id not in repeated]


def own_devices(steps: Iterable[Step]) -> dict[uuid.UUID, set[int]]:
    """Visitor -> the advocates who once clicked a link of their own, logged in, in that browser.

    A browser is known as long as its cookie lives, which is not renewed: that far from its steps, and no further.
    """
    known = {step.visitor_key: step for step in steps if step.visitor_key}
    if not known:
        return {}
    found: dict[uuid.UUID, set[int]] = {}
    moments = [step.occurred_at for step in known.values()]
    days = timedelta(days=settings.VISITOR_COOKIE_DAYS)
    bounds = uuid7_floor(min(moments) - days), uuid7_floor(max(moments) + days)
    with connection.cursor() as cursor:
        cursor.execute(_OWN_DEVICES, [list(known), *bounds])
        for visitor_key, advocate in cursor.fetchall():
            found.setdefault(visitor_key, set()).add(advocate)
    return found


def step_of(touch: Touch) -> Step:
    """A touch that names its advocate, as a step of a path."""
    return Step(
        str(touch.pk),
        touch.kind,
        touch.occurred_at,
        touch.advocate_id,
        touch.publication_id,
        touch.is_own,
        touch.shop_id,
        touch.visitor_key,
    )


def codes_of(reported: Sequence[tuple[int, Sale, int]]) -> dict[int, Code]:
    """Place -> the code that a sale's buyer meant, of those given as (place, sale, programme), in use when it was
    placed.
    """
    found = find_codes(
        programmes={programme for _place, _sale, programme in reported},
        texts={sale.code for _place, sale, _programme in reported},
    )
    codes = {}
    for place, sale, programme in reported:
        code = found.in_use(programme=programme, text=sale.code, at=sale.placed_at)
        if code is not None:
            codes[place] = code
    return codes


def code_touches(used: Sequence[tuple[int, Sale, Code]]) -> dict[int, Step]:
    """Place -> the use of a code as a touch of its own, at the moment of the sale; what is not there is written."""
    if not used:
        return {}
    ids = {
        place: named_uuid7(at=sale.placed_at, name=str(id_for("code", sale))) for place, sale, _code in used
    }
    known = Touch.objects.in_bulk(list(ids.values()))
    fresh = [
        Touch(
            id=ids[place],
            kind=TouchKind.CODE,
            shop_id=sale.shop_id,
            advocate_id=code.enrolment.advocate_id,
            occurred_at=sale.placed_at,
        )
        for place, sale, code in used
        if ids[place] not in known
    ]
    Touch.objects.bulk_create(fresh, ignore_conflicts=True)
    known |= {touch.pk: touch for touch in fresh}
    return {place: step_of(known[pk]) for place, pk in ids.items()}


def id_for(what: str, sale: Sale, *parts: object) -> uuid.UUID:
    """The same row gets the same id whenever and wherever the same report is played."""
    return uuid.uuid5(_IDS, "\n".join(map(str, (what, sale.shop_id, sale.external_id, *parts))))
