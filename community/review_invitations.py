"""Asking buyers how it was: every buyer alike, once, with one reminder.

One queue: `due_at` says when something is next to be done for an invitation that is not closed (mail it, remind, let
it expire). A mailing is marked first and sent after that, outside of the transaction: a crash between the two loses
that one mail, and never sends it twice. A mailing that fails is put back, and tried again after ever longer pauses.

The token is made from the order's number and the site's secret, so that the reminder leads to the same place
while the database keeps a hash of it alone.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from advocates.letters import letter
from advocates.models import BuyerContact, RefundLine, Sale, SaleLine
from community.advocate_invitations import invite_after_order, invite_after_review
from community.models import Review, ReviewInvitation, ReviewOptOut, User
from community.reviews import Judgement, UnableToReview, review_purchase

log = logging.getLogger(__name__)

#: Where delivery is not known, a parcel is given this long.
DELIVERY_TIME = timedelta(days=7)
REMIND_AFTER = timedelta(days=7)
LIVES = timedelta(days=60)
#: An order that is told late, or delivered far ahead, is asked about by then all the same.
LATEST_AFTER_REPORT = timedelta(days=60)
#: The pause after a mailing that failed: as long as it has been failing, within these bounds.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(days=1)
#: Products of one order on the page; a larger order is asked about its first ones.
MOST_PRODUCTS = 25
_SALT = "community.review_invitations"


class UnableToUseInvitation(Exception):
    """The invitation was used, is over, or was withdrawn."""


# Planning --------------------------------------------------------------------------------------------------


def plan_invitations(*, at: datetime, limit: int = 500) -> int:
    """An invitation for each order that has a contact and none yet; how many orders were looked at.

    Nothing about the buyer, the order or its amount decides. Left out, and the address erased: who does not want to
    be asked, an order without a product that is known here, and one that is told so late that its time is over.
    """
    waiting = BuyerContact.objects.filter(sale__review_invitation__isnull=True)
    contacts = list(waiting.select_related("sale__shop").order_by("pk")[:limit])
    for contact in contacts:
        _plan(contact, at)
    return len(contacts)


@transaction.atomic(durable=True)
def _plan(contact: BuyerContact, at: datetime) -> None:
    sale = contact.sale
    invite_after_order(sale=sale, email=contact.email, at=at)
    due_at = _first_due(sale, told_at=contact.created_at)
    is_asked = due_at + LIVES > at and not _is_opted_out(sale) and _lines(sale).exists()
    if not is_asked:
        contact.delete()
        return
    # Two ticks at once plan the same order: the order's unique key lets one in.
    ReviewInvitation.objects.bulk_create(
        [
            ReviewInvitation(
                sale=sale, token_hash=_hash(token_of(sale)), due_at=due_at, expires_at=due_at + LIVES
            )
        ],
        ignore_conflicts=True,
    )


def _first_due(sale: Sale, *, told_at: datetime) -> datetime:
    wait = timedelta(days=settings.REVIEW_INVITE_DAYS)
    natural = sale.delivered_at + wait if sale.delivered_at else sale.placed_at + wait + DELIVERY_TIME
    return min(max(natural, told_at), told_at + LATEST_AFTER_REPORT)


# Sending ---------------------------------------------------------------------------------------------------


def send_invitations(*, at: datetime, limit: int = 50) -> int:
    """Take the next step for up to `limit` invitations whose time has come; how many steps were taken.

    Stops at the first mail that cannot be sent: the mail server may be down, and the round after this one goes on.
    """
    steps = 0
    while steps < limit:
        invitation = _claim(at)
        if invitation is None:
            break
        steps += 1
        if invitation.closed_at is None and not _send(invitation, at):
            break
    return steps


@transaction.atomic(durable=True)
def _claim(at: datetime) -> ReviewInvitation | None:
    """The next invitation, with its step marked as taken: closed, sent or reminded."""
    # SKIP LOCKED: ticks pass over what another one is just taking.
    queue = ReviewInvitation.objects.select_for_update(skip_locked=True, of=("self",))
    invitation: ReviewInvitation | None = (
        queue.filter(closed_at__isnull=True, due_at__lte=at)
        .select_related("sale__shop", "sale__buyer_contact")
        .order_by("due_at", "pk")
        .first()
    )
    if invitation is None:
        return None
    if _is_over(invitation, at):
        _close(invitation, at)
        return invitation
    if invitation.sent_at is None:
        invitation.sent_at, invitation.due_at = at, min(at + REMIND_AFTER, invitation.expires_at)
    else:
        invitation.reminded_at, invitation.due_at = at, invitation.expires_at
    # With a new secret key the token is another one, and the mail that goes now carries it.
    invitation.token_hash = _hash(token_of(invitation.sale))
    invitation.save()
    return invitation


def _is_over(invitation: ReviewInvitation, at: datetime) -> bool:
    sale = invitation.sale
    return (
        invitation.expires_at <= at
        or not hasattr(sale, "buyer_contact")
        or _is_opted_out(sale)
        or _is_given_back(sale)
    )


def _is_given_back(sale: Sale) -> bool:
    """Whether everything that was paid for the lines was refunded: then nothing was bought."""
    paid = sum(line.paid_minor for line in sale.lines.all())
    refunded = RefundLine.objects.filter(sale_line__sale=sale).aggregate(total=Sum("amount_minor"))["total"]
    return bool(refunded) and refunded >= paid


def _close(invitation: ReviewInvitation, at: datetime) -> None:
    invitation.closed_at = at
    invitation.save(update_fields=["closed_at"])
    BuyerContact.objects.filter(sale=invitation.sale_id).delete()


def _send(invitation: ReviewInvitation, at: datetime) -> bool:
    """Send what was marked; put it back if that fails. The address is not logged: errors of mail servers name it."""
    try:
        _letter(invitation).send()
    except Exception as error:  # noqa: BLE001 -- whatever went wrong, the mail has not left
        log.warning("review invitation %s was not sent: %s", invitation.pk, type(error).__name__)
        _put_back(invitation, at)
        return False
    return True


def _put_back(invitation: ReviewInvitation, at: datetime) -> None:
    is_reminder = invitation.reminded_at is not None
    assert invitation.sent_at is not None  # noqa: S101 -- it was marked as sent
    first_due = invitation.sent_at + REMIND_AFTER if is_reminder else invitation.expires_at - LIVES
    pause = min(max(at - first_due, SHORTEST_PAUSE), LONGEST_PAUSE)
    mark = "reminded_at" if is_reminder else "sent_at"
    # Only while the mark is still ours, and nobody used or closed it meanwhile.
    mine = ReviewInvitation.objects.filter(pk=invitation.pk, closed_at__isnull=True, **{mark: at})
    mine.update(**{mark: None, "due_at": min(at + pause, invitation.expires_at)})


def _letter(invitation: ReviewInvitation) -> EmailMultiAlternatives:
    sale, contact = invitation.sale, invitation.sale.buyer_contact
    with translation.override(contact.language):
        token = token_of(sale)
        page_url = settings.SITE_URL + reverse("community:review_invitation", args=[token])
        stop_url = settings.SITE_URL + reverse("community:review_stop", args=[token])
        method_url = settings.SITE_URL + reverse("community:review_method")
    return letter(
        name="review_invitation",
        to=contact.email,
        language=contact.language,
        sender=f"{sale.shop.name} via Voorspraak",
        context={
            "shop": sale.shop,
            "sale": sale,
            "titles": [str(line.product) for line in lines_of(invitation)],
            "page_url": page_url,
            "stop_url": stop_url,
            "method_url": method_url,
            "until": invitation.expires_at,
            "is_reminder": invitation.reminded_at is not None,
        },
        # RFC 8058: a mail program may say no for its reader with one POST, without a page.
        headers={"List-Unsubscribe": f"<{stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


# The page that it leads to ---------------------------------------------------------------------------------


def token_of(sale: Sale) -> str:
    """The token of an order's invitation; nobody without the site's secret can make it."""
    return salted_hmac(_SALT, str(sale.pk), algorithm="sha256").hexdigest()


def find_invitation(token: str) -> ReviewInvitation | None:
    """The invitation that this token belongs to, whatever has become of it."""
    found: ReviewInvitation | None = (
        ReviewInvitation.objects.filter(token_hash=_hash(token)).select_related("sale__shop").first()
    )
    return found


def is_open(invitation: ReviewInvitation, *, at: datetime) -> bool:
    """Whether it can still be answered."""
    return invitation.closed_at is None and at < invitation.expires_at


def lines_of(invitation: ReviewInvitation) -> list[SaleLine]:
    """What is asked about: each product of the order once, in its order."""
    lines: dict[int | None, SaleLine] = {}
    for line in _lines(invitation.sale):
        line.sale = invitation.sale
        lines.setdefault(line.product_id, line)
    return list(lines.values())[:MOST_PRODUCTS]


@transaction.atomic(durable=True)
def use_invitation(
    *,
    invitation: ReviewInvitation,
    judgements: Mapping[int, Judgement],
    name: str,
    author: User | None,
    language: str,
    at: datetime,
) -> list[Review]:
    """Take in the answers (by id of the order line) and use the invitation up; the buyer's address is erased.

    Who answers without logging in stays without an account on it. Raises UnableToUseInvitation where it was
    used or is over, and UnableToReview where this person cannot review a product; then nothing is stored.
    """
    asked = {line.pk: line for line in lines_of(invitation)}
    if not judgements or not judgements.keys() <= asked.keys():
        raise UnableToReview(_("Give stars to at least one product."))
    # Two answers at the same moment: the row can be claimed once, the other one finds no row to change.
    claimed = ReviewInvitation.objects.filter(
        pk=invitation.pk, closed_at__isnull=True, expires_at__gt=at
    ).update(used_at=at, closed_at=at)
    if not claimed:
        raise UnableToUseInvitation
    BuyerContact.objects.filter(sale=invitation.sale_id).delete()
    reviews = [
        review_purchase(
            line=asked[pk], author=author, judgement=judgement, name=name, language=language, at=at
        )
        for pk, judgement in judgements.items()
    ]
    for review in reviews:
        invite_after_review(review=review, at=at)
    return reviews


@transaction.atomic(durable=True)
def opt_out(*, invitation: ReviewInvitation, at: datetime) -> None:
    """Never ask this buyer again, in any shop; what is still open for the same address is closed, and it is erased."""
    buyer = invitation.sale.customer_hash
    try:
        with transaction.atomic():
            ReviewOptOut.objects.create(customer_hash=buyer, created_at=at)
    except IntegrityError:
        # Said before: it holds already.
        pass
    ReviewInvitation.objects.filter(sale__customer_hash=buyer, closed_at__isnull=True).update(closed_at=at)
    BuyerContact.objects.filter(sale__customer_hash=buyer).delete()


def _lines(sale: Sale) -> QuerySet[SaleLine]:
    return sale.lines.filter(product__isnull=False).select_related("product__picture").order_by("pk")


def _is_opted_out(sale: Sale) -> bool:
    return ReviewOptOut.objects.filter(customer_hash=sale.customer_hash).exists()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
