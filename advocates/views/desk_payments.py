"""How a shop pays and as whom, and the Stripe account through which it may sell."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.desk_forms import BillingForm, SettlingForm
from advocates.models import Shop
from advocates.tasks import advance_settlement
from advocates.views.desk import of_shop
from payouts.enums import PayBy
from payouts.exposure import exposure_of, limit_of
from payouts.funding import UnableToCollect, record_payment_method, start_payment_method_setup
from payouts.payers import UnableToSavePayer, set_billing_details
from payouts.schedule import choose_settling, next_settlement_date
from payouts.settlement import runs_under_way


@of_shop
def desk_payments(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The payment method, and what stands on invoices."""
    return _payments_page(request, shop)


@require_POST
@of_shop
def desk_billing(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Store as whom the shop pays."""
    form = BillingForm(request.POST)
    if form.is_valid():
        try:
            set_billing_details(payer=shop.payer, **form.cleaned_data)
        except UnableToSavePayer as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved. Invoices and statements from now on use this."))
            return redirect("advocates:desk_payments", shop.slug)
    return _payments_page(request, shop, form=form, status=422)


@require_POST
@of_shop
def desk_settling(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Store whether settlements wait for approval, and how they are paid."""
    form = SettlingForm(request.POST)
    if form.is_valid():
        choose_settling(
            payer=shop.payer,
            is_automatic=form.cleaned_data["is_automatic"],
            pays_by=PayBy(form.cleaned_data["pays_by"]),
            at=timezone.now(),
        )
        messages.success(request, _("Saved. Settlements from now on go like this."))
        return redirect("advocates:desk_payments", shop.slug)
    return _payments_page(request, shop, settling=form, status=422)


@require_POST
@of_shop
def desk_payment_method(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Go to Stripe's page where the shop saves how it pays."""
    done_url = request.build_absolute_uri(reverse("advocates:desk_payment_method_done", args=[shop.slug]))
    back_url = request.build_absolute_uri(reverse("advocates:desk_payments", args=[shop.slug]))
    try:
        address = start_payment_method_setup(
            payer=shop.payer,
            # Stripe fills the id in; encoded braces it would not know.
            success_url=f"{done_url}?session={{CHECKOUT_SESSION_ID}}",
            cancel_url=back_url,
            at=timezone.now(),
        )
    except UnableToCollect as error:
        messages.error(request, str(error))
        return redirect("advocates:desk_payments", shop.slug)
    return redirect(address)


@of_shop
def desk_payment_method_done(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Back from Stripe: store the payment method; what waited for one goes on."""
    try:
        record_payment_method(
            payer=shop.payer, session_id=request.GET.get("session", "")[:255], at=timezone.now()
        )
    except UnableToCollect as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved: this is how you pay from now on."))
        for run in runs_under_way(at=timezone.now()).filter(payer=shop.payer):
            advance_settlement.enqueue(run.pk)
    return redirect("advocates:desk_payments", shop.slug)


def _payments_page(
    request: HttpRequest,
    shop: Shop,
    *,
    form: BillingForm | None = None,
    settling: SettlingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    payer, at = shop.payer, timezone.now()
    if settling is None:
        settling = SettlingForm(
            initial={"is_automatic": "yes" if payer.is_automatic else "no", "pays_by": payer.pays_by}
        )
    if form is None:
        form = BillingForm(initial={name: getattr(payer, name) for name in BillingForm.base_fields})
    context = {
        "shop": shop,
        "payer": payer,
        "form": form,
        "settling": settling,
        "next_date": payer.next_run_date or next_settlement_date(after=timezone.localdate(at)),
        "limit_minor": limit_of(payer=payer, currency=shop.currency),
        "exposure_minor": exposure_of(payer=payer, currency=shop.currency, at=at),
    }
    return render(request, "desk/payments.html", context, status=status)
