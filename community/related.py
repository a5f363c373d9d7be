"""What goes with something: boards that share its products and themes, and something quite different for once.

Each question looks at a bounded number of rows, however popular a product or theme is.
"""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from advocates.enums import PublicationKind
from advocates.models import Publication
from advocates.querysets import Viewer
from community.mutes import unwanted_by

#: Of a publication's products, those that stand first count; of the boards with each, as many as these.
_PRODUCTS_COUNTED, _BOARDS_PER_PRODUCT = 30, 100
_BOARDS_OF_THEMES = 60
_SURPRISE_DAYS = 365
_SURPRISES = 12

#: Per product a bounded look into the index of its mentions.
_WITH_SAME_PRODUCTS = """
SELECT other.publication_id, count(*)
FROM (
    SELECT product_id FROM advocates_mention WHERE publication_id = %s ORDER BY position LIMIT %s
) AS own
CROSS JOIN LATERAL (
    SELECT publication_id FROM advocates_mention
    WHERE advocates_mention.product_id = own.product_id AND publication_id <> %s
    LIMIT %s
) AS other
GROUP BY other.publication_id
ORDER BY count(*) DESC, other.publication_id DESC
LIMIT %s
"""


def related_boards(*, publication: Publication, viewer: Viewer, most: int) -> list[Publication]:
    """Public boards most like this publication: shared products weigh most, then shared themes, then the newest."""
    shared = _with_same_products(publication)
    boards = (
        Publication.objects.listed()
        .filter(kind=PublicationKind.BOARD)
        .exclude(pk=publication.pk)
        .not_by(unwanted_by(viewer))
    )
    candidates = list(_facts(boards.filter(pk__in=shared)))
    if publication.theme_slugs:
        alike = boards.filter(theme_slugs__overlap=publication.theme_slugs)
        candidates += list(_facts(alike.order_by("-published_at", "-pk")[:_BOARDS_OF_THEMES]))
    own = set(publication.theme_slugs)
    weights = {
        pk: (shared.get(pk, 0), len(own.intersection(slugs)), published_at, pk)
        for pk, slugs, published_at in candidates
    }
    chosen = sorted(weights, key=lambda pk: weights[pk], reverse=True)[:most]
    found = {one.pk: one for one in Publication.objects.filter(pk__in=chosen).for_cards().defer("search")}
    return [found[pk] for pk in chosen]


def surprise(*, viewer: Viewer, at: datetime) -> Publication | None:
    """A public board or story of the last year, by chance; None where there is none.

    It is looked for around a random moment, in the index of the newest, and drawn from the few that stand there.
    """
    shown = (
        Publication.objects.listed()
        .exclude(kind=PublicationKind.ANSWER)
        .not_by(unwanted_by(viewer))
        .filter(published_at__gt=at - timedelta(days=_SURPRISE_DAYS), published_at__lte=at)
    )
    oldest = shown.order_by("published_at", "pk").values_list("published_at", flat=True).first()
    if oldest is None:
        return None
    # No secret hangs on it: any generator will do.
    moment = oldest + (at - oldest) * random.random()
    before = list(shown.filter(published_at__lte=moment).order_by("-published_at", "-pk")[:_SURPRISES])
    after = list(shown.filter(published_at__gt=moment).order_by("published_at", "pk")[:_SURPRISES])
    chosen: Publication = random.choice(before + after)
    return chosen


def _with_same_products(publication: Publication) -> Counter[int]:
    limits = [publication.pk, _PRODUCTS_COUNTED, publication.pk, _BOARDS_PER_PRODUCT, _BOARDS_PER_PRODUCT]
    with connection.cursor() as cursor:
        cursor.execute(_WITH_SAME_PRODUCTS, limits)
        return Counter(dict(cursor.fetchall()))


def _facts(boards: Any) -> Any:
    return boards.values_list("pk", "theme_slugs", "published_at")
