"""Indexes that another one begins with go: each row was written into both, and read by either."""

import django.db.models.deletion
from django.db import migrations, models


DROPPED = [
    ("advocates_sale_shop_id_c2e4c1cf", "advocates_sale (shop_id)"),
    ("advocates_saleline_sale_id_259c480f", "advocates_saleline (sale_id)"),
    ("advocates_share_attribution_id_dee9fd2c", "advocates_share (attribution_id)"),
    ("advocates_shareline_share_id_4592032f", "advocates_shareline (share_id)"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("advocates", "0025_touch_guards"),
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
                    model_name="sale",
                    name="shop",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales",
                        to="advocates.shop",
                    ),
                ),
                migrations.AlterField(
                    model_name="saleline",
                    name="sale",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="advocates.sale",
                    ),
                ),
                migrations.AlterField(
                    model_name="share",
                    name="attribution",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="advocates.attribution",
                    ),
                ),
                migrations.AlterField(
                    model_name="shareline",
                    name="share",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="advocates.share",
                    ),
                ),
            ],
        ),
    ]
