"""The kind of each saved payment method, as its label tells: until now only the label was kept."""

from django.db import migrations

KINDS = """
UPDATE payouts_payer SET payment_method_kind = CASE WHEN payment_method_label LIKE 'SEPA %' THEN 'sepa_debit' ELSE 'card' END
WHERE stripe_payment_method_id IS NOT NULL AND payment_method_kind = '';
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0016_funding")]

    operations = [migrations.RunSQL(KINDS, migrations.RunSQL.noop)]
