"""What is known about sales when they are judged: their paths, buyers and deals, and the months of the advocates.

Facts are read for many sales of one shop together, in a number of queries that does not grow with them; one sale is
many of one. Where a sale depends on what the sales before it came to, the facts are told of each judgement
(`SaleFinder.count`), so that many at once come to what they would one after another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Min

from advocates.bonuses import MonthOrder, month_of, orders_of_months
from advocates.buyers import hashes_of
from advocates.deals import DealsOverTime
from advocates.enums import AdvocateState, TouchKind
from advocates.models import Advocate, Deal, Enrolment, Sale, SaleLine, Shop, ShopMember, Touch
from advocates.sale_paths import Step, Window, code_touches, codes_of, own_devices, paths_of, step_of
from advocates.split import (
    AdvocateFacts,
    Inputs,
    LineFacts,
    RateFacts,
    Result,
    SaleFacts,
    TermsFacts,
    TierFacts,
    TouchFacts,
)
from advocates.terms import Terms, category_path
from payouts.bulk_rows import among
from payouts.models import Budget

_LINE = (
    "sale",
    "pk",
    "line_id",
    "gross_minor",
    "discount_minor",
    "vat_minor",
    "product",
    "product__category",
)


@dataclass(frozen=True, slots=True)
class Person:
    """An advocate, as far as a sale asks: who she is, her addresses (hashed), and her time with the programmes."""

    user_id: int
    payee_id: int
    is_suspended: bool
    is_employee: bool
    hashes: frozenset[str]
    enrolments: Mapping[int, Sequence[Enrolment]]

    def enrolment_at(self, programme: int, moment: datetime) -> int | None:
        """The enrolment that was in force then; the latest, if there was more than one."""
        if self.is_suspended:
            return None
        agreed = [one.pk for one in self.enrolments.get(programme, ()) if one.was_agreed_at(moment)]
        return agreed[-1] if agreed else None


class SaleFinder:
    """The facts of these sales of one shop, by their place in the order in which they are judged.

    Made with the payer's books locked where the sales depend on others. `lines` (by place) are those of sales that
    are no rows yet, `claimed` (by place) touches that the shop vouches for.
    """

    def __init__(
        self,
        *,
        shop: Shop,
        sales: Sequence[Sale],
        deals: DealsOverTime,
        claimed: Mapping[int, Sequence[Touch]] | None = None,
        lines: Sequence[Sequence[SaleLine]] | None = None,
    ) -> None:
        self.shop, self.sales = shop, sales
        self.deals = [deals.at(sale.placed_at) for sale in sales]
        self.terms = [deals.terms_of(deal) if deal else None for deal in self.deals]
        self.line_ids: list[tuple[int, ...]] = []
        self._lines = self._stored_lines() if lines is None else [tuple(map(_line, row)) for row in lines]
        self._codes = codes_of(
            [(at, sale, deal.programme_id) for at, sale, deal in self._with_deal() if sale.code]
        )
        self._paths = paths_of(
            shop_id=shop.pk,
            windows=(
                Window(at, sale, deal.window_days if deal else 0)
                for at, (sale, deal) in enumerate(zip(sales, self.deals, strict=True))
            ),
        )
        self._known_clicks = frozenset(self._paths)
        for at, touches in (claimed or {}).items():
            self._paths.setdefault(at, []).extend(map(step_of, touches))
        used = [(at, sales[at], code) for at, code in self._codes.items()]
        for at, step in code_touches(used).items():
            self._paths.setdefault(at, []).append(step)
        self.people = self._people()
        self._devices = own_devices(step for path in self._paths.values() for step in path)
        self._first_orders = self._first_order_of_buyers()
        self._deal_facts: dict[int, TermsFacts] = {}
        self.read_standings()

    def read_standings(self) -> None:
        """Read anew what other sales, bonuses and refunds change: what budgets have left, and orders of months."""
        programmes = {deal.programme_id for deal in self.deals if deal and deal.programme.budget_id}
        budgets = Budget.objects.filter(programme__in=programmes) if programmes else ()
        left = {budget.pk: budget.left_minor for budget in budgets}
        self._budgets = left
        self.months = self._orders_of_months()

    def inputs_of(self, at: int) -> Inputs:
        """All that the split needs to know about the sale at this place."""
        sale, deal, terms, lines = self.sales[at], self.deals[at], self.terms[at], self._lines[at]
        touches = self._touches(at)
        return Inputs(
            sale=SaleFacts(
                placed_at=sale.placed_at,
                currency=sale.currency,
                click=_found(bool(sale.click_text), at in self._known_clicks),
                code=_found(bool(sale.code), at in self._codes),
                is_new_customer=self._is_new_customer(sale, terms),
            ),
            terms=self._terms_facts(deal, terms, lines) if deal and terms else None,
            lines=lines,
            touches=touches,
            advocates=self._months_of(sale, terms, lines, touches) if terms else (),
        )

    def count(self, at: int, result: Result, due_at: datetime | None) -> None:
        """Let the sales after it know what this one came to."""
        sale, deal, terms = self.sales[at], self.deals[at], self.terms[at]
        if deal is None or terms is None or due_at is None:
            return
        if deal.programme.budget_id in self._budgets:
            self._budgets[deal.programme.budget_id] -= result.commission_minor
        if not _has_months(terms):
            return
        for share in result.shares:
            amount = sum(share.amounts)
            if amount and share.enrolment is not None:
                orders = self.months.setdefault((share.enrolment, month_of(sale.placed_at)), [])
                orders.append(MonthOrder(sale.pk, deal.pk, sale.placed_at, due_at, amount))
                orders.sort(key=lambda order: (order.placed_at, order.sale_id))

    def _with_deal(self) -> Iterable[tuple[int, Sale, Deal]]:
        for at, (sale, deal) in enumerate(zip(self.sales, self.deals, strict=True)):
            if deal is not None:
                yield at, sale, deal

    def _stored_lines(self) -> list[tuple[LineFacts, ...]]:
        rows = SaleLine.objects.filter(sale__in=among(sale.pk for sale in self.sales)).order_by("pk")
        lines: dict[int, list[LineFacts]] = {sale.pk: [] for sale in self.sales}
        ids: dict[int, list[int]] = {sale.pk: [] for sale in self.sales}
        for sale, pk, line_id, gross, discount, vat, product, category in rows.values_list(*_LINE):
            path = category_path(category) if category else ""
            lines[sale].append(LineFacts(line_id, gross, discount, vat, product, path))
            ids[sale].append(pk)
        self.line_ids = [tuple(ids[sale.pk]) for sale in self.sales]
        return [tuple(lines[sale.pk]) for sale in self.sales]

    def _people(self) -> dict[int, Person]:
        wanted = {step.advocate for path in self._paths.values() for step in path if step.advocate}
        if not wanted:
            return {}
        advocates = list(
            Advocate.objects.select_related("user", "payee__account")
            .prefetch_related("user__emailaddress_set")
            .filter(pk__in=wanted)
        )
        enrolments: dict[int, dict[int, list[Enrolment]]] = {}
        programmes = {deal.programme_id for deal in self.deals if deal}
        rows = Enrolment.objects.filter(programme__in=programmes, advocate__in=wanted).order_by("pk")
        for row in rows.defer("motivation", "decision_note"):
            enrolments.setdefault(row.advocate_id, {}).setdefault(row.programme_id, []).append(row)
        employees = set(ShopMember.objects.filter(shop=self.shop).values_list("user", flat=True))
        hashes = _hashes_of(advocates)
        return {
            advocate.pk: Person(
                user_id=advocate.user_id,
                payee_id=advocate.payee_id,
                is_suspended=advocate.state == AdvocateState.SUSPENDED,
                is_employee=advocate.user_id in employees,
                hashes=frozenset(hashes[advocate.user_id]),
                enrolments=enrolments.get(advocate.pk, {}),
            )
            for advocate in advocates
        }

    def _touches(self, at: int) -> tuple[TouchFacts, ...]:
        """The touches with what is known of their advocates: enrolled, suspended, employed, buying themselves."""
        sale, deal = self.sales[at], self.deals[at]
        path = self._paths.get(at, ())
        devices: set[int] = set()
        if self._devices:
            devices = {one for step in path for one in self._devices.get(step.visitor_key, ())}  # type: ignore[arg-type]
        shop, buyer = self.shop.pk, sale.customer_hash
        facts = []
        for step in path if len(path) == 1 else sorted(path, key=_when):
            person = self.people.get(step.advocate) if step.advocate else None
            is_known = person is not None
            facts.append(
                TouchFacts(
                    step.id,
                    step.kind,
                    step.occurred_at,
                    step.advocate if is_known else None,
                    person.enrolment_at(deal.programme_id, sale.placed_at) if person and deal else None,
                    step.publication,
                    step.is_own
                    or (person is not None and (buyer in person.hashes or step.advocate in devices)),
                    person is not None and person.is_suspended,
                    person is not None and person.is_employee,
                    step.shop is not None and step.shop != shop,
                )
            )
        return tuple(facts)

    def _terms_facts(self, deal: Deal, terms: Terms, lines: Sequence[LineFacts]) -> TermsFacts:
        facts = self._deal_facts.get(deal.pk)
        if facts is None:
            facts = self._deal_facts[deal.pk] = terms_facts(deal, terms)
        if facts.rates:
            bought = {line.product for line in lines}
            rates = tuple(rate for rate in facts.rates if rate.product is None or rate.product in bought)
            facts = replace(facts, rates=rates)
        if deal.programme.budget_id in self._budgets:
            facts = replace(facts, budget_left_minor=self._budgets[deal.programme.budget_id])
        return facts

    def _first_order_of_buyers(self) -> dict[str, datetime]:
        """Buyer -> when the first of the orders was placed that stand; where the terms ask and nobody said."""
        buyers = {
            sale.customer_hash
            for sale, terms in zip(self.sales, self.terms, strict=True)
            if terms and _asks_for_new_customers(terms) and sale.is_new_customer is None
        } - {""}
        if not buyers:
            return {}
        standing = Sale.objects.filter(shop=self.shop, customer_hash__in=buyers).standing().order_by()
        return dict(standing.values_list("customer_hash").annotate(first=Min("placed_at")))

    def _is_new_customer(self, sale: Sale, terms: Terms | None) -> bool | None:
        """As reported, else whether no earlier order of this buyer stands; asked only where the terms do."""
        if terms is None or not _asks_for_new_customers(terms):
            return None
        if sale.is_new_customer is not None:
            return sale.is_new_customer
        if not sale.customer_hash:
            return None
        first = self._first_orders.get(sale.customer_hash)
        return first is None or first >= sale.placed_at

    def _orders_of_months(self) -> dict[tuple[int, date], list[MonthOrder]]:
        asking = [at for at, terms in enumerate(self.terms) if terms is not None and _has_months(terms)]
        months = {month_of(self.sales[at].placed_at) for at in asking}
        enrolments = {
            row.pk
            for at in asking
            for step in self._paths.get(at, ())
            if step.advocate in self.people
            for row in self.people[step.advocate].enrolments.get(self.deals[at].programme_id, ())  # type: ignore[union-attr]
        }
        if not enrolments:
            return {}
        return orders_of_months(enrolments=sorted(enrolments), first=min(months), last=max(months))

    def _months_of(
        self, sale: Sale, terms: Terms, lines: Sequence[LineFacts], touches: Sequence[TouchFacts]
    ) -> tuple[AdvocateFacts, ...]:
        """What each enrolled advocate of the path did before this sale in its month, where the terms ask for it.

        Nobody's month is written down further than this sale needs it: her orders up to the last step, and of what
        her limit leaves her no more than the order is worth.
        """
        if not terms.tiers and terms.advocate_cap_minor is None:
            return ()
        enrolled = {
            touch.advocate: touch.enrolment for touch in touches if touch.advocate and touch.enrolment
        }
        month_date = month_of(sale.placed_at)
        last_step = max((tier.from_order for tier in terms.tiers), default=1) - 1
        worth = sum(line.base_minor for line in lines)
        facts = []
        for advocate, enrolment in sorted(enrolled.items()):
            month = self.months.get((enrolment or 0, month_date), ())
            orders = [order for order in month if order.sale_id != sale.pk]
            left = None
            if terms.advocate_cap_minor is not None:
                earned = sum(order.open_minor for order in orders)
                left = max(0, min(terms.advocate_cap_minor - earned, worth))
            facts.append(AdvocateFacts(advocate or 0, min(len(orders), last_step), left))
        return tuple(facts)


def _when(step: Step) -> tuple[datetime, str]:
    return step.occurred_at, step.id


def _has_months(terms: Terms) -> bool:
    return bool(terms.tiers or terms.bonuses or terms.advocate_cap_minor is not None)


def _asks_for_new_customers(terms: Terms) -> bool:
    return terms.new_customer_rate_bps is not None or terms.is_first_order_only


def _line(line: SaleLine) -> LineFacts:
    return LineFacts(
        line_id=line.line_id,
        gross_minor=line.gross_minor,
        discount_minor=line.discount_minor,
        vat_minor=line.vat_minor,
        product=line.product_id,
        category=category_path(line.product.category) if line.product else "",
    )


def _found(is_reported: bool, is_known: bool) -> str:
    if not is_reported:
        return "none"
    return "known" if is_known else "unknown"


def terms_facts(deal: Deal, terms: Terms) -> TermsFacts:
    """The terms of a deal as the split reads them, with all its rates; without what its budget has left."""
    assists = (
        (TouchKind.VIEW, terms.counts_views),
        (TouchKind.SAVE, terms.counts_saves),
        (TouchKind.ANSWER, terms.counts_answers),
    )
    return TermsFacts(
        deal=deal.pk,
        version=deal.version,
        rate_bps=terms.rate_bps,
        base=terms.base,
        model=terms.model,
        half_life_days=terms.half_life_days,
        window_days=terms.window_days,
        code_precedence=terms.code_precedence,
        cap_minor=terms.cap_minor,
        first_bps=terms.first_bps,
        last_bps=terms.last_bps,
        assists=tuple(str(kind) for kind, does_count in assists if does_count),
        new_customer_rate_bps=terms.new_customer_rate_bps,
        is_first_order_only=terms.is_first_order_only,
        rates=tuple(
            RateFacts(rate.rate_bps, rate.product.pk if rate.product else None, rate.category)
            for rate in terms.rates
        ),
        tiers=tuple(TierFacts(tier.from_order, tier.extra_bps) for tier in terms.tiers),
    )


def _hashes_of(people: Iterable[Advocate]) -> dict[int, set[str]]:
    """User pk -> hashes of the addresses that are the advocate's: on her account here, and on the one that is paid."""
    people = list(people)
    hashes: dict[Any, set[str]] = hashes_of(advocate.user for advocate in people)
    for advocate in people:
        account = advocate.payee.account
        if account is not None and account.email_hash:
            hashes[advocate.user_id].add(account.email_hash)
    return hashes
