"""Fraud: what the rules find is held back, told to the advocate, and decided by a person of the shop.

Three steps, each of which can be broken off and goes on where it stopped: shares are examined (`examine_shares`), what
was found holds its commission (`hold_found`), the advocate is told (`untold_cases`, advocates/fraud_tasks.py). Nothing
is decided by letting a date pass: what is overdue is on top of the shop's list, and the shop is reminded of it.

Each finding holds under its own key, so that it ends with its own decision alone; a commission with two findings, or
with a finding and a dispute at the bank, goes on when the last of them is over (docs/decisions/0014).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.deals import terms_of
from advocates.enums import FraudDecision, FraudHold, FraudRule
from advocates.fraud_batches import Hit, Thresholds, batch_of
from advocates.fraud_rules import RULES, Rule, sharing_accounts
from advocates.models import Advocate, FraudFinding, Share, Shop
from advocates.refusals import Refusal
from advocates.shops import is_member, owners_of
from advocates.term_sentences import advertising_sentence
from payouts.enums import CommissionState, RejectionReason, ReviewState
from payouts.holds import UnableToHold, hold_back, let_go
from payouts.ledger import lock_books
from payouts.reviews import turn_down, turn_down_late

if TYPE_CHECKING:
    from community.models import User

#: Shares that are examined in one transaction, and transactions in one call.
_BATCH, _BATCHES = 500, 20
#: A shop is reminded of what is overdue, and again after this long.
_REMIND_EVERY = timedelta(days=7)
_LONGEST_ANSWER, _LONGEST_NOTE = 2000, 1000


class UnableToAnswer(Refusal):
    """The finding cannot be answered, or no longer."""


class UnableToDecide(Refusal):
    """The finding cannot be decided so, by this person, or no longer."""


def examine_shares(*, at: datetime, thresholds: Thresholds | None = None) -> int:
    """Let the rules look at the shares that wait for it; how many they looked at.

    Several workers may do so at once: each takes shares that no other has.
    """
    limits = thresholds or Thresholds.of_settings()
    examined = 0
    for _round in range(_BATCHES):
        count = _examine_batch(limits, at)
        examined += count
        if count < _BATCH:
            break
    return examined


@transaction.atomic(durable=True)
def _examine_batch(limits: Thresholds, at: datetime) -> int:
    waiting = Share.objects.to_examine().select_for_update(skip_locked=True, of=("self",), no_key=True)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:_BATCH])
    if ids:
        batch = batch_of(shares=ids, thresholds=limits, at=at)
        for rule in RULES:
            _store(rule, list(rule.examine(batch)), at)
        Share.objects.filter(pk__in=ids).update(examined_at=at)
    return len(ids)


def _store(rule: Rule, hits: Sequence[Hit], at: datetime) -> None:
    """Keep what a rule found, once per share; not what the shop has settled for this case before."""
    first: dict[UUID, Hit] = {}
    for hit in hits:
        first.setdefault(hit.share, hit)
    if not first:
        return
    shares = Share.objects.filter(pk__in=first).exclude(findings__rule=rule.rule)
    rows = list(shares.values_list("pk", "advocate", "attribution__sale__shop"))
    settled = _settled(rule, first, {advocate for _pk, advocate, _shop in rows})
    due_at = at + timedelta(days=settings.FRAUD_ANSWER_DAYS)
    FraudFinding.objects.bulk_create(
        (
            FraudFinding(
                rule=rule.rule,
                share_id=pk,
                shop_id=shop,
                subject=first[pk].subject,
                evidence=first[pk].evidence,
                found_at=at,
                due_at=due_at,
            )
            for pk, advocate, shop in rows
            if (advocate, shop, first[pk].subject) not in settled
        ),
        ignore_conflicts=True,  # another worker found it in the same moment
    )


def _settled(rule: Rule, hits: dict[UUID, Hit], advocates: set[int]) -> set[tuple[int, int, str]]:
    if not rule.is_settled_once:
        return set()
    cleared = FraudFinding.objects.filter(
        rule=rule.rule,
        decision=FraudDecision.CLEARED,
        share__advocate__in=advocates,
        subject__in={hit.subject for hit in hits.values() if hit.subject},
    )
    return set(cleared.order_by().values_list("share__advocate", "shop", "subject"))


def examine_again(*, advocates: Sequence[int]) -> int:
    """Have the unpaid shares of these advocates looked at again: something about them has changed. How many."""
    return Share.objects.unpaid().filter(advocate__in=advocates).update(examined_at=None)


def look_at_account(*, stripe_account_id: str) -> int:
    """Where an account is paid out to may have changed: have it, and those who share it, looked at again."""
    mine = Advocate.objects.filter(payee__account__stripe_account_id=stripe_account_id)
    ids = list(mine.values_list("pk", flat=True))
    alike = sharing_accounts(ids)
    if not alike:
        return 0
    others = {other for by_bank, by_mail in alike.values() for other in by_bank | by_mail}
    return examine_again(advocates=[*ids, *others])


def hold_found(*, at: datetime) -> int:
    """Hold back the commissions of what was found and is not held yet; how many findings were dealt with."""
    waiting = FraudFinding.objects.waiting().filter(hold=FraudHold.TO_HOLD)
    return sum(_hold_one(pk, at) for pk in list(waiting.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic(durable=True)
def _hold_one(pk: int, at: datetime) -> bool:
    payer = FraudFinding.objects.values_list("shop__payer", flat=True).get(pk=pk)
    lock_books([payer])
    finding = _locked(FraudFinding(pk=pk))
    owner = _who_holds(finding.shop)
    commission = finding.share.commission
    if finding.hold != FraudHold.TO_HOLD or finding.decision or owner is None or commission is None:
        return False
    if finding.due_at <= at:
        # Found by a worker that stopped: the shop has its days from now on.
        finding.due_at = at + timedelta(days=settings.FRAUD_ANSWER_DAYS)
    with translation.override(finding.share.advocate.user.language):
        reason = _("The shop looks into this: %(rule)s.") % {"rule": finding.get_rule_display()}
    try:
        hold_back(
            commission=commission, reason=reason, until=finding.due_at, by=owner, at=at, key=_key(finding)
        )
        finding.hold = FraudHold.HELD
    except UnableToHold:
        finding.hold = FraudHold.TOO_LATE
    finding.save(update_fields=["hold", "due_at"])
    return True


def _key(finding: FraudFinding) -> str:
    return f"fraud:{finding.pk}"


def _who_holds(shop: Shop) -> "User | None":
    """The person in whose name the shop's commissions are held: its first owner, else the first of its people."""
    found = owners_of(shop).first() or shop.memberships.select_related("user").order_by("pk").first()
    return found.user if found else None


def untold_cases() -> list[tuple[int, int]]:
    """(advocate, shop) of whom something was held and who was not told yet."""
    waiting = FraudFinding.objects.waiting().filter(hold=FraudHold.HELD, told_at__isnull=True)
    pairs = waiting.order_by("share__advocate", "shop").values_list("share__advocate", "shop")
    return list(pairs.distinct())


def late_shops(*, at: datetime) -> list[int]:
    """Shops with overdue findings of which they were not reminded lately."""
    late = FraudFinding.objects.overdue(at=at).filter(
        Q(reminded_at__isnull=True) | Q(reminded_at__lte=at - _REMIND_EVERY)
    )
    return list(late.order_by("shop").values_list("shop", flat=True).distinct())


def answer_finding(*, finding: FraudFinding, text: str, by: "User", at: datetime) -> FraudFinding:
    """The advocate says how it was, for the shop to read; until it is decided she may say it better.

    Raises UnableToAnswer for anybody else, without words, and when the shop decided before.
    """
    text = text.strip()
    if by.pk != finding.share.advocate.user_id:
        raise UnableToAnswer(_("Only the advocate whom it is about answers."))
    if not text or len(text) > _LONGEST_ANSWER:
        raise UnableToAnswer(
            {"text": [_("Say how it was, in at most %(limit)d characters.") % {"limit": _LONGEST_ANSWER}]}
        )
    # A condition in the update: an answer that comes while the shop decides is in time, or is told.
    mine = FraudFinding.objects.waiting().case_of(finding)
    if not mine.update(answer=text, answered_at=at):
        raise UnableToAnswer(_("The shop has decided on this in the meantime."))
    finding.refresh_from_db()
    return finding


def decide_finding(
    *,
    finding: FraudFinding,
    decision: FraudDecision,
    note: str,
    is_for_case: bool = False,
    by: "User",
    at: datetime,
) -> list[FraudFinding]:
    """A person of the shop clears a finding, which ends its hold, or upholds it: then nothing is paid. `is_for_case`
    decides the same on all that is open of the same case. Returns what was decided on.

    Upheld, a commission that is still to be reviewed is rejected; one that was approved or paid is taken back, and
    what was paid is carried to the next payout. Raises UnableToDecide without a note, for who does not run the shop or
    is the advocate, and when it was decided before.
    """
    note = note.strip()
    if decision not in FraudDecision.values:
        raise UnableToDecide({"decision": [_("Choose what you decide.")]})
    if not note:
        raise UnableToDecide({"note": [_("Write the advocate why.")]})
    if len(note) > _LONGEST_NOTE:
        raise UnableToDecide({"note": [_("Use at most %(limit)d characters.") % {"limit": _LONGEST_NOTE}]})
    with transaction.atomic(durable=True):
        lock_books([finding.shop.payer_id])
        asked = _locked(finding)
        _check_person(asked, by)
        if asked.decision:
            raise UnableToDecide(_decided_before(asked))
        case = FraudFinding.objects.waiting().case_of(asked).exclude(pk=asked.pk).order_by("pk")
        others = [_locked(other) for other in case] if is_for_case else []
        if decision == FraudDecision.UPHELD:
            others += _on_the_same(asked, others)
        for one in [asked, *others]:
            one.decision, one.note, one.decided_by, one.decided_at = decision, note, by, at
            one.save(update_fields=["decision", "note", "decided_by", "decided_at"])
            (_release if decision == FraudDecision.CLEARED else _refuse_to_pay)(one, by, at)
    return [asked, *others]


def _locked(finding: FraudFinding) -> FraudFinding:
    """The finding as it is now, its row locked; the payer's books are locked before."""
    rows = FraudFinding.objects.select_for_update(of=("self",))
    found: FraudFinding = rows.select_related(
        "shop", "share__advocate__user", "share__commission__payer", "share__commission__payee", "decided_by"
    ).get(pk=finding.pk)
    return found


def _on_the_same(asked: FraudFinding, others: Sequence[FraudFinding]) -> list[FraudFinding]:
    """What else was found about commissions that will not be paid: there is nothing left to decide on it."""
    shares = [one.share_id for one in (asked, *others)]
    waiting = FraudFinding.objects.waiting().filter(share__in=shares)
    rest = waiting.exclude(pk__in=[one.pk for one in (asked, *others)]).order_by("pk")
    return [_locked(one) for one in rest]


def _check_person(finding: FraudFinding, by: "User") -> None:
    if not is_member(shop=finding.shop, user=by):
        raise UnableToDecide(
            _("Only people of %(shop)s decide on its commissions.") % {"shop": finding.shop.name}
        )
    if by.pk == finding.share.advocate.user_id:
        raise UnableToDecide(_("Somebody else of the shop decides on your own commission."))


def _decided_before(finding: FraudFinding) -> str:
    return _("This was decided on %(moment)s, by %(name)s: %(decision)s.") % {
        "moment": date_format(localtime(finding.decided_at), "DATETIME_FORMAT"),
        "name": finding.decided_by,
        "decision": finding.get_decision_display(),
    }


def _release(finding: FraudFinding, by: "User", at: datetime) -> None:
    """End the hold of this finding; others, and a dispute's, stay."""
    commission = finding.share.commission
    held = commission.holds.filter(key=_key(finding), released_at__isnull=True) if commission else None
    if commission is not None and held is not None and held.exists():
        let_go(commission=commission, by=by, at=at, key=_key(finding))


def _refuse_to_pay(finding: FraudFinding, by: "User", at: datetime) -> None:
    """Reject the commission; where it was approved or left already, take back what is left of it."""
    commission = finding.share.commission
    if commission is not None:
        commission.refresh_from_db()  # another finding of the same decision may have had it a moment ago
    if commission is None or commission.state in {CommissionState.REJECTED, CommissionState.REVERSED}:
        return
    is_under_way = commission.state in {CommissionState.IN_PAYOUT, CommissionState.PAID}
    is_early = commission.review == ReviewState.OPEN and not is_under_way
    (turn_down if is_early else turn_down_late)(
        commission=commission,
        reason=_reason_of(finding),
        note=finding.note,
        clause=_clause_of(finding),
        by=by,
        at=at,
        key=_key(finding),
    )


def _reason_of(finding: FraudFinding) -> RejectionReason:
    is_in_terms = finding.rule == FraudRule.PAID_SEARCH
    return RejectionReason.AGAINST_TERMS if is_in_terms else RejectionReason.OTHER


def _clause_of(finding: FraudFinding) -> str:
    """The term of the deal that the finding is about, in the advocate's language; empty where it is about none."""
    deal = finding.share.attribution.deal
    if _reason_of(finding) != RejectionReason.AGAINST_TERMS or deal is None:
        return ""
    with translation.override(finding.share.advocate.user.language):
        return advertising_sentence(terms_of(deal))
