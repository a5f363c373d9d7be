"""Each guard of migrations 0002 and 0007, tried with plain SQL: the books hold whatever code comes along."""

from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations import RunSQL

from payouts.enums import AccountKind, TransactionKind
from payouts.ledger import account, balance, post
from payouts.models import LedgerAccount, LedgerEntry, LedgerTransaction, Statement
from payouts.statements import issue_statement
from tests.factories import NOW, make_commission, make_payee, make_payer, make_payout

AVAILABLE = account(AccountKind.STRIPE_AVAILABLE, "EUR")
PENDING = account(AccountKind.STRIPE_PENDING, "EUR")


def execute(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone() if cursor.description else None


def check_now():
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")


def insert_transaction(key="raw"):
    return execute(
        "INSERT INTO payouts_ledgertransaction (key, kind, occurred_at, posted_at, memo)"
        " VALUES (%s, 'correction', now(), now(), '') RETURNING id",
        [key],
    )[0]


def insert_numbered(number):
    execute(
        "INSERT INTO payouts_ledgertransaction (id, key, kind, occurred_at, posted_at, memo)"
        " VALUES (%s, 'numbered', 'correction', now(), now(), '')",
        [number],
    )


def insert_account(kind, currency="EUR"):
    return execute(
        "INSERT INTO payouts_ledgeraccount (kind, currency, balance_minor) VALUES (%s, %s, 0) RETURNING id",
        [kind, currency],
    )[0]


def insert_entries(transaction_id, *entries):
    """Each entry is (account, amount, currency); one statement for all."""
    accounts, amounts, currencies = zip(*entries, strict=True)
    execute(
        "INSERT INTO payouts_ledgerentry (transaction_id, account_id, amount_minor, currency)"
        " SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::text[])",
        [transaction_id, list(accounts), list(amounts), list(currencies)],
    )


def refuse_at_once(says, entries):
    @transaction.atomic
    def write():
        insert_entries(insert_transaction(), *entries)

    with pytest.raises(IntegrityError, match=says):
        write()


def refuse_at_the_end(says, entries):
    @transaction.atomic
    def write():
        number = insert_transaction()
        if entries:
            insert_entries(number, *entries)
        check_now()

    with pytest.raises(IntegrityError, match=says):
        write()


@pytest.fixture
def posted():
    row = post(
        key="available:1", kind=TransactionKind.AVAILABLE, lines=[(AVAILABLE, 500), (PENDING, -500)], at=NOW
    )
    check_now()
    return row


@pytest.fixture
def accounts():
    return insert_account("suspense"), insert_account("fees:stripe")


@pytest.mark.django_db
def test_a_transaction_without_entries_is_refused():
    refuse_at_the_end("has 0 entries", [])


@pytest.mark.django_db
def test_a_single_entry_is_refused(accounts):
    refuse_at_the_end("has 1 entries", [(accounts[0], 5, "EUR")])


@pytest.mark.django_db
def test_entries_that_do_not_sum_to_zero_are_refused(accounts):
    refuse_at_the_end("does not sum to zero in EUR", [(accounts[0], 5, "EUR"), (accounts[1], -4, "EUR")])


@pytest.mark.django_db
def test_zero_over_two_currencies_is_refused(accounts):
    dollars = insert_account("suspense", "USD")

    refuse_at_the_end("does not sum to zero in EUR", [(accounts[0], 5, "EUR"), (dollars, -5, "USD")])


@pytest.mark.django_db
def test_an_entry_of_zero_is_refused(accounts):
    refuse_at_once("ledger_entry_not_zero", [(accounts[0], 0, "EUR"), (accounts[1], 0, "EUR")])


@pytest.mark.django_db
def test_an_entry_in_another_currency_than_its_account_is_refused(accounts):
    refuse_at_once("is in USD, its account in EUR", [(accounts[0], 5, "USD"), (accounts[1], -5, "USD")])


@pytest.mark.django_db(transaction=True)
def test_what_does_not_balance_is_refused_at_the_commit():
    def write():
        first, second = insert_account("suspense"), insert_account("fees:stripe")
        insert_entries(insert_transaction(), (first, 5, "EUR"), (second, -4, "EUR"))

    with pytest.raises(IntegrityError, match="does not sum to zero"):
        transaction.atomic(write)()

    assert LedgerTransaction.objects.count() == 0
    assert LedgerAccount.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_entries_are_not_added_to_a_transaction_of_before(posted):
    first, second = LedgerAccount.objects.values_list("pk", flat=True)

    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        insert_entries(posted.pk, (first, 5, "EUR"), (second, -5, "EUR"))

    assert LedgerEntry.objects.count() == 2


@pytest.mark.django_db
def test_entries_may_come_in_several_statements_and_savepoints(accounts):
    number = insert_transaction()
    with transaction.atomic():
        insert_entries(number, (accounts[0], 5, "EUR"))
    with transaction.atomic():
        insert_entries(number, (accounts[1], -5, "EUR"))

    check_now()

    assert balance(account(AccountKind.SUSPENSE, "EUR")) == 5


@pytest.mark.django_db
def test_entries_may_come_before_their_transaction_and_need_no_look_then(accounts):
    number = execute("SELECT nextval('payouts_ledgertransaction_id_seq')")[0]
    insert_entries(number, (accounts[0], 5, "EUR"), (accounts[1], -5, "EUR"))
    insert_numbered(number)

    assert execute("SELECT count(*) FROM payouts_ledgermark")[0] == 0
    check_now()
    assert balance(account(AccountKind.SUSPENSE, "EUR")) == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "then", "says"),
    [
        ([5, -4], [], "does not sum to zero in EUR"),
        ([5], [], "has 1 entries"),
        ([5, -5], [3], "does not sum to zero in EUR"),
        ([], [3], "has 1 entries"),
        ([5], [-4], "does not sum to zero in EUR"),
    ],
)
def test_entries_that_come_before_their_transaction_balance_all_the_same(accounts, first, then, says):
    """What is before the transaction, and what after it: together they must be zero at the commit."""

    def entries_of(amounts):
        return [(accounts[index], amount, "EUR") for index, amount in enumerate(amounts)]

    @transaction.atomic
    def write():
        number = execute("SELECT nextval('payouts_ledgertransaction_id_seq')")[0]
        if first:
            insert_entries(number, *entries_of(first))
        insert_numbered(number)
        if then:
            insert_entries(number, *entries_of(then))
        check_now()

    with pytest.raises(IntegrityError, match=says):
        write()


@pytest.mark.django_db
def test_what_one_statement_leaves_open_another_may_close(accounts):
    number = insert_transaction()
    insert_entries(number, (accounts[0], 5, "EUR"))
    insert_entries(number, (accounts[1], -5, "EUR"))
    assert execute("SELECT count(*) FROM payouts_ledgermark")[0] == 3

    check_now()

    assert execute("SELECT count(*) FROM payouts_ledgermark")[0] == 0


@pytest.mark.django_db
def test_mark_that_was_taken_away_is_looked_at_all_the_same(accounts):
    @transaction.atomic
    def write():
        insert_entries(insert_transaction(), (accounts[0], 5, "EUR"))
        execute("DELETE FROM payouts_ledgermark")
        check_now()

    with pytest.raises(IntegrityError, match="has 1 entries"):
        write()


@pytest.mark.django_db
def test_entries_without_any_transaction_are_refused(accounts):
    @transaction.atomic
    def write():
        insert_entries(10**9, (accounts[0], 5, "EUR"), (accounts[1], -5, "EUR"))
        check_now()

    with pytest.raises(IntegrityError, match="foreign key"):
        write()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payouts_ledgertransaction SET memo = 'other'",
        "DELETE FROM payouts_ledgertransaction",
        "TRUNCATE payouts_ledgertransaction CASCADE",
        "UPDATE payouts_ledgerentry SET amount_minor = amount_minor * 2",
        "UPDATE payouts_ledgerentry SET account_id = account_id",
        "DELETE FROM payouts_ledgerentry",
        "TRUNCATE payouts_ledgerentry",
        "TRUNCATE payouts_ledgeraccount CASCADE",
        "TRUNCATE payouts_commission CASCADE",
    ],
)
def test_the_past_is_not_rewritten(posted, sql):
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        execute(sql)

    assert list(LedgerEntry.objects.values_list("amount_minor", flat=True)) == [500, -500]


@pytest.mark.django_db
def test_the_flush_of_a_test_runner_is_refused(posted):
    with pytest.raises(CommandError, match="couldn't be flushed") as refused, transaction.atomic():
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)

    assert "only ever added" in str(refused.value.__cause__)

    assert LedgerEntry.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payouts_ledgeraccount SET balance_minor = balance_minor + 1",
        "UPDATE payouts_ledgeraccount SET balance_minor = 0",
    ],
)
def test_a_balance_is_written_by_its_entries_alone(posted, sql):
    with pytest.raises(IntegrityError, match="written by its entries alone"), transaction.atomic():
        execute(sql)

    assert balance(AVAILABLE) == 500


@pytest.mark.django_db
def test_an_account_starts_at_zero():
    with pytest.raises(IntegrityError, match="starts with a balance of zero"), transaction.atomic():
        LedgerAccount.objects.create(kind=AccountKind.SUSPENSE, currency="EUR", balance_minor=1)


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"currency": "USD"}, {"kind": "suspense"}, {"id": 1_000_000}])
def test_an_account_stays_what_it_is(posted, change):
    with pytest.raises(IntegrityError, match="stays what it is"), transaction.atomic():
        LedgerAccount.objects.filter(kind=AccountKind.STRIPE_AVAILABLE).update(**change)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payouts_statement SET amount_minor = 1",
        "DELETE FROM payouts_statement",
        "TRUNCATE payouts_statement CASCADE",
    ],
)
def test_a_statement_is_frozen(sql):
    payer, ada = make_payer(), make_payee()
    commission = make_commission(payer, ada)
    payout = make_payout(payer, ada, 1000, state="sent")
    for state in ("due", "in_payout"):
        commission.state = state
        commission.payout = payout if state == "in_payout" else None
        commission.save()
    issue_statement(payout=payout, at=NOW)
    check_now()

    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        execute(sql)

    assert Statement.objects.get().amount_minor == 1000


@pytest.mark.django_db
def test_reviews_are_not_truncated():
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        execute("TRUNCATE payouts_commissionreview CASCADE")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_leaves_nothing_behind(turn, posted):
    # Both turns post the same key; the second would find the first one's row.
    assert LedgerTransaction.objects.count() == 1
    assert execute("SELECT count(*) FROM wagtailcore_page")[0] > 0


GUARDS = (
    "0002_guards",
    "0004_budgets",
    "0007_guards_of_many",
    "0008_sending",
    "0011_appeal_guards",
    "0014_document_rows",
    "0016_funding",
)


@pytest.mark.django_db(transaction=True)
def test_the_guards_can_be_taken_off_and_put_on_again():
    guards = [
        operation
        for name in GUARDS
        for operation in import_module(f"payouts.migrations.{name}").Migration.operations
        if isinstance(operation, RunSQL)
    ]
    named = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'payouts_%%'"
    for guard in reversed(guards):
        execute(guard.reverse_sql)
    assert execute(named)[0] == 0

    for guard in guards:
        execute(guard.sql)

    assert execute(named)[0] == 10


@pytest.mark.django_db
def test_no_two_steps_are_the_same_movement_at_stripe():
    def take(key, movement):
        return post(
            key=key,
            kind=TransactionKind.TOPPED_UP,
            lines=[(AVAILABLE, 100), (account(AccountKind.PLATFORM_OWN, "EUR"), -100)],
            at=NOW,
            movement=movement,
        )

    first = take("own:1", "txn_1")
    take("own:2", None)
    take("own:3", None)

    with pytest.raises(IntegrityError, match="stripe_balance_transaction_id"):
        take("own:4", "txn_1")

    assert take("own:1", "txn_1") == first
    assert balance(AVAILABLE) == 300
