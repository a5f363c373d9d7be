"""The VAT of what a run pays: on each payee's commissions, less that of what is taken back of earlier invoices."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Sum

from payouts.enums import TaxProfile, TaxTreatment
from payouts.models import Commission, CommissionReversal, Payee, Payer, Payout, SelfBillingAgreement
from payouts.tax_rules import (
    SELF_BILLED,
    Customer,
    rate_of_treatment,
    treatment_of,
    vat_on,
    vat_taken_back,
)

type Rows = tuple[Sequence[Commission], Sequence[CommissionReversal]]

#: Of reversals: what is asked of the advocate, without what was written off.
_CARRIED = Sum(F("amount_minor") - F("written_off_minor"))


@dataclass(frozen=True, slots=True)
class VatOnShare:
    """The VAT on what one payee gets: its treatment, the rate of it, and what it comes to."""

    treatment: TaxTreatment = TaxTreatment.PRIVATE_PERSON
    rate_bps: int = 0
    vat_minor: int = 0


def vat_on_shares(*, payer: Payer, shares: Mapping[int, Rows]) -> dict[int, VatOnShare]:
    """Payee id → the VAT on these commissions less these reversals, by the tax profiles of this moment.

    What is taken back of an earlier payout bears the VAT that it was invoiced with.
    """
    treatments = _treatments(payer, shares)
    reversals = [row for _commissions, rows in shares.values() for row in rows]
    invoices = _earlier_invoices(reversals)
    found = {}
    for payee, (commissions, taken_back) in shares.items():
        new = {row.pk for row in commissions}
        net = sum(row.amount_minor for row in commissions)
        back: defaultdict[int, int] = defaultdict(int)
        for row in taken_back:
            earlier = invoices.get(row.commission.payout_id or 0)
            if row.commission_id in new:
                net -= row.carried_minor
            elif earlier is not None:
                back[earlier.payout.pk] += row.carried_minor
            # What a statement paid was paid without VAT, and goes back without.
        rate = rate_of_treatment(treatments[payee])
        vat = vat_on(net, rate) - sum(invoices[pk].vat_of(amount) for pk, amount in back.items())
        found[payee] = VatOnShare(treatments[payee], rate, vat)
    return found


@dataclass(frozen=True, slots=True)
class EarlierInvoice:
    """A payout that was invoiced, and how much of it had been taken back before (both without VAT)."""

    payout: Payout
    invoiced_minor: int
    before_minor: int

    def vat_of(self, amount_minor: int) -> int:
        """The VAT in what is taken back now."""
        return vat_taken_back(
            invoiced_minor=self.invoiced_minor,
            rate_bps=self.payout.vat_rate_bps,
            before_minor=self.before_minor,
            now_minor=amount_minor,
        )


def earlier_invoice(payout: Payout, *, before: Payout | None = None) -> EarlierInvoice:
    """What a payout was invoiced for and what payouts made before `before` (all, without it) took back of it."""
    own = payout.reversals.filter(commission__payout=payout).aggregate(total=_CARRIED)["total"] or 0
    gross = payout.commissions.aggregate(total=Sum("amount_minor"))["total"] or 0
    later = CommissionReversal.objects.filter(commission__payout=payout, payout__isnull=False).exclude(
        payout=payout
    )
    if before is not None:
        later = later.filter(payout__lt=before.pk)
    taken = later.aggregate(total=_CARRIED)["total"] or 0
    return EarlierInvoice(payout, gross - own, taken)


def _earlier_invoices(reversals: Sequence[CommissionReversal]) -> dict[int, EarlierInvoice]:
    """Payout id → its invoice, of those payouts that these reversals take from."""
    wanted = {row.commission.payout_id for row in reversals if row.commission.payout_id is not None}
    payouts = Payout.objects.filter(pk__in=wanted, tax_treatment__in=SELF_BILLED)
    return {payout.pk: earlier_invoice(payout) for payout in payouts}


def _treatments(payer: Payer, payees: Mapping[int, Rows]) -> dict[int, TaxTreatment]:
    agreed = set(
        SelfBillingAgreement.objects.filter(payee__in=payees, revoked_at__isnull=True).values_list(
            "payee", flat=True
        )
    )
    customer = Customer(payer.country, payer.vat_number)
    return {
        payee.pk: treatment_of(
            profile=TaxProfile(payee.tax_profile),
            country=payee.country,
            customer=customer,
            may_self_bill=payee.pk in agreed and payee.has_address and payer.has_address,
        )
        for payee in Payee.objects.filter(pk__in=payees)
    }
