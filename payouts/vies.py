"""VIES, the EU's register of VAT numbers: whether a number exists. Where it does not answer, that is what is recorded.

Its REST service (https://ec.europa.eu/taxation_customs/vies/#/technical-information) is asked where the setting
VIES_URL names it, never inside a transaction and never while somebody waits for a page.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings
from django.db.models import F, OuterRef, Subquery

from payouts.enums import VatAnswer
from payouts.models import Payee, VatCheck

logger = logging.getLogger(__name__)

#: A number that VIES did not answer about is asked again after a day, one that it knew after half a year.
_ASK_AGAIN = timedelta(days=1)
_LASTS = timedelta(days=180)
_SECONDS = 10
_MOST_BYTES = 100_000
#: How many are asked in one round.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What VIES said of a number, and under which reference."""

    answer: VatAnswer
    reference: str = ""


def ask_vies(vat_number: str) -> Found:
    """What VIES says of a number with its prefix; "not checked" where it cannot be reached or does not know now."""
    if not settings.VIES_URL:
        return Found(VatAnswer.NOT_CHECKED)
    body = json.dumps({"countryCode": vat_number[:2], "vatNumber": vat_number[2:]}).encode()
    request = Request(  # noqa: S310 -- the address is the installation's own setting
        settings.VIES_URL, data=body, headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 -- the same
            answer = json.loads(response.read(_MOST_BYTES))
    except (URLError, HTTPException, OSError, ValueError) as error:
        logger.warning("VIES did not answer: %s", error)
        return Found(VatAnswer.NOT_CHECKED)
    if not isinstance(answer, dict) or not isinstance(answer.get("valid"), bool):
        return Found(VatAnswer.NOT_CHECKED)
    return Found(
        VatAnswer.VALID if answer["valid"] else VatAnswer.INVALID,
        str(answer.get("requestIdentifier") or "")[:80],
    )


def last_check(payee: Payee) -> VatCheck | None:
    """The last that was recorded of the number she has now."""
    return payee.vat_checks.filter(vat_number=payee.vat_number).last() if payee.vat_number else None


def check_vat_numbers(*, at: datetime) -> int:
    """Ask VIES for the numbers that are new, or whose answer is old, and record what it says; how many were asked."""
    if not settings.VIES_URL:
        return 0
    latest = VatCheck.objects.filter(payee=OuterRef("pk"), vat_number=OuterRef("vat_number")).order_by("-pk")
    payees = Payee.objects.exclude(vat_number="").annotate(
        answer=Subquery(latest.values("answer")[:1]), asked_at=Subquery(latest.values("checked_at")[:1])
    )
    due = [
        payees.filter(asked_at__isnull=True),
        payees.filter(answer=VatAnswer.NOT_CHECKED, asked_at__lt=at - _ASK_AGAIN),
        payees.filter(asked_at__lt=at - _LASTS),
    ]
    asked = 0
    for payee in (due[0] | due[1] | due[2]).order_by(F("asked_at").asc(nulls_first=True), "pk")[:_AT_ONCE]:
        found = ask_vies(payee.vat_number)
        VatCheck.objects.create(
            payee=payee,
            vat_number=payee.vat_number,
            answer=found.answer,
            reference=found.reference,
            checked_at=at,
        )
        asked += 1
    return asked
