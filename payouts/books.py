"""Do the books agree with themselves, and with the rows that people see?

Settlement asks before and after each run and stops when the answer is not empty; the tick asks at night, and keeps
the answer (`examine_books`). All checks are one SQL statement, so that they look at one moment while others go on
writing.

What the checks hold other modules to: a payout row is made together with its reserve (payable → in transit), and
what settlement posts carries the payout, or the collection, and never a commission; a payout's amount without its
VAT is its commissions in full less the reversals it carries; a reversed transfer gives back to payable.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payouts.models import BooksCheck


@dataclass(frozen=True, slots=True)
class Check:
    """A question whose answer should have no rows, and the sentence that says what one row means."""

    sql: str
    sentence: str | Promise


_TRIAL_BALANCE = Check(
    """
    SELECT currency, sum(amount_minor) AS total FROM payouts_ledgerentry
    GROUP BY currency HAVING sum(amount_minor) <> 0
    """,
    _("The books are off by %(total)d %(currency)s."),
)

_BALANCES = Check(
    """
    SELECT account.id, account.kind, account.balance_minor AS balance, coalesce(sum(entry.amount_minor), 0) AS total
    FROM payouts_ledgeraccount account LEFT JOIN payouts_ledgerentry entry ON entry.account_id = account.id
    GROUP BY account.id HAVING account.balance_minor <> coalesce(sum(entry.amount_minor), 0)
    """,
    _("Account %(id)d (%(kind)s) says %(balance)d; its entries add up to %(total)d."),
)

_TRANSACTIONS = Check(
    """
    SELECT posted.id, sum(per_currency.entries) AS entries, sum(abs(per_currency.total)) AS total
    FROM payouts_ledgertransaction posted LEFT JOIN (
        SELECT transaction_id, currency, count(*) AS entries, sum(amount_minor) AS total
        FROM payouts_ledgerentry GROUP BY transaction_id, currency
    ) per_currency ON per_currency.transaction_id = posted.id
    GROUP BY posted.id
    HAVING coalesce(sum(per_currency.entries), 0) < 2 OR sum(abs(per_currency.total)) <> 0
    """,
    _("Transaction %(id)d has %(entries)d entries and is off by %(total)d."),
)

_CURRENCIES = Check(
    """
    SELECT entry.id, entry.currency, account.currency AS expected
    FROM payouts_ledgerentry entry JOIN payouts_ledgeraccount account ON account.id = entry.account_id
    WHERE entry.currency <> account.currency
    """,
    _("Entry %(id)d is in %(currency)s; its account is in %(expected)s."),
)

_BELOW_ZERO = Check(
    """
    SELECT id, kind, balance_minor AS balance FROM payouts_ledgeraccount
    WHERE kind IN ('advocate:held', 'advocate:in_transit') AND balance_minor > 0
    """,
    _("Account %(id)d (%(kind)s) holds less than nothing: %(balance)d too little."),
)

_REVERSALS = Check(
    """
    SELECT commission.id, commission.reversed_minor AS reversed, coalesce(sum(reversal.amount_minor), 0) AS total
    FROM payouts_commission commission
    LEFT JOIN payouts_commissionreversal reversal ON reversal.commission_id = commission.id
    GROUP BY commission.id HAVING commission.reversed_minor <> coalesce(sum(reversal.amount_minor), 0)
    """,
    _("Commission %(id)d says %(reversed)d was reversed; its reversals add up to %(total)d."),
)

_CARRIED_FOR_NOTHING = Check(
    """
    SELECT reversal.id, reversal.payout_id AS payout, commission.id AS commission
    FROM payouts_commissionreversal reversal
    JOIN payouts_commission commission ON commission.id = reversal.commission_id
    WHERE reversal.payout_id IS NOT NULL AND commission.payout_id IS NULL
    AND commission.state IN ('rejected', 'reversed')
    """,
    _("Payout %(payout)d carries reversal %(id)d of commission %(commission)d, which no payout ever had."),
)

_HOLDS = Check(
    """
    SELECT commission.id, commission.state, count(hold.id) AS holds
    FROM payouts_commission commission
    LEFT JOIN payouts_commissionhold hold ON hold.commission_id = commission.id AND hold.released_at IS NULL
    GROUP BY commission.id, commission.state
    HAVING (commission.state = 'on_hold') <> (count(hold.id) > 0)
    """,
    _("Commission %(id)d is “%(state)s”, and has %(holds)d holds that were not released."),
)

_COMMISSIONS = Check(
    """
    SELECT commission.id, commission.state, expected.*,
        coalesce(booked.held, 0) AS held, coalesce(booked.payable, 0) AS payable,
        coalesce(booked.receivable, 0) AS receivable
    FROM payouts_commission commission
    CROSS JOIN LATERAL (
        SELECT commission.amount_minor - commission.reversed_minor AS open,
            CASE WHEN commission.state IN ('pending', 'on_hold')
                THEN commission.amount_minor - commission.reversed_minor ELSE 0 END AS should_be_held
    ) expected
    LEFT JOIN (
        SELECT posted.commission_id,
            -sum(entry.amount_minor) FILTER (WHERE account.kind = 'advocate:held') AS held,
            -sum(entry.amount_minor) FILTER (WHERE account.kind = 'advocate:payable') AS payable,
            sum(entry.amount_minor) FILTER (WHERE account.kind = 'shop:receivable') AS receivable
        FROM payouts_ledgertransaction posted
        JOIN payouts_ledgerentry entry ON entry.transaction_id = posted.id
        JOIN payouts_ledgeraccount account ON account.id = entry.account_id
        WHERE posted.commission_id IS NOT NULL GROUP BY posted.commission_id
    ) booked ON booked.commission_id = commission.id
    WHERE coalesce(booked.held, 0) <> expected.should_be_held
    OR coalesce(booked.payable, 0) <> expected.open - expected.should_be_held
    OR coalesce(booked.receivable, 0) <> expected.open
    """,
    _(
        "Commission %(id)d (%(state)s) is open for %(open)d; the books have %(held)d held, %(payable)d payable "
        "and %(receivable)d owed by the shop."
    ),
)

_PAYOUTS = Check(
    """
    SELECT payout.id, payout.state, payout.amount_minor AS amount,
        coalesce(booked.in_transit, 0) AS in_transit, -coalesce(booked.payable, 0) AS reserved
    FROM payouts_payout payout
    LEFT JOIN payouts_transfer transfer ON transfer.payout_id = payout.id
    LEFT JOIN (
        SELECT posted.payout_id,
            -sum(entry.amount_minor) FILTER (WHERE account.kind = 'advocate:in_transit') AS in_transit,
            -sum(entry.amount_minor) FILTER (WHERE account.kind = 'advocate:payable') AS payable
        FROM payouts_ledgertransaction posted
        JOIN payouts_ledgerentry entry ON entry.transaction_id = posted.id
        JOIN payouts_ledgeraccount account ON account.id = entry.account_id
        WHERE posted.payout_id IS NOT NULL GROUP BY posted.payout_id
    ) booked ON booked.payout_id = payout.id
    WHERE coalesce(booked.in_transit, 0)
        <> CASE WHEN payout.state IN ('sent', 'void') THEN 0 ELSE payout.amount_minor END
    OR -coalesce(booked.payable, 0) <> CASE WHEN payout.state = 'void' THEN 0
        ELSE payout.amount_minor - payout.vat_minor - coalesce(transfer.reversed_minor, 0) END
    """,
    _(
        "Payout %(id)d (%(state)s) is for %(amount)d; the books have %(in_transit)d in transit "
        "and %(reserved)d taken from payable."
    ),
)

_PAYOUT_LINES = Check(
    """
    SELECT payout.id, payout.amount_minor - payout.vat_minor AS amount,
        coalesce(gross.total, 0) - coalesce(back.total, 0) AS total
    FROM payouts_payout payout
    LEFT JOIN (
        SELECT payout_id, sum(amount_minor) AS total FROM payouts_commission GROUP BY payout_id
    ) gross ON gross.payout_id = payout.id
    LEFT JOIN (
        SELECT payout_id, sum(amount_minor - written_off_minor) AS total
        FROM payouts_commissionreversal GROUP BY payout_id
    ) back ON back.payout_id = payout.id
    WHERE coalesce(gross.total, 0) - coalesce(back.total, 0)
        <> CASE WHEN payout.state = 'void' THEN 0 ELSE payout.amount_minor - payout.vat_minor END
    """,
    _("Payout %(id)d is for %(amount)d; its commissions less its reversals come to %(total)d."),
)

_OWED = Check(
    """
    SELECT payer_id AS payer, payee_id AS payee, currency,
        coalesce(expected.held, 0) AS held, coalesce(booked.held, 0) AS booked_held,
        coalesce(expected.payable, 0) AS payable, coalesce(booked.payable, 0) AS booked_payable,
        coalesce(expected.in_transit, 0) AS in_transit, coalesce(booked.in_transit, 0) AS booked_in_transit
    FROM (
        SELECT payer_id, payee_id, currency,
            sum(held) AS held, sum(payable) AS payable, sum(in_transit) AS in_transit
        FROM (
            SELECT payer_id, payee_id, currency,
                CASE WHEN state IN ('pending', 'on_hold') THEN amount_minor - reversed_minor ELSE 0 END AS held,
                CASE WHEN state IN ('pending', 'on_hold') THEN 0 ELSE amount_minor - reversed_minor END AS payable,
                0 AS in_transit
            FROM payouts_commission
            UNION ALL
            SELECT run.payer_id, payout.payee_id, payout.currency, 0,
                coalesce(transfer.reversed_minor, 0) - (payout.amount_minor - payout.vat_minor),
                CASE WHEN payout.state = 'sent' THEN 0 ELSE payout.amount_minor END
            FROM payouts_payout payout
            JOIN payouts_settlementrun run ON run.id = payout.run_id
            LEFT JOIN payouts_transfer transfer ON transfer.payout_id = payout.id
            WHERE payout.state <> 'void'
            UNION ALL
            SELECT payer_id, payee_id, currency, 0, amount_minor, 0 FROM payouts_writeoff
        ) rows GROUP BY payer_id, payee_id, currency
    ) expected
    FULL JOIN (
        SELECT payer_id, payee_id, currency,
            -sum(balance_minor) FILTER (WHERE kind = 'advocate:held') AS held,
            -sum(balance_minor) FILTER (WHERE kind = 'advocate:payable') AS payable,
            -sum(balance_minor) FILTER (WHERE kind = 'advocate:in_transit') AS in_transit
        FROM payouts_ledgeraccount WHERE kind LIKE 'advocate:%' GROUP BY payer_id, payee_id, currency
    ) booked USING (payer_id, payee_id, currency)
    WHERE (coalesce(expected.held, 0), coalesce(expected.payable, 0), coalesce(expected.in_transit, 0))
        <> (coalesce(booked.held, 0), coalesce(booked.payable, 0), coalesce(booked.in_transit, 0))
    """,
    _(
        "Payer %(payer)d owes payee %(payee)d by the rows (held, payable, in transit) %(held)d, %(payable)d, "
        "%(in_transit)d %(currency)s; by the books %(booked_held)d, %(booked_payable)d, %(booked_in_transit)d."
    ),
)

#: What is written off of somebody stands with her reversals too.
_WRITE_OFFS = Check(
    """
    SELECT payer_id AS payer, payee_id AS payee, currency,
        coalesce(written.total, 0) AS total, coalesce(marked.total, 0) AS marked
    FROM (
        SELECT payer_id, payee_id, currency, sum(amount_minor) AS total
        FROM payouts_writeoff GROUP BY payer_id, payee_id, currency
    ) written
    FULL JOIN (
        SELECT commission.payer_id, commission.payee_id, commission.currency, sum(reversal.written_off_minor) AS total
        FROM payouts_commissionreversal reversal
        JOIN payouts_commission commission ON commission.id = reversal.commission_id
        WHERE reversal.written_off_minor > 0
        GROUP BY commission.payer_id, commission.payee_id, commission.currency
    ) marked USING (payer_id, payee_id, currency)
    WHERE coalesce(written.total, 0) <> coalesce(marked.total, 0)
    """,
    _(
        "Payer %(payer)d has written off %(total)d %(currency)s of payee %(payee)d; of the reversals %(marked)d is "
        "marked so."
    ),
)

#: A budget's commissions hold what is open of them, whatever their state: what is paid stays spent.
_BUDGETS = Check(
    """
    SELECT budget.id, budget.committed_minor AS committed, coalesce(open.total, 0) AS total
    FROM payouts_budget budget
    LEFT JOIN (
        SELECT budget_id, sum(amount_minor - reversed_minor) AS total
        FROM payouts_commission WHERE budget_id IS NOT NULL GROUP BY budget_id
    ) open ON open.budget_id = budget.id
    WHERE budget.committed_minor <> coalesce(open.total, 0)
    """,
    _("Budget %(id)d says %(committed)d is taken; its commissions have %(total)d open."),
)

_BUDGET_STEPS = Check(
    """
    SELECT budget.id, budget.funded_minor AS funded, coalesce(moved.funded, 0) AS moved_funded
    FROM payouts_budget budget
    LEFT JOIN (
        SELECT budget_id,
            sum(CASE step WHEN 'funded' THEN amount_minor WHEN 'withdrawn' THEN -amount_minor ELSE 0 END) AS funded
        FROM payouts_budgetmovement GROUP BY budget_id
    ) moved ON moved.budget_id = budget.id
    WHERE budget.funded_minor <> coalesce(moved.funded, 0)
    """,
    _("Budget %(id)d says %(funded)d is set aside; its movements add up to %(moved_funded)d."),
)

#: What a commission took of its budget before its movements were kept stands in none (migration 0010 of the deals).
_BUDGET_OF_COMMISSION = Check(
    """
    SELECT commission.id, coalesce(commission.budget_id, 0) AS budget, movement.budget_id AS moved,
        commission.amount_minor - commission.reversed_minor AS open, movement.total
    FROM payouts_commission commission
    JOIN (
        SELECT commission_id, budget_id,
            sum(CASE step WHEN 'reserved' THEN amount_minor WHEN 'released' THEN -amount_minor ELSE 0 END) AS total
        FROM payouts_budgetmovement WHERE commission_id IS NOT NULL GROUP BY commission_id, budget_id
    ) movement ON movement.commission_id = commission.id
    WHERE commission.budget_id IS DISTINCT FROM movement.budget_id
    OR (
        movement.total <> commission.amount_minor - commission.reversed_minor
        AND EXISTS (
            SELECT 1 FROM payouts_budgetmovement first
            WHERE first.commission_id = commission.id AND first.step = 'reserved'
        )
    )
    """,
    _(
        "Commission %(id)d takes from budget %(budget)d; movements of budget %(moved)d hold %(total)d of %(open)d."
    ),
)

#: What came as fees and did not go back, by the rows and by the books, for each shop.
_FEES = Check(
    """
    SELECT payer_id AS payer, currency, coalesce(expected.total, 0) AS total, coalesce(booked.total, 0) AS booked
    FROM (
        SELECT payer_id, currency, sum(commissions_minor - commissions_returned_minor) AS total
        FROM payouts_applicationfee GROUP BY payer_id, currency
    ) expected
    FULL JOIN (
        SELECT account.payer_id, account.currency, -sum(entry.amount_minor) AS total
        FROM payouts_ledgertransaction posted
        JOIN payouts_ledgerentry entry ON entry.transaction_id = posted.id
        JOIN payouts_ledgeraccount account ON account.id = entry.account_id
        WHERE posted.kind IN ('fee_received', 'fee_returned') AND account.kind = 'shop:prepaid'
        GROUP BY account.payer_id, account.currency
    ) booked USING (payer_id, currency)
    WHERE coalesce(expected.total, 0) <> coalesce(booked.total, 0)
    """,
    _("Payer %(payer)d has paid %(total)d %(currency)s as fees by the rows; by the books %(booked)d."),
)

#: A series has as many statements as its highest number says.
_STATEMENT_NUMBERS = Check(
    r"""
    SELECT substring(number FROM '^(.*-)\d+$') AS series, count(*) AS statements,
        max(substring(number FROM '(\d+)$')::bigint) AS last
    FROM payouts_statement GROUP BY 1
    HAVING count(*) <> max(substring(number FROM '(\d+)$')::bigint)
    """,
    _("Series %(series)s has %(statements)d statements, and its last number is %(last)d."),
)

_ATTEMPT_NUMBERS = Check(
    """
    SELECT payout_id AS payout, count(*) AS attempts, max(number) AS last
    FROM payouts_transferattempt GROUP BY payout_id HAVING count(*) <> max(number)
    """,
    _("Payout %(payout)d has %(attempts)d attempts, and the last one is number %(last)d."),
)

#: What the rows of a sent payout say was sent and taken back, and what the books say.
_TRANSFERS = Check(
    """
    SELECT transfer.id, transfer.amount_minor - transfer.reversed_minor AS sent, coalesce(booked.total, 0) AS booked
    FROM payouts_transfer transfer
    LEFT JOIN (
        SELECT posted.payout_id, -sum(entry.amount_minor) AS total
        FROM payouts_ledgertransaction posted
        JOIN payouts_ledgerentry entry ON entry.transaction_id = posted.id
        JOIN payouts_ledgeraccount account ON account.id = entry.account_id
        WHERE posted.payout_id IS NOT NULL AND account.kind = 'stripe:available' GROUP BY posted.payout_id
    ) booked ON booked.payout_id = transfer.payout_id
    WHERE transfer.amount_minor - transfer.reversed_minor <> coalesce(booked.total, 0)
    """,
    _("Transfer %(id)d stands for %(sent)d; by the books %(booked)d left Stripe for it."),
)

_VAT = Check(
    """
    SELECT payout.id, payout.state, payout.vat_minor AS vat, coalesce(booked.total, 0) AS booked
    FROM payouts_payout payout
    LEFT JOIN (
        SELECT posted.payout_id, sum(entry.amount_minor) AS total
        FROM payouts_ledgertransaction posted
        JOIN payouts_ledgerentry entry ON entry.transaction_id = posted.id
        JOIN payouts_ledgeraccount account ON account.id = entry.account_id
        WHERE posted.kind = 'vat' AND account.kind = 'shop:receivable' GROUP BY posted.payout_id
    ) booked ON booked.payout_id = payout.id
    WHERE coalesce(booked.total, 0) <> CASE WHEN payout.state = 'void' THEN 0 ELSE payout.vat_minor END
    """,
    _("Payout %(id)d (%(state)s) has %(vat)d of VAT; the shop owes %(booked)d of it by the books."),
)

CHECKS = (
    _TRIAL_BALANCE,
    _BALANCES,
    _TRANSACTIONS,
    _CURRENCIES,
    _BELOW_ZERO,
    _REVERSALS,
    _CARRIED_FOR_NOTHING,
    _HOLDS,
    _COMMISSIONS,
    _PAYOUTS,
    _PAYOUT_LINES,
    _VAT,
    _OWED,
    _FEES,
    _WRITE_OFFS,
    _BUDGETS,
    _BUDGET_STEPS,
    _BUDGET_OF_COMMISSION,
    _STATEMENT_NUMBERS,
    _ATTEMPT_NUMBERS,
    _TRANSFERS,
)
#: More than this of what is wrong is not kept of one look: whoever sees it asks `manage.py check_books`.
_KEPT = 50


def check_books() -> list[str]:
    """What is wrong with the books, a sentence for each thing; empty when they balance. Amounts in minor units."""
    statement = " UNION ALL ".join(
        f"SELECT {number} AS check_number, to_json(found)::text FROM ({check.sql}) found"  # noqa: S608 -- our SQL
        for number, check in enumerate(CHECKS)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall()
    return [_say(CHECKS[number], json.loads(row)) for number, row in sorted(found)]


def examine_books(*, at: datetime) -> BooksCheck:
    """Check the books and keep the answer, with the first fifty things that are wrong."""
    problems = check_books()
    check: BooksCheck = BooksCheck.objects.create(
        checked_at=at, problems=problems[:_KEPT], problem_count=len(problems)
    )
    return check


def _say(check: Check, row: dict[str, object]) -> str:
    # A sum over nothing is NULL in SQL and nothing in the books.
    return str(check.sentence) % {name: 0 if value is None else value for name, value in row.items()}
