"""Letters about claims, left to a worker. A task looks at its row first: told twice is told the same."""

from typing import TYPE_CHECKING

from django.tasks import task

from advocates.enums import ClaimState
from advocates.letters import address_for, letter
from advocates.models import Claim
from advocates.shops import owners_of

if TYPE_CHECKING:
    from community.models import User

_DECIDED = {ClaimState.GRANTED, ClaimState.REFUSED, ClaimState.UPHELD}


@task
def tell_advocate(claim_id: int) -> None:
    """Tell the advocate what was decided on her claim or her appeal, why, and what she can do."""
    claim = _claim(claim_id)
    if claim.state in _DECIDED:
        reader = claim.advocate.user
        _send("claim_decided", claim, reader, url=address_for(reader, "advocates:claim", claim.pk))


@task
def tell_shop(claim_id: int) -> None:
    """Tell the shop's owners of a claim that waits for them, of an appeal, and of what the editors decided."""
    claim = _claim(claim_id)
    if claim.state == ClaimState.WITHDRAWN:
        return
    for owner in owners_of(claim.shop):
        url = address_for(owner.user, "advocates:desk_claim", claim.shop.slug, claim.pk)
        _send("claim_for_shop", claim, owner.user, url=url)


def _claim(claim_id: int) -> Claim:
    claim: Claim = Claim.objects.select_related("shop", "advocate__user").get(pk=claim_id)
    return claim


def _send(name: str, claim: Claim, reader: "User", *, url: str) -> None:
    context = {"claim": claim, "reader": reader, "url": url, "states": ClaimState}
    letter(name=name, to=reader.email, language=reader.language, context=context).send()
