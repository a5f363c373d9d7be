"""What a shop sees of the way to its orders: the funnel, the paths, its advocates, and what an order costs.

The funnel is AIDA (attention, interest, desire, action) counted from touches. Everything else is read from the
stored judgements: their inputs hold the path of each order. All of it is added up in the database.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.utils.timezone import get_default_timezone_name
from django.utils.translation import gettext as _

from advocates.enums import Outcome, ProgrammeState, Reason, TouchKind
from advocates.models import Advocate, Bonus, Mention, Sale, Share, Shop
from advocates.periods import Period
from advocates.touch_counts import counts_between
from advocates.uuid7 import uuid7_floor
from payouts.models import Budget
from payouts.money import round_half_up

#: With fewer than this at a step, what it keeps says nothing.
LEAST_TO_JUDGE = 30
_PERCENT = 100
_MOST_ADVOCATES = 200

_RETURNING = """
SELECT count(*) FROM (
    SELECT touch.visitor_key FROM advocates_touch touch
    WHERE touch.id >= %(first_id)s AND touch.id < %(last_id)s AND touch.kind = %(view)s
        AND touch.visitor_key IS NOT NULL AND NOT touch.is_own
        AND touch.publication_id IN (
            SELECT mention.publication_id FROM advocates_mention mention
            JOIN advocates_product product ON product.id = mention.product_id
            WHERE product.shop_id = %(shop)s
        )
    GROUP BY touch.visitor_key
    HAVING count(DISTINCT (touch.occurred_at AT TIME ZONE %(zone)s)::date) > 1
) AS visitors
"""
#: Why a touch is no part of the path to an order. What a deal's model leaves without pay is: it inspired all the same.
_OUTSIDE = [
    Reason.OUTSIDE_WINDOW,
    Reason.AFTER_SALE,
    Reason.OTHER_SHOP,
    Reason.OWN_PURCHASE,
    Reason.SUSPENDED,
    Reason.NOT_ENROLLED,
]
#: The touches of each path in their order; the path of an order is that of all its shares together.
_STEPS = """
WITH steps AS MATERIALIZED (
    SELECT sale.id AS sale, share.advocate_id AS advocate, sale.placed_at,
        (credit.value ->> 'occurred_at')::timestamptz AS occurred_at,
        row_number() OVER forwards AS place, count(*) OVER whole AS length
    FROM advocates_sale sale
    JOIN advocates_attribution attribution ON attribution.sale_id = sale.id
    JOIN advocates_share share ON share.attribution_id = attribution.id
    CROSS JOIN LATERAL jsonb_array_elements(share.credits) AS credit(value)
    WHERE sale.shop_id = %(shop)s AND sale.placed_at >= %(start)s AND sale.placed_at < %(end)s
        AND attribution.outcome = 'attributed' AND credit.value ->> 'reason' <> ALL(%(outside)s)
    WINDOW whole AS (PARTITION BY sale.id),
        forwards AS (PARTITION BY sale.id
            ORDER BY (credit.value ->> 'occurred_at')::timestamptz, credit.value ->> 'touch')
)
"""
_PATHS = """
SELECT length, count(*),
    count(*) FILTER (WHERE took < interval '1 day'),
    count(*) FILTER (WHERE took >= interval '1 day' AND took < interval '7 days'),
    count(*) FILTER (WHERE took >= interval '7 days' AND took < interval '30 days'),
    count(*) FILTER (WHERE took >= interval '30 days')
FROM (SELECT least(length, 5) AS length, placed_at - occurred_at AS took FROM steps WHERE place = 1) AS paths
GROUP BY length ORDER BY length
"""
_ROLES = """
SELECT advocate, count(DISTINCT sale) FILTER (WHERE place = 1),
    count(DISTINCT sale) FILTER (WHERE place > 1 AND place < length),
    count(DISTINCT sale) FILTER (WHERE place = length), count(DISTINCT sale)
FROM steps GROUP BY advocate ORDER BY 5 DESC, advocate LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel. `kept_percent`: of the step before; None where that is nothing, or was less."""

    slug: str
    name: str
    what: str
    count: int
    before: int
    kept_percent: Decimal | None
    is_leak: bool
    advice: str

    @property
    def is_first(self) -> bool:
        return self.slug == "awareness"


@dataclass(frozen=True, slots=True)
class Funnel:
    """The four steps, and the one at which most is lost; None where too little happened to tell."""

    steps: tuple[Step, ...]
    leak: Step | None

    @property
    def highest(self) -> int:
        return max([step.count for step in self.steps] + [1])


@dataclass(frozen=True, slots=True)
class PathRow:
    """Orders whose path had so many steps (5: five or more), by how long it took from the first one."""

    length: int
    orders: int
    same_day: int
    within_week: int
    within_month: int
    longer: int


@dataclass(frozen=True, slots=True)
class RoleRow:
    """In how many orders somebody stood first, in between, last, and at all; one may stand in several places."""

    name: str
    first: int
    assist: int
    last: int
    orders: int
    earned_minor: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What the orders of a period cost in commissions and bonuses after returns, in the shop's minor units.

    `per_order_minor` is None without orders. `advertising_minor` is what the shop says that an order costs it
    through advertising; `budget_left_minor` what is left of the open programme's budget, if it has one.
    """

    orders: int
    commission_minor: int
    per_order_minor: int | None
    advertising_minor: int | None
    budget_funded_minor: int | None
    budget_left_minor: int | None

    @property
    def saved_minor(self) -> int | None:
        """What an order costs less than through advertising; below zero it costs more."""
        if self.per_order_minor is None or self.advertising_minor is None:
            return None
        return self.advertising_minor - self.per_order_minor


def funnel_of(*, shop: Shop, period: Period) -> Funnel:
    """The funnel of a period beside that of as many days before, with its largest leak."""
    now, then = _counts(shop, period), _counts(shop, period.before)
    words = _words()
    kept = [None, *(_kept(now[number - 1], now[number]) for number in range(1, len(now)))]
    judged = [
        number
        for number in range(1, len(now))
        if kept[number] is not None and now[number - 1] >= LEAST_TO_JUDGE
    ]
    worst = min(judged, key=lambda number: (kept[number], number), default=None)
    steps = tuple(
        Step(slug, name, what, now[number], then[number], kept[number], number == worst, advice)
        for number, (slug, name, what, advice) in enumerate(words)
    )
    return Funnel(steps, steps[worst] if worst is not None else None)


def _words() -> list[tuple[str, str, str, str]]:
    """Each step's key, name, what is counted, and what to do where most is lost on the way to it."""
    return [
        ("awareness", _("Attention"), _("views of what people publish about your products"), ""),
        (
            "interest",
            _("Interest"),
            _("products saved, and visitors who came back another day"),
            _(
                "People look and leave. Give your advocates something to tell: how a thing is made, by whom, and how "
                "it is repaired. Fill in the craft of your products, and ask for pictures in use."
            ),
        ),
        (
            "desire",
            _("Desire"),
            _("clicks to your shop"),
            _(
                "People keep what they see, and do not come to you. Look whether prices and stock are current, and "
                "ask advocates to say for whom a product is, and for whom not."
            ),
        ),
        (
            "action",
            _("Action"),
            _("orders that came this way"),
            _(
                "People come to your shop, and do not buy. Follow a link yourself, on a phone: does it lead to the "
                "product, is it in stock, what does sending cost? Look too whether your shop reports its orders."
            ),
        ),
    ]


def _counts(shop: Shop, period: Period) -> list[int]:
    dates: dict[str, Any] = {"start_date": period.start_date, "end_date": period.end_date}
    about = Mention.objects.filter(product__shop=shop).order_by().values("publication")
    looked = counts_between(**dates, kind__in=[TouchKind.VIEW, TouchKind.ANSWER], publication__in=about)
    done = counts_between(**dates, kind__in=[TouchKind.SAVE, TouchKind.CLICK], shop=shop)
    orders = _attributed(shop, period).count()
    return [
        looked.total(),
        done[(TouchKind.SAVE,)] + _returning(shop, period),
        done[(TouchKind.CLICK,)],
        orders,
    ]


def _returning(shop: Shop, period: Period) -> int:
    """Visitors who looked on more than one day; of touches that are kept still."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RETURNING,
            {
                "shop": shop.pk,
                "view": TouchKind.VIEW,
                "first_id": uuid7_floor(period.start),
                "last_id": uuid7_floor(period.end),
                "zone": get_default_timezone_name(),
            },
        )
        return int(cursor.fetchone()[0])


def _attributed(shop: Shop, period: Period) -> Any:
    return Sale.objects.of_shop(shop).filter(
        placed_at__gte=period.start,
        placed_at__lt=period.end,
        attribution__outcome=Outcome.ATTRIBUTED,
    )


def _kept(before: int, now: int) -> Decimal | None:
    """What a step keeps of the one before, in per cent to one decimal; None where it grows."""
    if before == 0 or now > before:
        return None
    return Decimal(round_half_up(now * _PERCENT * 10, before)) / 10


def paths_of(*, shop: Shop, period: Period) -> list[PathRow]:
    """How many steps the paths to orders had, and how long they took; one query."""
    return [PathRow(*row) for row in _fetch(_PATHS, shop, period)]


def roles_of(*, shop: Shop, period: Period) -> list[RoleRow]:
    """Who stood first, between and last on the paths to orders, the most orders first; four queries."""
    rows = _fetch(_ROLES, shop, period)
    ids = [row[0] for row in rows]
    people = Advocate.objects.select_related("user").in_bulk(ids)
    bonuses = _bonuses(shop, period)
    earned = dict(
        Share.objects.filter(
            attribution__sale__shop=shop,
            attribution__sale__placed_at__gte=period.start,
            attribution__sale__placed_at__lt=period.end,
            attribution__sale__currency=shop.currency,
            advocate__in=ids,
            outcome=Outcome.ATTRIBUTED,
        )
        .order_by()
        .values_list("advocate")
        .annotate(left=Sum(F("commission__amount_minor") - F("commission__reversed_minor")))
    )
    return [
        RoleRow(
            name=people[pk].user.get_full_name() or str(people[pk]),
            first=first,
            assist=assist,
            last=last,
            orders=orders,
            earned_minor=(earned.get(pk) or 0) + bonuses.get(pk, 0),
        )
        for pk, first, assist, last, orders in rows
    ]


def costs_of(*, shop: Shop, period: Period) -> Costs:
    """What an order costs by commissions and bonuses, beside what the shop says of its advertising; three queries."""
    found = (
        Share.objects.filter(
            attribution__sale__shop=shop,
            attribution__sale__placed_at__gte=period.start,
            attribution__sale__placed_at__lt=period.end,
            attribution__sale__currency=shop.currency,
            outcome=Outcome.ATTRIBUTED,
        )
        .order_by()
        .aggregate(
            orders=Count("attribution", distinct=True),
            left=Sum(F("commission__amount_minor") - F("commission__reversed_minor")),
        )
    )
    budget = Budget.objects.filter(Q(programme__state=ProgrammeState.OPEN), programme__shop=shop).first()
    orders, left = found["orders"], (found["left"] or 0) + sum(_bonuses(shop, period).values())
    return Costs(
        orders=orders,
        commission_minor=left,
        per_order_minor=round_half_up(left, orders) if orders else None,
        advertising_minor=shop.advertising_minor,
        budget_funded_minor=budget.funded_minor if budget else None,
        budget_left_minor=budget.left_minor if budget else None,
    )


def _bonuses(shop: Shop, period: Period) -> dict[int, int]:
    """Advocate id -> what is left of the bonuses that orders of the period brought her."""
    found = (
        Bonus.objects.filter(
            sale__shop=shop,
            sale__placed_at__gte=period.start,
            sale__placed_at__lt=period.end,
            sale__currency=shop.currency,
        )
        .order_by()
        .values_list("enrolment__advocate")
    )
    return dict(found.annotate(left=Sum(F("commission__amount_minor") - F("commission__reversed_minor"))))


def _fetch(sql: str, shop: Shop, period: Period) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _STEPS + sql,
            {
                "shop": shop.pk,
                "start": period.start,
                "end": period.end,
                "most": _MOST_ADVOCATES,
                "outside": [str(reason) for reason in _OUTSIDE],
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
