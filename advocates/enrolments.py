"""Enrolments: how an advocate joins a programme, and leaves it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.enums import AdvocateState, EnrolmentState, ProgrammeState, ShopRole
from advocates.links import assign_links
from advocates.models import Advocate, Deal, Enrolment, EnrolmentAcceptance, Programme, Shop, ShopMember
from advocates.refusals import Refusal
from advocates.shops import is_member
from payouts.payees import payee_of

if TYPE_CHECKING:
    from community.models import User

#: Days after a refusal before the same person may ask again.
ASK_AGAIN_DAYS = 30
_MAX_TEXT = 1000


class UnableToJoin(Refusal):
    """This person cannot join this programme now; the message says why and what to do."""


class UnableToDecide(Refusal):
    """This person may not decide, or there is nothing left to decide."""


def advocate_of(*, user: "User", at: datetime) -> Advocate:
    """The advocate that this person is; made, with the payee, if she was none."""
    advocate = Advocate.objects.filter(user=user.pk).first()
    if advocate is not None:
        return advocate
    payee = payee_of(user=user, at=at)
    advocate, _created = Advocate.objects.get_or_create(
        user_id=user.pk, defaults={"payee": payee, "created_at": at}
    )
    return advocate


def request_to_join(*, user: "User", programme: Programme, motivation: str = "", at: datetime) -> Enrolment:
    """Ask to join; asking accepts the terms in force. Asking again while the shop thinks gives the same request.

    Employees may join: what they earn is settled by their employer (Reason.EMPLOYEE). Raises UnableToJoin.
    """
    if len(motivation) > _MAX_TEXT:
        raise UnableToJoin({"motivation": [_("Use at most %(limit)d characters.") % {"limit": _MAX_TEXT}]})
    deal = _joinable_deal(user=user, programme=programme, at=at)
    with transaction.atomic():
        advocate = advocate_of(user=user, at=at)
        if advocate.state == AdvocateState.SUSPENDED:
            raise UnableToJoin(
                _("You cannot join now, because you are suspended: %(reason)s")
                % {"reason": advocate.suspension_reason}
            )
        open_one = _open_enrolment(programme=programme, advocate=advocate, at=at)
        if open_one is not None:
            return open_one
        try:
            with transaction.atomic():
                enrolment = Enrolment.objects.create(
                    programme=programme, advocate=advocate, motivation=motivation.strip(), requested_at=at
                )
        except IntegrityError:  # the same person asked twice at once
            return Enrolment.objects.get(
                programme=programme, advocate=advocate, state=EnrolmentState.REQUESTED
            )
        EnrolmentAcceptance.objects.create(enrolment=enrolment, deal=deal, accepted_at=at)
    return enrolment


def _joinable_deal(*, user: "User", programme: Programme, at: datetime) -> Deal:
    """The terms that this person would join under."""
    shop = programme.shop
    deal: Deal | None = Deal.objects.in_force(programme, at=at)
    if programme.state != ProgrammeState.OPEN or deal is None:
        raise UnableToJoin(_("%(shop)s takes nobody in at the moment.") % {"shop": shop.name})
    if shop.payer.behind_since is not None:
        raise UnableToJoin(
            _("%(shop)s is behind with paying its advocates, so nobody can join until it has paid.")
            % {"shop": shop.name}
        )
    if ShopMember.objects.filter(shop=shop, user=user.pk, role=ShopRole.OWNER).exists():
        raise UnableToJoin(
            _("%(shop)s is your own shop: you cannot earn a share of its sales.") % {"shop": shop.name}
        )
    return deal


def _open_enrolment(*, programme: Programme, advocate: Advocate, at: datetime) -> Enrolment | None:
    """The request that is waiting, if there is one; refuses who has joined or was declined just now."""
    latest = Enrolment.objects.filter(programme=programme, advocate=advocate).order_by("-pk").first()
    if not isinstance(latest, Enrolment) or latest.state == EnrolmentState.ENDED:
        return None
    if latest.state == EnrolmentState.ACTIVE:
        raise UnableToJoin(_("You have joined this programme already."))
    if latest.state == EnrolmentState.DECLINED and latest.decided_at is not None:
        again_at = latest.decided_at + timedelta(days=ASK_AGAIN_DAYS)
        if at < again_at:
            raise UnableToJoin(
                _("%(shop)s said no to your last request. You can ask again from %(date)s.")
                % {"shop": programme.shop.name, "date": date_format(localtime(again_at), "DATE_FORMAT")}
            )
        return None
    return latest


def approve_enrolment(*, enrolment: Enrolment, by: "User", at: datetime) -> Enrolment:
    """Take the advocate in: from `at` on she earns, and the links she made before are hers.

    Raises UnableToDecide unless `by` runs the shop, is somebody else, and the request is still open.
    """
    with transaction.atomic(durable=True):
        _decide(enrolment=enrolment, state=EnrolmentState.ACTIVE, note="", by=by, at=at)
        assign_links(advocate=enrolment.advocate)
    return enrolment


def decline_enrolment(*, enrolment: Enrolment, note: str = "", by: "User", at: datetime) -> Enrolment:
    """Say no, with a note for the advocate. Raises UnableToDecide as `approve_enrolment` does."""
    if len(note) > _MAX_TEXT:
        raise UnableToDecide({"note": [_("Use at most %(limit)d characters.") % {"limit": _MAX_TEXT}]})
    with transaction.atomic(durable=True):
        _decide(enrolment=enrolment, state=EnrolmentState.DECLINED, note=note.strip(), by=by, at=at)
    return enrolment


def _decide(*, enrolment: Enrolment, state: EnrolmentState, note: str, by: "User", at: datetime) -> None:
    shop = enrolment.programme.shop
    if not is_member(shop=shop, user=by):
        raise UnableToDecide(_("Only people of %(shop)s decide who joins.") % {"shop": shop.name})
    if by.pk == enrolment.advocate.user_id:
        raise UnableToDecide(_("Somebody else of the shop decides about your own request."))
    # Of two decisions at once the first one counts: only an open request changes.
    changed = Enrolment.objects.filter(pk=enrolment.pk, state=EnrolmentState.REQUESTED).update(
        state=state, decided_at=at, decided_by_id=by.pk, decision_note=note
    )
    enrolment.refresh_from_db()
    if not changed:
        raise UnableToDecide(_("This request has been decided already."))


def end_enrolment(*, enrolment: Enrolment, by: "User", at: datetime) -> Enrolment:
    """End it, by the advocate or by the shop: sales from `at` on earn nothing, those before it stay.

    Her codes stay hers, so that nobody else can earn by them. Raises UnableToDecide.
    """
    shop = enrolment.programme.shop
    if by.pk != enrolment.advocate.user_id and not is_member(shop=shop, user=by):
        raise UnableToDecide(
            _("Only the advocate and people of %(shop)s can end this.") % {"shop": shop.name}
        )
    # As in _decide: only one that is active ends, and once.
    changed = Enrolment.objects.filter(pk=enrolment.pk, state=EnrolmentState.ACTIVE).update(
        state=EnrolmentState.ENDED, ended_at=at
    )
    enrolment.refresh_from_db()
    if not changed:
        raise UnableToDecide(_("This has ended already, or never began."))
    return enrolment


def accept_deal(*, enrolment: Enrolment, deal: Deal, by: "User", at: datetime) -> EnrolmentAcceptance:
    """Record that the advocate read and accepted a later version of the terms; once per version."""
    if by.pk != enrolment.advocate.user_id:
        raise UnableToDecide(_("Only the advocate herself accepts terms."))
    if deal.programme_id != enrolment.programme_id:
        raise UnableToDecide(_("These are the terms of another programme."))
    acceptance, _created = EnrolmentAcceptance.objects.get_or_create(
        enrolment=enrolment, deal=deal, defaults={"accepted_at": at}
    )
    return acceptance


def unaccepted_deals(*, enrolment: Enrolment) -> list[Deal]:
    """Versions of the terms later than the last that the advocate accepted, oldest first."""
    accepted = (
        enrolment.acceptances.order_by("-deal__version").values_list("deal__version", flat=True).first()
    )
    later = Deal.objects.filter(programme=enrolment.programme_id, version__gt=accepted or 0)
    return list(later.with_terms().order_by("version"))


def active_enrolment(*, advocate: Advocate, shop: Shop, at: datetime) -> Enrolment | None:
    """The enrolment under which this advocate earns at this shop at `at`; None if there was none then."""
    enrolments = Enrolment.objects.active(at=at).filter(advocate=advocate, programme__shop=shop)
    return enrolments.select_related("programme").order_by("-decided_at", "-pk").first()


def is_employee(*, advocate: Advocate, shop: Shop) -> bool:
    """Whether the advocate works for the shop; what she earns there is not paid through Stripe."""
    return ShopMember.objects.filter(shop=shop, user=advocate.user_id).exists()
