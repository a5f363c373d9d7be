"""Bonuses: what a number of orders in a calendar month brings, as long as they stand.

The n-th standing order of a month, in the order in which they were placed, brings the bonus for n that its own deal
promises. What stands is counted again at each step, so that it does not matter in which order things arrive.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, F, Max, Min, Sum
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _

from advocates.enums import Outcome
from advocates.models import Advocate, Bonus, DealBonus, Enrolment, Sale, Share, Shop
from advocates.periods import midnight
from advocates.split import Result
from advocates.terms import BonusTerm, Terms, TierTerm
from payouts.commissions import accrue_commission, reverse_commission
from payouts.enums import CommissionState
from payouts.ledger import lock_books
from payouts.models import Budget

_SETTLED, _SETTLED_EVERY_SECONDS = "bonuses-settled", 15 * 60

#: How long after a month its bonuses may still change: an order can be returned, rejected or reported late.
_STILL_OPEN = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class MonthOrder:
    """An order of an advocate's month that stands: somebody bought, and something of her commission is left."""

    sale_id: int
    deal_id: int
    placed_at: datetime
    due_at: datetime
    open_minor: int


@dataclass(frozen=True, slots=True)
class Bonuses:
    """The bonuses that a shop's deals promise, (deal, orders), and those that were awarded and stand, by month."""

    rules: frozenset[tuple[int, int]]
    live: Mapping[tuple[int, date], frozenset[int]]

    @classmethod
    def of(cls, *, shop: Shop, months: Collection[date]) -> Self:
        """As they are now in these months; nothing is asked for none."""
        if not months:
            return cls(frozenset(), {})
        rules = DealBonus.objects.filter(deal__programme__shop=shop).values_list("deal", "orders")
        rows = Bonus.objects.filter(enrolment__programme__shop=shop, month_date__in=months)
        live: dict[tuple[int, date], set[int]] = {}
        for enrolment, month_date, orders in rows.exclude(
            commission__state=CommissionState.REVERSED
        ).values_list("enrolment", "month_date", "rule__orders"):
            live.setdefault((enrolment, month_date), set()).add(orders)
        return cls(frozenset(rules), {key: frozenset(orders) for key, orders in live.items()})

    def are_off(
        self, result: Result, sale: Sale, months: Mapping[tuple[int, date], Sequence[MonthOrder]]
    ) -> bool:
        """Whether a month that this sale is now in does not have the bonuses that its standing orders bring."""
        month_date = month_of(sale.placed_at)
        keys = [
            (share.enrolment, month_date)
            for share in result.shares
            if sum(share.amounts) and share.enrolment is not None
        ]
        return any(_is_off(months.get(key, ()), self.live.get(key, frozenset()), self.rules) for key in keys)


def _is_off(
    standing: Sequence[MonthOrder], live: Collection[int], rules: Collection[tuple[int, int]]
) -> bool:
    """Whether the bonuses of a month are not those that its standing orders bring."""
    wanted = {number for number, order in enumerate(standing, 1) if (order.deal_id, number) in rules}
    return bool(wanted - set(live)) or any(orders > len(standing) for orders in live)


@dataclass(frozen=True, slots=True)
class MonthStanding:
    """How an advocate's calendar month stands with one programme; amounts in minor units of `currency`.

    `extra_bps` is what her next order has on top; `next_step` and `next_bonus` what comes next, and at which order.
    """

    month_date: date
    currency: str
    orders: int
    earned_minor: int
    extra_bps: int
    next_step: TierTerm | None
    next_bonus: BonusTerm | None
    bonuses_minor: int
    left_minor: int | None

    @property
    def has_rules(self) -> bool:
        """Whether the month matters at all under these terms."""
        return bool(
            self.extra_bps
            or self.next_step
            or self.next_bonus
            or self.bonuses_minor
            or self.left_minor is not None
        )


def standing_of_month(*, enrolment: Enrolment, terms: Terms, at: datetime) -> MonthStanding:
    """How the month of `at` stands for one advocate under the terms in force; two queries."""
    month_date = month_of(at)
    orders = orders_of_month(enrolments=[enrolment.pk], month_date=month_date).get(enrolment.pk, [])
    earned = sum(order.open_minor for order in orders)
    mine = Bonus.objects.filter(enrolment=enrolment, month_date=month_date)
    left = F("commission__amount_minor") - F("commission__reversed_minor")
    return MonthStanding(
        month_date=month_date,
        currency=terms.currency,
        orders=len(orders),
        earned_minor=earned,
        extra_bps=terms.extra_bps_at(len(orders) + 1),
        next_step=min((tier for tier in terms.tiers if tier.from_order > len(orders) + 1), default=None),
        next_bonus=min((bonus for bonus in terms.bonuses if bonus.orders > len(orders)), default=None),
        bonuses_minor=mine.aggregate(total=Sum(left))["total"] or 0,
        left_minor=None if terms.advocate_cap_minor is None else max(0, terms.advocate_cap_minor - earned),
    )


def bonuses_of(advocate: Advocate) -> list[Bonus]:
    """Every bonus that an advocate was given, the latest month first, with what a list shows of each."""
    rows = Bonus.objects.filter(enrolment__advocate=advocate).order_by("-month_date", "-pk")
    return list(rows.select_related("rule", "commission", "enrolment__programme__shop"))


def month_of(moment: datetime) -> date:
    """The first day of the calendar month, as the site's clock has it."""
    return localtime(moment, get_default_timezone()).date().replace(day=1)


def next_month(month_date: date) -> date:
    return (month_date + timedelta(days=31)).replace(day=1)


def orders_of_month(*, enrolments: Sequence[int], month_date: date) -> dict[int, list[MonthOrder]]:
    """Enrolment -> its standing orders of the month, the earliest placed first; one query."""
    months = orders_of_months(enrolments=enrolments, first=month_date, last=month_date)
    return {enrolment: orders for (enrolment, _month), orders in months.items()}


def orders_of_months(
    *, enrolments: Sequence[int], first: date, last: date
) -> dict[tuple[int, date], list[MonthOrder]]:
    """(Enrolment, month) -> its standing orders from the first month to the last, as `orders_of_month`; one query."""
    rows = (
        Share.objects.filter(
            enrolment__in=enrolments,
            outcome=Outcome.ATTRIBUTED,
            attribution__sale__placed_at__gte=midnight(first),
            attribution__sale__placed_at__lt=midnight(next_month(last)),
            commission__amount_minor__gt=F("commission__reversed_minor"),
        )
        .order_by("attribution__sale__placed_at", "attribution__sale")
        .values_list(
            "enrolment",
            "attribution__sale",
            "attribution__deal",
            "attribution__sale__placed_at",
            "commission__due_at",
            F("commission__amount_minor") - F("commission__reversed_minor"),
        )
    )
    months: dict[tuple[int, date], list[MonthOrder]] = {}
    for enrolment, *row in rows:
        order = MonthOrder(*row)
        months.setdefault((enrolment, month_of(order.placed_at)), []).append(order)
    return months


def settle_bonuses_of_sale(*, sale: Sale, at: datetime) -> None:
    """Settle the bonuses of everybody whose month this sale is in; after it was judged, or given back."""
    shares = Share.objects.filter(attribution__sale=sale, outcome=Outcome.ATTRIBUTED, enrolment__isnull=False)
    has_rules = DealBonus.objects.filter(deal__programme__shop=sale.shop_id).exists()
    if not has_rules:
        return
    for share in shares.select_related("enrolment").order_by("pk"):
        if share.enrolment is not None:
            settle_bonuses(enrolment=share.enrolment, month_date=month_of(sale.placed_at), at=at)


@transaction.atomic
def settle_bonuses(*, enrolment: Enrolment, month_date: date, at: datetime) -> int:
    """Award what the standing orders of a month bring, and take back what they no longer do; how many changed.

    Idempotent: what is due is computed from what stands. A bonus that the budget cannot carry waits: the next order,
    or the next round of `settle_open_bonuses`, asks again. One that the shop rejected stays rejected.
    """
    rows = Enrolment.objects.select_related("programme__shop__payer", "advocate__payee")
    enrolment = rows.get(pk=enrolment.pk)
    lock_books([enrolment.programme.shop.payer_id])
    standing = orders_of_month(enrolments=[enrolment.pk], month_date=month_date).get(enrolment.pk, [])
    known = Bonus.objects.filter(enrolment=enrolment, month_date=month_date)
    live = list(
        known.exclude(commission__state=CommissionState.REVERSED).select_related("rule", "commission")
    )
    changed = 0
    for bonus in live:
        if bonus.rule.orders > len(standing) and bonus.commission.state != CommissionState.REJECTED:
            changed += _take_back(bonus, at=at)
    awarded = {bonus.rule.orders for bonus in live if bonus.rule.orders <= len(standing)}
    rules = {
        (rule.deal_id, rule.orders): rule
        for rule in DealBonus.objects.filter(deal__in={order.deal_id for order in standing})
    }
    for number, order in enumerate(standing, 1):
        rule = rules.get((order.deal_id, number))
        if rule is not None and number not in awarded:
            changed += _award(enrolment, month_date, rule, order, at=at)
    return changed


def settle_open_bonuses(*, at: datetime) -> int:
    """Settle every month that may still change; how many bonuses changed. Run by tick, for what nothing else tells:
    a commission that was rejected, a budget that was filled.
    """
    earliest = month_of(at - _STILL_OPEN)
    least = DealBonus.objects.aggregate(least=Min("orders"))["least"]
    if least is None:
        return 0
    with_rules = DealBonus.objects.values("deal__programme")
    rows = (
        Share.objects.filter(
            outcome=Outcome.ATTRIBUTED,
            enrolment__programme__in=with_rules,
            attribution__sale__placed_at__gte=midnight(earliest),
        )
        .order_by("enrolment")
        .values("enrolment")
        .annotate(orders=Count("pk"))
    )
    ids = [row["enrolment"] for row in rows if row["orders"] >= least]
    months = [earliest]
    while months[-1] < month_of(at):
        months.append(next_month(months[-1]))
    changed = 0
    for month_date in months:
        changed += sum(
            settle_bonuses(enrolment=enrolment, month_date=month_date, at=at)
            for enrolment in _unsettled(ids, month_date)
        )
    return changed


def settle_open_bonuses_now_and_then(*, at: datetime) -> int:
    """The same when nobody did in the last quarter of an hour; 0 when it was not yet time."""
    return settle_open_bonuses(at=at) if cache.add(_SETTLED, 1, timeout=_SETTLED_EVERY_SECONDS) else 0


def _unsettled(ids: Sequence[int], month_date: date) -> list[Enrolment]:
    """Those of the enrolments whose bonuses of the month are not as their standing orders say."""
    months = orders_of_month(enrolments=ids, month_date=month_date)
    live: dict[int, set[int]] = {}
    rows = Bonus.objects.filter(enrolment__in=ids, month_date=month_date)
    for enrolment, orders in rows.exclude(commission__state=CommissionState.REVERSED).values_list(
        "enrolment", "rule__orders"
    ):
        live.setdefault(enrolment, set()).add(orders)
    rules = set(DealBonus.objects.filter(deal__programme__enrolments__in=ids).values_list("deal", "orders"))
    off = [pk for pk in ids if _is_off(months.get(pk, ()), live.get(pk, ()), rules)]
    return list(Enrolment.objects.filter(pk__in=off).order_by("pk"))


def _award(
    enrolment: Enrolment, month_date: date, rule: DealBonus, order: MonthOrder, *, at: datetime
) -> int:
    programme = enrolment.programme
    budget = Budget.objects.filter(programme=programme.pk).first()
    if budget is not None and budget.left_minor < rule.amount_minor:
        return 0
    mine = Bonus.objects.filter(rule=rule, enrolment=enrolment, month_date=month_date)
    number = (mine.aggregate(latest=Max("number"))["latest"] or 0) + 1
    commission = accrue_commission(
        key=f"bonus:{rule.pk}:{enrolment.pk}:{month_date:%Y-%m}:{number}",
        payer=programme.shop.payer,
        payee=enrolment.advocate.payee,
        currency=programme.shop.currency,
        amount_minor=rule.amount_minor,
        description=_("%(shop)s · bonus for %(orders)d orders in %(month)s")
        % {"shop": programme.shop.name, "orders": rule.orders, "month": f"{month_date:%Y-%m}"},
        earned_at=order.placed_at,
        due_at=order.due_at,
        budget=budget,
        at=at,
    )
    Bonus.objects.create(
        rule=rule,
        enrolment=enrolment,
        month_date=month_date,
        number=number,
        sale_id=order.sale_id,
        commission=commission,
        awarded_at=at,
    )
    return 1


def _take_back(bonus: Bonus, *, at: datetime) -> int:
    reverse_commission(
        commission=bonus.commission,
        key=f"bonus:{bonus.pk}:returned",
        amount_minor=bonus.commission.open_minor,
        reason=_("Fewer than %(orders)d orders of the month are left.") % {"orders": bonus.rule.orders},
        at=at,
    )
    return 1
