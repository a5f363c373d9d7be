"""Letters about findings of fraud, left to a worker. A task looks at its rows first: told twice is told the same."""

from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.tasks import task
from django.urls import reverse
from django.utils import timezone, translation

from advocates.enums import FraudHold
from advocates.fraud import late_shops, untold_cases
from advocates.letters import address_for, letter
from advocates.models import Advocate, FraudFinding, Shop
from advocates.shops import owners_of

#: A worker that was asked to write a letter is not asked again for so many seconds.
_ASKED_SECONDS = 600
#: A letter names so many, and says how many more there are.
_NAMED = 10


@task
def tell_held(advocate_id: int, shop_id: int) -> None:
    """Tell an advocate what of hers a shop holds back, why, until when, and how to answer; in one letter."""
    reader = Advocate.objects.select_related("user").get(pk=advocate_id).user
    waiting = FraudFinding.objects.waiting().filter(share__advocate=advocate_id, shop=shop_id)
    found = list(
        waiting.filter(hold=FraudHold.HELD, told_at__isnull=True).for_lists().order_by("due_at", "pk")
    )
    if not found:
        return
    with translation.override(reader.language):
        url = settings.SITE_URL + (
            found[0].get_absolute_url() if len(found) == 1 else reverse("advocates:findings")
        )
    context = {
        "findings": found[:_NAMED],
        "more": max(0, len(found) - _NAMED),
        "shop": found[0].shop,
        "due_at": found[0].due_at,
        "reader": reader,
        "url": url,
    }
    letter(name="finding_held", to=reader.email, language=reader.language, context=context).send()
    FraudFinding.objects.filter(pk__in=[one.pk for one in found]).update(told_at=timezone.now())


@task
def tell_decided(finding_ids: list[int]) -> None:
    """Tell the advocate what the shop decided on these findings of one case, and why."""
    found = list(
        FraudFinding.objects.filter(pk__in=finding_ids).exclude(decision="").for_lists().order_by("pk")
    )
    if not found:
        return
    reader = found[0].share.advocate.user
    with translation.override(reader.language):
        url = settings.SITE_URL + (
            found[0].get_absolute_url() if len(found) == 1 else reverse("advocates:findings")
        )
    context = {
        "finding": found[0],
        "findings": found[:_NAMED],
        "more": max(0, len(found) - _NAMED),
        "reader": reader,
        "url": url,
    }
    letter(name="finding_decided", to=reader.email, language=reader.language, context=context).send()


@task
def remind_shop(shop_id: int) -> None:
    """Remind a shop's owners of the commissions that wait for their decision longer than they should."""
    at = timezone.now()
    shop = Shop.objects.get(pk=shop_id)
    if shop_id not in late_shops(at=at):
        return
    late = FraudFinding.objects.overdue(at=at).filter(shop=shop)
    total, first = late.count(), late.for_lists().order_by("due_at", "pk")[0]
    for owner in owners_of(shop):
        url = address_for(owner.user, "advocates:desk_fraud", shop.slug)
        context = {"shop": shop, "total": total, "first": first, "reader": owner.user, "url": url}
        letter(name="finding_late", to=owner.user.email, language=owner.user.language, context=context).send()
    FraudFinding.objects.filter(pk__in=list(late.values_list("pk", flat=True))).update(reminded_at=at)


def ask_to_tell(*, at: datetime) -> int:
    """Have a worker write the letters that are due, if none was asked to a moment ago; how many were asked for."""
    asked = 0
    for advocate, shop in untold_cases():
        if _is_first(f"held.{advocate}.{shop}"):
            tell_held.enqueue(advocate, shop)
            asked += 1
    for shop in late_shops(at=at):
        if _is_first(f"late.{shop}"):
            remind_shop.enqueue(shop)
            asked += 1
    return asked


def _is_first(letter_name: str) -> bool:
    return bool(cache.add(f"advocates.fraud.{letter_name}", 1, _ASKED_SECONDS))
