"""What touches earned, added up in the database: each sale once per group, each cent once.

A share lists the touches that carried it (`Share.credits`). What is left of its commission is divided over them by
their weights; a group's total is rounded to the cent so that the groups add up to the whole. A bonus stands at the day
of the order that brought it, and is no sale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.timezone import get_default_timezone_name

from advocates.models import Advocate, Link
from payouts.enums import CommissionState
from payouts.money import allocate

#: The database divides to many decimals; the parts are compared to this precision.
_SCALE = 10**6

_PARTS = """
WITH parts AS (
    SELECT share.id AS share, commission.currency,
        (sale.placed_at AT TIME ZONE %(zone)s)::date AS day_date,
        COALESCE((credit.value ->> 'publication')::bigint, link.publication_id) AS publication,
        link.id AS link,
        CASE WHEN credit.value ->> 'kind' IN ('code', 'claim') THEN credit.value ->> 'kind'
            WHEN COALESCE((credit.value ->> 'publication')::bigint, link.publication_id) IS NOT NULL
                THEN 'publication'
            WHEN link.id IS NULL THEN 'past'
            ELSE 'link:' || link.channel END AS place,
        commission.amount_minor - commission.reversed_minor AS left_minor,
        commission.state = %(paid)s AS is_paid,
        (credit.value ->> 'weight')::numeric / (credit.value ->> 'of')::numeric AS part,
        sum((credit.value ->> 'weight')::numeric / (credit.value ->> 'of')::numeric)
            OVER (PARTITION BY share.id) AS whole
    FROM advocates_share share
    JOIN advocates_attribution attribution ON attribution.id = share.attribution_id
    JOIN advocates_sale sale ON sale.id = attribution.sale_id
    JOIN payouts_commission commission ON commission.id = share.commission_id
    CROSS JOIN LATERAL jsonb_array_elements(share.credits) AS credit(value)
    LEFT JOIN advocates_touch touch ON touch.id = (credit.value ->> 'touch')::uuid
    LEFT JOIN advocates_link link ON link.id = touch.link_id
    WHERE share.advocate_id = %(advocate)s AND sale.placed_at >= %(start)s AND sale.placed_at < %(end)s
        AND (credit.value ->> 'weight')::numeric > 0 AND (credit.value ->> 'of')::numeric > 0
    UNION ALL
    SELECT NULL, commission.currency, (sale.placed_at AT TIME ZONE %(zone)s)::date, NULL, NULL, 'bonus',
        commission.amount_minor - commission.reversed_minor, commission.state = %(paid)s, 1, 1
    FROM advocates_bonus bonus
    JOIN advocates_enrolment enrolment ON enrolment.id = bonus.enrolment_id
    JOIN advocates_sale sale ON sale.id = bonus.sale_id
    JOIN payouts_commission commission ON commission.id = bonus.commission_id
    WHERE enrolment.advocate_id = %(advocate)s AND sale.placed_at >= %(start)s AND sale.placed_at < %(end)s
)
"""
_BY_ALL = (
    _PARTS
    + """
SELECT GROUPING(day_date, publication, place), COALESCE(day_date::text, publication::text, place), currency,
    count(DISTINCT share), sum(left_minor * part / whole),
    COALESCE(sum(left_minor * part / whole) FILTER (WHERE is_paid), 0)
FROM parts
GROUP BY GROUPING SETS ((currency, day_date), (currency, publication), (currency, place), (currency))
ORDER BY 1, 2
"""
)
#: What GROUPING says of each set: a bit for what is not grouped by.
_DATES, _PUBLICATIONS, _PLACES, _ALL = 0b011, 0b101, 0b110, 0b111
_BY_LINK = (
    _PARTS
    + """
SELECT link, currency, count(DISTINCT share), sum(left_minor * part / whole)
FROM parts WHERE link = ANY(%(links)s) GROUP BY link, currency ORDER BY currency
"""
)


@dataclass(frozen=True, slots=True)
class Earned:
    """Sales that a group had a part in, what they earned after returns, and what of it was paid; minor units."""

    sales: int = 0
    earned_minor: int = 0
    paid_minor: int = 0


@dataclass(frozen=True, slots=True)
class EarnedBy:
    """One currency's earnings in a period: in all, by day, by publication, and by place.

    A place is "publication", "code", "claim", "bonus", "past" (the click is too long ago to say which link it was),
    or "link:" and the channel of a link of her own.
    """

    total: Earned
    by_date: dict[date, Earned]
    by_publication: dict[int, Earned]
    by_place: dict[str, Earned]


def earned_by(*, advocate: Advocate, start: datetime, end: datetime) -> dict[str, EarnedBy]:
    """Currency → what an advocate's sales that were placed in [start, end) earned; one query."""
    rows = _fetch(_BY_ALL, advocate_id=advocate.pk, start=start, end=end)
    by_currency: dict[str, dict[int, list[tuple[Any, ...]]]] = {}
    for grouping, key, currency, *figures in rows:
        by_currency.setdefault(currency, {}).setdefault(grouping, []).append((key, *figures))
    return {currency: _of_currency(groups) for currency, groups in sorted(by_currency.items())}


def _of_currency(groups: dict[int, list[tuple[Any, ...]]]) -> EarnedBy:
    [(_key, sales, earned, paid)] = groups[_ALL]
    whole = Earned(sales, round(earned), round(paid))
    return EarnedBy(
        total=whole,
        by_date={
            date.fromisoformat(key): one for key, one in _to_the_cent(whole, groups[_DATES]).items() if key
        },
        by_publication={
            int(key): one for key, one in _to_the_cent(whole, groups[_PUBLICATIONS]).items() if key
        },
        by_place={key: one for key, one in _to_the_cent(whole, groups[_PLACES]).items() if key},
    )


def earned_by_links(
    *, links: Sequence[Link], start: datetime, end: datetime
) -> dict[int, list[tuple[str, Earned]]]:
    """Link id → what each currency's sales through it earned; one query, for links of one advocate."""
    owner = next((link.advocate_id for link in links if link.advocate_id), None)
    if owner is None:
        return {}
    rows = _fetch(_BY_LINK, advocate_id=owner, start=start, end=end, links=[link.pk for link in links])
    found: dict[int, list[tuple[str, Earned]]] = {}
    for link, currency, sales, earned in rows:
        found.setdefault(link, []).append((currency, Earned(sales, round(earned))))
    return found


def _fetch(
    sql: str, *, advocate_id: int, start: datetime, end: datetime, links: Sequence[int] = ()
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "advocate": advocate_id,
                "start": start,
                "end": end,
                "links": list(links),
                "zone": get_default_timezone_name(),
                "paid": CommissionState.PAID,
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _to_the_cent(whole: Earned, rows: Sequence[tuple[Any, ...]]) -> dict[str | None, Earned]:
    """The groups of one division by their keys, rounded so that they add up to the whole."""
    earned = allocate(whole.earned_minor, [int(row[2] * _SCALE) for row in rows])
    paid = allocate(whole.paid_minor, [int(row[3] * _SCALE) for row in rows])
    return {row[0]: Earned(row[1], one, other) for row, one, other in zip(rows, earned, paid, strict=True)}
