"""The books as people read them: entries narrowed down, the newest first, a piece at a time; of one account with the
balance after each entry. Nobody writes here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, models

from payouts.enums import AccountKind, TransactionKind
from payouts.models import LedgerAccount, Payee, Payer

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which entries somebody asks for. Amounts in minor units, without their sign; `before` is an entry's id.

    `accounts` None: all of them. With one account each row has the balance after it.
    """

    accounts: tuple[int, ...] | None = None
    account_kind: str = ""
    step: str = ""
    shop: str = ""
    advocate: str = ""
    since: datetime | None = None
    until: datetime | None = None
    least_minor: int | None = None
    most_minor: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. `amount_minor` and `balance_minor` as the books have them, debit above zero."""

    entry: int
    account_id: int
    account_kind: str
    payer_id: int | None
    payee_id: int | None
    shop: str | None
    advocate: str | None
    currency: str
    amount_minor: int
    balance_minor: int | None
    transaction: int
    step: str
    occurred_at: datetime
    memo: str
    commission_id: int | None
    payout_id: int | None
    collection_id: int | None
    corrects_id: int | None

    @property
    def account_label(self) -> str:
        return str(AccountKind(self.account_kind).label)

    @property
    def step_label(self) -> str:
        return str(TransactionKind(self.step).label)

    @property
    def credit_minor(self) -> int:
        """The amount of a credit, above zero."""
        return -self.amount_minor

    @property
    def shown_minor(self) -> int:
        """The amount as the account's owner reads it: above zero is more of what the account is named after."""
        return AccountKind(self.account_kind).sign * self.amount_minor

    @property
    def shown_balance_minor(self) -> int | None:
        """The balance after this entry, read so."""
        return (
            None if self.balance_minor is None else AccountKind(self.account_kind).sign * self.balance_minor
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """Some entries, and the id to go on from; None when these are the last."""

    rows: list[Row]
    next_before: int | None


def accounts_of_payer(payer: Payer) -> Any:
    """The shop's own accounts: what it owes, and what it has paid ahead."""
    kinds = [AccountKind.SHOP_RECEIVABLE, AccountKind.SHOP_PREPAID]
    return LedgerAccount.objects.filter(payer=payer, kind__in=kinds).order_by("-kind", "currency")


def accounts_of_payee(payee: Payee) -> Any:
    """An advocate's own accounts: held, due and on its way, for each shop."""
    kinds = [AccountKind.ADVOCATE_HELD, AccountKind.ADVOCATE_PAYABLE, AccountKind.ADVOCATE_IN_TRANSIT]
    order = models.Case(*(models.When(kind=kind, then=place) for place, kind in enumerate(kinds)))
    mine = LedgerAccount.objects.filter(payee=payee, kind__in=kinds).select_related("payer")
    return mine.order_by("payer__name", "payer", "currency", order)


def read_entries(choice: Choice, *, limit: int) -> Piece:
    """The entries of this choice, the newest first; one query."""
    sql, params = _statement(choice, limit=limit + 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = [Row(*values) for values in cursor.fetchall()]
    is_more = len(rows) > limit
    return Piece(rows[:limit], rows[limit - 1].entry if is_more else None)


def all_entries(choice: Choice) -> Iterator[Row]:
    """Every entry of this choice, the newest first, however many; read as they are asked for."""
    sql, params = _statement(replace(choice, before=None), limit=None)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from (Row(*values) for values in rows)


def _statement(choice: Choice, *, limit: int | None) -> tuple[str, list[Any]]:
    """The SQL and its parameters; every value that somebody typed is a parameter."""
    conditions, params = _conditions(choice)
    if limit is not None:
        params.append(limit)
    has_balance = choice.accounts is not None and len(choice.accounts) == 1
    # From the newest entry backwards, so that of an account no more is read than what is newer than the last row.
    balance = (
        """
        SELECT shown.entry, shown.balance_minor + shown.amount_minor - running.newer FROM shown JOIN (
            SELECT id, sum(amount_minor) OVER (ORDER BY id DESC ROWS UNBOUNDED PRECEDING) AS newer
            FROM payouts_ledgerentry
            WHERE account_id = (SELECT min(account_id) FROM shown) AND id >= (SELECT min(entry) FROM shown)
        ) running ON running.id = shown.entry
        """
        if has_balance
        else "SELECT entry, NULL FROM shown"
    )
    return (
        f"""
        WITH shown AS MATERIALIZED (
            SELECT entry.id AS entry, account.id AS account_id, account.kind AS account_kind,
                account.payer_id, account.payee_id, payer.name AS shop, payee.name AS advocate,
                entry.currency, entry.amount_minor, account.balance_minor,
                posted.id AS posted, posted.kind AS step, posted.occurred_at, posted.memo,
                posted.commission_id, posted.payout_id, posted.collection_id, posted.corrects_id
            FROM payouts_ledgerentry entry
            JOIN payouts_ledgeraccount account ON account.id = entry.account_id
            JOIN payouts_ledgertransaction posted ON posted.id = entry.transaction_id
            LEFT JOIN payouts_payer payer ON payer.id = account.payer_id
            LEFT JOIN payouts_payee payee ON payee.id = account.payee_id
            {f"WHERE {' AND '.join(conditions)}" if conditions else ""}
            ORDER BY entry.id DESC {"" if limit is None else "LIMIT %s"}
        ), balances (entry, balance_minor) AS ({balance})
        SELECT entry, account_id, account_kind, payer_id, payee_id, shop, advocate, currency, amount_minor,
            balances.balance_minor::bigint, posted, step, occurred_at, memo,
            commission_id, payout_id, collection_id, corrects_id
        FROM shown JOIN balances USING (entry) ORDER BY entry DESC
        """,  # noqa: S608 -- fragments of this module; what was typed is a parameter
        params,
    )


def _conditions(choice: Choice) -> tuple[list[str], list[Any]]:
    asked: tuple[tuple[str, Any], ...] = (
        ("entry.account_id = ANY(%s)", None if choice.accounts is None else list(choice.accounts)),
        ("entry.id < %s", choice.before),
        ("account.kind = %s", choice.account_kind or None),
        ("posted.kind = %s", choice.step or None),
        ("strpos(lower(payer.name), lower(%s)) > 0", choice.shop or None),
        ("strpos(lower(payee.name), lower(%s)) > 0", choice.advocate or None),
        ("posted.occurred_at >= %s", choice.since),
        ("posted.occurred_at < %s", choice.until),
        ("abs(entry.amount_minor) >= %s", choice.least_minor),
        ("abs(entry.amount_minor) <= %s", choice.most_minor),
    )
    given = [(condition, value) for condition, value in asked if value is not None]
    return [condition for condition, _value in given], [value for _condition, value in given]
