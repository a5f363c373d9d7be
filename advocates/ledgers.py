"""What caused the entries of a ledger, as links for who reads them: a share, a settlement, a statement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from advocates.models import Share
from payouts.ledger_reading import Row
from payouts.models import Collection, Payout

#: Where a reader sees a settlement: of the run and, where there is one, the statement of the payout. "" for nowhere.
type SettlementUrl = Callable[[int, int | None], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a ledger with what caused it; `url` is empty where the reader has no page about that."""

    row: Row
    cause: str
    url: str


def with_causes(rows: Sequence[Row], *, settlement_url: SettlementUrl) -> list[Entry]:
    """Each row with its cause, in three queries however many rows there are."""
    shares = _shares({row.commission_id for row in rows if row.commission_id})
    payouts = Payout.objects.filter(pk__in={row.payout_id for row in rows if row.payout_id})
    runs = {pk: (run, paper) for pk, run, paper in payouts.values_list("pk", "run", "statement__pk")}
    collections = Collection.objects.filter(pk__in={row.collection_id for row in rows if row.collection_id})
    collected = dict(collections.values_list("pk", "run"))
    entries = []
    for row in rows:
        url = ""
        run, paper = runs.get(row.payout_id or 0, (collected.get(row.collection_id or 0), None))
        if row.commission_id in shares:
            url = reverse("advocates:share", args=[shares[row.commission_id]])
        elif run is not None:
            url = settlement_url(run, paper)
        cause = _("Settlement %(number)d") % {"number": run} if run is not None else row.memo
        entries.append(Entry(row, cause or row.step_label, url))
    return entries


def _shares(commissions: set[int]) -> dict[int, object]:
    """Commission -> the share that it is owed for; also of one that another commission restores."""
    found = dict(Share.objects.filter(commission__in=commissions).values_list("commission", "pk"))
    restored = Share.objects.filter(commission__restores__in=commissions)
    return found | dict(restored.annotate(first=F("commission__restores")).values_list("first", "pk"))
