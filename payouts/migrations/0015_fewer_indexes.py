"""Indexes that another one begins with go, and those of keys that are mostly empty keep the rows where one is set.

No pattern is ever looked for in a key of the books either: its own unique index is enough.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


DROPPED = [
    ("payouts_commission_payer_id_df460291", "payouts_commission (payer_id)"),
    ("payouts_commission_payee_id_9f0e9781", "payouts_commission (payee_id)"),
    ("payouts_commission_payout_id_2998843e", "payouts_commission (payout_id)"),
    ("payouts_commission_budget_id_5f6a39c1", "payouts_commission (budget_id)"),
    ("payouts_commission_held_by_id_50348019", "payouts_commission (held_by_id)"),
    ("payouts_commission_released_by_id_85d20922", "payouts_commission (released_by_id)"),
    ("payouts_commission_key_1de7d181_like", "payouts_commission (key varchar_pattern_ops)"),
    ("payouts_ledgertransaction_collection_id_7dceffb2", "payouts_ledgertransaction (collection_id)"),
    ("payouts_ledgertransaction_corrects_id_4d525cfc", "payouts_ledgertransaction (corrects_id)"),
    ("payouts_ledgertransaction_payout_id_677296a0", "payouts_ledgertransaction (payout_id)"),
    ("payouts_ledgertransaction_key_a854efa4_like", "payouts_ledgertransaction (key varchar_pattern_ops)"),
    ("payouts_occurrence_payout_id_1af0d91d", "payouts_occurrence (payout_id)"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0014_document_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # By their names alone: an altered key would be checked against its whole table once more.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX {name}", f"CREATE INDEX {name} ON {on}")
                for name, on in DROPPED
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="commission",
                    name="budget",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commissions",
                        to="payouts.budget",
                    ),
                ),
                migrations.AlterField(
                    model_name="commission",
                    name="held_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="commission",
                    name="payee",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commissions",
                        to="payouts.payee",
                    ),
                ),
                migrations.AlterField(
                    model_name="commission",
                    name="payer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commissions",
                        to="payouts.payer",
                    ),
                ),
                migrations.AlterField(
                    model_name="commission",
                    name="payout",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commissions",
                        to="payouts.payout",
                    ),
                ),
                migrations.AlterField(
                    model_name="commission",
                    name="released_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="ledgertransaction",
                    name="collection",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_transactions",
                        to="payouts.collection",
                    ),
                ),
                migrations.AlterField(
                    model_name="ledgertransaction",
                    name="corrects",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="payouts.ledgertransaction",
                    ),
                ),
                migrations.AlterField(
                    model_name="ledgertransaction",
                    name="payout",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_transactions",
                        to="payouts.payout",
                    ),
                ),
                migrations.AlterField(
                    model_name="occurrence",
                    name="payout",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="occurrences",
                        to="payouts.payout",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="commission",
            index=models.Index(
                condition=models.Q(("payout__isnull", False)), fields=["payout"], name="commission_payout"
            ),
        ),
        migrations.AddIndex(
            model_name="commission",
            index=models.Index(
                condition=models.Q(("budget__isnull", False)), fields=["budget"], name="commission_budget"
            ),
        ),
        migrations.AddIndex(
            model_name="commission",
            index=models.Index(
                condition=models.Q(("held_by__isnull", False)), fields=["held_by"], name="commission_held_by"
            ),
        ),
        migrations.AddIndex(
            model_name="commission",
            index=models.Index(
                condition=models.Q(("released_by__isnull", False)),
                fields=["released_by"],
                name="commission_released_by",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgertransaction",
            index=models.Index(
                condition=models.Q(("corrects__isnull", False)),
                fields=["corrects"],
                name="ledger_transaction_corrects",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgertransaction",
            index=models.Index(
                condition=models.Q(("collection__isnull", False)),
                fields=["collection"],
                name="ledger_transaction_collection",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgertransaction",
            index=models.Index(
                condition=models.Q(("payout__isnull", False)),
                fields=["payout"],
                name="ledger_transaction_payout",
            ),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=models.Index(
                condition=models.Q(("payout__isnull", False)), fields=["payout"], name="occurrence_payout"
            ),
        ),
    ]
