"""Reports that were not taken in: kept with the reason, shown to the shop with what to do, and put aside by it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from advocates.bodies import digest_of
from advocates.models import RefusedReport, Sale, Shop

_LONGEST_NUMBER, _LONGEST_EXPLANATION = 100, 500


@transaction.atomic
def refuse_report(
    *,
    shop: Shop,
    source: str,
    external_id: str,
    problem: str,
    explanation: str,
    body: dict[str, Any],
    at: datetime,
    sale: Sale | None = None,
) -> RefusedReport:
    """Keep a report that was not taken in; the same one again, from the same source, is the row that is there.

    `body` holds no address of a buyer. One that was put aside stays there: it came before, and somebody saw it.
    """
    report, _is_new = RefusedReport.objects.get_or_create(
        shop=shop,
        source=source,
        digest=digest_of(body),
        defaults={
            "external_id": external_id[:_LONGEST_NUMBER],
            "problem": problem,
            "explanation": explanation[:_LONGEST_EXPLANATION],
            "sale": sale,
            "body": body,
            "received_at": at,
        },
    )
    return report


def settle_report(*, report: RefusedReport, at: datetime) -> bool:
    """Put a report aside: somebody has seen it; False where that was done before."""
    # A condition in the update: two who press at once, one does it.
    return bool(RefusedReport.objects.filter(pk=report.pk, settled_at=None).update(settled_at=at))


def open_count(*, shop: Shop) -> int:
    """How many reports of this shop wait to be looked at."""
    return RefusedReport.objects.filter(shop=shop, settled_at=None).count()
