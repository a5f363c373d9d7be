"""Letters about reviews and appeals, left to a worker. A task looks at its rows first: told twice is told the same."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.tasks import task
from django.utils import timezone

from advocates.appeals import other_owners
from advocates.letters import address_for, letter
from advocates.models import Shop
from advocates.shops import owners_of
from payouts.enums import ReviewState
from payouts.models import Appeal, AppealDecision, Commission, CommissionReview
from payouts.reviews import REMIND_BEFORE, mark_reminded, payers_to_remind

if TYPE_CHECKING:
    from community.models import User

#: A worker that was asked to write a letter is not asked again for so many seconds.
_ASKED_SECONDS = 600
#: A letter names so many, and says how many more there are.
_NAMED = 10


@task
def tell_rejected(user_id: int, payer_id: int) -> None:
    """Tell an advocate what a shop rejected of hers, why, and how to appeal; in one letter."""
    found = list(
        _untold()
        .filter(commission__payee__user=user_id, commission__payer=payer_id)
        .select_related("commission__payer", "commission__payee__user")
        .order_by("decided_at", "pk")
    )
    if not found:
        return
    reader = found[0].commission.payee.user
    page = ("advocates:decision", found[0].pk) if len(found) == 1 else ("advocates:decisions",)
    _send(
        "commission_rejected",
        reader,
        *page,
        shop=found[0].commission.payer,
        reviews=found[:_NAMED],
        more=max(0, len(found) - _NAMED),
        appeal_by=min(one.appeal_by for one in found),
    )
    _mark_told(CommissionReview, [one.pk for one in found])


@task
def tell_appealed(appeal_id: int) -> None:
    """Tell the owners of a shop that an advocate appealed; those who may decide on it are asked to."""
    appeal = Appeal.objects.for_lists().get(pk=appeal_id)
    if hasattr(appeal, "decision"):
        return
    shop = Shop.objects.get(payer=appeal.review.commission.payer_id)
    deciders = {one.user_id for one in other_owners(appeal)}
    for owner in owners_of(shop):
        _send(
            "appeal_filed",
            owner.user,
            "advocates:desk_decision",
            shop.slug,
            appeal.review_id,
            appeal=appeal,
            decides=owner.user_id in deciders,
        )


@task
def tell_appeal_decided(decision_id: int) -> None:
    """Tell the advocate and the owners of the shop what was decided on an appeal, and why."""
    decision = (
        AppealDecision.objects.select_related(
            "appeal__filed_by", "appeal__review__commission__payer", "appeal__review__commission__restored"
        )
        .filter(told_at__isnull=True)
        .filter(pk=decision_id)
        .first()
    )
    if decision is None:
        return
    review = decision.appeal.review
    facts = {"decision": decision, "review": review, "shop": review.commission.payer}
    _send("appeal_decided", decision.appeal.filed_by, "advocates:decision", review.pk, **facts)
    shop = Shop.objects.get(payer=review.commission.payer_id)
    for owner in owners_of(shop):
        _send("appeal_decided", owner.user, "advocates:desk_decision", shop.slug, review.pk, **facts)
    _mark_told(AppealDecision, [decision.pk])


@task
def remind_of_reviews(shop_id: int) -> None:
    """Remind a shop's owners of what will be approved by its date within days."""
    at = timezone.now()
    shop = Shop.objects.select_related("payer").get(pk=shop_id)
    if shop.payer_id not in payers_to_remind(at=at) or not mark_reminded(payer=shop.payer, at=at):
        return
    ending = Commission.objects.review_ends(at=at + REMIND_BEFORE).for_payer(shop.payer)
    first = min((row.review_by for row in ending.only("due_at", "review_days")[:1000]), default=at)
    total = ending.count()
    for owner in owners_of(shop):
        _send(
            "review_ends", owner.user, "advocates:desk_review", shop.slug, shop=shop, total=total, first=first
        )


def ask_to_tell_of_reviews(*, at: datetime) -> int:
    """Have a worker write the letters that are due, if none was asked to a moment ago; how many were asked for."""
    asked = 0
    pairs = _untold().order_by("commission__payee__user", "commission__payer")
    for user, payer in pairs.values_list("commission__payee__user", "commission__payer").distinct():
        if _is_first(f"rejected.{user}.{payer}"):
            tell_rejected.enqueue(user, payer)
            asked += 1
    for decision in AppealDecision.objects.filter(told_at__isnull=True).values_list("pk", flat=True):
        if _is_first(f"decided.{decision}"):
            tell_appeal_decided.enqueue(decision)
            asked += 1
    shops = Shop.objects.filter(payer__in=payers_to_remind(at=at))
    for shop in shops.order_by("pk").values_list("pk", flat=True):
        if _is_first(f"ends.{shop}"):
            remind_of_reviews.enqueue(shop)
            asked += 1
    return asked


def _untold() -> Any:
    """Rejections of which the advocate was not told; who decides under a key of his own tells it with his decision."""
    return CommissionReview.objects.filter(decision=ReviewState.REJECTED, told_at__isnull=True)


def _mark_told(model: type[CommissionReview | AppealDecision], ids: list[int]) -> None:
    model.objects.filter(pk__in=ids, told_at__isnull=True).update(told_at=timezone.now())


def _send(name: str, reader: "User", page: str, *args: object, **facts: object) -> None:
    context = {"reader": reader, "url": address_for(reader, page, *args), **facts}
    letter(name=name, to=reader.email, language=reader.language, context=context).send()


def _is_first(letter_name: str) -> bool:
    return bool(cache.add(f"advocates.reviews.{letter_name}", 1, _ASKED_SECONDS))
