"""Documents that were issued before: whose they are, and how far their series is. And what is only ever added."""

from django.db import migrations

ROWS = """
ALTER TABLE payouts_statement DISABLE TRIGGER statement_append_only;
UPDATE payouts_statement SET payer_id = run.payer_id, payee_id = payout.payee_id
    FROM payouts_payout payout JOIN payouts_settlementrun run ON run.id = payout.run_id
    WHERE payout.id = payouts_statement.payout_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE payouts_statement ENABLE TRIGGER statement_append_only;
INSERT INTO payouts_numberseries (name, last)
    SELECT regexp_replace(number, '[0-9]+$', ''), count(*) FROM payouts_statement GROUP BY 1;
INSERT INTO payouts_taxrecord
    (payee_id, name, street, postal_code, city, country, tax_profile, vat_number, chamber_number, recorded_at)
    SELECT id, name, '', '', '', country, tax_profile, vat_number, '', created_at FROM payouts_payee;
"""

ROWS_REVERSE = """
DELETE FROM payouts_taxrecord;
DELETE FROM payouts_numberseries;
"""

GUARDS = """
CREATE TRIGGER tax_record_append_only BEFORE UPDATE OR DELETE ON payouts_taxrecord
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER tax_record_no_truncate BEFORE TRUNCATE ON payouts_taxrecord
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER vat_check_append_only BEFORE UPDATE OR DELETE ON payouts_vatcheck
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER vat_check_no_truncate BEFORE TRUNCATE ON payouts_vatcheck
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER statement_file_append_only BEFORE UPDATE OR DELETE ON payouts_statementfile
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER statement_file_no_truncate BEFORE TRUNCATE ON payouts_statementfile
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
"""

GUARDS_REVERSE = """
DROP TRIGGER statement_file_no_truncate ON payouts_statementfile;
DROP TRIGGER statement_file_append_only ON payouts_statementfile;
DROP TRIGGER vat_check_no_truncate ON payouts_vatcheck;
DROP TRIGGER vat_check_append_only ON payouts_vatcheck;
DROP TRIGGER tax_record_no_truncate ON payouts_taxrecord;
DROP TRIGGER tax_record_append_only ON payouts_taxrecord;
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0013_documents")]

    operations = [
        migrations.RunSQL(ROWS, ROWS_REVERSE),
        migrations.RunSQL(GUARDS, GUARDS_REVERSE),
    ]
