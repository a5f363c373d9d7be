"""Deals: the versioned terms under which a shop shares what it earns."""

from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.models import Deal, DealBonus, DealRate, DealTier, Programme, Shop
from advocates.refusals import Refusal
from advocates.term_sentences import terms_sentences
from advocates.terms import (
    COLUMNS,
    NOTICE_DAYS,
    BonusTerm,
    RateTerm,
    Terms,
    TierTerm,
    category_path,
    notice_days_for,
    terms_errors,
    terms_of,
)

__all__ = [
    "NOTICE_DAYS",
    "BonusTerm",
    "DealsOverTime",
    "RateTerm",
    "Terms",
    "TierTerm",
    "UnableToPublishDeal",
    "deal_in_force",
    "notice_days_for",
    "publish_deal",
    "terms_errors",
    "terms_of",
    "terms_sentences",
]


class UnableToPublishDeal(Refusal):
    """The terms cannot be published; `errors` says why, per field of `Terms`, `valid_from` or ""."""


def publish_deal(
    *,
    programme: Programme,
    terms: Terms,
    valid_from: datetime | None = None,
    by: AbstractBaseUser,
    at: datetime,
) -> Deal:
    """Write the next version of a programme's terms; earlier versions and the sales made under them stay.

    `valid_from` None means as soon as may be: the first version at once, a later one after the notice that
    `notice_days_for` asks. `by` is a member of the shop. Raises UnableToPublishDeal, with errors per field.
    """
    with transaction.atomic(durable=True):
        # The version number is decided from the ones that are there, so one publication at a time looks at them.
        locked = Programme.objects.select_for_update(of=("self",)).select_related("shop").get(pk=programme.pk)
        errors = terms_errors(terms=terms, shop=locked.shop)
        if not locked.shop.memberships.filter(user=by.pk).exists():
            errors[""] = [_("Only people of %(shop)s may write its terms.") % {"shop": locked.shop.name}]
        if errors:
            raise UnableToPublishDeal(errors)
        earlier = list(Deal.objects.filter(programme=locked).with_terms())
        start = _start_of(terms, earlier=earlier, wanted=valid_from, at=at)
        deal: Deal = Deal.objects.create(
            programme=locked,
            version=max((deal.version for deal in earlier), default=0) + 1,
            valid_from=start,
            created_by_id=by.pk,
            created_at=at,
            **{name: getattr(terms, name) for name in COLUMNS},
        )
        _write_rows(deal, terms)
        return deal


def _write_rows(deal: Deal, terms: Terms) -> None:
    DealRate.objects.bulk_create(
        DealRate(
            deal=deal, product=rate.product, category=category_path(rate.category), rate_bps=rate.rate_bps
        )
        for rate in terms.rates
    )
    DealTier.objects.bulk_create(
        DealTier(deal=deal, from_order=tier.from_order, extra_bps=tier.extra_bps)
        for tier in sorted(terms.tiers)
    )
    DealBonus.objects.bulk_create(
        DealBonus(deal=deal, orders=bonus.orders, amount_minor=bonus.amount_minor)
        for bonus in sorted(terms.bonuses)
    )


def _start_of(terms: Terms, *, earlier: list[Deal], wanted: datetime | None, at: datetime) -> datetime:
    """When the terms come into force: as wanted, but never before the notice has passed."""
    in_force = next((deal for deal in earlier if deal.valid_from <= at), None)
    ahead = [deal for deal in earlier if deal.valid_from > at]
    notice = max((notice_days_for(terms_of(deal), terms) for deal in [in_force, *ahead] if deal), default=0)
    earliest = at + timedelta(days=notice)
    if wanted is None:
        return earliest
    if wanted < earliest:
        if notice:
            message = _("Advocates get %(days)d days' notice of this change: choose %(date)s or later.") % {
                "days": notice,
                "date": date_format(localtime(earliest), "DATETIME_FORMAT"),
            }
        else:
            message = _("Terms cannot begin in the past: choose today or later.")
        raise UnableToPublishDeal({"valid_from": [message]})
    return wanted


class DealsOverTime:
    """Every version of a shop's terms, to ask which one applied when; five queries."""

    def __init__(self, shop: Shop) -> None:
        deals = Deal.objects.filter(programme__shop=shop).select_related("programme").with_terms()
        self._deals = list(deals.order_by("-programme__opened_at", "-programme", "-version"))
        self._terms: dict[int, Terms] = {}

    def at(self, moment: datetime) -> Deal | None:
        """The terms that apply to a sale at `moment`; None if the shop's programme was not open then."""
        in_force = (
            deal for deal in self._deals if deal.valid_from <= moment and deal.programme.was_open_at(moment)
        )
        return next(in_force, None)

    def terms_of(self, deal: Deal) -> Terms:
        if deal.pk not in self._terms:
            self._terms[deal.pk] = terms_of(deal)
        return self._terms[deal.pk]


def deal_in_force(*, shop: Shop, at: datetime) -> Deal | None:
    """The terms that apply to a sale of this shop at `at`; None if its programme was not open then."""
    return DealsOverTime(shop).at(at)
