"""Attribution: the path that led to a sale is collected, split, and stored with all that the split was given.

`split.split` decides; this module only finds the facts and writes the answer down. Ids are made from the shop, the
order number and the advocate, so that the same reports give the same rows wherever they are played.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from advocates.bodies import digest_of
from advocates.buyers import hashes_of
from advocates.codes import find_code
from advocates.deals import deal_in_force
from advocates.enums import AdvocateState, TouchKind
from advocates.models import (
    Advocate,
    Attribution,
    Code,
    Deal,
    Enrolment,
    Mention,
    Sale,
    Share,
    ShareLine,
    ShopMember,
    Touch,
)
from advocates.split import (
    CLOCK_TOLERANCE,
    AdvocateShare,
    Credit,
    Inputs,
    LineFacts,
    Result,
    SaleFacts,
    TermsFacts,
    TouchFacts,
    inputs_as_json,
    split,
)
from advocates.uuid7 import named_uuid7
from payouts.commissions import accrue_commission
from payouts.ledger import lock_books
from payouts.models import Budget, Commission

__all__ = ["attribute_sale", "split"]

#: A path is the newest touches of a visitor up to this number; a person does not come near it.
LONGEST_PATH = 300

_IDS = uuid.UUID("5b0e6c3e-6b7c-5f0e-9d53-6f3d0c6f7a11")


@transaction.atomic
def attribute_sale(*, sale: Sale, at: datetime, claimed: Sequence[Touch] = ()) -> Attribution:
    """Judge one sale under the deal in force when it was placed, and accrue a commission per share.

    A sale is judged once: called again, the attribution that is there comes back. Sales under a budget wait for
    each other on the payer's books, so that what is left is the same for the check and for the booking.
    `claimed` are touches that the shop vouches for beside those that it reported (`claims.grant_claim`).
    """
    known = Attribution.objects.filter(sale=sale).first()
    if known is not None:
        return known
    deal = deal_in_force(shop=sale.shop, at=sale.placed_at)
    if deal is not None and deal.programme.budget_id is not None:
        lock_books([sale.shop.payer_id])
    inputs = _collect(sale, deal, claimed)
    result = split(inputs)
    stored = inputs_as_json(inputs)
    attribution = Attribution.objects.create(
        sale=sale,
        deal=deal,
        outcome=result.outcome,
        reason=result.reason,
        base_minor=result.base_minor,
        commission_minor=result.commission_minor,
        engine_version=inputs.engine_version,
        inputs=stored,
        inputs_sha256=digest_of(stored),
        attributed_at=at,
    )
    _store_shares(attribution, deal, result, at)
    return attribution


def _collect(sale: Sale, deal: Deal | None, claimed: Sequence[Touch]) -> Inputs:
    """All that the split needs to know about this sale, read from the rows as they are now."""
    clicked = _clicked(sale)
    code = _code_of(sale, deal)
    touches = [*_path(sale, deal, clicked), *claimed]
    if code is not None:
        touches.append(_code_touch(sale, code))
    return Inputs(
        sale=SaleFacts(
            placed_at=sale.placed_at,
            currency=sale.currency,
            click=_found(bool(sale.click_text), clicked),
            code=_found(bool(sale.code), code),
        ),
        terms=_terms(deal) if deal else None,
        lines=tuple(
            LineFacts(line.line_id, line.gross_minor, line.discount_minor, line.vat_minor)
            for line in sale.lines.all()
        ),
        touches=_facts(sale, deal, touches),
    )


def _found(is_reported: bool, row: object) -> str:
    if not is_reported:
        return "none"
    return "known" if row else "unknown"


def _terms(deal: Deal) -> TermsFacts:
    # Read anew: other sales may have taken from it since the deal was found.
    budget = Budget.objects.filter(pk=deal.programme.budget_id).first()
    return TermsFacts(
        deal=deal.pk,
        version=deal.version,
        rate_bps=deal.rate_bps,
        base=deal.base,
        model=deal.model,
        half_life_days=deal.half_life_days,
        window_days=deal.window_days,
        code_precedence=deal.code_precedence,
        cap_minor=deal.cap_minor,
        budget_left_minor=budget.left_minor if budget else None,
    )


def _clicked(sale: Sale) -> Touch | None:
    if sale.click_id is None:
        return None
    return Touch.objects.filter(pk=sale.click_id, kind=TouchKind.CLICK).first()


def _code_of(sale: Sale, deal: Deal | None) -> Code | None:
    """The reported code, however it was typed, if it was in use when the sale was placed."""
    if deal is None:
        return None
    return find_code(programme=deal.programme, text=sale.code, at=sale.placed_at)


def _code_touch(sale: Sale, code: Code) -> Touch:
    """The use of a code as a touch of its own, at the moment of the sale."""
    touch, _created = Touch.objects.get_or_create(
        id=named_uuid7(at=sale.placed_at, name=str(_id_for("code", sale))),
        defaults={
            "kind": TouchKind.CODE,
            "shop": sale.shop,
            "advocate_id": code.enrolment.advocate_id,
            "occurred_at": sale.placed_at,
        },
    )
    return touch


def _path(sale: Sale, deal: Deal | None, clicked: Touch | None) -> list[Touch]:
    """The reported click, and what the same visitor did for this shop before it.

    What is longer ago than the window comes along, so that an advocate who came too early is told so.
    """
    if clicked is None:
        return []
    if clicked.visitor_key is None:
        return [clicked]
    days = max(deal.window_days if deal else 0, settings.VISITOR_COOKIE_DAYS)
    of_shop = Mention.objects.filter(product__shop=sale.shop).values("publication")
    before = (
        Touch.objects.path_of(
            clicked.visitor_key, shop=sale.shop, until=sale.placed_at + CLOCK_TOLERANCE, days=days
        )
        .filter(Q(shop=sale.shop) | Q(publication__in=of_shop))
        .exclude(pk=clicked.pk)
        .order_by("-occurred_at", "-pk")
    )
    return [clicked, *before[: LONGEST_PATH - 1]]


def _facts(sale: Sale, deal: Deal | None, touches: Sequence[Touch]) -> tuple[TouchFacts, ...]:
    """The touches with what is known of their advocates: enrolled, suspended, employed, buying themselves."""
    advocates = _advocates_of(touches)
    people = {advocate.pk: advocate for advocate in advocates.values()}
    enrolments: dict[int, int] = {}
    if deal is not None:
        active = Enrolment.objects.active(at=sale.placed_at)
        rows = active.filter(programme=deal.programme_id, advocate__in=people).order_by("pk")
        enrolments = dict(rows.values_list("advocate", "pk"))
    employees = set(ShopMember.objects.filter(shop=sale.shop_id).values_list("user", flat=True))
    hashes = hashes_of(advocate.user for advocate in people.values())
    facts = []
    for touch in sorted(touches, key=lambda touch: (touch.occurred_at, str(touch.pk))):
        advocate = advocates.get(touch.pk)
        facts.append(
            TouchFacts(
                id=str(touch.pk),
                kind=touch.kind,
                occurred_at=touch.occurred_at,
                advocate=advocate.pk if advocate else None,
                enrolment=enrolments.get(advocate.pk) if advocate else None,
                publication=touch.publication_id,
                is_own=touch.is_own
                or (advocate is not None and sale.customer_hash in hashes[advocate.user_id]),
                is_suspended=advocate is not None and advocate.state == AdvocateState.SUSPENDED,
                is_employee=advocate is not None and advocate.user_id in employees,
                is_other_shop=touch.shop_id not in {None, sale.shop_id},
            )
        )
    return tuple(facts)


def _advocates_of(touches: Iterable[Touch]) -> dict[uuid.UUID, Advocate]:
    """Touch -> advocate: the one on the touch, else the author of its publication if that is an advocate by now."""
    rows = Touch.objects.filter(pk__in=[touch.pk for touch in touches]).values_list(
        "pk", "advocate", "publication__author__advocate"
    )
    ids = {pk: direct or through_author for pk, direct, through_author in rows}
    people = (
        Advocate.objects.select_related("user", "payee")
        .prefetch_related("user__emailaddress_set")
        .in_bulk([advocate for advocate in ids.values() if advocate])
    )
    return {pk: people[advocate] for pk, advocate in ids.items() if advocate}


def _store_shares(attribution: Attribution, deal: Deal | None, result: Result, at: datetime) -> None:
    sale = attribution.sale
    lines = list(sale.lines.all())
    people = Advocate.objects.select_related("payee").in_bulk([part.advocate for part in result.shares])
    for part in result.shares:
        share_id = _id_for("share", sale, part.advocate)
        amount = sum(part.amounts)
        commission = None
        if amount and deal is not None:
            commission = accrue_commission(
                key=f"share:{share_id}",
                payer=sale.shop.payer,
                payee=people[part.advocate].payee,
                currency=sale.currency,
                amount_minor=amount,
                description=f"{sale.shop.name} · {sale.external_id}",
                earned_at=sale.placed_at,
                due_at=(sale.delivered_at or sale.placed_at) + timedelta(days=deal.hold_days),
                budget=deal.programme.budget,
                at=at,
            )
        share = _store_share(attribution, part, share_id, commission)
        if commission is not None:
            ShareLine.objects.bulk_create(
                ShareLine(
                    share=share,
                    sale_line=line,
                    base_minor=of_all.base_minor,
                    commission_minor=of_all.commission_minor,
                    amount_minor=mine,
                )
                for line, of_all, mine in zip(lines, result.lines, part.amounts, strict=True)
            )


def _store_share(
    attribution: Attribution, part: AdvocateShare, share_id: uuid.UUID, commission: Commission | None
) -> Share:
    return Share.objects.create(
        id=share_id,
        attribution=attribution,
        advocate_id=part.advocate,
        enrolment_id=part.enrolment,
        outcome=part.outcome,
        reason=part.reason,
        weight=part.weight,
        weight_of=part.weight_of,
        credits=[_credit_as_json(credit) for credit in part.credits],
        commission=commission,
    )


def _credit_as_json(credit: Credit) -> dict[str, object]:
    return {
        "touch": credit.touch.id,
        "kind": credit.touch.kind,
        "occurred_at": credit.touch.occurred_at.isoformat(),
        "publication": credit.touch.publication,
        "weight": credit.weight,
        "of": credit.of,
        "reason": credit.reason,
    }


def _id_for(what: str, sale: Sale, *parts: object) -> uuid.UUID:
    """The same row gets the same id whenever and wherever the same report is played."""
    return uuid.uuid5(_IDS, "\n".join(map(str, (what, sale.shop_id, sale.external_id, *parts))))
