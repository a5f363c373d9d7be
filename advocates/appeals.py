"""Appeals against rejected commissions: who may appeal, who decides, and where the money then stands.

A rejection of the shop's own can be decided on again by another owner of the shop, who did not take it and whom it is
not about; where there is none, and for a finding of fraud, the editors decide. They may decide on every appeal.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, F, Q, Sum
from django.utils.translation import gettext as _

from advocates.bonuses import settle_bonuses_of_sale
from advocates.enums import ShopRole
from advocates.explanation_money import history_of
from advocates.models import Bonus, Sale, Share, ShareLine, Shop, ShopMember
from advocates.refusals import Refusal
from payouts.appeals import UnableToAppeal, UnableToDecideAppeal, answer_appeal, file_appeal
from payouts.enums import ReviewState
from payouts.ledger import lock_books
from payouts.models import Appeal, AppealDecision, Commission, CommissionReview

if TYPE_CHECKING:
    from community.models import User

#: Whoever has it decides on every appeal; `cms/site_tree.py` gives it to the moderators.
PERMISSION = "payouts.add_appealdecision"
_LONGEST_TEXT, _LONGEST_NOTE = 2000, 1000


class UnableToFile(Refusal):
    """The decision cannot be appealed by this person, or no longer."""


class UnableToDecide(Refusal):
    """The appeal cannot be decided so, by this person, or no longer."""


def rejections_of(user: AbstractBaseUser) -> Any:
    """What was decided against this person as an advocate, with what a list shows of each, the newest first."""
    mine = CommissionReview.objects.filter(commission__payee__user=user.pk, decision=ReviewState.REJECTED)
    return mine.select_related(
        "appeal__decision", "commission__payer__shop", "commission__restored", "decided_by"
    ).order_by("-decided_at", "-pk")


def decisions_of(share: Share) -> list[CommissionReview]:
    """Every decision on a share's commission, and on the one that this restores; the first one first."""
    ids = [commission.pk for commission in history_of(share.commission)]
    rows = CommissionReview.objects.filter(commission__in=ids)
    return list(
        rows.select_related("appeal__decision__decided_by", "decided_by").order_by("decided_at", "pk")
    )


def may_appeal(*, review: CommissionReview, user: AbstractBaseUser, at: datetime) -> bool:
    """Whether this person may still appeal against the decision, and has not."""
    return (
        review.decision == ReviewState.REJECTED
        and review.appeal_by is not None
        and at <= review.appeal_by
        and not hasattr(review, "appeal")
        and review.commission.payee.user_id == user.pk
    )


def appeal_against(*, review: CommissionReview, text: str, by: "User", at: datetime) -> Appeal:
    """The advocate whom a rejection is about asks that somebody else looks at it. Raises UnableToFile."""
    if review.commission.payee.user_id != by.pk:
        raise UnableToFile(_("Only the advocate whom it is about appeals."))
    if len(text) > _LONGEST_TEXT:
        raise UnableToFile({"text": [_("Use at most %(limit)d characters.") % {"limit": _LONGEST_TEXT}]})
    try:
        return file_appeal(review=review, text=text, by=by, at=at)
    except UnableToAppeal as error:
        raise UnableToFile(str(error)) from error


def other_owners(appeal: Appeal) -> list[ShopMember]:
    """The owners of the shop who may decide on this appeal, each with the user; none where it is the editors'."""
    review = appeal.review
    if review.key:
        return []
    owners = ShopMember.objects.filter(shop__payer=review.commission.payer_id, role=ShopRole.OWNER)
    concerned = {review.decided_by_id, appeal.filed_by_id} - {None}
    return list(owners.exclude(user__in=concerned).select_related("user").order_by("pk"))


def may_decide(*, appeal: Appeal, user: "User") -> bool:
    """Whether this person may decide on the appeal: an editor, or another owner of the shop; never who is concerned."""
    if user.pk in {appeal.review.decided_by_id, appeal.filed_by_id} or hasattr(appeal, "decision"):
        return False
    return user.has_perm(PERMISSION) or any(one.user_id == user.pk for one in other_owners(appeal))


def decide_appeal(*, appeal: Appeal, is_granted: bool, note: str, by: "User", at: datetime) -> AppealDecision:
    """Grant an appeal or refuse it, with a note that both sides read. Granted, what is left of the share is owed again:
    its share, or its bonus, goes on with the new commission.

    Raises UnableToDecide as `payouts.appeals.answer_appeal` does, and for who may not.
    """
    if len(note) > _LONGEST_NOTE:
        raise UnableToDecide({"note": [_("Use at most %(limit)d characters.") % {"limit": _LONGEST_NOTE}]})
    with transaction.atomic(durable=True):
        appeal = Appeal.objects.for_lists().get(pk=appeal.pk)
        rejected = appeal.review.commission
        share = Share.objects.filter(commission=rejected).select_related("attribution").first()
        # A refund takes the sale's row first and the books after it; so does this, and counts what it took.
        sale = (
            Sale.objects.select_for_update(no_key=True).get(pk=share.attribution.sale_id) if share else None
        )
        lock_books([rejected.payer_id])
        if not hasattr(appeal, "decision") and not may_decide(appeal=appeal, user=by):
            raise UnableToDecide(
                _("Somebody else decides on this: an editor, or an owner of the shop who is not concerned.")
            )
        try:
            decision = answer_appeal(
                appeal=appeal,
                is_granted=is_granted,
                note=note,
                left_minor=_left(appeal, share),
                by=by,
                at=at,
            )
        except UnableToDecideAppeal as error:
            raise UnableToDecide(str(error)) from error
        restored = Commission.objects.filter(restores=rejected).first()
        if restored is not None:
            Share.objects.filter(commission=rejected).update(commission=restored)
            Bonus.objects.filter(commission=rejected).update(commission=restored)
        if restored is not None and sale is not None:
            settle_bonuses_of_sale(sale=sale, at=at)
    return decision


def _left(appeal: Appeal, share: Share | None) -> int:
    """What the rejection took, without what refunds have taken of the share since."""
    taken = appeal.review.amount_minor or 0
    if share is None:
        return taken
    lines = ShareLine.objects.filter(share=share).aggregate(left=Sum(F("amount_minor") - F("reversed_minor")))
    return max(0, min(taken, lines["left"] or 0))


def appeals_for(*, shop: Shop, user: AbstractBaseUser) -> Any:
    """Appeals that wait and that this person of the shop may decide on as one of its owners."""
    waiting = Appeal.objects.waiting().filter(review__commission__payer=shop.payer_id, review__key="")
    owned = ShopMember.objects.filter(shop=shop, user=user.pk, role=ShopRole.OWNER)
    concerned = Q(review__decided_by=user.pk) | Q(filed_by=user.pk)
    return waiting.filter(Exists(owned)).exclude(concerned)


def share_of(commission: Commission) -> Share | None:
    """The share that a commission is owed for, also where another commission restores it by now."""
    while hasattr(commission, "restored"):
        commission = commission.restored
    found: Share | None = (
        Share.objects.filter(commission=commission)
        .select_related("attribution__sale", "attribution__deal")
        .first()
    )
    return found
