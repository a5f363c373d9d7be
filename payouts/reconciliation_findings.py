"""In what Stripe and the books differ: each thing once, at the place where a person would mend it.

A movement of money whose transfer is reported already is not reported again. What is minutes old may still be under way
to us and is left alone; it counts as explained when the balances are compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from payouts.balance_rows import BalanceMovement, PlaceTotals
from payouts.enums import AccountKind, AttemptState, DifferenceKind, PayoutState
from payouts.gateway import Gateway, GatewayRefused
from payouts.models import Collection, LedgerAccount, Payout, SettlementRun, Transfer
from payouts.own_money import OWN_KINDS
from payouts.reconciliation_sides import Books, Cut, Step
from payouts.stripe_rows import SentTransfer

#: Younger than this a thing at Stripe may not have reached our rows yet.
GRACE = timedelta(minutes=15)
#: The platform's own money is read once an hour.
_OWN_GRACE = timedelta(hours=2)
#: Money that Stripe calls available is booked as such by whoever waits for it.
_AVAILABLE_GRACE = timedelta(days=1)
#: How long a payout may be looked up, and how long it may be at sending.
UNKNOWN_FOR, SENDING_FOR = timedelta(hours=24), timedelta(hours=1)
#: Days after which a payment is no longer merely under way, by its method; Stripe says up to 14 for a SEPA debit.
_METHOD_DAYS = {"sepa_debit": 14, "customer_balance": 7, "ideal": 2, "card": 2}
_NOT_FOUND = 404
_IN_FLIGHT = frozenset({PayoutState.READY, PayoutState.SENDING, PayoutState.UNKNOWN})
_FEE_KINDS = frozenset({"application_fee", "application_fee_refund"})

type Place = tuple[str, bool]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One difference as it is found now; `is_mendable` where Stripe's side can simply be taken in."""

    kind: DifferenceKind
    subject: str
    occurred_at: datetime
    currency: str = ""
    stripe_minor: int | None = None
    books_minor: int | None = None
    detail: str = ""
    payout_id: int | None = None
    collection_id: int | None = None
    is_mendable: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return str(self.kind), self.subject


@dataclass
class Comparison:
    """Both sides, what pairs were made of them, and what was found."""

    stripe: Gateway
    cut: Cut
    books: Books
    at: datetime
    findings: list[Finding] = field(default_factory=list)
    pairs: list[tuple[BalanceMovement, Step]] = field(default_factory=list)
    only_stripe: list[BalanceMovement] = field(default_factory=list)
    only_books: list[Step] = field(default_factory=list)
    spoken_transfers: set[str] = field(default_factory=set)
    spoken_payouts: set[int] = field(default_factory=set)

    def add(self, **fields: object) -> None:
        self.findings.append(Finding(**fields))  # type: ignore[arg-type]

    def is_young(self, moment: datetime, grace: timedelta = GRACE) -> bool:
        return moment > self.at - grace


def compare(stripe: Gateway, *, cut: Cut, books: Books, at: datetime) -> list[Finding]:
    """All in which the two sides differ, and what stands still. Raises the gateway's errors."""
    it = Comparison(stripe, cut, books, at)
    _pair(it)
    _look_at_transfers(it)
    _look_at_pairs(it)
    _look_at_only_stripe(it)
    _look_at_only_books(it)
    if cut.is_still:
        _look_at_balances(it)
    it.findings += _standing_still(it.cut.movements, at)
    return it.findings


def _pair(it: Comparison) -> None:
    """By the name that a step carries; where Stripe gave none at the time, by the source in its memo."""
    by_name = {step.movement: step for step in it.books.steps if step.movement}
    by_memo = {step.memo: step for step in it.books.steps if not step.movement and step.memo}
    taken = set()
    for movement in it.cut.movements:
        step = by_name.get(movement.stripe_id) or by_memo.get(movement.source)
        if step is None or step.id in taken:
            it.only_stripe.append(movement)
        else:
            taken.add(step.id)
            it.pairs.append((movement, step))
    it.only_books = [step for step in it.books.steps if step.id not in taken]


def _look_at_transfers(it: Comparison) -> None:
    groups = {transfer.transfer_group for transfer in it.cut.transfers if transfer.transfer_group}
    runs = set(
        SettlementRun.objects.filter(transfer_group__in=groups).values_list("transfer_group", flat=True)
    )
    ours: defaultdict[tuple[str, str], list[SentTransfer]] = defaultdict(list)
    for transfer in it.cut.transfers:
        group, number = transfer.transfer_group or "", transfer.metadata.get("payout", "")
        if group in runs or (group.startswith("run-") and number):
            ours[group, number].append(transfer)
    numbers = [int(number) for _group, number in ours if number.isascii() and number.isdecimal()]
    payouts = {
        (payout.run.transfer_group, str(payout.pk)): payout
        for payout in Payout.objects.filter(pk__in=numbers).select_related("run", "transfer")
    }
    young = {movement.owner for movement in it.cut.movements if it.is_young(movement.created_at)}
    for place, transfers in ours.items():
        payout = payouts.get(place)
        if payout is None:
            for transfer in transfers:
                _report_transfer(it, DifferenceKind.TRANSFER_UNKNOWN, transfer, None)
        else:
            _look_at_payout(it, payout, transfers, young)
    _look_for_lost_transfers(it)


def _look_at_payout(it: Comparison, payout: Payout, transfers: list[SentTransfer], young: set[str]) -> None:
    known: Transfer | None = getattr(payout, "transfer", None)
    transfer = transfers[0]
    seen = {row.stripe_id for row in transfers} | ({known.stripe_transfer_id} if known else set())
    wanted = known or payout
    if len(seen) > 1:
        it.spoken_transfers |= seen
        detail = ", ".join(sorted(seen))
        _report_transfer(it, DifferenceKind.TRANSFER_TWICE, transfer, payout, detail=detail)
    elif (transfer.amount_minor, transfer.currency) != (wanted.amount_minor, wanted.currency):
        _report_transfer(
            it, DifferenceKind.TRANSFER_AMOUNT, transfer, payout, books_minor=wanted.amount_minor
        )
    elif known is None:
        if payout.state in _IN_FLIGHT and it.is_young(transfer.created_at):
            it.spoken_transfers.add(transfer.stripe_id)
        else:
            _report_transfer(
                it,
                DifferenceKind.TRANSFER_UNRECORDED,
                transfer,
                payout,
                is_mendable=payout.state != PayoutState.VOID,
            )
    elif transfer.reversed_minor != known.reversed_minor:
        is_more = transfer.reversed_minor > known.reversed_minor
        if is_more and transfer.stripe_id in young:
            it.spoken_transfers.add(transfer.stripe_id)
            return
        _report_transfer(
            it,
            DifferenceKind.TRANSFER_REVERSED if is_more else DifferenceKind.TRANSFER_AMOUNT,
            transfer,
            payout,
            stripe_minor=transfer.amount_minor - transfer.reversed_minor,
            books_minor=known.amount_minor - known.reversed_minor,
            is_mendable=is_more,
        )


def _report_transfer(
    it: Comparison,
    kind: DifferenceKind,
    transfer: SentTransfer,
    payout: Payout | None,
    **fields: object,
) -> None:
    it.spoken_transfers.add(transfer.stripe_id)
    if payout is not None:
        it.spoken_payouts.add(payout.pk)
    it.add(
        **{
            "kind": kind,
            "subject": transfer.stripe_id,
            "currency": transfer.currency,
            "stripe_minor": transfer.amount_minor,
            "payout_id": payout.pk if payout else None,
            "detail": transfer.transfer_group or "",
            "occurred_at": transfer.created_at,
            **fields,
        }
    )


def _look_for_lost_transfers(it: Comparison) -> None:
    """Transfers of ours since then that the list did not have; one made after the list is there when asked for."""
    listed = {transfer.stripe_id for transfer in it.cut.transfers}
    rows = Transfer.objects.filter(created_at__gte=it.cut.since).exclude(stripe_transfer_id__in=listed)
    for row in rows:
        try:
            it.stripe.transfer(row.stripe_transfer_id)
        except GatewayRefused as error:
            if error.status != _NOT_FOUND:
                raise
        else:
            continue
        it.spoken_payouts.add(row.payout_id)
        it.add(
            kind=DifferenceKind.TRANSFER_MISSING,
            subject=row.stripe_transfer_id,
            currency=row.currency,
            books_minor=row.amount_minor,
            payout_id=row.payout_id,
            occurred_at=row.created_at,
        )


def _look_at_pairs(it: Comparison) -> None:
    for movement, step in it.pairs:
        same = (movement.net_minor, movement.currency) == (step.net_minor, step.currency)
        is_late = step.is_pending and movement.is_available
        if same and not (is_late and not it.is_young(movement.available_at, _AVAILABLE_GRACE)):
            continue
        if step.payout_id in it.spoken_payouts:
            continue
        it.add(
            kind=DifferenceKind.AVAILABLE_UNBOOKED if same else DifferenceKind.MOVEMENT_AMOUNT,
            subject=movement.stripe_id,
            currency=movement.currency,
            stripe_minor=movement.net_minor,
            books_minor=step.net_minor,
            detail=movement.source,
            payout_id=step.payout_id,
            collection_id=step.collection_id,
            occurred_at=movement.created_at,
            is_mendable=same,
        )


def _look_at_only_stripe(it: Comparison) -> None:
    collections = {
        row.stripe_payment_intent_id: row
        for row in Collection.objects.filter(
            stripe_payment_intent_id__in={movement.owner for movement in it.only_stripe}
        )
    }
    # What came and went again as a whole was never the books': a debit that bounced.
    net = Counter[str]()
    for movement in it.only_stripe:
        net[movement.owner or movement.stripe_id] += movement.net_minor
    for movement in it.only_stripe:
        grace = _OWN_GRACE if movement.kind in OWN_KINDS else GRACE
        if (
            movement.owner in it.spoken_transfers
            or it.is_young(movement.created_at, grace)
            or movement.under_way
            or not net[movement.owner or movement.stripe_id]
        ):
            continue
        collection = collections.get(movement.owner)
        kind = _kind_of(movement, collection)
        if kind == DifferenceKind.FEE_UNBOOKED and _is_under_way(it.stripe, movement):
            continue
        it.add(
            kind=kind,
            subject=movement.stripe_id,
            currency=movement.currency,
            stripe_minor=movement.net_minor,
            detail=f"{movement.kind} {movement.source}".strip(),
            collection_id=collection.pk if collection else None,
            occurred_at=movement.created_at,
            is_mendable=kind in {DifferenceKind.OWN_UNBOOKED, DifferenceKind.PAYMENT_UNBOOKED},
        )


def _kind_of(movement: BalanceMovement, collection: Collection | None) -> DifferenceKind:
    if movement.kind in OWN_KINDS:
        return DifferenceKind.OWN_UNBOOKED
    if movement.kind in _FEE_KINDS:
        return DifferenceKind.FEE_UNBOOKED
    return DifferenceKind.PAYMENT_UNBOOKED if collection else DifferenceKind.MOVEMENT_UNBOOKED


def _is_under_way(stripe: Gateway, movement: BalanceMovement) -> bool:
    """Stripe writes the fee of a debit down before the debit has come through."""
    account, charge = stripe.charge_of_fee(movement.owner)
    return stripe.charge(charge, account=account).is_under_way


def _look_at_only_books(it: Comparison) -> None:
    for step in list(it.only_books):
        found = it.stripe.movement(step.movement) if step.movement else None
        if found is not None:
            if found.created_at < it.cut.since:
                # Older than what was listed: it is on both sides.
                it.only_books.remove(step)
                it.pairs.append((found, step))
            continue
        if step.payout_id in it.spoken_payouts:
            continue
        it.add(
            kind=DifferenceKind.MOVEMENT_MISSING,
            subject=f"transaction:{step.id}",
            currency=step.currency,
            books_minor=step.net_minor,
            detail=step.movement or step.memo[:300],
            payout_id=step.payout_id,
            collection_id=step.collection_id,
            occurred_at=step.posted_at,
        )


def _look_at_balances(it: Comparison) -> None:
    """What is left between the balances when all that was found, and all that is under way, is set aside."""
    left: Counter[Place] = Counter()
    for totals, sign in ((it.cut.totals, 1), (it.books.totals, -1)):
        for currency, there in totals.items():
            left[currency, False] += sign * there.pending_minor
            left[currency, True] += sign * there.available_minor
    for movement in (*it.only_stripe, *(movement for movement, _step in it.pairs)):
        left[movement.currency, movement.is_available] -= movement.net_minor
    for step in (*it.only_books, *(step for _movement, step in it.pairs)):
        left[step.currency, not step.is_pending] += step.net_minor
    for currency in sorted({currency for (currency, _place), amount in left.items() if amount}):
        off = PlaceTotals(left[currency, False], left[currency, True])
        there = it.cut.totals.get(currency, PlaceTotals(0, 0))
        total = there.pending_minor + there.available_minor
        it.add(
            kind=DifferenceKind.BALANCE_OFF,
            subject=currency,
            currency=currency,
            stripe_minor=total,
            books_minor=total - off.pending_minor - off.available_minor,
            detail=_("pending %(pending)d, available %(available)d (minor units) unexplained")
            % {"pending": off.pending_minor, "available": off.available_minor},
            occurred_at=it.at,
        )


def _standing_still(movements: Iterable[BalanceMovement], at: datetime) -> Iterator[Finding]:
    """What should have gone on by now, and what nobody can explain."""
    for payout in stuck_payouts(at=at):
        yield Finding(
            kind=DifferenceKind.PAYOUT_STUCK,
            subject=f"payout:{payout.pk}",
            currency=payout.currency,
            books_minor=payout.amount_minor,
            detail=str(payout.get_state_display()),
            payout_id=payout.pk,
            occurred_at=payout.claimed_at or payout.created_at,
        )
    for movement in movements:
        days = _METHOD_DAYS.get(movement.under_way, max(_METHOD_DAYS.values()))
        if movement.under_way and movement.created_at < at - timedelta(days=days):
            collection = Collection.objects.filter(stripe_payment_intent_id=movement.owner).first()
            yield Finding(
                kind=DifferenceKind.COLLECTION_STUCK,
                subject=movement.owner,
                currency=movement.currency,
                stripe_minor=movement.amount_minor,
                detail=movement.under_way,
                collection_id=collection.pk if collection else None,
                occurred_at=movement.created_at,
            )
    for account in LedgerAccount.objects.filter(kind=AccountKind.SUSPENSE).exclude(balance_minor=0):
        yield Finding(
            kind=DifferenceKind.IN_SUSPENSE,
            subject=f"suspense:{account.currency}",
            currency=account.currency,
            books_minor=account.balance_minor,
            occurred_at=at,
        )


def stuck_payouts(*, at: datetime) -> list[Payout]:
    """Payouts whose outcome has been unknown for more than a day, or whose claim is more than an hour old."""
    first = Min("attempts__opened_at", filter=~Q(attempts__state=AttemptState.REFUSED))
    under_way = Payout.objects.filter(state__in=[PayoutState.SENDING, PayoutState.UNKNOWN])
    rows = under_way.annotate(first_tried_at=first).select_related("payee", "run")
    # One that is unknown is claimed, and so at sending, for moments each time that it is looked up.
    sending = Q(state=PayoutState.SENDING, claimed_at__lt=at - SENDING_FOR)
    return list(rows.filter(sending | Q(first_tried_at__lt=at - UNKNOWN_FOR)).order_by("pk"))
