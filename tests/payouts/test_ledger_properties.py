"""Ten thousand transactions, sound and unsound, each judged by the database and by `post`."""

import json
from collections import Counter

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payouts.enums import AccountKind, TransactionKind
from payouts.ledger import AccountRef, Posting, UnableToPost, _refuse_what_does_not_add_up
from payouts.models import LedgerAccount, LedgerTransaction
from tests.factories import NOW

ACCOUNTS = [
    (AccountKind.STRIPE_PENDING, "EUR"),
    (AccountKind.STRIPE_AVAILABLE, "EUR"),
    (AccountKind.FEES_STRIPE, "EUR"),
    (AccountKind.SUSPENSE, "JPY"),
    (AccountKind.INCOME_PLATFORM, "JPY"),
]

# One case in one call: the transaction is written, the deferred guards are made to look at once, the balances are
# read, and all of it is undone. The answer is "posted" with the balances, or the refusal.
JUDGE = """
CREATE FUNCTION pg_temp.judge(entries jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
    answer text;
    state text;
BEGIN
    INSERT INTO payouts_ledgertransaction (key, kind, occurred_at, posted_at, memo)
        VALUES (gen_random_uuid()::text, 'correction', now(), now(), '') RETURNING id INTO written;
    INSERT INTO payouts_ledgerentry (transaction_id, account_id, amount_minor, currency)
        SELECT written, (entry->>0)::bigint, (entry->>1)::bigint, entry->>2 FROM jsonb_array_elements(entries) entry;
    SET CONSTRAINTS ALL IMMEDIATE;
    SELECT jsonb_object_agg(id, balance_minor) FILTER (WHERE balance_minor <> 0) INTO answer FROM payouts_ledgeraccount;
    RAISE EXCEPTION 'posted' USING ERRCODE = 'P0001', DETAIL = coalesce(answer, '{}');
EXCEPTION WHEN raise_exception OR integrity_constraint_violation OR check_violation OR restrict_violation THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, answer = PG_EXCEPTION_DETAIL;
    RETURN CASE WHEN state = 'P0001' THEN answer::jsonb END;
END $$
"""


TWISTS = ["none", "none", "none", "as drawn", "one cent off", "currency", "drop", "zero"]


#: The bytes of a case and what goes wrong with it.
DRAWN = st.tuples(st.binary(min_size=6, max_size=36), st.sampled_from(TWISTS))


def entries_of(drawn, twist):
    """Entries (account, amount, currency) out of plain bytes, six each: balanced, then perhaps one thing wrong.

    Bytes are what Hypothesis draws quickest; an amount is five of them, with its sign.
    """
    entries = []
    for start in range(0, len(drawn) - 5, 6):
        place = drawn[start] % len(ACCOUNTS)
        amount = int.from_bytes(drawn[start + 1 : start + 6], signed=True) or 1
        entries.append((place, amount, ACCOUNTS[place][1]))
    if twist == "as drawn":
        return entries
    for place, currency in ((0, "EUR"), (3, "JPY")):
        total = sum(amount for _place, amount, its in entries if its == currency)
        if total:
            entries.append((place, -total, currency))
    if entries and twist != "none":
        place, amount, currency = entries.pop()
        if twist == "one cent off":
            entries.append((place, amount + 1, currency))
        elif twist == "currency":
            entries.append((place, amount, "JPY" if currency == "EUR" else "EUR"))
        elif twist == "zero":
            entries += [(place, amount, currency), (place, 0, currency)]
    return entries


def is_sound(entries):
    """The rules once more, written as plainly as they can be."""
    sums = Counter()
    for _place, amount, currency in entries:
        sums[currency] += amount
    return (
        len(entries) >= 2
        and all(amount != 0 and currency == ACCOUNTS[place][1] for place, amount, currency in entries)
        and not any(sums.values())
    )


def post_takes(entries):
    """Whether `post` lets these lines through to the database."""
    lines = tuple((AccountRef(*ACCOUNTS[place]), amount) for place, amount, _currency in entries)
    try:
        _refuse_what_does_not_add_up(
            Posting(key="case", kind=TransactionKind.CORRECTION, lines=lines, at=NOW)
        )
    except UnableToPost:
        return False
    return True


#: Cases that Hypothesis draws at a time, and that the database judges in one round trip.
TOGETHER = 20


# Each round trip is a transaction of its own, so that the server can sweep up after it.
@pytest.mark.django_db(transaction=True)
def test_the_database_takes_what_adds_up_and_nothing_else():
    ids = [LedgerAccount.objects.create(kind=kind, currency=currency).pk for kind, currency in ACCOUNTS]
    seen = Counter()
    with connection.cursor() as cursor:
        cursor.execute(JUDGE)
        cursor.execute("SET synchronous_commit = off")

        def judge(cases):
            rows = [
                [(ids[place], amount, currency) for place, amount, currency in entries] for entries in cases
            ]
            cursor.execute(
                "SELECT pg_temp.judge(entries) FROM jsonb_array_elements(%s::jsonb) entries",
                [json.dumps(rows)],
            )
            return [None if answer is None else json.loads(answer) for (answer,) in cursor.fetchall()]

        @settings(
            max_examples=10_000 // TOGETHER,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(DRAWN, min_size=TOGETHER, max_size=TOGETHER))
        def judge_many(drawn):
            cases = [entries_of(*one) for one in drawn]
            for entries, balances in zip(cases, judge(cases), strict=True):
                expected = Counter()
                for place, amount, _currency in entries:
                    expected[str(ids[place])] += amount
                sound = is_sound(entries)
                seen[sound] += 1
                assert balances == ({key: sum_ for key, sum_ in expected.items() if sum_} if sound else None)
                if all(currency == ACCOUNTS[place][1] for place, _amount, currency in entries):
                    # A line has no currency of its own in `post`, so it cannot go wrong there.
                    assert post_takes(entries) == sound

        judge_many()
        cursor.execute("RESET synchronous_commit")

    assert seen.total() >= 10_000
    assert min(seen[True], seen[False]) > 2_000
    assert LedgerTransaction.objects.count() == 0
