"""Terms: what one version of a deal says, whether it can be published, and whether it is worse than another."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from advocates.enums import AttributionModel, CodePrecedence, CommissionBase
from advocates.models import Deal, Product, Shop
from payouts.money import BPS, SETTLEMENT_CURRENCIES

#: Days between writing terms that are worse for somebody and their coming into force (docs/decisions/0004).
NOTICE_DAYS = 14
MAX_RATE_BPS = BPS
MAX_DAYS = 365
MAX_MINOR = 10**12
MAX_ORDERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerm:
    """A rate of its own: for `product`, or for `category` ("Wonen > Vazen") and all below it; one of the two."""

    rate_bps: int
    product: Product | None = None
    category: str = ""

    @property
    def key(self) -> tuple[int, str]:
        """What the rate is for; two rates of a deal never share one."""
        return (self.product.pk if self.product else 0), self.category.casefold()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TierTerm:
    """What comes on top of each rate from an advocate's order with this number in a calendar month on."""

    from_order: int
    extra_bps: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class BonusTerm:
    """What an advocate gets once a month for this number of orders that stand."""

    orders: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All terms of one deal version.

    `rate_bps` in basis points of each order line's `base`; days are whole days; `cap_minor` (of one order) and
    `advocate_cap_minor` (of one advocate in a calendar month) in minor units of `currency`, None where there is no
    limit. `first_bps` and `last_bps` matter in the position model, `half_life_days` under time decay.
    """

    rate_bps: int
    currency: str = "EUR"
    base: CommissionBase = CommissionBase.NET
    model: AttributionModel = AttributionModel.POSITION
    first_bps: int = 4000
    last_bps: int = 4000
    half_life_days: int = 7
    window_days: int = 30
    hold_days: int = 30
    code_precedence: CodePrecedence = CodePrecedence.CODE_WINS
    counts_views: bool = False
    counts_saves: bool = False
    counts_answers: bool = False
    new_customer_rate_bps: int | None = None
    is_first_order_only: bool = False
    is_paid_search_allowed: bool = False
    cap_minor: int | None = None
    advocate_cap_minor: int | None = None
    rates: tuple[RateTerm, ...] = ()
    tiers: tuple[TierTerm, ...] = ()
    bonuses: tuple[BonusTerm, ...] = ()

    @property
    def highest_rate_bps(self) -> int:
        """The most that anybody can earn of a line under these terms."""
        highest = max(self.rate_bps, self.new_customer_rate_bps or 0, *[rate.rate_bps for rate in self.rates])
        return min(highest + max((tier.extra_bps for tier in self.tiers), default=0), MAX_RATE_BPS)

    def extra_bps_at(self, order: int) -> int:
        """What comes on top of each rate for somebody's order with this number."""
        return max((tier.extra_bps for tier in self.tiers if tier.from_order <= order), default=0)

    def bonuses_minor_at(self, orders: int) -> int:
        """What this number of orders in a month brings in bonuses together."""
        return sum(bonus.amount_minor for bonus in self.bonuses if bonus.orders <= orders)


#: Fields of Terms that are columns of Deal; the others are rows beside it.
COLUMNS = tuple(name for name in Terms.__dataclass_fields__ if name not in {"rates", "tiers", "bonuses"})


def category_path(text: str) -> str:
    """A category as it is compared: its levels with " > " between them."""
    return " > ".join(" ".join(level.split()) for level in text.split(">") if level.strip())


def terms_of(deal: Deal) -> Terms:
    """The terms as one version states them; three queries unless the deal was loaded `with_terms`."""
    return Terms(
        **{name: getattr(deal, name) for name in COLUMNS}
        | {
            "base": CommissionBase(deal.base),
            "model": AttributionModel(deal.model),
            "code_precedence": CodePrecedence(deal.code_precedence),
            "rates": tuple(
                RateTerm(rate_bps=row.rate_bps, product=row.product, category=row.category)
                for row in deal.rates.all()
            ),
            "tiers": tuple(
                TierTerm(from_order=row.from_order, extra_bps=row.extra_bps) for row in deal.tiers.all()
            ),
            "bonuses": tuple(
                BonusTerm(orders=row.orders, amount_minor=row.amount_minor) for row in deal.bonuses.all()
            ),
        }
    )


def terms_errors(*, terms: Terms, shop: Shop) -> dict[str, list[str]]:
    """What is wrong with the terms, per field; of a row under "rates", "tiers" or "bonuses". Empty: publishable."""
    errors: dict[str, list[str]] = {}
    rate = _("Choose a commission above 0% and at most 100%.")
    days = _("Choose a number of days from %(least)d to %(most)d.")
    amount = _("Choose an amount above zero, or leave it empty for no limit.")
    new_rate = terms.new_customer_rate_bps
    first, last = terms.first_bps, terms.last_bps
    for holds, field, message in (
        (0 < terms.rate_bps <= MAX_RATE_BPS, "rate_bps", rate),
        (new_rate is None or 0 < new_rate <= MAX_RATE_BPS, "new_customer_rate_bps", rate),
        (1 <= terms.window_days <= MAX_DAYS, "window_days", days % {"least": 1, "most": MAX_DAYS}),
        (0 <= terms.hold_days <= MAX_DAYS, "hold_days", days % {"least": 0, "most": MAX_DAYS}),
        (1 <= terms.half_life_days <= MAX_DAYS, "half_life_days", days % {"least": 1, "most": MAX_DAYS}),
        (
            min(first, last) >= 0 and first + last <= MAX_RATE_BPS,
            "last_bps",
            _("The parts of the first and the last are at most 100% together."),
        ),
        (terms.base in CommissionBase, "base", _("Choose what the commission is taken of.")),
        (terms.model in AttributionModel, "model", _("Choose how a commission is split.")),
        (
            terms.code_precedence in CodePrecedence,
            "code_precedence",
            _("Choose what happens when a code and a link lead to the same order."),
        ),
        (_is_limit(terms.cap_minor), "cap_minor", amount),
        (_is_limit(terms.advocate_cap_minor), "advocate_cap_minor", amount),
        (
            terms.currency == shop.currency and terms.currency in SETTLEMENT_CURRENCIES,
            "currency",
            _("Commissions are paid in the shop's currency, %(currency)s.") % {"currency": shop.currency},
        ),
    ):
        if not holds:
            errors.setdefault(field, []).append(message)
    for field, messages in (
        ("rates", _rate_errors(terms.rates, shop)),
        ("tiers", _tier_errors(terms.tiers)),
        ("bonuses", _bonus_errors(terms.bonuses)),
    ):
        if told := list(dict.fromkeys(messages)):
            errors[field] = told
    return errors


def _is_limit(amount_minor: int | None) -> bool:
    return amount_minor is None or 0 < amount_minor <= MAX_MINOR


def _rate_errors(rates: Iterable[RateTerm], shop: Shop) -> Iterable[str]:
    seen = set()
    for rate in rates:
        if not 0 <= rate.rate_bps <= MAX_RATE_BPS:
            yield _("A rate of its own lies from 0% to 100%.")
        if (rate.product is None) == (not rate.category):
            yield _("A rate of its own is for one product or for one category.")
        if rate.product is not None and rate.product.shop_id != shop.pk:
            yield _("This product is another shop's.")
        if rate.key in seen:
            yield _("“%(name)s” has two rates. Keep one.") % {"name": rate.product or rate.category}
        seen.add(rate.key)


def _tier_errors(tiers: Iterable[TierTerm]) -> Iterable[str]:
    before: TierTerm | None = None
    for tier in sorted(tiers):
        if not 2 <= tier.from_order <= MAX_ORDERS:  # noqa: PLR2004 -- the first order is what the rate is for
            yield _("A step begins at the second order or later.")
        if not 0 < tier.extra_bps <= MAX_RATE_BPS:
            yield _("A step puts on top more than 0%, and at most 100%.")
        if before and (before.from_order == tier.from_order or before.extra_bps >= tier.extra_bps):
            yield _("Each step begins later than the one before and brings more.")
        before = tier


def _bonus_errors(bonuses: Iterable[BonusTerm]) -> Iterable[str]:
    numbers = [bonus.orders for bonus in bonuses]
    for bonus in bonuses:
        if not 1 <= bonus.orders <= MAX_ORDERS:
            yield _("A bonus is for one order or more.")
        if not 0 < bonus.amount_minor <= MAX_MINOR:
            yield _("A bonus is an amount above zero.")
    if len(set(numbers)) < len(numbers):
        yield _("Two bonuses are for the same number of orders. Keep one.")


def notice_days_for(old: Terms, new: Terms) -> int:
    """The days of notice that a change of terms takes: none if it is better for every advocate in every respect.

    Better or equal means: no rate, step or bonus lower, window not shorter, hold not longer, no lower limit on an
    order or a month, not for fewer orders, advertising not forbidden, and the same currency, base, split and
    precedence – a different split gives to one advocate what it takes from another.
    """
    shared = [
        "currency",
        "base",
        "model",
        "code_precedence",
        "counts_views",
        "counts_saves",
        "counts_answers",
    ]
    if new.model == AttributionModel.DECAY:
        shared.append("half_life_days")
    if new.model == AttributionModel.POSITION:
        shared += ["first_bps", "last_bps"]
    is_better = (
        _are_rates_kept(old, new)
        and new.window_days >= old.window_days
        and new.hold_days <= old.hold_days
        and _is_limit_kept(old.cap_minor, new.cap_minor)
        and _is_limit_kept(old.advocate_cap_minor, new.advocate_cap_minor)
        and new.is_first_order_only <= old.is_first_order_only
        and new.is_paid_search_allowed >= old.is_paid_search_allowed
        and all(getattr(new, field) == getattr(old, field) for field in shared)
        and all(new.extra_bps_at(tier.from_order) >= tier.extra_bps for tier in old.tiers)
        and all(new.bonuses_minor_at(one.orders) >= old.bonuses_minor_at(one.orders) for one in old.bonuses)
    )
    return 0 if is_better else NOTICE_DAYS


def _are_rates_kept(old: Terms, new: Terms) -> bool:
    """Whether no order line earns less. A rate that goes or comes is held against all that it may stand in for."""
    before, after = ({rate.key: rate.rate_bps for rate in terms.rates} for terms in (old, new))
    old_new_customer = old.rate_bps if old.new_customer_rate_bps is None else old.new_customer_rate_bps
    new_new_customer = new.rate_bps if new.new_customer_rate_bps is None else new.new_customer_rate_bps
    most_before = max(old.rate_bps, old_new_customer, *before.values())
    least_after = min(new.rate_bps, new_new_customer, *after.values())
    return (
        new.rate_bps >= old.rate_bps
        and new_new_customer >= old_new_customer
        and all(after.get(key, least_after) >= rate for key, rate in before.items())
        and all(rate >= before.get(key, most_before) for key, rate in after.items())
    )


def _is_limit_kept(old_minor: int | None, new_minor: int | None) -> bool:
    return new_minor is None or (old_minor is not None and new_minor >= old_minor)
