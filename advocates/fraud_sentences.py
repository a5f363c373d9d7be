"""What a finding says, in words for who reads it: the figures, what they may mean, and what an answer could tell.

The advocate reads nothing about others: not which buyer, which network or who else is paid to an account. The shop
reads the names of its own advocates, and the figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.enums import FraudRule
from advocates.models import Advocate, Enrolment, FraudFinding, Link
from advocates.term_sentences import percent
from payouts.money import format_minor


@dataclass(frozen=True, slots=True)
class Told:
    """`figures`: what was counted, beside where the rule begins. `meaning`: why that is looked at, and what else it
    may be. `answer`: what the advocate could say.
    """

    figures: tuple[str, ...]
    meaning: str
    answer: str


def told_of(finding: FraudFinding, *, is_shop: bool) -> Told:
    """A finding in the reader's language; for the shop's people, or for the advocate."""
    rule = FraudRule(finding.rule)
    return Told(
        figures=tuple(_FIGURES[rule](finding, finding.evidence, is_shop)),
        meaning=_meaning(rule),
        answer=_answer(rule),
    )


def _moment(text: str) -> str:
    return date_format(localtime(datetime.fromisoformat(text)), "DATETIME_FORMAT")


def _link(evidence: Mapping[str, Any]) -> str:
    code = Link.objects.filter(pk=evidence["link"] or 0).values_list("code", flat=True).first()
    return f"/go/{code}" if code else _("a link")


def _of_link(_finding: FraudFinding, evidence: Mapping[str, Any], _is_shop: bool) -> list[str]:
    return [
        _("In the hour up to %(moment)s, %(link)s was clicked %(clicks)d times.")
        % {"moment": _moment(evidence["until"]), "link": _link(evidence), "clicks": evidence["clicks"]},
        _("The order came from one of those clicks. We look from %(threshold)d clicks in an hour on.")
        % evidence,
    ]


def _of_network(_finding: FraudFinding, evidence: Mapping[str, Any], is_shop: bool) -> list[str]:
    day = date_format(date.fromisoformat(evidence["day"]), "DATE_FORMAT")
    told = {"day": day, "clicks": evidence["clicks"]}
    return [
        _("On %(day)s, %(clicks)d clicks on this advocate’s links came from one network.") % told
        if is_shop
        else _("On %(day)s, %(clicks)d clicks on your links came from one network.") % told,
        _("The order came from there too. We look from %(threshold)d clicks in a day on.") % evidence,
    ]


def _of_buyer(_finding: FraudFinding, evidence: Mapping[str, Any], is_shop: bool) -> list[str]:
    near = {
        "device": _("The browser in which was clicked is one in which the advocate clicked too, logged in.")
        if is_shop
        else _("The browser in which was clicked is one in which you clicked too, logged in."),
        "network": _("The click came from a network from which the advocate clicked too that day.")
        if is_shop
        else _("The click came from a network from which you clicked too that day."),
    }.get(evidence["near"])
    if is_shop:
        counted = ngettext(
            "The same buyer ordered %(orders)d time through this advocate within %(days)d days.",
            "The same buyer ordered %(orders)d times through this advocate within %(days)d days.",
            evidence["orders"],
        )
    else:
        counted = ngettext(
            "The same buyer ordered %(orders)d time through you within %(days)d days.",
            "The same buyer ordered %(orders)d times through you within %(days)d days.",
            evidence["orders"],
        )
    looks = ngettext(
        "We look from %(threshold)d such order on.",
        "We look from %(threshold)d such orders on.",
        evidence["threshold"],
    )
    return [*([near] if near else []), counted % evidence, looks % evidence]


def _of_mail(_finding: FraudFinding, _evidence: Mapping[str, Any], _is_shop: bool) -> list[str]:
    return [_("The buyer’s mail address is one of a service whose addresses are thrown away after use.")]


def _of_refunds(finding: FraudFinding, evidence: Mapping[str, Any], is_shop: bool) -> list[str]:
    currency = finding.share.attribution.sale.currency
    told = {
        "orders": evidence["orders"],
        "days": evidence["days"],
        "earned": format_minor(evidence["earned_minor"], currency),
        "back": format_minor(evidence["back_minor"], currency),
        "part": percent(evidence["back_bps"]),
        "threshold": percent(evidence["threshold_bps"]),
    }
    return [
        _(
            "Of %(earned)s that the advocate earned with %(orders)d orders in %(days)d days, returns took back "
            "%(back)s: %(part)s."
        )
        % told
        if is_shop
        else _(
            "Of %(earned)s that you earned here with %(orders)d orders in %(days)d days, returns took back "
            "%(back)s: %(part)s."
        )
        % told,
        _("We look from %(threshold)s on.") % told,
    ]


def _of_advertisement(_finding: FraudFinding, evidence: Mapping[str, Any], _is_shop: bool) -> list[str]:
    told = {"link": _link(evidence), "clicks": evidence["clicks"]}
    return [
        ngettext(
            "%(clicks)d click on %(link)s before the order came from an advertisement in a search engine.",
            "%(clicks)d clicks on %(link)s before the order came from an advertisement in a search engine.",
            evidence["clicks"],
        )
        % told,
        _("The terms in force at the order do not allow such advertisements."),
    ]


def _of_account(finding: FraudFinding, evidence: Mapping[str, Any], is_shop: bool) -> list[str]:
    total = len(evidence["others"])
    by = {
        ("bank",): _("the same bank account"),
        ("mail",): _("an account at Stripe with the same mail address"),
    }.get(tuple(evidence["by"]), _("the same bank account, under the same mail address"))
    told = {"total": total, "by": by}
    if not is_shop:
        yours = ngettext(
            "You are paid to %(by)s as %(total)d other advocate.",
            "You are paid to %(by)s as %(total)d other advocates.",
            total,
        )
        return [yours % told]
    hers = ngettext(
        "This advocate is paid to %(by)s as %(total)d other advocate.",
        "This advocate is paid to %(by)s as %(total)d other advocates.",
        total,
    )
    here = Enrolment.objects.filter(programme__shop=finding.shop_id, advocate__in=evidence["others"])
    people = Advocate.objects.filter(pk__in=here.values("advocate")).select_related("user").order_by("pk")
    names = ", ".join(str(one) for one in people)
    return [hers % told, *([_("In your own programme: %(names)s.") % {"names": names}] if names else [])]


_FIGURES = {
    FraudRule.CLICKS_PER_LINK: _of_link,
    FraudRule.CLICKS_PER_NETWORK: _of_network,
    FraudRule.SAME_BUYER: _of_buyer,
    FraudRule.DISPOSABLE_MAIL: _of_mail,
    FraudRule.REFUND_RATE: _of_refunds,
    FraudRule.PAID_SEARCH: _of_advertisement,
    FraudRule.SHARED_PAYOUT: _of_account,
}


def _meaning(rule: FraudRule) -> str:
    return {
        FraudRule.CLICKS_PER_LINK: _(
            "A program may have clicked, so that orders of others get credited. It may also be a link that many people "
            "saw at once: in a newsletter, or shared by somebody well known."
        ),
        FraudRule.CLICKS_PER_NETWORK: _(
            "One person may have clicked again and again. It may also be an office, a school, a fair or a phone "
            "company, behind which many people look like one."
        ),
        FraudRule.SAME_BUYER: _(
            "Somebody may be buying for the commission, or under another address. It may also be a loyal customer, or "
            "a housemate."
        ),
        FraudRule.DISPOSABLE_MAIL: _(
            "Who buys with such an address may be hiding who it is, and give the order back later. It may also be "
            "somebody who keeps an inbox empty."
        ),
        FraudRule.REFUND_RATE: _(
            "Orders may be placed to be returned. It may also be a product that does not keep what was said of it."
        ),
        FraudRule.PAID_SEARCH: _(
            "Such advertisements often stand on the shop’s own name: then the customer was on the way already. It may "
            "also be somebody else’s advertisement that leads to the advocate’s page."
        ),
        FraudRule.SHARED_PAYOUT: _(
            "One person may have joined twice. It may also be a couple or a company that shares an account."
        ),
    }[rule]


def _answer(rule: FraudRule) -> str:
    return {
        FraudRule.CLICKS_PER_LINK: _("Say where the link stood at that moment, and who shared it."),
        FraudRule.CLICKS_PER_NETWORK: _("Say where you were, or who many people at one place may have been."),
        FraudRule.SAME_BUYER: _("Say, without a name, how you know the buyer, and why the orders are real."),
        FraudRule.DISPOSABLE_MAIL: _(
            "You need not know the buyer: say how this customer may have found you."
        ),
        FraudRule.REFUND_RATE: _(
            "Say why you think that so much came back, and what you will say differently."
        ),
        FraudRule.PAID_SEARCH: _("Say whether the advertisement is yours, on which words, and until when."),
        FraudRule.SHARED_PAYOUT: _("Say with whom you share the account, and that these are two people."),
    }[rule]
