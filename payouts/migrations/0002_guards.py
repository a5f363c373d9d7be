"""The database guards the books, whatever code comes along. Each guard has its test in test_ledger_guards.py."""

from django.db import migrations

# The refusals carry SQLSTATEs of class 23, so that Django raises IntegrityError for them as for a constraint.

LEDGER = """
-- A transaction's entries are added by the database transaction that made it, and never later.
ALTER TABLE payouts_ledgertransaction ADD COLUMN added_in xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION payouts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refused: rows of % are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_transaction_append_only BEFORE UPDATE OR DELETE ON payouts_ledgertransaction
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_transaction_no_truncate BEFORE TRUNCATE ON payouts_ledgertransaction
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON payouts_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON payouts_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();

-- Two entries or more, and zero in each currency; looked at when the database transaction ends.
CREATE FUNCTION payouts_check_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    entries integer;
    off text;
BEGIN
    IF TG_TABLE_NAME = 'payouts_ledgerentry' THEN
        checked := NEW.transaction_id;
    ELSE
        checked := NEW.id;
    END IF;
    SELECT coalesce(sum(per_currency.entries), 0), min(currency) FILTER (WHERE total <> 0)
        INTO entries, off
        FROM (
            SELECT currency, count(*) AS entries, sum(amount_minor) AS total
            FROM payouts_ledgerentry WHERE transaction_id = checked GROUP BY currency
        ) AS per_currency;
    IF entries < 2 THEN
        RAISE EXCEPTION 'ledger transaction % has % entries, and needs two or more', checked, entries
            USING ERRCODE = 'check_violation';
    END IF;
    IF off IS NOT NULL THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero in %', checked, off
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_transaction_balances AFTER INSERT ON payouts_ledgertransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_check_transaction();
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON payouts_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_check_transaction();

-- Entries go with their account's currency and with their own database transaction, and move the balances.
CREATE FUNCTION payouts_add_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT added.id, added.currency, payouts_ledgeraccount.currency AS expected INTO wrong
        FROM added JOIN payouts_ledgeraccount ON payouts_ledgeraccount.id = added.account_id
        WHERE added.currency <> payouts_ledgeraccount.currency LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % is in %, its account in %', wrong.id, wrong.currency, wrong.expected
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT added.transaction_id INTO wrong
        FROM added JOIN payouts_ledgertransaction ON payouts_ledgertransaction.id = added.transaction_id
        WHERE payouts_ledgertransaction.added_in <> pg_current_xact_id() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger transaction % is closed: correct it with a new one', wrong.transaction_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- In order of id, so that two transactions that touch the same accounts do not deadlock here.
    PERFORM FROM payouts_ledgeraccount WHERE id IN (SELECT account_id FROM added)
        ORDER BY id FOR NO KEY UPDATE;
    UPDATE payouts_ledgeraccount SET balance_minor = balance_minor + moved.amount
        FROM (SELECT account_id, sum(amount_minor) AS amount FROM added GROUP BY account_id) AS moved
        WHERE payouts_ledgeraccount.id = moved.account_id;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_entry_added AFTER INSERT ON payouts_ledgerentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payouts_add_entries();

-- A balance starts at zero and is written by the trigger above alone; an account stays what it is.
CREATE FUNCTION payouts_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance_minor <> 0 THEN
            RAISE EXCEPTION 'a ledger account starts with a balance of zero'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.kind, NEW.payer_id, NEW.payee_id, NEW.currency)
        IS DISTINCT FROM (OLD.id, OLD.kind, OLD.payer_id, OLD.payee_id, OLD.currency) THEN
        RAISE EXCEPTION 'ledger account % stays what it is', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    -- Depth 2 is: called out of the entries' trigger.
    IF NEW.balance_minor <> OLD.balance_minor AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the balance of ledger account % is written by its entries alone', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_account_guard BEFORE INSERT OR UPDATE ON payouts_ledgeraccount
    FOR EACH ROW EXECUTE FUNCTION payouts_guard_account();
"""

LEDGER_REVERSE = """
DROP TRIGGER ledger_account_guard ON payouts_ledgeraccount;
DROP FUNCTION payouts_guard_account();
DROP TRIGGER ledger_entry_added ON payouts_ledgerentry;
DROP FUNCTION payouts_add_entries();
DROP TRIGGER ledger_entry_balances ON payouts_ledgerentry;
DROP TRIGGER ledger_transaction_balances ON payouts_ledgertransaction;
DROP FUNCTION payouts_check_transaction();
DROP TRIGGER ledger_entry_no_truncate ON payouts_ledgerentry;
DROP TRIGGER ledger_entry_append_only ON payouts_ledgerentry;
DROP TRIGGER ledger_transaction_no_truncate ON payouts_ledgertransaction;
DROP TRIGGER ledger_transaction_append_only ON payouts_ledgertransaction;
DROP FUNCTION payouts_refuse_change();
ALTER TABLE payouts_ledgertransaction DROP COLUMN added_in;
"""

OWED = """
CREATE TRIGGER review_append_only BEFORE UPDATE OR DELETE ON payouts_commissionreview
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER review_no_truncate BEFORE TRUNCATE ON payouts_commissionreview
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER statement_append_only BEFORE UPDATE OR DELETE ON payouts_statement
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER statement_no_truncate BEFORE TRUNCATE ON payouts_statement
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER reversal_no_delete BEFORE DELETE ON payouts_commissionreversal
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();

-- What is owed to whom never changes, what was taken back stays so, and the state follows its machine
-- (payouts/commissions.py: TRANSITIONS; a test compares the two).
CREATE FUNCTION payouts_guard_commission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.key, NEW.payer_id, NEW.payee_id, NEW.currency, NEW.amount_minor)
        IS DISTINCT FROM (OLD.id, OLD.key, OLD.payer_id, OLD.payee_id, OLD.currency, OLD.amount_minor) THEN
        RAISE EXCEPTION 'commission %: key, parties, currency and amount never change', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.reversed_minor < OLD.reversed_minor THEN
        RAISE EXCEPTION 'commission %: a reversal is not taken back', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND OLD.state || ' to ' || NEW.state NOT IN (
        'pending to due', 'pending to on_hold', 'pending to rejected', 'pending to reversed',
        'on_hold to pending', 'on_hold to due', 'on_hold to rejected', 'on_hold to reversed',
        'due to in_payout', 'due to on_hold', 'due to rejected', 'due to reversed',
        'in_payout to paid', 'in_payout to due', 'in_payout to reversed',
        'paid to due', 'paid to reversed'
    ) THEN
        RAISE EXCEPTION 'commission % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER commission_guard BEFORE UPDATE ON payouts_commission
    FOR EACH ROW EXECUTE FUNCTION payouts_guard_commission();

CREATE FUNCTION payouts_guard_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.key, NEW.commission_id, NEW.amount_minor, NEW.reason, NEW.occurred_at)
        IS DISTINCT FROM
        (OLD.id, OLD.key, OLD.commission_id, OLD.amount_minor, OLD.reason, OLD.occurred_at) THEN
        RAISE EXCEPTION 'reversal % never changes, but for the payout that carries it', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reversal_guard BEFORE UPDATE ON payouts_commissionreversal
    FOR EACH ROW EXECUTE FUNCTION payouts_guard_reversal();
"""

OWED_REVERSE = """
DROP TRIGGER reversal_guard ON payouts_commissionreversal;
DROP FUNCTION payouts_guard_reversal();
DROP TRIGGER commission_guard ON payouts_commission;
DROP FUNCTION payouts_guard_commission();
DROP TRIGGER reversal_no_delete ON payouts_commissionreversal;
DROP TRIGGER statement_no_truncate ON payouts_statement;
DROP TRIGGER statement_append_only ON payouts_statement;
DROP TRIGGER review_no_truncate ON payouts_commissionreview;
DROP TRIGGER review_append_only ON payouts_commissionreview;
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_initial")]

    operations = [
        migrations.RunSQL(LEDGER, LEDGER_REVERSE),
        migrations.RunSQL(OWED, OWED_REVERSE),
    ]
