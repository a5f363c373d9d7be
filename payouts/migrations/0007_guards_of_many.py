"""The books' guards look at what a statement adds as a whole: many transactions cost no more looks than one.

Migration 0002 looked at each transaction and at each of its entries when the database transaction ends. What is
refused stays the same, and when: fewer than two entries, or a currency that does not sum to zero, at the commit.
Now only what may be wrong is marked for that look: a transaction that comes without entries, and entries that do not
balance among those that a statement brings. So whoever writes many writes the entries first; any other order is as
right, and looked at one by one. A mark is a row that its own look takes away again.
"""

from django.db import migrations

GUARDS = """
DROP TRIGGER ledger_entry_balances ON payouts_ledgerentry;
DROP TRIGGER ledger_transaction_balances ON payouts_ledgertransaction;

CREATE TABLE payouts_ledgermark (transaction_id bigint NOT NULL);

CREATE OR REPLACE FUNCTION payouts_check_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint := NEW.transaction_id;
    entries integer;
    off text;
BEGIN
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
    DELETE FROM payouts_ledgermark WHERE transaction_id = checked;
    RETURN NULL;
END $$;

-- Deferred, and it fires for each mark whatever became of the row since.
CREATE CONSTRAINT TRIGGER ledger_mark_balances AFTER INSERT ON payouts_ledgermark
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payouts_check_transaction();

CREATE FUNCTION payouts_mark_without_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payouts_ledgermark SELECT added.id FROM added
        WHERE NOT EXISTS (SELECT FROM payouts_ledgerentry WHERE transaction_id = added.id);
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_transaction_added AFTER INSERT ON payouts_ledgertransaction
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payouts_mark_without_entries();

CREATE FUNCTION payouts_mark_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payouts_ledgermark
        SELECT DISTINCT transaction_id FROM added GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_entry_balances AFTER INSERT ON payouts_ledgerentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payouts_mark_unbalanced();
"""

GUARDS_REVERSE = """
DROP TRIGGER ledger_entry_balances ON payouts_ledgerentry;
DROP FUNCTION payouts_mark_unbalanced();
DROP TRIGGER ledger_transaction_added ON payouts_ledgertransaction;
DROP FUNCTION payouts_mark_without_entries();
DROP TABLE payouts_ledgermark;

CREATE OR REPLACE FUNCTION payouts_check_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0006_fraud_rows")]

    operations = [migrations.RunSQL(GUARDS, GUARDS_REVERSE)]
