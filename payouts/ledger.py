"""The books: double entry, append-only. docs/ledger.md tells which step posts what.

An amount above zero is a debit, below zero a credit; a transaction's lines sum to zero per currency. So what a
shop owes stands above zero, and what an advocate is owed stands below it. `post` refuses what does not add up
with a sentence; the database refuses it whatever code comes along (migrations 0002 and 0007).

The row of a payer is the lock of its books: whoever posts takes it first, in order of id, so that two
transactions of one shop wait for each other instead of deadlocking on its accounts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from payouts.bulk_rows import copy_rows, ids_with, next_ids
from payouts.enums import AccountKind, TransactionKind
from payouts.models import (
    Collection,
    Commission,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Payee,
    Payer,
    Payout,
)

#: What a transaction may be about.
_OF = ("commission_id", "collection_id", "payout_id", "corrects_id")
_AT_STRIPE = "stripe_balance_transaction_id"


class UnableToPost(Exception):
    """The posting does not add up, or its key was used for another one."""


@dataclass(frozen=True, slots=True)
class AccountRef:
    """A ledger account by what it is; it comes into being with its first entry."""

    kind: str
    currency: str
    payer_id: int | None = None
    payee_id: int | None = None


type Line = tuple[AccountRef, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One transaction to be: what `post` takes, as a value, so that many can be posted together."""

    key: str
    kind: TransactionKind
    lines: tuple[Line, ...]
    at: datetime
    memo: str = ""
    commission_id: int | None = None
    collection_id: int | None = None
    payout_id: int | None = None
    corrects_id: int | None = None
    stripe_balance_transaction_id: str | None = None


def account(
    kind: AccountKind, currency: str, payer: Payer | None = None, payee: Payee | None = None
) -> AccountRef:
    """The account of this kind. `advocate:` needs payer and payee, `shop:` and `loss:` a payer, the others nobody.

    Raises UnableToPost when the owners do not go with the kind.
    """
    owner = kind.partition(":")[0]
    fits = {
        "advocate": payer is not None and payee is not None,
        "shop": payer is not None and payee is None,
        "loss": payer is not None,
    }.get(owner, payer is None and payee is None)
    if not fits:
        raise UnableToPost(_("The owners given do not go with an account “%(kind)s”.") % {"kind": kind})
    return AccountRef(str(kind), currency, payer.pk if payer else None, payee.pk if payee else None)


def balance(ref: AccountRef) -> int:
    """The account's balance in minor units, debit above zero; 0 for an account nothing was posted to."""
    found = LedgerAccount.objects.filter(
        kind=ref.kind, currency=ref.currency, payer=ref.payer_id, payee=ref.payee_id
    ).values_list("balance_minor", flat=True)
    return found.first() or 0


def lock_books(payer_ids: Iterable[int]) -> None:
    """Take the lock of these payers' books until the transaction ends; to be called inside one.

    Whoever will post after reading rows calls this before it reads them.
    """
    list(
        Payer.objects.select_for_update(no_key=True)
        .filter(pk__in=set(payer_ids))
        .order_by("pk")
        .values_list("pk")
    )


def post(
    *,
    key: str,
    kind: TransactionKind,
    lines: Sequence[Line],
    at: datetime,
    memo: str = "",
    commission: Commission | None = None,
    collection: Collection | None = None,
    payout: Payout | None = None,
    corrects: LedgerTransaction | None = None,
    movement: str | None = None,
) -> LedgerTransaction:
    """Write one transaction; with a key that was posted before, and the same content, return that one.

    `lines` are (account, amount in minor units) with debits above zero; `movement` is the balance transaction at Stripe
    that this is about, which no other posting may name. Raises UnableToPost when there are fewer
    than two lines, a line is zero, a currency does not sum to zero, or the key stands for something else.
    """
    posting = Posting(
        key=key,
        kind=kind,
        lines=tuple(lines),
        at=at,
        memo=memo,
        commission_id=_pk(commission),
        collection_id=_pk(collection),
        payout_id=_pk(payout),
        corrects_id=_pk(corrects),
        stripe_balance_transaction_id=movement,
    )
    return LedgerTransaction.objects.get(pk=post_all([posting])[0])


@transaction.atomic
def post_all(postings: Sequence[Posting]) -> list[int]:
    """Write many transactions in a constant number of queries, all or none, as `post`; their ids, in that order."""
    if not postings:
        return []
    for posting in postings:
        _refuse_what_does_not_add_up(posting)
    if len({posting.key for posting in postings}) != len(postings):
        raise UnableToPost(_("The same key is given twice."))
    lock_books(ref.payer_id for posting in postings for ref, _amount in posting.lines if ref.payer_id)
    try:
        with transaction.atomic():
            return _write(postings)
    except IntegrityError:
        # Another process posted one of these keys since we looked (possible where no payer is involved, and
        # so no lock was taken); now it can be read. Anything else fails again.
        return _write(postings)


def _refuse_what_does_not_add_up(posting: Posting) -> None:
    if not posting.key:
        raise UnableToPost(_("A posting needs a key."))
    if len(posting.lines) < 2:  # noqa: PLR2004 -- double entry
        raise UnableToPost(_("“%(key)s” needs two lines or more.") % {"key": posting.key})
    sums: defaultdict[str, int] = defaultdict(int)
    for ref, amount in posting.lines:
        if amount == 0:
            raise UnableToPost(_("“%(key)s” has a line of zero.") % {"key": posting.key})
        sums[ref.currency] += amount
    for currency, total in sums.items():
        if total:
            raise UnableToPost(
                _("“%(key)s” does not add up: %(total)d %(currency)s too much (minor units).")
                % {"key": posting.key, "total": total, "currency": currency}
            )


def _write(postings: Sequence[Posting]) -> list[int]:
    known = ids_with(LedgerTransaction, "key", [posting.key for posting in postings])
    found = {row.key: row for row in LedgerTransaction.objects.filter(pk__in=known)} if known else {}
    if found:
        _refuse_other_content([posting for posting in postings if posting.key in found], found)
    ids = {key: row.pk for key, row in found.items()}
    fresh = [posting for posting in postings if posting.key not in found]
    if fresh:
        ids |= _insert(fresh)
    return [ids[posting.key] for posting in postings]


def _insert(postings: Sequence[Posting]) -> dict[str, int]:
    """Key -> id of transactions that are new, written with their entries."""
    accounts = _accounts({ref for posting in postings for ref, _amount in posting.lines})
    ids = next_ids(LedgerTransaction, len(postings))
    # The entries first: what is balanced when its transaction comes needs no look at the commit (migration 0007).
    copy_rows(
        LedgerEntry,
        ("transaction_id", "account_id", "amount_minor", "currency"),
        (
            (pk, accounts[ref], amount, ref.currency)
            for pk, posting in zip(ids, postings, strict=True)
            for ref, amount in posting.lines
        ),
    )
    moment, posted_at = cache(str), str(timezone.now())
    copy_rows(
        LedgerTransaction,
        ("id", "key", "kind", "occurred_at", "posted_at", "memo", _AT_STRIPE, *_OF),
        (
            (
                pk,
                one.key,
                str(one.kind),
                moment(one.at),
                posted_at,
                one.memo,
                one.stripe_balance_transaction_id,
                *[getattr(one, column) for column in _OF],
            )
            for pk, one in zip(ids, postings, strict=True)
        ),
    )
    return {posting.key: pk for pk, posting in zip(ids, postings, strict=True)}


def _refuse_other_content(postings: Sequence[Posting], found: dict[str, LedgerTransaction]) -> None:
    stored: defaultdict[int, Counter[Line]] = defaultdict(Counter)
    entries = LedgerEntry.objects.filter(transaction__in=[found[posting.key] for posting in postings])
    for entry in entries.select_related("account"):
        stored[entry.transaction_id][(_ref(entry.account), entry.amount_minor)] += 1
    for posting in postings:
        row = found[posting.key]
        same = (
            row.kind == posting.kind
            and stored[row.pk] == Counter(posting.lines)
            and all(getattr(row, column) == getattr(posting, column) for column in _OF)
        )
        if not same:
            raise UnableToPost(_("The key “%(key)s” already stands for another posting.") % {"key": row.key})


def _pk(row: Commission | Collection | Payout | LedgerTransaction | None) -> int | None:
    return row.pk if row else None


def _accounts(refs: set[AccountRef]) -> dict[AccountRef, int]:
    """The ids of these accounts; what does not exist yet is made."""
    found = _find_accounts(refs)
    missing = refs - found.keys()
    if missing:
        # Two processes may make the same account: the unique key lets one of them, and both read it.
        LedgerAccount.objects.bulk_create(
            (
                LedgerAccount(
                    kind=ref.kind, currency=ref.currency, payer_id=ref.payer_id, payee_id=ref.payee_id
                )
                for ref in missing
            ),
            ignore_conflicts=True,
        )
        found |= _find_accounts(missing)
    return found


def _find_accounts(refs: set[AccountRef]) -> dict[AccountRef, int]:
    # A little wider than asked (any payer with any payee); what was not asked for falls out below.
    payers, payees = {ref.payer_id for ref in refs}, {ref.payee_id for ref in refs}
    rows = LedgerAccount.objects.filter(
        Q(payer__in=payers - {None}) | (Q(payer__isnull=True) if None in payers else Q()),
        Q(payee__in=payees - {None}) | (Q(payee__isnull=True) if None in payees else Q()),
        kind__in={ref.kind for ref in refs},
        currency__in={ref.currency for ref in refs},
    )
    return {ref: row.pk for row in rows if (ref := _ref(row)) in refs}


def _ref(row: LedgerAccount) -> AccountRef:
    return AccountRef(row.kind, row.currency, row.payer_id, row.payee_id)
