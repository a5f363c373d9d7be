"""Programmes: a shop's standing invitation to advocates."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from advocates.enums import ProgrammeState
from advocates.models import Deal, Programme, Shop
from advocates.refusals import Refusal
from payouts.budgets import create_budget, fund_budget
from payouts.models import BudgetMovement

if TYPE_CHECKING:
    from community.models import User

_LIMITS = {"name": 80, "description": 3000}


class UnableToChangeProgramme(Refusal):
    """The programme cannot be made or changed so; `errors` says why, per field or under ""."""


def create_programme(*, shop: Shop, name: str, description: str = "", at: datetime) -> Programme:
    """A programme in draft: nobody can join before it has terms and is opened."""
    values = _checked(name=name, description=description)
    return Programme.objects.create(shop=shop, state=ProgrammeState.DRAFT, created_at=at, **values)


def change_programme(*, programme: Programme, name: str, description: str) -> Programme:
    """Change what the programme says of itself; its terms are its deals'."""
    values = _checked(name=name, description=description)
    programme.name, programme.description = values["name"], values["description"]
    programme.save(update_fields=["name", "description"])
    return programme


def open_programme(*, programme: Programme, at: datetime) -> Programme:
    """Let advocates ask to join. It needs terms in force; a shop has one open programme at a time."""
    if Deal.objects.in_force(programme, at=at) is None:
        raise UnableToChangeProgramme(_("Write the terms first: nobody can join without them."))
    try:
        with transaction.atomic():
            Programme.objects.filter(pk=programme.pk).update(
                state=ProgrammeState.OPEN, opened_at=Coalesce("opened_at", Value(at)), closed_at=None
            )
    except IntegrityError:
        raise UnableToChangeProgramme(
            _("Another programme of %(shop)s is open. Close that one first.") % {"shop": programme.shop.name}
        ) from None
    programme.refresh_from_db()
    return programme


def close_programme(*, programme: Programme, at: datetime) -> Programme:
    """Take nobody in any more. Sales from `at` on earn nothing; those before it do, also if reported later."""
    Programme.objects.filter(pk=programme.pk, state=ProgrammeState.OPEN).update(
        state=ProgrammeState.CLOSED, closed_at=at
    )
    programme.refresh_from_db()
    return programme


@transaction.atomic
def fund_programme(
    *, programme: Programme, amount_minor: int, by: "User | None", at: datetime
) -> BudgetMovement:
    """Set money aside for the programme's commissions, or more of it: from then on its budget is its limit.

    Raises payouts.budgets.UnableToFund for an amount that cannot be set aside.
    """
    # Two people who fund it for the first time at once make one budget.
    row = Programme.objects.select_for_update(of=("self",)).select_related("shop__payer").get(pk=programme.pk)
    if row.budget is None:
        row.budget = create_budget(payer=row.shop.payer, currency=row.shop.currency, at=at)
        row.save(update_fields=["budget"])
    programme.budget = row.budget
    return fund_budget(budget=row.budget, amount_minor=amount_minor, by=by, at=at)


def open_programme_of(*, shop: Shop) -> Programme | None:
    """The programme that takes advocates in now."""
    return Programme.objects.filter(shop=shop, state=ProgrammeState.OPEN).select_related("budget").first()


def latest_programme_of(*, shop: Shop) -> Programme | None:
    """The programme that a shop's desk speaks of: the open one, else the latest."""
    mine = Programme.objects.filter(shop=shop).select_related("shop", "budget").order_by("-pk")
    return mine.filter(state=ProgrammeState.OPEN).first() or mine.first()


def _checked(*, name: str, description: str) -> dict[str, str]:
    values = {"name": " ".join(name.split()), "description": description.strip()}
    errors: dict[str, list[str]] = {}
    if not values["name"]:
        errors["name"] = [_("Give the programme a name.")]
    for field, value in values.items():
        if len(value) > _LIMITS[field]:
            errors[field] = [_("Use at most %(limit)d characters.") % {"limit": _LIMITS[field]}]
    if errors:
        raise UnableToChangeProgramme(errors)
    return values
