import django.contrib.postgres.fields
from django.db import migrations, models

_EVENTS = [
    ("commission.created", "Commission earned"),
    ("commission.approved", "Commission approved"),
    ("commission.rejected", "Commission rejected"),
    ("commission.reversed", "Commission taken back, whole or in part"),
    ("payout.sent", "Payout sent"),
    ("payout.failed", "Payout failed"),
    ("endpoint.test", "Test message"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("advocates", "0020_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="previous_secret",
            field=models.CharField(blank=True, default="", max_length=100, verbose_name="previous secret"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="rotated_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="secret changed at"),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="disabled_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("by_hand", "Switched off by its owner"),
                    ("gone", "Its server answered that it is gone (410)"),
                    ("failing", "It failed for days"),
                ],
                default="",
                max_length=7,
                verbose_name="why switched off",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="webhookmessage",
            name="tries",
            field=models.PositiveIntegerField(default=0, verbose_name="tries"),
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="event_types",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=_EVENTS, max_length=30),
                verbose_name="what is told",
            ),
        ),
        migrations.AlterField(
            model_name="webhookmessage",
            name="event_type",
            field=models.CharField(choices=_EVENTS, max_length=30, verbose_name="type"),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("disabled_at__isnull", True), ("disabled_because", ""))
                | models.Q(("disabled_at__isnull", False), models.Q(("disabled_because", ""), _negated=True)),
                name="webhook_endpoint_off_has_reason",
            ),
        ),
    ]
