"""An advocate's own accounts in the books: what each shop holds, owes and has on its way, entry by entry."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from advocates.views.desk import person
from advocates.views.ledger import ledger_file, ledger_page
from payouts.ledger_reading import accounts_of_payee
from payouts.models import LedgerAccount, Payee


@login_required
def studio_ledger(request: HttpRequest) -> HttpResponse:
    """The entries of one account, the newest first, with the balance after each."""
    return ledger_page(
        request,
        "advocates/ledger.html",
        accounts=_accounts(request),
        settlement_url=lambda _run, paper: (
            reverse("payouts:statement", args=[paper]) if paper else reverse("payouts:statements")
        ),
        context={},
    )


@login_required
def studio_ledger_csv(request: HttpRequest) -> HttpResponseBase:
    """The same as a file, all of it."""
    return ledger_file(request, accounts=_accounts(request))


def _accounts(request: HttpRequest) -> list[LedgerAccount]:
    payee = Payee.objects.filter(user=person(request)).first()
    return list(accounts_of_payee(payee)) if payee else []
