"""Two claims of the demo: one that waits for its shop, one that was refused and is with the editors."""

from datetime import datetime, timedelta

from advocates.claims import appeal_claim, claimable_shops, make_claim, refuse_claim
from advocates.enums import ClaimRefusal, Outcome
from advocates.models import Advocate, Claim, Sale, Shop

#: What each advocate says of an order that earned nobody anything.
_SAID = (
    "Een vriendin vroeg me bij mij thuis waar dit vandaan kwam. Ze heeft het die avond besteld, zonder mijn link.",
    "Hij las mijn bord op de telefoon van zijn vrouw en bestelde later op zijn werk.",
)
_REFUSED = "Deze klant kwam uit onze eigen nieuwsbrief: dat zien we aan de link in de bestelling."
_APPEAL = "In die nieuwsbrief stond mijn bord. Ik vraag of iemand anders daarnaar wil kijken."


def write_claims(*, now: datetime) -> int:
    """Make them about orders that nobody earned on, by advocates who have a deal with the shop; how many."""
    made: list[Claim] = []
    for sale in Sale.objects.filter(attribution__outcome=Outcome.NOT_ELIGIBLE).order_by("-placed_at", "-pk"):
        if len(made) == len(_SAID):
            break
        at = now - timedelta(days=4 * len(made) + 3)
        advocate = _somebody(sale.shop, besides=made)
        if advocate is not None and sale.placed_at < at:
            made.append(
                make_claim(
                    advocate=advocate,
                    shop=sale.shop,
                    order_number=sale.external_id,
                    statement=_SAID[len(made)],
                    at=at,
                )
            )
    for claim in made[1:]:
        _refuse_and_appeal(claim, now=now)
    return len(made)


def _somebody(shop: Shop, *, besides: list[Claim]) -> Advocate | None:
    """An advocate with a deal who does not work there and has not claimed yet."""
    people = Advocate.objects.exclude(user__shop_memberships__shop=shop).exclude(
        pk__in=[claim.advocate_id for claim in besides]
    )
    shops = (one for one in people.order_by("pk") if claimable_shops(one).filter(pk=shop.pk).exists())
    return next(shops, None)


def _refuse_and_appeal(claim: Claim, *, now: datetime) -> None:
    owner = claim.shop.memberships.select_related("user").order_by("pk")[0].user
    refuse_claim(
        claim=claim, refusal=ClaimRefusal.NOT_SENT, note=_REFUSED, by=owner, at=now - timedelta(days=4)
    )
    appeal_claim(claim=claim, text=_APPEAL, by=claim.advocate.user, at=now - timedelta(days=2))
