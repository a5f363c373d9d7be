"""Filters of the deals floor that read aloud."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from advocates.enums import (
    AdvocateState,
    ClaimState,
    EnrolmentState,
    LinkState,
    Outcome,
    ProgrammeState,
    PublicationState,
)
from advocates.uuid7 import uuid7_floor
from payouts.enums import CommissionState

if TYPE_CHECKING:
    from advocates.models import Advocate, Product, Programme, Shop

Viewer = AbstractUser | AnonymousUser


class ShopQuerySet(models.QuerySet[Any]):
    def of_member(self, user: Viewer) -> Self:
        """Shops that this person runs."""
        return self.filter(members=user.pk) if user.is_authenticated else self.none()

    def with_findings(self, *, at: datetime) -> Self:
        """Each with how many findings of fraud wait (`findings_waiting`) or are overdue (`findings_overdue`)."""
        waiting = apps.get_model("advocates", "FraudFinding").objects.waiting()
        of_shop = waiting.filter(shop=models.OuterRef("pk")).order_by().values("shop")
        counted = of_shop.annotate(total=models.Count("pk"))
        return self.annotate(
            findings_waiting=Coalesce(models.Subquery(counted.values("total")), 0),
            findings_overdue=Coalesce(models.Subquery(counted.filter(due_at__lt=at).values("total")), 0),
        )

    def with_claims(self, *, at: datetime) -> Self:
        """Each with how many claims of sales wait for it (`claims_waiting`) and are overdue (`claims_overdue`)."""
        open_ones = Q(claims__state=ClaimState.OPEN)
        return self.annotate(
            claims_waiting=models.Count("claims", filter=open_ones, distinct=True),
            claims_overdue=models.Count("claims", filter=open_ones & Q(claims__due_at__lt=at), distinct=True),
        )


class ProductQuerySet(models.QuerySet[Any]):
    def with_offer(self) -> Self:
        """With all that a product card shows, in one query and one for the renditions."""
        return self.select_related("offer", "shop", "picture").prefetch_related("picture__renditions")

    def with_selling(self) -> Self:
        """With all that says whether it is sold on this site."""
        return self.select_related("offer", "shop__selling_terms", "shop__payer__account")


class ProgrammeQuerySet(models.QuerySet[Any]):
    def open_at(self, at: datetime) -> Self:
        """Programmes that were open at `at`, also when they are closed now."""
        return self.filter(
            Q(state=ProgrammeState.OPEN) | Q(state=ProgrammeState.CLOSED, closed_at__gt=at),
            Q(opened_at__isnull=True) | Q(opened_at__lte=at),
        )


class DealQuerySet(models.QuerySet[Any]):
    def with_terms(self) -> Self:
        """With the rows beside each version: rates of their own, tiers, bonuses."""
        rates = apps.get_model("advocates", "DealRate").objects.select_related("product")
        return self.prefetch_related(models.Prefetch("rates", queryset=rates), "tiers", "bonuses")

    def in_force(self, programme: "Programme", *, at: datetime) -> Any:
        """The version that applies at `at`, or None."""
        return self.filter(programme=programme, valid_from__lte=at).order_by("-version").first()


class EnrolmentQuerySet(models.QuerySet[Any]):
    def active(self, *, at: datetime) -> Self:
        """Enrolments that were in force at `at`: joined, not ended, the advocate not suspended."""
        return self.filter(
            Q(state=EnrolmentState.ACTIVE) | Q(state=EnrolmentState.ENDED, ended_at__gt=at),
            decided_at__lte=at,
            advocate__state=AdvocateState.ACTIVE,
        )


class PublicationQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """What anybody may find: the one rule for lists, search, feeds, sitemaps and counts."""
        return self.filter(state=PublicationState.PUBLIC)

    def visible_to(self, user: Viewer) -> Self:
        """What this person may open: public and unlisted ones, and all that one made or works on."""
        shown = Q(state__in=[PublicationState.PUBLIC, PublicationState.UNLISTED])
        if not user.is_authenticated:
            return self.filter(shown)
        worked_on = self.model.contributors.through.objects.filter(user=user.pk).values("publication")
        return self.filter(shown | Q(author=user.pk) | Q(pk__in=worked_on))

    def not_by(self, people: Collection[int]) -> Self:
        """Without what these people made (their ids: see community/mutes.py)."""
        return self.exclude(author__in=people) if people else self

    def mentioning(self, product: "Product") -> Self:
        return self.filter(mentions__product=product)

    def for_cards(self) -> Self:
        """With all that a card shows: author, profile, cover and its renditions."""
        return self.select_related("author__profile__portrait", "cover").prefetch_related(
            "cover__renditions", "author__profile__portrait__renditions"
        )


class LinkQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(state=LinkState.ACTIVE)


class TouchQuerySet(models.QuerySet[Any]):
    def between(self, start: datetime, end: datetime) -> Self:
        """What occurred from `start` until before `end`. The ids say so too: other months are not looked at."""
        return self.filter(
            occurred_at__gte=start,
            occurred_at__lt=end,
            pk__gte=uuid7_floor(start),
            pk__lt=uuid7_floor(end + timedelta(milliseconds=1)),
        )

    def path_of(self, visitor_key: uuid.UUID, *, shop: "Shop", until: datetime, days: int) -> Self:
        """What this visitor did for this shop (or on publications) in the `days` before `until`, oldest first."""
        return (
            self.between(until - timedelta(days=days), until + timedelta(microseconds=1))
            .filter(Q(shop=shop) | Q(shop__isnull=True), visitor_key=visitor_key)
            .order_by("occurred_at", "pk")
        )


class SaleQuerySet(models.QuerySet[Any]):
    def of_shop(self, shop: "Shop") -> Self:
        return self.filter(shop=shop)

    def standing(self) -> Self:
        """Orders that were not cancelled, nor given back in full."""
        lines = apps.get_model("advocates", "SaleLine").objects.filter(sale=models.OuterRef("pk"))
        given_back = apps.get_model("advocates", "RefundLine").objects.filter(
            refund__sale=models.OuterRef("pk")
        )
        paid = (
            lines.order_by()
            .values("sale")
            .annotate(total=models.Sum(models.F("gross_minor") - models.F("discount_minor")))
        )
        back = given_back.order_by().values("refund__sale").annotate(total=models.Sum("amount_minor"))
        return (
            self.filter(cancelled_at__isnull=True)
            .annotate(
                paid_total=models.Subquery(paid.values("total")),
                back_total=models.Subquery(back.values("total")),
            )
            .filter(Q(back_total__isnull=True) | Q(back_total__lt=models.F("paid_total")))
        )


class ClaimQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Claims that somebody has to answer: the shop, or the editors after an appeal."""
        return self.filter(state__in=[ClaimState.OPEN, ClaimState.APPEALED])

    def overdue(self, *, at: datetime) -> Self:
        return self.waiting().filter(due_at__lt=at)

    def for_lists(self) -> Self:
        """With all that a list of claims shows of each."""
        return self.select_related("advocate__user__profile", "shop", "publication", "decided_by", "sale")


class FindingQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Findings that a person of the shop has to decide on: not where the commission has come to its end."""
        over = [CommissionState.REJECTED, CommissionState.REVERSED]
        return self.filter(decision="").exclude(share__commission__state__in=over)

    def overdue(self, *, at: datetime) -> Self:
        return self.waiting().filter(due_at__lt=at)

    def case_of(self, finding: Any) -> Self:
        """The findings that are about the same thing as this one: same shop, advocate, rule and subject."""
        if not finding.subject:
            return self.filter(pk=finding.pk)
        return self.filter(
            shop=finding.shop_id,
            rule=finding.rule,
            subject=finding.subject,
            share__advocate=finding.share.advocate_id,
        )

    def for_lists(self) -> Self:
        """With all that a list of findings shows of each."""
        return self.select_related(
            "shop",
            "share__advocate__user__profile",
            "share__attribution__sale",
            "share__commission",
            "decided_by",
        )


class ShareQuerySet(models.QuerySet[Any]):
    def to_examine(self) -> Self:
        """Shares that earn something and that no rule against fraud has looked at since something changed."""
        return self.filter(examined_at__isnull=True, commission__isnull=False)

    def for_advocate(self, advocate: "Advocate") -> Self:
        return self.filter(advocate=advocate)

    def earning(self) -> Self:
        return self.filter(outcome=Outcome.ATTRIBUTED)

    def unpaid(self) -> Self:
        """Those whose commission is still to be paid, and in no payout."""
        return self.filter(
            commission__state__in=[CommissionState.PENDING, CommissionState.DUE, CommissionState.ON_HOLD]
        )

    def readable_by(self, user: Viewer) -> Self:
        """Shares that this person may read: the advocate's own, those of a shop one runs, all for staff."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(
            Q(advocate__user=user.pk) | Q(attribution__sale__shop__memberships__user=user.pk)
        ).distinct()
