"""What the pages of a ledger have in common, whoever reads them: one account at a time, and as a file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.ledger_forms import LedgerForm
from advocates.ledgers import SettlementUrl, with_causes
from advocates.views.sheets import sheet
from payouts.ledger_reading import Row, all_entries, read_entries
from payouts.models import LedgerAccount
from payouts.money import as_decimal

PER_PAGE = 50
_LONGEST_ID = 18


def ledger_page(
    request: HttpRequest,
    template: str,
    *,
    accounts: Sequence[LedgerAccount],
    settlement_url: SettlementUrl,
    context: dict[str, Any],
) -> HttpResponse:
    """One of the reader's own accounts, the first unless the address names another one; 404 for anybody else's."""
    account = _chosen(request, accounts)
    form = LedgerForm(request.GET)
    is_valid = form.is_valid()
    entries, next_before = [], None
    if account is not None and is_valid:
        piece = read_entries(
            form.choice(accounts=(account.pk,), before=number_from(request.GET.get("before", ""))),
            limit=PER_PAGE,
        )
        entries, next_before = with_causes(piece.rows, settlement_url=settlement_url), piece.next_before
    shown = {
        **context,
        "accounts": accounts,
        "account": account,
        "form": form,
        "entries": entries,
        "next_before": next_before,
        "is_narrowed": is_valid and any(form.cleaned_data.values()),
    }
    return render(request, template, shown, status=200 if is_valid else 422)


def ledger_file(request: HttpRequest, *, accounts: Sequence[LedgerAccount]) -> HttpResponseBase:
    """The account that the page shows, with the same choice, as a file."""
    account, form = _chosen(request, accounts), LedgerForm(request.GET)
    if account is None or not form.is_valid():
        raise Http404
    header = [_("When"), _("Step"), _("What"), _("Currency"), _("Amount"), _("Balance after it"), _("Entry")]
    return sheet(
        name=f"ledger-{account.kind.replace(':', '-')}",
        header=header,
        rows=_cells(all_entries(form.choice(accounts=(account.pk,)))),
    )


def number_from(text: str) -> int | None:
    """The id in an address; None for what is none."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID
    return int(text) if is_number else None


def _chosen(request: HttpRequest, accounts: Sequence[LedgerAccount]) -> LedgerAccount | None:
    if "account" not in request.GET:
        return accounts[0] if accounts else None
    wanted = number_from(request.GET["account"])
    found = next((one for one in accounts if one.pk == wanted), None)
    if found is None:
        raise Http404
    return found


def _cells(rows: Iterable[Row]) -> Iterator[list[object]]:
    for row in rows:
        yield [
            localtime(row.occurred_at).isoformat(timespec="seconds"),
            row.step_label,
            row.memo,
            row.currency,
            as_decimal(row.shown_minor, row.currency),
            as_decimal(row.shown_balance_minor or 0, row.currency),
            row.entry,
        ]
