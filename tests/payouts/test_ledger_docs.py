"""The table of steps in docs/ledger.md is what the code posts: each row is played, and nothing else happens."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from payouts.books import check_books
from payouts.commissions import mature_commissions, reverse_commission
from payouts.enums import AccountKind, RejectionReason, TaxProfile, TransactionKind
from payouts.fees import give_back_fee, refresh_fees
from payouts.funding import refresh_collection
from payouts.holds import hold_commission, release_commission
from payouts.models import Collection, LedgerTransaction, Payout, Transfer
from payouts.own_money import refresh_own_money
from payouts.reserves import void_payout
from payouts.reviews import approve_commissions, reject_commission
from payouts.stripe_rows import SentReversal, SentTransfer
from payouts.transfers import record_transfer
from payouts.write_offs import write_off
from tests.factories import NOW, make_commission, make_payee, make_user
from tests.payouts.settling import DUE, owe, pay_a_fee, paying_shop, ready_payee, settle
from tests.payouts.taxing import as_profile, with_address

DOCS = (Path(__file__).resolve().parents[2] / "docs/ledger.md").read_text()

pytestmark = pytest.mark.django_db


def accounts_in(cell):
    """(always, sometimes): "a (b) (c)" -> ({a}, {b, c})."""
    sometimes = set(re.findall(r"\(([a-z_:]+)\)", cell))
    return set(re.findall(r"[a-z_:]+", cell)) - sometimes, sometimes


def rows_of_the_table():
    return [
        (step, accounts_in(debit), accounts_in(credit))
        for step, debit, credit in re.findall(
            r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", DOCS, re.MULTILINE
        )
    ]


def fits(row, step, debits, credits_):
    its_step, (debit, debit_too), (credit, credit_too) = row
    return (
        its_step == step
        and debit <= debits <= debit | debit_too
        and credit <= credits_ <= credit | credit_too
    )


def posted_shapes():
    for row in LedgerTransaction.objects.prefetch_related("entries__account"):
        entries = list(row.entries.all())
        yield (
            row.kind,
            {entry.account.kind for entry in entries if entry.amount_minor > 0},
            {entry.account.kind for entry in entries if entry.amount_minor < 0},
        )


def play_commissions(payer, payee):
    """A commission's ways, each of them."""
    mila = make_user("Mila de Boer")
    held, refunded, rejected = (make_commission(payer, payee) for _row in range(3))
    early_refunded, early_rejected = (make_commission(payer, payee) for _row in range(2))
    reverse_commission(commission=early_refunded, key="early", amount_minor=1000, reason="Refund", at=NOW)
    reject(early_rejected, mila)
    mature_commissions(at=DUE)
    reverse_commission(commission=refunded, key="late", amount_minor=400, reason="Refund", at=DUE)
    reject(rejected, mila)
    hold_commission(commission=held, reason="Two orders", until=DUE + timedelta(days=7), by=mila, at=DUE)
    release_commission(commission=held, by=mila, at=DUE)
    approve_commissions(payer=payer, commission_ids=[refunded.pk], by=mila, at=DUE)


def reject(commission, by):
    reject_commission(commission=commission, reason=RejectionReason.OTHER, note="No.", by=by, at=NOW)


def play_settlement(stand_in, payer, payee):
    """A run with one payout sent and one given up, a second run on what was paid ahead; then all comes back."""
    owe(payer, payee, 5000)
    owe(payer, make_payee("Noor Bakker"), 2000)
    settle(payer)
    void_payout(payout=Payout.objects.get(state="parked"), at=DUE)
    owe(payer, payee, 3000)
    settle(payer)
    collection = Collection.objects.order_by("pk").first()
    stand_in.open_dispute(collection.stripe_charge_id)
    refresh_collection(collection=collection, at=DUE)
    transfer = Transfer.objects.order_by("pk").first()
    record_transfer(payout=transfer.payout, transfer=taken_back(transfer, 100), at=DUE)


def taken_back(transfer, amount_minor):
    """A transfer as Stripe shows it when so much of it came back."""
    return SentTransfer(
        stripe_id=transfer.stripe_transfer_id,
        destination=transfer.destination,
        amount_minor=transfer.amount_minor,
        reversed_minor=amount_minor,
        currency=transfer.currency,
        transfer_group=transfer.payout.run.transfer_group,
        metadata={},
        created_at=transfer.created_at,
        reversals=(SentReversal(f"trr_{transfer.pk}", amount_minor, f"txn_{transfer.pk}_back"),),
    )


def play_vat(stand_in):
    """Two payouts with VAT: the transfer of one is taken back whole, the other is given up."""
    payer = with_address(paying_shop(stand_in, "Touw & Twijn"))
    vera = as_profile(ready_payee(stand_in, "Vera Smit"), TaxProfile.NL_VAT)
    owe(payer, vera, 5000)
    noor = as_profile(make_payee("Noor Smit"), TaxProfile.NL_VAT)
    owe(payer, noor, 2000)
    settle(payer)
    void_payout(payout=Payout.objects.get(payee=noor), at=DUE)
    transfer = Transfer.objects.get(payout__payee=vera)
    record_transfer(payout=transfer.payout, transfer=taken_back(transfer, transfer.amount_minor), at=DUE)


def play_write_off(stand_in):
    """A commission that was paid and taken back, of an advocate who never sold anything there again."""
    payer, payee = paying_shop(stand_in, "Wol & Co"), ready_payee(stand_in, "Sam Mulder")
    commission = owe(payer, payee)
    settle(payer)
    commission.refresh_from_db()
    reverse_commission(commission=commission, key="too late", amount_minor=500, reason="Refund", at=DUE)
    later = DUE + timedelta(days=365)
    write_off(payer=payer, payee=payee, currency="EUR", reason="Gone", by=make_user("Vera"), at=later)


def play_fee(stand_in, payer):
    """A sale on the shop's own account whose fee comes, becomes available, and goes back in part."""
    fee = pay_a_fee(stand_in, payer, amount_minor=210, commissions_minor=200)
    stand_in.advance(timedelta(days=5))
    refresh_fees(at=fee.available_at)
    give_back_fee(fee=fee, owed_minor=100, at=DUE)


def play_own_money(stand_in):
    """The platform's own: what it put in (before the test began), took to its bank, and was charged for."""
    stand_in.move(-3000, kind="payout")
    stand_in.move(-700, kind="stripe_fee")
    stand_in.move(500, kind="topup", days=2)
    refresh_own_money(at=DUE)
    stand_in.advance(timedelta(days=3))
    refresh_own_money(at=DUE)


def test_the_table_of_steps_is_what_the_code_posts(stand_in):
    payer = paying_shop(stand_in, platform_fee_bps=500)
    payee = ready_payee(stand_in)

    play_commissions(payer, payee)
    play_settlement(stand_in, payer, payee)
    play_vat(stand_in)
    play_fee(stand_in, payer)
    play_write_off(stand_in)
    play_own_money(stand_in)

    table = rows_of_the_table()
    shapes = list(posted_shapes())
    unknown = [shape for shape in shapes if not any(fits(row, *shape) for row in table)]
    unplayed = [row for row in table if not any(fits(row, *shape) for shape in shapes)]
    assert (unknown, unplayed) == ([], [])
    assert check_books() == []


def test_the_table_has_every_step_but_the_one_of_persons():
    assert {step for step, _debit, _credit in rows_of_the_table()} == set(TransactionKind) - {"correction"}


def test_the_table_has_every_account():
    table = DOCS.partition("## Accounts")[2].partition("## Steps")[0]

    assert set(re.findall(r"`([a-z_:]+)`", table)) == set(AccountKind)


def test_the_table_has_every_guard(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND relname LIKE 'payouts_%'"
        )
        triggers = {name for (name,) in cursor.fetchall()}
    endings = ("_append_only", "_no_truncate")

    named = set(re.findall(r"`(\w+)`", DOCS.partition("## What the database refuses")[2])) | {
        name for name in triggers if name.endswith(endings)
    }
    assert triggers - named == set()
