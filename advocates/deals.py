"""Deals: the versioned terms under which a shop shares what it earns."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.enums import AttributionModel, CodePrecedence, CommissionBase
from advocates.models import Deal, Programme, Shop
from advocates.refusals import Refusal
from payouts.money import SETTLEMENT_CURRENCIES, format_minor, rate_of

#: Days between writing terms that are worse for somebody and their coming into force (docs/decisions/0004).
NOTICE_DAYS = 14
MAX_RATE_BPS = 10_000
MAX_DAYS = 365
MAX_MINOR = 10**12


class UnableToPublishDeal(Refusal):
    """The terms cannot be published; `errors` says why, per field of `Terms`, `valid_from` or ""."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All terms of one deal version.

    `rate_bps` in basis points of each order line's `base`; days are whole days; `cap_minor` in minor
    units of `currency`, None where there is no limit.
    """

    rate_bps: int
    currency: str = "EUR"
    base: CommissionBase = CommissionBase.NET
    model: AttributionModel = AttributionModel.POSITION
    half_life_days: int = 7
    window_days: int = 30
    hold_days: int = 30
    code_precedence: CodePrecedence = CodePrecedence.CODE_WINS
    cap_minor: int | None = None


def terms_of(deal: Deal) -> Terms:
    """The terms as one version states them."""
    return Terms(
        rate_bps=deal.rate_bps,
        currency=deal.currency,
        base=CommissionBase(deal.base),
        model=AttributionModel(deal.model),
        half_life_days=deal.half_life_days,
        window_days=deal.window_days,
        hold_days=deal.hold_days,
        code_precedence=CodePrecedence(deal.code_precedence),
        cap_minor=deal.cap_minor,
    )


def terms_errors(*, terms: Terms, shop: Shop) -> dict[str, list[str]]:
    """What is wrong with the terms, per field; empty when they can be published."""
    errors: dict[str, list[str]] = {}

    def must(holds: bool, field: str, message: str) -> None:
        if not holds:
            errors.setdefault(field, []).append(message)

    days = _("Choose a number of days from %(least)d to %(most)d.")
    amount = _("Choose an amount above zero, or leave it empty for no limit.")
    must(
        0 < terms.rate_bps <= MAX_RATE_BPS,
        "rate_bps",
        _("Choose a commission above 0% and at most 100%."),
    )
    must(1 <= terms.window_days <= MAX_DAYS, "window_days", days % {"least": 1, "most": MAX_DAYS})
    must(0 <= terms.hold_days <= MAX_DAYS, "hold_days", days % {"least": 0, "most": MAX_DAYS})
    must(1 <= terms.half_life_days <= MAX_DAYS, "half_life_days", days % {"least": 1, "most": MAX_DAYS})
    must(terms.base in CommissionBase, "base", _("Choose what the commission is taken of."))
    must(terms.model in AttributionModel, "model", _("Choose how a commission is split."))
    must(
        terms.code_precedence in CodePrecedence,
        "code_precedence",
        _("Choose what happens when a code and a link lead to the same order."),
    )
    must(terms.cap_minor is None or 0 < terms.cap_minor <= MAX_MINOR, "cap_minor", amount)
    must(
        terms.currency == shop.currency and terms.currency in SETTLEMENT_CURRENCIES,
        "currency",
        _("Commissions are paid in the shop's currency, %(currency)s.") % {"currency": shop.currency},
    )
    return errors


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
        earlier = list(Deal.objects.filter(programme=locked))
        start = _start_of(terms, earlier=earlier, wanted=valid_from, at=at)
        return Deal.objects.create(
            programme=locked,
            version=max((deal.version for deal in earlier), default=0) + 1,
            valid_from=start,
            created_by_id=by.pk,
            created_at=at,
            **{field.name: getattr(terms, field.name) for field in fields(terms)},
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


def notice_days_for(old: Terms, new: Terms) -> int:
    """The days of notice that a change of terms takes: none if it is better for every advocate in every respect.

    Better or equal means: rate not lower, window not shorter, hold not longer, no lower limit on an order, and the
    same currency, base, split and precedence – a different split gives to one advocate what it takes from another.
    """
    shared = ("currency", "base", "model", "code_precedence")
    is_better = (
        new.rate_bps >= old.rate_bps
        and new.window_days >= old.window_days
        and new.hold_days <= old.hold_days
        and _is_limit_kept(old.cap_minor, new.cap_minor)
        and all(getattr(new, field) == getattr(old, field) for field in shared)
        and (new.model != AttributionModel.DECAY or new.half_life_days == old.half_life_days)
    )
    return 0 if is_better else NOTICE_DAYS


def _is_limit_kept(old_minor: int | None, new_minor: int | None) -> bool:
    return new_minor is None or (old_minor is not None and new_minor >= old_minor)


def deal_in_force(*, shop: Shop, at: datetime) -> Deal | None:
    """The terms that apply to a sale of this shop at `at`; None if its programme was not open then."""
    programmes = Programme.objects.filter(shop=shop).open_at(at)
    deals = Deal.objects.filter(programme__in=programmes, valid_from__lte=at).select_related("programme")
    return deals.order_by("-programme__opened_at", "-programme", "-version").first()


def terms_sentences(terms: Terms | Deal) -> list[str]:
    """The terms in plain words, in the reader's language, in the order in which they matter."""
    if isinstance(terms, Deal):
        terms = terms_of(terms)
    return [
        _("You earn %(rate)s%% of what the buyer pays, without VAT, shipping and discount.")
        % {"rate": number_format(rate_of(terms.rate_bps))},
        _split_sentence(terms),
        ngettext(
            "What somebody clicked counts for %(days)d day.",
            "What somebody clicked counts for %(days)d days.",
            terms.window_days,
        )
        % {"days": terms.window_days},
        _precedence_sentence(terms),
        _hold_sentence(terms),
        *_limit_sentences(terms),
    ]


def _split_sentence(terms: Terms) -> str:
    if terms.model == AttributionModel.LAST:
        return _("When several people led to an order, the last one gets the whole commission.")
    if terms.model == AttributionModel.FIRST:
        return _("When several people led to an order, the first one gets the whole commission.")
    if terms.model == AttributionModel.LINEAR:
        return _("When several clicks led to an order, each of them gets the same part.")
    if terms.model == AttributionModel.CODE:
        return _("Only who owns the code that the buyer used gets the commission; links alone earn nothing.")
    if terms.model == AttributionModel.POSITION:
        return _(
            "When several clicks led to an order, the first gets 40%, the last gets 40%, "
            "and those between share 20%."
        )
    return ngettext(
        "When several clicks led to an order, the nearest gets the most: "
        "one that is %(days)d day older counts half.",
        "When several clicks led to an order, the nearest gets the most: "
        "one that is %(days)d days older counts half.",
        terms.half_life_days,
    ) % {"days": terms.half_life_days}


def _precedence_sentence(terms: Terms) -> str:
    if terms.code_precedence == CodePrecedence.CODE_WINS:
        return _("When the buyer uses a code, its owner gets the whole commission, whatever was clicked.")
    if terms.code_precedence == CodePrecedence.LINK_WINS:
        return _("A code counts only when no link was clicked.")
    return _("When the buyer uses a code, it counts as the last click.")


def _hold_sentence(terms: Terms) -> str:
    if not terms.hold_days:
        return _("What you earned is due as soon as the order is delivered.")
    return ngettext(
        "What you earned is due %(days)d day after delivery, because an order may be returned; "
        "after the order where the delivery is not known.",
        "What you earned is due %(days)d days after delivery, because an order may be returned; "
        "after the order where the delivery is not known.",
        terms.hold_days,
    ) % {"days": terms.hold_days}


def _limit_sentences(terms: Terms) -> list[str]:
    sentences = []
    if terms.cap_minor is not None:
        sentences.append(
            _("One order brings its advocates at most %(amount)s together.")
            % {"amount": format_minor(terms.cap_minor, terms.currency)}
        )
    return sentences
