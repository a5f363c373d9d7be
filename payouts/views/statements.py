"""The advocate's documents: her payouts with their statements and invoices, each as a file, and her years."""

import csv
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from payouts.cells import as_words
from payouts.enums import PayoutState, StatementForm
from payouts.forms import DisputeForm
from payouts.models import Payee, Payout, Statement
from payouts.statement_disputes import UnableToDispute, can_dispute, dispute_of, dispute_statement
from payouts.statement_files import CONTENT_TYPES, UnableToMake, file_of
from payouts.statement_pages import page_of_statement
from payouts.tax_reports import FIRST_YEAR, LAST_YEAR, overview_csv, overview_of, overview_pdf, years_of
from payouts.write_offs import debts_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from community.models import User

_PER_PAGE = 50


@login_required
def statements(request: HttpRequest) -> HttpResponse:
    """One's payouts, the newest first, each with its document when it was sent."""
    mine = Payout.objects.filter(payee__user=request.user.pk).exclude(state=PayoutState.VOID)
    listed = mine.select_related("statement", "run__payer").prefetch_related("credit_notes")
    page = Paginator(listed.order_by("-created_at", "-pk"), _PER_PAGE).get_page(request.GET.get("page", "1"))
    payee = Payee.objects.filter(user=request.user.pk).first()
    context = {
        "page_of_payouts": page,
        "years": years_of(payee) if payee else [],
        "debts": debts_of(payee=payee) if payee else [],
    }
    return render(request, "payouts/statements.html", context)


@login_required
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """One document, as it was issued; for its payee and staff. The shop reads it at its desk."""
    return _statement_page(request, _readable(request, pk))


@login_required
def statement_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The document as a file."""
    shown = _readable(request, pk)
    try:
        return document_response(shown, form)
    except UnableToMake as error:
        messages.error(request, str(error))
        return redirect("payouts:statement", shown.pk)


@login_required
@require_POST
def statement_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one's document is not right; nobody else may, staff neither."""
    shown = get_object_or_404(_all(), pk=pk, payee__user=request.user.pk)
    form = DisputeForm(request.POST)
    if form.is_valid():
        try:
            dispute_statement(
                statement=shown,
                reason=form.cleaned_data["text"],
                by=cast("User", request.user),
                at=timezone.now(),
            )
        except UnableToDispute as error:
            form.add_error("text", str(error))
        else:
            messages.success(request, _("Said. The shop reads it and answers you here."))
            return redirect("payouts:statement", shown.pk)
    return _statement_page(request, shown, form=form)


@login_required
def year_file(request: HttpRequest, year: int, form: str) -> HttpResponse:
    """One's overview of a year, as PDF or CSV."""
    payee = get_object_or_404(Payee, user=request.user.pk)
    if not FIRST_YEAR <= year <= LAST_YEAR or form not in {"pdf", "csv"}:
        raise Http404
    overview = overview_of(payee, year=year)
    if not overview.documents:
        raise Http404
    if form == "csv":
        return csv_response(f"{year}", *overview_csv(overview))
    return _private(
        HttpResponse(overview_pdf(overview, language=get_language() or "en"), content_type="application/pdf"),
        f"{year}.pdf",
    )


def document_response(document: Statement, form: str) -> HttpResponse:
    """The file of a document that somebody may read. Raises UnableToMake, and Http404 for a form there is none of."""
    if form not in StatementForm.values:
        raise Http404
    kind = StatementForm(form)
    content = file_of(statement=document, form=kind, at=timezone.now())
    return _private(HttpResponse(content, content_type=CONTENT_TYPES[kind]), f"{document.number}.{form}")


def csv_response(name: str, header: list[str], rows: list[list[str]]) -> HttpResponse:
    """A table as a file that a spreadsheet opens."""
    response = HttpResponse("﻿", content_type="text/csv; charset=utf-8")
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([as_words(cell) for cell in row] for row in rows)
    return _private(response, f"{name}.csv")


def _private(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _all() -> "QuerySet[Statement]":
    return Statement.objects.select_related(
        "payee", "payer", "refers_to", "payout__transfer", "carried_by", "collection"
    )


def _readable(request: HttpRequest, pk: int) -> Statement:
    readable = _all()
    if not request.user.is_staff:
        readable = readable.filter(payee__user=request.user.pk)
    return get_object_or_404(readable, pk=pk)


def _statement_page(
    request: HttpRequest, shown: Statement, *, form: DisputeForm | None = None
) -> HttpResponse:
    is_mine = shown.payee is not None and shown.payee.user_id == request.user.pk
    at = timezone.now()
    context = {
        **page_of_statement(shown),
        "is_mine": is_mine,
        "dispute": dispute_of(shown),
        "dispute_form": (form or DisputeForm()) if is_mine and can_dispute(shown, at=at) else form,
    }
    return render(request, "payouts/statement.html", context, status=422 if form else 200)
