"""Claims: “I sent this customer”. The advocate says so, the shop decides, and the editors after an appeal.

Whether an order exists is the shop's to tell: until it decides, an advocate reads the same of every number.
Nothing is decided by letting a date pass; what is overdue is shown to who has it, and to the editors.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.attribution import attribute_sale
from advocates.enums import ClaimRefusal, ClaimState, EnrolmentState, Outcome, TouchKind
from advocates.models import (
    Advocate,
    Attribution,
    Claim,
    Enrolment,
    PastAttribution,
    Publication,
    Sale,
    Share,
    Shop,
    Touch,
)
from advocates.refunds import take_back_again
from advocates.refusals import Refusal
from advocates.sales import order_key_of
from advocates.shops import is_member
from advocates.uuid7 import named_uuid7

if TYPE_CHECKING:
    from community.models import User

#: Enrolments of somebody who has, or had, a deal: a sale of that time can still be claimed.
DEALT = (EnrolmentState.ACTIVE, EnrolmentState.ENDED)
_LONGEST_NUMBER, _LONGEST_TEXT = 100, 1000


class UnableToClaim(Refusal):
    """The claim or appeal cannot be made; the message says why."""


class UnableToDecideClaim(Refusal):
    """The claim cannot be decided so, by this person, or no longer."""


def claimable_shops(advocate: Advocate) -> Any:
    """Shops whose sales this advocate may claim: those she has or had a deal with."""
    mine = Enrolment.objects.filter(advocate=advocate, state__in=DEALT)
    return Shop.objects.filter(pk__in=mine.values("programme__shop")).order_by("name")


def make_claim(
    *,
    advocate: Advocate,
    shop: Shop,
    order_number: str,
    statement: str,
    publication: Publication | None = None,
    at: datetime,
) -> Claim:
    """Claim a sale of `shop`; the shop has CLAIM_ANSWER_DAYS to answer.

    Whether there is such an order makes no difference to what comes back. Raises UnableToClaim where she has no
    deal with the shop, claimed that order before, earned on it already, or claimed as much as a day allows.
    """
    number, statement = order_number.strip(), statement.strip()
    _check_words(number, statement)
    if publication is not None and publication.author_id != advocate.user_id:
        raise UnableToClaim({"publication": [_("Choose one of your own publications.")]})
    with transaction.atomic():
        # One claim at a time of one advocate: the limit and "once per order" are counted.
        Advocate.objects.select_for_update().get(pk=advocate.pk)
        _check_claim(advocate, shop, number, at)
        sale = _find_sale(shop, number)
        if (
            sale is not None
            and Share.objects.earning().filter(attribution__sale=sale, advocate=advocate).exists()
        ):
            raise UnableToClaim({"order_number": [_("You earned on this order already: see your earnings.")]})
        return Claim.objects.create(
            advocate=advocate,
            shop=shop,
            order_number=number,
            sale=sale,
            publication=publication,
            statement=statement,
            claimed_at=at,
            due_at=at + timedelta(days=settings.CLAIM_ANSWER_DAYS),
        )


def _check_words(number: str, statement: str) -> None:
    errors = {}
    if not number or len(number) > _LONGEST_NUMBER:
        errors["order_number"] = [
            _("Give the order number, in at most %(limit)d characters.") % {"limit": _LONGEST_NUMBER}
        ]
    if not statement or len(statement) > _LONGEST_TEXT:
        errors["statement"] = [
            _("Say what happened, in at most %(limit)d characters.") % {"limit": _LONGEST_TEXT}
        ]
    if errors:
        raise UnableToClaim(errors)


def _check_claim(advocate: Advocate, shop: Shop, number: str, at: datetime) -> None:
    if not claimable_shops(advocate).filter(pk=shop.pk).exists():
        raise UnableToClaim({"shop": [_("You have no deal with this shop.")]})
    mine = Claim.objects.filter(advocate=advocate, shop=shop)
    recent = mine.filter(claimed_at__gt=at - timedelta(days=1))
    # Those taken back count too: else each number could be tried.
    if recent.count() >= settings.CLAIMS_PER_DAY:
        raise UnableToClaim(
            _("That is %(limit)d claims at this shop in a day. Go on tomorrow.")
            % {"limit": settings.CLAIMS_PER_DAY}
        )
    key = order_key_of(number)
    others = mine.exclude(state=ClaimState.WITHDRAWN).values_list("order_number", flat=True)
    if any(order_key_of(other) == key for other in others):
        raise UnableToClaim({"order_number": [_("You claimed this order before: see your claims.")]})


def _find_sale(shop: Shop, number: str) -> Sale | None:
    return Sale.objects.filter(shop=shop, order_key=order_key_of(number)).first()


def sale_of(claim: Claim) -> Sale | None:
    """The order that is claimed; one that was reported after the claim is found too."""
    return claim.sale or _find_sale(claim.shop, claim.order_number)


def withdraw_claim(*, claim: Claim, by: "User") -> Claim:
    """Take a claim back that the shop has not answered. Raises UnableToClaim."""
    if by.pk != claim.advocate.user_id:
        raise UnableToClaim(_("Only who made the claim takes it back."))
    # A condition in the update: of taking it back and deciding at once, one counts.
    changed = Claim.objects.filter(pk=claim.pk, state=ClaimState.OPEN).update(
        state=ClaimState.WITHDRAWN, due_at=None
    )
    claim.refresh_from_db()
    if not changed:
        raise UnableToClaim(_("The shop has answered this claim already."))
    return claim


def grant_claim(*, claim: Claim, note: str = "", by: "User", at: datetime) -> Claim:
    """The shop grants it: the sale is judged again with this claim as a touch, and the commission is booked.

    Raises UnableToDecideClaim unless `by` runs the shop and is somebody else, when it was decided before, and with
    the reason where nothing would come of it: no such order, somebody else earned, no deal then, no budget left.
    """
    with transaction.atomic(durable=True):
        claim = _locked(claim, ClaimState.OPEN)
        _check_member(claim, by)
        claim.state, claim.due_at = ClaimState.GRANTED, None
        claim.decided_by, claim.decided_at, claim.note = by, at, _note(note)
        _judge_again(claim, at)
        claim.save()
    return claim


def refuse_claim(*, claim: Claim, refusal: str, note: str, by: "User", at: datetime) -> Claim:
    """The shop refuses it, with a reason and words for the advocate; she has CLAIM_APPEAL_DAYS to appeal.

    Raises UnableToDecideClaim as `grant_claim` does, and without a reason or a note.
    """
    if refusal not in ClaimRefusal.values:
        raise UnableToDecideClaim({"refusal": [_("Choose why you refuse it.")]})
    if not note.strip():
        raise UnableToDecideClaim({"note": [_("Write the advocate why.")]})
    with transaction.atomic(durable=True):
        claim = _locked(claim, ClaimState.OPEN)
        _check_member(claim, by)
        claim.state, claim.due_at = ClaimState.REFUSED, at + timedelta(days=settings.CLAIM_APPEAL_DAYS)
        claim.refusal, claim.note = refusal, _note(note)
        claim.decided_by, claim.decided_at = by, at
        claim.save()
    return claim


def appeal_claim(*, claim: Claim, text: str, by: "User", at: datetime) -> Claim:
    """Ask the editors to look at a refusal; they have APPEAL_ANSWER_DAYS. Raises UnableToClaim."""
    text = text.strip()
    if by.pk != claim.advocate.user_id:
        raise UnableToClaim(_("Only who made the claim appeals."))
    if not text or len(text) > _LONGEST_TEXT:
        raise UnableToClaim(
            {
                "text": [
                    _("Say what the editors should look at, in at most %(limit)d characters.")
                    % {"limit": _LONGEST_TEXT}
                ]
            }
        )
    # As in withdraw_claim; the date is part of the condition.
    changed = Claim.objects.filter(pk=claim.pk, state=ClaimState.REFUSED, due_at__gte=at).update(
        state=ClaimState.APPEALED,
        appeal=text,
        appealed_at=at,
        due_at=at + timedelta(days=settings.APPEAL_ANSWER_DAYS),
    )
    claim.refresh_from_db()
    if not changed:
        if claim.state == ClaimState.REFUSED:
            raise UnableToClaim(_("The days in which you could appeal have passed."))
        raise UnableToClaim(_("This claim cannot be appealed, or was already."))
    return claim


def decide_appeal(*, claim: Claim, is_granted: bool, note: str, by: "User", at: datetime) -> Claim:
    """The editors grant the claim after all, or let the refusal stand; with a note that both sides read.

    Raises UnableToDecideClaim for who refused it, belongs to the shop or is the advocate, without a note, when it
    was decided before, and as `grant_claim` does where nothing would come of it.
    """
    if not note.strip():
        raise UnableToDecideClaim({"note": [_("Write both sides why.")]})
    with transaction.atomic(durable=True):
        claim = _locked(claim, ClaimState.APPEALED)
        is_involved = by.pk in {claim.decided_by_id, claim.advocate.user_id}
        if is_involved or is_member(shop=claim.shop, user=by):
            raise UnableToDecideClaim(_("Somebody decides who has no part in it: not you."))
        claim.state, claim.due_at = ClaimState.GRANTED if is_granted else ClaimState.UPHELD, None
        claim.appeal_decided_by, claim.appeal_decided_at, claim.appeal_note = by, at, _note(note)
        if is_granted:
            _judge_again(claim, at)
        claim.save()
    return claim


def _note(text: str) -> str:
    if len(text.strip()) > _LONGEST_TEXT:
        raise UnableToDecideClaim(
            {"note": [_("Use at most %(limit)d characters.") % {"limit": _LONGEST_TEXT}]}
        )
    return text.strip()


def _locked(claim: Claim, state: ClaimState) -> Claim:
    """The claim as it is now, its row locked: of two decisions at once the second waits and is told."""
    rows = Claim.objects.select_for_update(of=["self"])
    found: Claim = rows.select_related("shop", "advocate__user", "sale", "publication").get(pk=claim.pk)
    if found.state == state:
        return found
    decided_at = found.appeal_decided_at or found.decided_at
    if decided_at is None:
        raise UnableToDecideClaim(_("The advocate took this claim back."))
    raise UnableToDecideClaim(
        _("This claim was decided on %(moment)s, by %(name)s: %(state)s.")
        % {
            "moment": date_format(localtime(decided_at), "DATETIME_FORMAT"),
            "name": found.appeal_decided_by or found.decided_by,
            "state": found.get_state_display(),
        }
    )


def _check_member(claim: Claim, by: "User") -> None:
    if not is_member(shop=claim.shop, user=by):
        raise UnableToDecideClaim(
            _("Only people of %(shop)s decide on its claims.") % {"shop": claim.shop.name}
        )
    if by.pk == claim.advocate.user_id:
        raise UnableToDecideClaim(_("Somebody else of the shop decides on your own claim."))


def _judge_again(claim: Claim, at: datetime) -> None:
    """Replace the judgement on the claimed sale by one that counts the claim; the old one is kept whole."""
    found = sale_of(claim)
    if found is None:
        raise UnableToDecideClaim(
            _("No order %(number)s was reported. Report it first, then grant the claim.")
            % {"number": claim.order_number}
        )
    # As refunds do: what is taken back depends on the sale's row.
    sale = Sale.objects.select_for_update(no_key=True).get(pk=found.pk)
    if sale.cancelled_at is not None:
        raise UnableToDecideClaim(_("The order was cancelled: there is nothing to share."))
    old = Attribution.objects.filter(sale=sale).first()
    if old is not None:
        if old.outcome == Outcome.ATTRIBUTED:
            raise UnableToDecideClaim(
                _("Somebody else earned on this order. Refuse the claim with that reason.")
            )
        _put_aside(old, at)
    claim.sale = sale
    new = attribute_sale(sale=sale, at=at, claimed=[_touch(claim, sale)])
    share = new.shares.filter(advocate=claim.advocate).first()
    if share is None or share.commission_id is None:
        why = share.get_reason_display() if share else new.get_reason_display()
        raise UnableToDecideClaim(_("Granting it would pay nothing: %(why)s.") % {"why": why})
    take_back_again(sale=sale, at=at)
    share.commission.refresh_from_db()
    if share.commission.open_minor == 0:
        raise UnableToDecideClaim(_("Everything of this order was returned: there is nothing to share."))


def _put_aside(old: Attribution, at: datetime) -> None:
    """Keep the judgement with its shares as a PastAttribution, and make room. It earned nobody anything."""
    shares = list(old.shares.order_by("pk"))
    PastAttribution.objects.create(
        sale=old.sale,
        judgement={
            "outcome": old.outcome,
            "reason": old.reason,
            "base_minor": old.base_minor,
            "commission_minor": old.commission_minor,
            "deal": old.deal_id,
            "engine_version": old.engine_version,
            "inputs": old.inputs,
            "inputs_sha256": old.inputs_sha256,
            "shares": [
                {
                    "id": str(share.pk),
                    "advocate": share.advocate_id,
                    "enrolment": share.enrolment_id,
                    "outcome": share.outcome,
                    "reason": share.reason,
                    "weight": share.weight,
                    "weight_of": share.weight_of,
                    "credits": share.credits,
                }
                for share in shares
            ],
        },
        attributed_at=old.attributed_at,
        replaced_at=at,
    )
    Share.objects.filter(attribution=old).delete()
    old.delete()


def _touch(claim: Claim, sale: Sale) -> Touch:
    """The claim as a touch at the moment of the sale; the same claim is the same touch."""
    touch, _is_new = Touch.objects.get_or_create(
        id=named_uuid7(at=sale.placed_at, name=f"claim\n{sale.pk}\n{claim.advocate_id}"),
        defaults={
            "kind": TouchKind.CLAIM,
            "shop": sale.shop,
            "advocate": claim.advocate,
            "publication": claim.publication,
            "occurred_at": sale.placed_at,
        },
    )
    return touch
