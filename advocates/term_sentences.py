"""Terms in plain words, in the reader's language, in the order in which they matter."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.enums import AttributionModel, CodePrecedence
from advocates.models import Deal
from advocates.terms import Terms, terms_of
from payouts.money import BPS, format_minor, rate_of


def terms_sentences(terms: Terms | Deal) -> list[str]:
    """Each term as a sentence to the advocate whom it is for."""
    if isinstance(terms, Deal):
        terms = terms_of(terms)
    return [
        _("You earn %(rate)s of what the buyer pays, without VAT, shipping and discount.")
        % {"rate": percent(terms.rate_bps)},
        *_rate_sentences(terms),
        *_month_sentences(terms),
        _split_sentence(terms),
        *_assist_sentences(terms),
        ngettext(
            "What somebody clicked counts for %(days)d day.",
            "What somebody clicked counts for %(days)d days.",
            terms.window_days,
        )
        % {"days": terms.window_days},
        *_precedence_sentences(terms),
        advertising_sentence(terms),
        _hold_sentence(terms),
        *_limit_sentences(terms),
    ]


def percent(rate_bps: int) -> str:
    """Basis points as a percentage in the reader's language."""
    return f"{number_format(rate_of(rate_bps))}%"


def rate_words(terms: Terms) -> str:
    """The rate in a word or two: "10%", or "up to 20%" where some orders earn more than others."""
    if terms.highest_rate_bps == terms.rate_bps and all(
        rate.rate_bps == terms.rate_bps for rate in terms.rates
    ):
        return percent(terms.rate_bps)
    return _("up to %(rate)s") % {"rate": percent(terms.highest_rate_bps)}


def _rate_sentences(terms: Terms) -> Iterable[str]:
    for rate in sorted(terms.rates, key=lambda rate: (rate.product is None, rate.category.casefold())):
        about = {
            "name": rate.product.title if rate.product else rate.category,
            "rate": percent(rate.rate_bps),
        }
        if not rate.rate_bps:
            yield _("Nothing is earned on “%(name)s”.") % about
        elif rate.product:
            yield _("On “%(name)s” it is %(rate)s.") % about
        else:
            yield _("On everything in “%(name)s” it is %(rate)s.") % about
    if terms.new_customer_rate_bps is not None:
        yield _("When somebody buys at the shop for the first time, it is %(rate)s.") % {
            "rate": percent(terms.new_customer_rate_bps)
        }
    if terms.is_first_order_only:
        yield _(
            "Only a customer’s first order at the shop counts; one that was returned in full is no first order."
        )


def _month_sentences(terms: Terms) -> Iterable[str]:
    for tier in sorted(terms.tiers):
        yield _("From your order number %(number)d in a calendar month on, %(rate)s comes on top.") % {
            "number": tier.from_order,
            "rate": percent(tier.extra_bps),
        }
    for bonus in sorted(terms.bonuses):
        yield ngettext(
            "%(orders)d order in a calendar month that is not returned brings you a bonus of %(amount)s.",
            "%(orders)d orders in a calendar month that are not returned bring you a bonus of %(amount)s.",
            bonus.orders,
        ) % {"orders": bonus.orders, "amount": format_minor(bonus.amount_minor, terms.currency)}


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
            "When several clicks led to an order, the first gets %(first)s, the last gets %(last)s, "
            "and those between share %(rest)s; two share alike."
        ) % {
            "first": percent(terms.first_bps),
            "last": percent(terms.last_bps),
            "rest": percent(BPS - terms.first_bps - terms.last_bps),
        }
    return ngettext(
        "When several clicks led to an order, the nearest gets the most: "
        "one that is %(days)d day older counts half.",
        "When several clicks led to an order, the nearest gets the most: "
        "one that is %(days)d days older counts half.",
        terms.half_life_days,
    ) % {"days": terms.half_life_days}


def _assist_sentences(terms: Terms) -> Iterable[str]:
    if terms.model == AttributionModel.CODE:
        return
    if terms.counts_views:
        yield _(
            "Who looked at your story or board counts like a click, if a click or a code led to the order too."
        )
    if terms.counts_saves:
        yield _(
            "Who saved a product from you counts like a click, if a click or a code led to the order too."
        )
    if terms.counts_answers:
        yield _("Who read your answer counts like a click, if a click or a code led to the order too.")


def _precedence_sentences(terms: Terms) -> Iterable[str]:
    if terms.model == AttributionModel.CODE:
        return
    if terms.code_precedence == CodePrecedence.CODE_WINS:
        yield _("When the buyer uses a code, its owner gets the whole commission, whatever was clicked.")
    elif terms.code_precedence == CodePrecedence.LINK_WINS:
        yield _("A code counts only when no link was clicked.")
    else:
        yield _("When the buyer uses a code, it counts as the last click.")


def advertising_sentence(terms: Terms) -> str:
    if terms.is_paid_search_allowed:
        return _("You may advertise your links in search engines; such clicks count like others.")
    return _(
        "You do not advertise your links in search engines, on the shop’s name or other words; an order after such "
        "a click is held until the shop has looked at it."
    )


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


def _limit_sentences(terms: Terms) -> Iterable[str]:
    if terms.cap_minor is not None:
        yield _("One order brings its advocates at most %(amount)s together.") % {
            "amount": format_minor(terms.cap_minor, terms.currency)
        }
    if terms.advocate_cap_minor is not None:
        yield _("In one calendar month you earn at most %(amount)s here, bonuses not counted.") % {
            "amount": format_minor(terms.advocate_cap_minor, terms.currency)
        }
