"""A programme's budget: what is set aside, what of it is promised and paid, and each step it went through."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.deal_forms import BudgetForm
from advocates.models import Programme, Shop
from advocates.programmes import fund_programme, latest_programme_of
from advocates.views.desk import of_shop, page_of, person
from payouts.budgets import Standing, UnableToFund, standing_of, withdraw_from_budget
from payouts.models import BudgetMovement
from payouts.money import BPS, allocate, format_minor

#: With less than this part of the budget left the page warns.
_LOW_BPS = 1000


@of_shop
def desk_budget(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The budget of the desk's programme, the forms that change it, and its movements."""
    return _page(request, shop, latest_programme_of(shop=shop))


@require_POST
@of_shop
def desk_budget_fund(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Set an amount aside."""

    def fund(programme: Programme, amount_minor: int) -> str:
        fund_programme(programme=programme, amount_minor=amount_minor, by=person(request), at=timezone.now())
        return _("%(amount)s is set aside.") % {"amount": format_minor(amount_minor, shop.currency)}

    return _change(request, shop, fund, is_funding=True)


@require_POST
@of_shop
def desk_budget_withdraw(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Take out what no commission has taken."""

    def withdraw(programme: Programme, amount_minor: int) -> str:
        if programme.budget is None:
            raise UnableToFund(_("Nothing is set aside yet."))
        withdraw_from_budget(
            budget=programme.budget, amount_minor=amount_minor, by=person(request), at=timezone.now()
        )
        return _("%(amount)s is taken out.") % {"amount": format_minor(amount_minor, shop.currency)}

    return _change(request, shop, withdraw, is_funding=False)


def _change(
    request: HttpRequest, shop: Shop, change: Callable[[Programme, int], str], *, is_funding: bool
) -> HttpResponse:
    programme = latest_programme_of(shop=shop)
    if programme is None:
        return redirect("advocates:desk_budget", shop.slug)
    form = BudgetForm(request.POST, auto_id="fund_%s" if is_funding else "withdraw_%s")
    if form.is_valid():
        try:
            done = change(programme, form.cleaned_data["amount_minor"])
        except UnableToFund as error:
            form.add_error("amount_minor", str(error))
        else:
            messages.success(request, done)
            return redirect("advocates:desk_budget", shop.slug)
    if is_funding:
        return _page(request, shop, programme, fund_form=form, status=422)
    return _page(request, shop, programme, withdraw_form=form, status=422)


def _page(
    request: HttpRequest,
    shop: Shop,
    programme: Programme | None,
    *,
    fund_form: BudgetForm | None = None,
    withdraw_form: BudgetForm | None = None,
    status: int = 200,
) -> HttpResponse:
    budget = programme.budget if programme else None
    standing = standing_of(budget) if budget else None
    # A share and a bonus look back at their commission: what a movement was for is one query away, not fifty.
    movements = BudgetMovement.objects.filter(budget=budget).select_related(
        "by", "commission__payee", "commission__share", "commission__bonus__sale"
    )
    context: dict[str, Any] = {
        "shop": shop,
        "programme": programme,
        "budget": budget,
        "standing": standing,
        "slices": _slices(standing, shop.currency) if standing else [],
        "is_low": standing is not None and standing.left_minor * BPS <= standing.funded_minor * _LOW_BPS,
        "page_of_movements": page_of(request, movements.order_by("-pk")),
        "fund_form": fund_form or BudgetForm(auto_id="fund_%s"),
        "withdraw_form": withdraw_form or BudgetForm(auto_id="withdraw_%s"),
    }
    return render(request, "desk/budget.html", context, status=status)


def _slices(standing: Standing, currency: str) -> list[dict[str, Any]]:
    """The bar: what of the budget is spent, reserved and left, in parts of the whole."""
    amounts = [standing.spent_minor, standing.reserved_minor, standing.left_minor]
    widths = allocate(BPS, amounts) if any(amounts) else [0, 0, BPS]
    labels = [_("Spent"), _("Reserved"), _("Left")]
    return [
        {"label": label, "bps": width, "amount": format_minor(amount, currency)}
        for label, width, amount in zip(labels, widths, amounts, strict=True)
    ]
