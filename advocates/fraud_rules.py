"""The rules against fraud: each looks at a batch of shares at once and says which of them meet it, with the figures.

A rule changes nothing and decides nothing. What it finds is evidence for a person: figures, and ids of our own rows;
no address of a visitor or a buyer. Networks and buyers are known by their keyed hashes alone, which nobody is shown.
docs/fraud.md tells each rule in words.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, Sum

from advocates.enums import FraudRule
from advocates.fraud_batches import Batch, Hit
from advocates.models import Share, Touch
from advocates.uuid7 import uuid7_floor
from payouts.enums import CommissionState
from payouts.money import BPS

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: Around an order, how long a browser may turn out to be the advocate's own.
_DEVICE_DAYS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rule:
    """`is_settled_once`: when the shop found nothing wrong with a case, its later orders are not held for it again."""

    rule: FraudRule
    examine: Callable[[Batch], Iterable[Hit]]
    is_settled_once: bool = False


def _rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _bounds(spans: Sequence[tuple[datetime, datetime]]) -> tuple[list[Any], ...]:
    """Spans as columns: since, until, and between which ids their touches lie, so that other months are left alone."""
    since, until = ([span[end] for span in spans] for end in (0, 1))
    low = [uuid7_floor(moment) for moment in since]
    high = [uuid7_floor(moment + timedelta(milliseconds=1)) for moment in until]
    return since, until, low, high


def _clicks_per_link(batch: Batch) -> Iterable[Hit]:
    """In the hour up to a click that is paid for, that link was clicked very often."""
    clicks = {click.pk: click for _one, click in batch.clicks if click.link_id}
    if not clicks:
        return
    spans = [(click.occurred_at - _HOUR, click.occurred_at) for click in clicks.values()]
    found = dict(
        _rows(
            """
            SELECT given.touch, counted.clicks
            FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::uuid[], %s::uuid[])
                AS given(touch, link, since, until, low, high)
            CROSS JOIN LATERAL (
                SELECT count(*) AS clicks FROM advocates_touch touch
                WHERE touch.link_id = given.link AND touch.kind = 'click'
                AND touch.occurred_at > given.since AND touch.occurred_at <= given.until
                AND touch.id >= given.low AND touch.id < given.high
            ) counted
            WHERE counted.clicks >= %s
            """,
            [
                list(clicks),
                [click.link_id for click in clicks.values()],
                *_bounds(spans),
                batch.thresholds.clicks_per_link,
            ],
        )
    )
    for one, click in batch.clicks:
        if click.pk in found:
            yield Hit(
                one.share,
                {
                    "clicks": found[click.pk],
                    "threshold": batch.thresholds.clicks_per_link,
                    "link": click.link_id,
                    "until": click.occurred_at.isoformat(),
                },
                subject=f"link:{click.link_id}:{click.occurred_at.astimezone(UTC).date()}",
            )


def _clicks_per_network(batch: Batch) -> Iterable[Hit]:
    """On the day of a click that is paid for, that network clicked this advocate's links very often."""
    clicks = [(one, click) for one, click in batch.clicks if click.network is not None]
    if not clicks:
        return
    days = sorted({(one.advocate, _midnight(click.occurred_at)) for one, click in clicks})
    # The hash has another key each day, so one network's is another one tomorrow.
    rows = _rows(
        """
        SELECT given.advocate, given.since, counted.network, counted.clicks
        FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::uuid[], %s::uuid[])
            AS given(advocate, since, until, low, high)
        CROSS JOIN LATERAL (
            SELECT touch.network, count(*) AS clicks FROM advocates_touch touch
            WHERE touch.advocate_id = given.advocate AND touch.kind = 'click' AND touch.network IS NOT NULL
            AND touch.occurred_at >= given.since AND touch.occurred_at < given.until
            AND touch.id >= given.low AND touch.id < given.high
            GROUP BY touch.network
            HAVING count(*) >= %s
        ) counted
        """,
        [
            [advocate for advocate, _day in days],
            *_bounds([(day, day + _DAY) for _advocate, day in days]),
            batch.thresholds.clicks_per_network,
        ],
    )
    found = {(advocate, day, network): total for advocate, day, network, total in rows}
    for one, click in clicks:
        day = _midnight(click.occurred_at)
        if total := found.get((one.advocate, day, click.network)):
            yield Hit(
                one.share,
                {
                    "clicks": total,
                    "threshold": batch.thresholds.clicks_per_network,
                    "day": day.date().isoformat(),
                },
                subject=f"network:{day.date()}:{click.network}",
            )


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _same_buyer(batch: Batch) -> Iterable[Hit]:
    """One buyer orders through one advocate again and again; sooner where it looks like her own device or network."""
    near = _near(batch)
    known = [one for one in batch.open if one.buyer]
    days = timedelta(days=batch.thresholds.buyer_days)
    orders = dict(
        _rows(
            """
            SELECT given.share, count(*)
            FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[])
                AS given(share, shop, advocate, buyer, placed_at)
            JOIN advocates_sale sale ON sale.customer_hash = given.buyer AND sale.shop_id = given.shop
                AND sale.placed_at BETWEEN given.placed_at - %s AND given.placed_at + %s
            JOIN advocates_attribution attribution ON attribution.sale_id = sale.id
            JOIN advocates_share share ON share.attribution_id = attribution.id
                AND share.advocate_id = given.advocate AND share.commission_id IS NOT NULL
            GROUP BY given.share
            """,
            [
                [one.share for one in known],
                [one.shop for one in known],
                [one.advocate for one in known],
                [one.buyer for one in known],
                [one.placed_at for one in known],
                days,
                days,
            ],
        )
        if known
        else ()
    )
    limits = batch.thresholds
    for one in batch.open:
        closeness = near.get(one.share, "")
        threshold = {"device": 1, "network": limits.buyer_orders_near}.get(closeness, limits.buyer_orders)
        total = orders.get(one.share, 1)
        if total >= threshold:
            yield Hit(
                one.share,
                {
                    "orders": total,
                    "threshold": threshold,
                    "days": limits.buyer_days,
                    "near": closeness,
                },
                subject=f"buyer:{one.buyer}" if one.buyer else "",
            )


def _near(batch: Batch) -> dict[UUID, str]:
    """Share -> "device" or "network" where a click came from a browser, or on a day from a network, of her own."""
    clicks = [(one, click) for one, click in batch.clicks if click.visitor_key or click.network is not None]
    if not clicks:
        return {}
    moments = [click.occurred_at for _one, click in clicks]
    low, high = uuid7_floor(min(moments) - _DEVICE_DAYS), uuid7_floor(max(moments) + _DEVICE_DAYS)
    own = (
        Touch.objects.filter(is_own=True, advocate__in={one.advocate for one, _click in clicks})
        .filter(
            Q(visitor_key__in={click.visitor_key for _one, click in clicks} - {None})
            | Q(network__in={click.network for _one, click in clicks} - {None})
        )
        .filter(pk__gte=low, pk__lt=high)
        .order_by()
        .values_list("advocate", "visitor_key", "network")
        .distinct()
    )
    devices, networks = set(), set()
    for advocate, visitor_key, network in own:
        devices.add((advocate, visitor_key))
        networks.add((advocate, network))
    near: dict[UUID, str] = {}
    for one, click in clicks:
        if click.visitor_key and (one.advocate, click.visitor_key) in devices:
            near[one.share] = "device"
        elif click.network is not None and (one.advocate, click.network) in networks:
            near.setdefault(one.share, "network")
    return near


def _disposable_mail(batch: Batch) -> Iterable[Hit]:
    """The buyer used a mail address that is thrown away."""
    return (Hit(one.share, {"orders": 1}) for one in batch.open if one.is_disposable_mail)


def _refund_rate(batch: Batch) -> Iterable[Hit]:
    """Of what an advocate earned at a shop lately, much was taken back by returns."""
    limits = batch.thresholds
    pairs = {(one.advocate, one.shop) for one in batch.shares}
    sums = (
        Share.objects.filter(
            advocate__in={advocate for advocate, _shop in pairs},
            attribution__sale__shop__in={shop for _advocate, shop in pairs},
            commission__earned_at__gt=batch.at - timedelta(days=limits.refund_days),
        )
        .exclude(commission__state=CommissionState.REJECTED)
        .order_by()
        .values_list("advocate", "attribution__sale__shop")
        .annotate(
            orders=Count("pk"), earned=Sum("commission__amount_minor"), back=Sum("commission__reversed_minor")
        )
    )
    for advocate, shop, orders, earned, back in sums:
        is_much = back * BPS >= limits.refund_bps * earned
        if (advocate, shop) in pairs and orders >= limits.refund_orders and is_much:
            evidence = {
                "orders": orders,
                "earned_minor": earned,
                "back_minor": back,
                "back_bps": back * BPS // earned,
                "threshold_bps": limits.refund_bps,
                "days": limits.refund_days,
            }
            subject = f"refunds:{batch.at.astimezone(UTC):%Y-%m}"
            # Every commission that is not paid yet: the rate is hers, not one order's.
            unpaid = Share.objects.unpaid().filter(advocate=advocate, attribution__sale__shop=shop)
            for share in unpaid.values_list("pk", flat=True):
                yield Hit(share, evidence, subject)


def _paid_search(batch: Batch) -> Iterable[Hit]:
    """An advertisement in a search engine led to a click that is paid for, where the terms do not allow it."""
    for one in batch.open:
        paid = [click for click in one.clicks if click.is_paid_search]
        if paid and not one.is_paid_search_allowed:
            yield Hit(
                one.share,
                {"clicks": len(paid), "of": len(one.clicks), "link": paid[0].link_id},
                subject=f"advertisement:{paid[0].link_id}",
            )


def _shared_payout(batch: Batch) -> Iterable[Hit]:
    """The advocate is paid to an account that another advocate is paid to as well."""
    advocates = {one.advocate for one in batch.open}
    others = sharing_accounts(advocates)
    for one in batch.open:
        if one.advocate not in others:
            continue
        by_bank, by_mail = others[one.advocate]
        together = sorted(by_bank | by_mail)
        digest = hashlib.sha256(",".join(map(str, together)).encode()).hexdigest()
        yield Hit(
            one.share,
            {
                "others": together,
                "by": [name for name, ids in (("bank", by_bank), ("mail", by_mail)) if ids],
            },
            subject=f"account:{digest[:32]}",
        )


def sharing_accounts(advocates: Iterable[int]) -> dict[int, tuple[set[int], set[int]]]:
    """Advocate -> the other advocates (by bank account, by e-mail address) who are paid to the same place."""
    found: dict[int, tuple[set[int], set[int]]] = {}
    ids = list(advocates)
    if not ids:
        return found
    pairs = _rows(
        """
        WITH mine AS (
            SELECT advocate.id AS advocate, account.id, account.bank_hashes, account.email_hash
            FROM advocates_advocate advocate
            JOIN payouts_payee payee ON payee.id = advocate.payee_id
            JOIN payouts_connectedaccount account ON account.id = payee.account_id
            WHERE advocate.id = ANY(%s)
        ), alike AS (
            SELECT mine.advocate, other.id, true AS by_bank
            FROM mine JOIN payouts_connectedaccount other
                ON other.bank_hashes && mine.bank_hashes AND other.id <> mine.id
            UNION ALL
            SELECT mine.advocate, other.id, false
            FROM mine JOIN payouts_connectedaccount other
                ON other.email_hash = mine.email_hash AND other.email_hash <> '' AND other.id <> mine.id
        )
        SELECT alike.advocate, advocate.id, alike.by_bank
        FROM alike
        JOIN payouts_payee payee ON payee.account_id = alike.id
        JOIN advocates_advocate advocate ON advocate.payee_id = payee.id
        """,
        [ids],
    )
    for advocate, other, is_by_bank in pairs:
        found.setdefault(advocate, (set(), set()))[0 if is_by_bank else 1].add(other)
    return found


RULES = (
    Rule(FraudRule.CLICKS_PER_LINK, _clicks_per_link, is_settled_once=True),
    Rule(FraudRule.CLICKS_PER_NETWORK, _clicks_per_network, is_settled_once=True),
    Rule(FraudRule.SAME_BUYER, _same_buyer, is_settled_once=True),
    Rule(FraudRule.DISPOSABLE_MAIL, _disposable_mail),
    Rule(FraudRule.REFUND_RATE, _refund_rate, is_settled_once=True),
    Rule(FraudRule.PAID_SEARCH, _paid_search),
    Rule(FraudRule.SHARED_PAYOUT, _shared_payout, is_settled_once=True),
)
