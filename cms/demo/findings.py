"""What the rules against fraud find in the demo: an advocate whose order came out of a flood from one network."""

from datetime import datetime, timedelta
from typing import Any

from advocates.enums import FraudRule, TouchKind
from advocates.fraud import answer_finding, examine_again, examine_shares, hold_found
from advocates.models import FraudFinding, Share, Touch
from advocates.uuid7 import uuid7
from payouts.enums import CommissionState

#: Beyond what one network clicks on a day.
_CLICKS = 31
_NETWORK = 7_301_954_287_114
_ANSWER = (
    "Dat was op de markt in Utrecht: mijn kraam, één wifi, en een bordje met de code van mijn link. Wie langskwam, "
    "scande hem daar. De bestelling is van iemand die ik die middag sprak."
)


def find_something(*, now: datetime) -> int:
    """Play a market day on one advocate's link, let the rules look at everything, and have her answer; how many."""
    paid = _some_click(before=now - timedelta(days=4))
    Touch.objects.filter(pk=paid.pk).update(network=_NETWORK)
    day = paid.occurred_at.replace(hour=10, minute=0)
    Touch.objects.bulk_create(
        Touch(
            id=uuid7(at=moment),
            kind=TouchKind.CLICK,
            shop_id=paid.shop_id,
            advocate_id=paid.advocate_id,
            link_id=paid.link_id,
            publication_id=paid.publication_id,
            product_id=paid.product_id,
            network=_NETWORK,
            occurred_at=moment,
        )
        for moment in (day + timedelta(minutes=11 * number) for number in range(_CLICKS))
    )
    examine_again(advocates=[paid.advocate_id])
    examine_shares(at=now)
    hold_found(at=now)
    found = FraudFinding.objects.filter(rule=FraudRule.CLICKS_PER_NETWORK)
    finding = found.select_related("share__advocate__user").order_by("pk")[0]
    answer_finding(finding=finding, text=_ANSWER, by=finding.share.advocate.user, at=now)
    return FraudFinding.objects.count()


def _some_click(*, before: datetime) -> Any:
    """The click that carries the newest order before then whose commission is still to come."""
    shares = Share.objects.filter(
        commission__state=CommissionState.PENDING, attribution__sale__placed_at__lt=before
    ).order_by("-attribution__sale__placed_at", "pk")
    clicks = (
        Touch.objects.filter(pk=credit["touch"], advocate=advocate).first()
        for advocate, credits_ in shares.values_list("advocate", "credits")
        for credit in credits_
        if credit["kind"] == TouchKind.CLICK and credit["weight"] and not credit["reason"]
    )
    return next(click for click in clicks if click is not None)
