"""Files of till sales: sent, looked at, and taken in."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.models import SaleUpload, Shop
from advocates.sale_files import Reading, read_sales, wrong_rows_file
from advocates.sale_sheets import MOST_ROWS, UnableToReadSales, template_file
from advocates.sale_uploads import confirm_upload, keep_upload
from advocates.sales import SaleReport
from advocates.source_forms import SaleFileForm
from advocates.tasks import take_in_sale_file
from advocates.views.desk import of_shop, page_of, person

_SHOWN = 50
_LARGEST_ID = 2**63 - 1
#: A file that is not taken in by then has lost its worker: it may be begun again.
_TAKES = timedelta(minutes=10)


@of_shop
def desk_upload_new(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Send a file; nothing of it counts before somebody has looked at it."""
    form = SaleFileForm(request.POST, request.FILES) if request.method == "POST" else SaleFileForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = keep_upload(
                shop=shop, file_name=file.name, content=file.read(), by=person(request), at=timezone.now()
            )
        except UnableToReadSales as error:
            form.add_error("file", str(error))
        else:
            return redirect("advocates:desk_upload", shop.slug, upload.pk)
    uploads = shop.sale_uploads.exclude(confirmed_at=None).defer("content").select_related("uploaded_by")
    context = {"shop": shop, "form": form, "page_of_uploads": page_of(request, uploads), "most": MOST_ROWS}
    return render(request, "desk/upload_new.html", context, status=422 if form.is_bound else 200)


@of_shop
def desk_upload(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """What would come of a file, what is coming of it, or what came of it."""
    upload = _upload(shop, pk)
    context = {
        "shop": shop,
        "upload": upload,
        "is_running": upload.confirmed_at is not None and upload.applied_at is None,
        "has_errors_file": upload.applied_at is not None and bool(upload.content),
        "sent_before": _sent_before(upload),
    }
    if upload.confirmed_at is None:
        reading = _reading(upload)
        context |= {
            "reading": reading,
            "wrong": reading.wrong_rows[:_SHOWN] if reading else [],
            "new": [(one, _paid(one)) for one in reading.new_orders[:_SHOWN]] if reading else [],
        }
    template = "desk/upload.html#result" if request.headers.get("HX-Request") else "desk/upload.html"
    return render(request, template, context)


@require_POST
@of_shop
def desk_upload_confirm(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:  # noqa: ARG001 -- the door's
    """Take the right rows in; a worker does it, and the page tells how it goes."""
    upload = _upload(shop, pk)
    at = timezone.now()
    is_stuck = (
        upload.applied_at is None and upload.confirmed_at is not None and upload.confirmed_at < at - _TAKES
    )
    if confirm_upload(upload=upload, at=at) or is_stuck:
        take_in_sale_file.enqueue(upload.pk)
    return redirect("advocates:desk_upload", shop.slug, upload.pk)


@of_shop
def desk_upload_errors(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """The rows that are wrong, to be mended and sent again."""
    upload = _upload(shop, pk)
    if upload.applied_at is not None:
        text = bytes(upload.content).decode()
    else:
        reading = _reading(upload)
        text = wrong_rows_file(reading) if reading else ""
    if not text:
        messages.error(request, _("There are no wrong rows, or they were kept long enough."))
        return redirect("advocates:desk_upload", shop.slug, upload.pk)
    return _file(text, f"{shop.slug}-{upload.pk}-{_('mend')}.csv")


@of_shop
def desk_upload_template(request: HttpRequest, shop: Shop) -> HttpResponse:  # noqa: ARG001 -- the door's
    """A file to begin with."""
    return _file(template_file(), f"{shop.slug}-{_('sales')}.csv")


def _upload(shop: Shop, pk: int) -> SaleUpload:
    return get_object_or_404(SaleUpload.objects.select_related("shop"), pk=min(pk, _LARGEST_ID), shop=shop)


def _reading(upload: SaleUpload) -> Reading | None:
    """What the file says; None where it is no longer here."""
    try:
        return read_sales(shop=upload.shop, content=bytes(upload.content), at=timezone.now())
    except UnableToReadSales:
        return None


def _sent_before(upload: SaleUpload) -> SaleUpload | None:
    same = SaleUpload.objects.filter(shop=upload.shop, sha256=upload.sha256, pk__lt=upload.pk)
    return same.exclude(applied_at=None).defer("content").first()


def _paid(report: SaleReport) -> int:
    return sum(line.gross_minor - line.discount_minor for line in report.lines)


def _file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer
