"""Posting: what is written, once; what is refused, in a sentence."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payouts.enums import AccountKind, TransactionKind
from payouts.ledger import AccountRef, Posting, UnableToPost, account, balance, post, post_all
from payouts.models import LedgerAccount, LedgerEntry, LedgerTransaction
from tests.factories import NOW, make_commission, make_payee, make_payer

pytestmark = pytest.mark.django_db

PENDING = account(AccountKind.STRIPE_PENDING, "EUR")
AVAILABLE = account(AccountKind.STRIPE_AVAILABLE, "EUR")


def post_available(key="available:1", amount_minor=500, **fields):
    values = {
        "key": key,
        "kind": TransactionKind.AVAILABLE,
        "lines": [(AVAILABLE, amount_minor), (PENDING, -amount_minor)],
        "at": NOW,
    }
    return post(**{**values, **fields})


def test_post_writes_the_lines_and_moves_the_balances():
    posted = post_available(memo="Payment of November")

    entries = LedgerEntry.objects.filter(transaction=posted).values_list(
        "account__kind", "amount_minor", "currency"
    )
    assert list(entries) == [("stripe:available", 500, "EUR"), ("stripe:pending", -500, "EUR")]
    assert (posted.kind, posted.occurred_at, posted.memo) == ("available", NOW, "Payment of November")
    assert (balance(AVAILABLE), balance(PENDING)) == (500, -500)


def test_post_adds_up_over_transactions_on_one_account():
    post_available("available:1", 500)
    post_available("available:2", 250)

    assert (balance(AVAILABLE), balance(PENDING)) == (750, -750)
    assert LedgerAccount.objects.count() == 2


def test_post_may_use_an_account_twice():
    post_available(lines=[(AVAILABLE, 300), (AVAILABLE, 200), (PENDING, -500)])

    assert balance(AVAILABLE) == 500


def test_post_balances_each_currency():
    yen = [
        (account(kind, "JPY"), amount)
        for kind, amount in ((AccountKind.SUSPENSE, 7), (AccountKind.FEES_STRIPE, -7))
    ]

    post_available(lines=[(AVAILABLE, 5), (PENDING, -5), *yen])

    assert balance(account(AccountKind.SUSPENSE, "JPY")) == 7
    assert balance(account(AccountKind.SUSPENSE, "EUR")) == 0


def test_post_with_a_posted_key_returns_that_transaction():
    first = post_available()

    # The order of the lines is no content.
    assert post_available(lines=[(PENDING, -500), (AVAILABLE, 500)]) == first
    assert balance(AVAILABLE) == 500


@pytest.mark.parametrize(
    "other",
    [
        {"amount_minor": 501},
        {"kind": TransactionKind.CORRECTION},
        {"lines": [(AVAILABLE, 200), (AVAILABLE, 300), (PENDING, -500)]},
    ],
)
def test_post_refuses_a_posted_key_with_other_content(other):
    post_available()

    with pytest.raises(UnableToPost, match="available:1"):
        post_available(**other)

    assert balance(AVAILABLE) == 500


def test_post_refuses_a_posted_key_for_another_commission():
    payer, ada = make_payer(), make_payee()
    post_available(commission=make_commission(payer, ada))

    with pytest.raises(UnableToPost, match="available:1"):
        post_available(commission=make_commission(payer, ada))


def test_correction_points_at_what_it_corrects():
    wrong = post_available()

    right = post_available(
        "correction:1",
        lines=[(PENDING, 500), (AVAILABLE, -500)],
        kind=TransactionKind.CORRECTION,
        corrects=wrong,
    )

    assert list(wrong.corrections.all()) == [right]
    assert balance(AVAILABLE) == 0


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "two lines or more"),
        ([(AVAILABLE, 5)], "two lines or more"),
        ([(AVAILABLE, 5), (PENDING, -5), (PENDING, 0)], "a line of zero"),
        ([(AVAILABLE, 5), (PENDING, -4)], "1 EUR too much"),
        ([(AVAILABLE, 5), (account(AccountKind.STRIPE_PENDING, "USD"), -5)], "5 EUR too much"),
    ],
)
def test_post_refuses_what_does_not_add_up(lines, says):
    with pytest.raises(UnableToPost, match=says):
        post_available(lines=lines)

    assert LedgerTransaction.objects.count() == 0


def test_post_needs_a_key():
    with pytest.raises(UnableToPost, match="needs a key"):
        post_available(key="")


@pytest.mark.parametrize("kind", list(AccountKind))
@pytest.mark.parametrize("owners", ["nobody", "payer", "payee", "both"])
def test_account_and_database_ask_for_the_same_owners(kind, owners):
    payer, payee = make_payer(), make_payee()
    payer = payer if owners in {"payer", "both"} else None
    payee = payee if owners in {"payee", "both"} else None
    fitting = {"advocate": {"both"}, "shop": {"payer"}, "loss": {"payer", "both"}}
    fits = owners in fitting.get(kind.partition(":")[0], {"nobody"})

    if fits:
        row = LedgerAccount.objects.create(kind=kind, currency="EUR", payer=payer, payee=payee)
        assert account(kind, "EUR", payer, payee) == AccountRef(kind, "EUR", row.payer_id, row.payee_id)
    else:
        with pytest.raises(UnableToPost, match="owners"):
            account(kind, "EUR", payer, payee)


def test_post_all_refuses_one_key_twice_and_writes_nothing():
    posting = Posting(
        key="available:1", kind=TransactionKind.AVAILABLE, lines=((AVAILABLE, 5), (PENDING, -5)), at=NOW
    )

    with pytest.raises(UnableToPost, match="twice"):
        post_all([posting, posting])

    assert LedgerTransaction.objects.count() == 0


def test_post_all_writes_what_is_new_and_returns_all_in_order():
    old = post_available("available:2")
    postings = [
        Posting(
            key=f"available:{number}",
            kind=TransactionKind.AVAILABLE,
            lines=((AVAILABLE, 500), (PENDING, -500)),
            at=NOW,
        )
        for number in (3, 2, 1)
    ]

    posted = post_all(postings)

    keys = LedgerTransaction.objects.in_bulk(posted)
    assert [keys[pk].key for pk in posted] == ["available:3", "available:2", "available:1"]
    assert posted[1] == old.pk
    assert balance(AVAILABLE) == 1500


def test_post_all_asks_as_many_queries_for_fifty_as_for_one():
    def queries(prefix, number):
        postings = [
            Posting(
                key=f"{prefix}:{index}",
                kind=TransactionKind.AVAILABLE,
                lines=((AVAILABLE, 1), (PENDING, -1)),
                at=NOW,
            )
            for index in range(number)
        ]
        with CaptureQueriesContext(connection) as captured:
            post_all(postings)
        return len(captured)

    queries("new accounts", 1)

    assert queries("many", 50) == queries("one", 1)


def test_account_code_is_the_name_in_the_docs():
    payer, ada = make_payer(), make_payee()
    make_commission(payer, ada)

    assert [row.code for row in LedgerAccount.objects.order_by("-kind")] == [
        f"shop:{payer.pk}:receivable",
        f"advocate:{ada.pk}:held@shop:{payer.pk}",
    ]
