"""A shop's documents: what it was invoiced, what its advocates disputed, and the data sets for the tax office."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.desk_forms import ReportingForm
from advocates.models import Shop
from advocates.views.desk import of_shop, page_of, person
from payouts.forms import DisputeForm
from payouts.models import Statement
from payouts.payers import set_reporting
from payouts.statement_disputes import UnableToDispute, answer_dispute, dispute_of
from payouts.statement_files import UnableToMake
from payouts.statement_pages import page_of_statement
from payouts.tax_reports import FIRST_YEAR, LAST_YEAR, dac7_table, ib47_table
from payouts.views.statements import csv_response, document_response


@of_shop
def desk_invoices(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Every document between this shop and its advocates or the platform, the newest first."""
    listed = shop.payer.statements.select_related("payee", "dispute").order_by("-issued_at", "-pk")
    last_year = timezone.localdate().year
    context = {
        "shop": shop,
        "payer": shop.payer,
        "page_of_documents": page_of(request, listed),
        "form": ReportingForm(
            initial={
                "reports_ib47": shop.payer.reports_ib47,
                "reports_dac7": shop.payer.reports_dac7,
            }
        ),
        "years": [last_year, last_year - 1],
    }
    return render(request, "desk/invoices.html", context)


@of_shop
def desk_invoice(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One document; a POST answers what its advocate disputed."""
    document = _document(shop, pk)
    dispute = dispute_of(document)
    form = DisputeForm(request.POST if request.method == "POST" else None, label=_("Your answer"))
    if request.method == "POST":
        if dispute is None:
            raise Http404
        if form.is_valid():
            try:
                answer_dispute(
                    dispute=dispute, answer=form.cleaned_data["text"], by=person(request), at=timezone.now()
                )
            except UnableToDispute as error:
                form.add_error("text", str(error))
            else:
                messages.success(request, _("Answered. The advocate reads it with the document."))
                return redirect("advocates:desk_invoice", shop.slug, document.pk)
    context = {"shop": shop, "dispute": dispute, "form": form, **page_of_statement(document)}
    return render(request, "desk/invoice.html", context, status=422 if form.errors else 200)


@of_shop
def desk_invoice_file(request: HttpRequest, shop: Shop, pk: int, kind: str) -> HttpResponse:
    """The document as a file."""
    document = _document(shop, pk)
    try:
        return document_response(document, kind)
    except UnableToMake as error:
        messages.error(request, str(error))
        return redirect("advocates:desk_invoice", shop.slug, document.pk)


@require_POST
@of_shop
def desk_reporting(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Switch the data sets for the tax office on or off."""
    form = ReportingForm(request.POST)
    if form.is_valid():
        set_reporting(payer=shop.payer, **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect("advocates:desk_invoices", shop.slug)


@of_shop
def desk_report(request: HttpRequest, shop: Shop, kind: str, year: int) -> HttpResponse:  # noqa: ARG001
    """A data set for the tax office as a file; not there until it is switched on."""
    tables = {
        "ib47": (shop.payer.reports_ib47, ib47_table),
        "dac7": (shop.payer.reports_dac7, dac7_table),
    }
    is_on, table = tables.get(kind, (False, ib47_table))
    if not is_on or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return csv_response(f"{kind}-{shop.slug}-{year}", *table(payer=shop.payer, year=year))


def _document(shop: Shop, pk: int) -> Statement:
    rows = shop.payer.statements.select_related(
        "payee", "payer", "refers_to", "payout__transfer", "carried_by", "collection"
    )
    return get_object_or_404(rows, pk=pk)
