"""The end of a buyer's journey: who is content is asked, once, whether to become an advocate."""

from collections.abc import Collection
from datetime import datetime

from allauth.account.models import EmailAddress

from advocates.buyers import buyer_hash
from advocates.enums import EnrolmentState
from advocates.models import Enrolment, Sale, Shop
from advocates.querysets import Viewer
from community.enums import InvitationCause, ReviewOrigin, ReviewState
from community.models import AdvocateInvitation, Review, User
from community.reviews import works_at

#: From how many stars on a review is a good one.
GOOD_STARS = 4
_SECOND = 2


def invite_after_review(*, review: Review, at: datetime) -> None:
    """Ask the author of a good review of something bought."""
    is_good = review.origin == ReviewOrigin.VERIFIED and review.stars >= GOOD_STARS
    if is_good and review.author is not None:
        _invite(user=review.author, shop=review.product.shop, cause=InvitationCause.GOOD_REVIEW, at=at)


def invite_after_order(*, sale: Sale, email: str, at: datetime) -> None:
    """Ask who orders for the second time, where the order's address is one that an account has confirmed."""
    address = EmailAddress.objects.filter(email=email.lower(), verified=True).select_related("user").first()
    if address is not None and _orders_of([sale.customer_hash]) >= _SECOND:
        _invite(user=address.user, shop=sale.shop, cause=InvitationCause.SECOND_ORDER, at=at)


def invite_newcomer(*, user: User, at: datetime) -> None:
    """Ask who confirms an address (a new account, say) for what was bought and reviewed with it before."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    hashes = [buyer_hash(email) for email in confirmed]
    good = Review.objects.filter(
        state=ReviewState.PUBLIC, stars__gte=GOOD_STARS, sale_line__sale__customer_hash__in=hashes
    )
    review = good.select_related("product__shop").first()
    if review is not None:
        _invite(user=user, shop=review.product.shop, cause=InvitationCause.GOOD_REVIEW, at=at)
    elif _orders_of(hashes) >= _SECOND:
        latest = (
            Sale.objects.filter(customer_hash__in=hashes).select_related("shop").order_by("-placed_at")[0]
        )
        _invite(user=user, shop=latest.shop, cause=InvitationCause.SECOND_ORDER, at=at)


def open_invitation_of(user: Viewer) -> AdvocateInvitation | None:
    """What this person has not yet said yes or no to, if there is something."""
    if not user.is_authenticated:
        return None
    asked = AdvocateInvitation.objects.filter(
        user=user.pk, dismissed_at__isnull=True, accepted_at__isnull=True
    )
    found: AdvocateInvitation | None = asked.select_related("shop").first()
    return found


def answer_invitation(*, user: User, is_accepted: bool, at: datetime) -> AdvocateInvitation | None:
    """Note the yes or no of this person; it is never asked again. None where there was nothing to answer."""
    invitation = open_invitation_of(user)
    if invitation is None:
        return None
    if is_accepted:
        invitation.accepted_at = at
    else:
        invitation.dismissed_at = at
    invitation.save(update_fields=["accepted_at", "dismissed_at"])
    return invitation


def _invite(*, user: User, shop: Shop, cause: InvitationCause, at: datetime) -> None:
    """Once in a life: a second one meets the row of the first. Not for who is an advocate or works there."""
    joined = Enrolment.objects.filter(
        advocate__user=user, state__in=[EnrolmentState.REQUESTED, EnrolmentState.ACTIVE]
    )
    if joined.exists() or works_at(user, shop):
        return
    AdvocateInvitation.objects.bulk_create(
        [AdvocateInvitation(user=user, shop=shop, cause=cause, created_at=at)], ignore_conflicts=True
    )


def _orders_of(hashes: Collection[str]) -> int:
    return Sale.objects.filter(customer_hash__in=[one for one in hashes if one]).count()
