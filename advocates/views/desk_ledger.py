"""A shop's own accounts in the books: what it owes and what it has paid ahead, entry by entry."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from advocates.models import Shop
from advocates.views.desk import of_shop
from advocates.views.ledger import ledger_file, ledger_page
from payouts.ledger_reading import accounts_of_payer


@of_shop
def desk_ledger(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The entries of one account, the newest first, with the balance after each."""
    return ledger_page(
        request,
        "desk/ledger.html",
        accounts=list(accounts_of_payer(shop.payer)),
        settlement_url=lambda run, _paper: reverse("advocates:desk_run", args=[shop.slug, run]),
        context={"shop": shop},
    )


@of_shop
def desk_ledger_csv(request: HttpRequest, shop: Shop) -> HttpResponseBase:
    """The same as a file, all of it."""
    return ledger_file(request, accounts=list(accounts_of_payer(shop.payer)))
