"""Where staff read the books: every entry, narrowed down, the newest first. Nobody writes here."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from wagtail.admin.menu import MenuItem

from advocates.ledger_forms import WholeLedgerForm
from advocates.ledgers import with_causes
from advocates.views.ledger import PER_PAGE, number_from
from advocates.views.sheets import sheet
from payouts.ledger_reading import Choice, Row, all_entries, read_entries
from payouts.models import LedgerAccount
from payouts.money import as_decimal

PERMISSION = "payouts.view_ledgerentry"

_may_look = permission_required(PERMISSION, raise_exception=True)


class LedgerMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Ledger"), reverse("ledger"), name="ledger", icon_name="list-ol", order=331
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))


def addresses() -> list[URLPattern]:
    return [path("ledger/", ledger, name="ledger"), path("ledger/ledger.csv", ledger_csv, name="ledger_csv")]


@require_safe
@_may_look
def ledger(request: HttpRequest) -> HttpResponse:
    """Entries of all accounts, or of the one that the address names, with the balance after each."""
    account, form = _account(request), WholeLedgerForm(request.GET)
    is_valid = form.is_valid()
    entries, next_before = [], None
    if is_valid:
        before = number_from(request.GET.get("before", ""))
        piece = read_entries(_choice(form, account, before), limit=PER_PAGE)
        entries = with_causes(
            piece.rows, settlement_url=lambda run, _paper: reverse("settlementrun:inspect", args=[run])
        )
        next_before = piece.next_before
    context = {
        "account": account,
        "form": form,
        "entries": entries,
        "next_before": next_before,
        "is_narrowed": is_valid and any(form.cleaned_data.values()),
    }
    return render(request, "cms/ledger.html", context, status=200 if is_valid else 422)


@require_safe
@_may_look
def ledger_csv(request: HttpRequest) -> HttpResponseBase:
    """The same choice as a file, all of it."""
    account, form = _account(request), WholeLedgerForm(request.GET)
    if not form.is_valid():
        raise Http404
    header = [
        *(_("When"), _("Step"), _("What"), _("Account"), _("Shop"), _("Advocate"), _("Currency")),
        *(_("Debit"), _("Credit"), _("Balance after it"), _("Transaction"), _("Entry")),
    ]
    return sheet(name="ledger", header=header, rows=_cells(all_entries(_choice(form, account, None))))


def _account(request: HttpRequest) -> LedgerAccount | None:
    if not request.GET.get("account"):
        return None
    wanted = number_from(request.GET["account"])
    return get_object_or_404(LedgerAccount.objects.select_related("payer", "payee"), pk=wanted)


def _choice(form: WholeLedgerForm, account: LedgerAccount | None, before: int | None) -> Choice:
    return form.choice(accounts=(account.pk,) if account else None, before=before)


def _cells(rows: Iterable[Row]) -> Iterator[list[object]]:
    for row in rows:
        amount = as_decimal(abs(row.amount_minor), row.currency)
        balance = "" if row.balance_minor is None else as_decimal(row.balance_minor, row.currency)
        yield [
            localtime(row.occurred_at).isoformat(timespec="seconds"),
            row.step_label,
            row.memo,
            row.account_kind,
            row.shop or "",
            row.advocate or "",
            row.currency,
            *((amount, "") if row.amount_minor > 0 else ("", amount)),
            balance,
            row.transaction,
            row.entry,
        ]
