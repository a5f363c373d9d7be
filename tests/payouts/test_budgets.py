"""A budget is never overspent, whoever comes at the same moment; and the books know it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from payouts.accruals import UnableToAccrue
from payouts.books import check_books
from payouts.budgets import UnableToFund, create_budget, fund_budget, standing_of, withdraw_from_budget
from payouts.commissions import accrue_commission, reverse_commission
from payouts.models import Budget, Commission
from tests.advocates.market import NOW
from tests.factories import make_payee, make_payer


def make_budget(funded=1000):
    budget = create_budget(payer=make_payer(), currency="EUR", at=NOW)
    fund_budget(budget=budget, amount_minor=funded, by=None, at=NOW)
    budget.refresh_from_db()
    return budget


def earn(budget, amount, key="c1"):
    return accrue_commission(
        key=key,
        payer=budget.payer,
        payee=make_payee(f"Ada {key}"),
        currency="EUR",
        amount_minor=amount,
        description="Klei",
        earned_at=NOW,
        due_at=NOW + timedelta(days=30),
        budget=budget,
        at=NOW,
    )


@pytest.mark.django_db
def test_commission_beyond_the_budget_is_not_booked():
    budget = make_budget(1000)
    earn(budget, 600)

    with pytest.raises(UnableToAccrue):
        earn(budget, 401, key="c2")
    earn(budget, 400, key="c3")

    budget.refresh_from_db()
    assert (budget.committed_minor, budget.left_minor) == (1000, 0)
    assert Commission.objects.count() == 2
    assert check_books() == []


@pytest.mark.django_db
def test_reversal_gives_back_what_it_took():
    budget = make_budget(1000)
    commission = earn(budget, 1000)

    reverse_commission(commission=commission, key="r1", amount_minor=300, reason="refund R1", at=NOW)

    budget.refresh_from_db()
    standing = standing_of(budget)
    assert (standing.reserved_minor, standing.left_minor) == (700, 300)
    assert check_books() == []


@pytest.mark.django_db
def test_what_is_promised_cannot_be_taken_out():
    budget = make_budget(1000)
    earn(budget, 600)

    with pytest.raises(UnableToFund):
        withdraw_from_budget(budget=budget, amount_minor=401, by=None, at=NOW)
    withdraw_from_budget(budget=budget, amount_minor=400, by=None, at=NOW)

    budget.refresh_from_db()
    assert (budget.funded_minor, budget.left_minor) == (600, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"committed_minor": 1001}, "budget_never_overspent"),
        ({"committed_minor": -1}, "budget_not_below_zero"),
    ],
)
def test_database_itself_keeps_a_budget_within_its_limit(change, name):
    budget = make_budget(1000)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Budget.objects.filter(pk=budget.pk).update(**change)

    assert Budget.objects.get().committed_minor == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "tamper",
    [
        lambda budget: Budget.objects.filter(pk=budget.pk).update(committed_minor=1),
        lambda budget: Budget.objects.filter(pk=budget.pk).update(funded_minor=2000),
        lambda _budget: Commission.objects.update(budget=None),
        lambda budget: Commission.objects.update(budget=make_other(budget)),
    ],
)
def test_books_say_where_a_budget_is_off(tamper):
    budget = make_budget(1000)
    earn(budget, 600)
    assert check_books() == []

    tamper(budget)

    assert any(sentence.startswith(("Budget", "Commission")) for sentence in check_books())


def make_other(budget):
    other = create_budget(payer=budget.payer, currency="EUR", at=NOW)
    fund_budget(budget=other, amount_minor=1000, by=None, at=NOW)
    return other
