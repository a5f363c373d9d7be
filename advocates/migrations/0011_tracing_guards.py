"""One order has one key; the terms keep their budget elsewhere; and what is written once stays as it was written."""

from django.db import migrations, models

WRITTEN_ONCE = ("advocates_dealrate", "advocates_dealtier", "advocates_dealbonus", "advocates_pastattribution")


def guard(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION advocates_refuse_change();",
        f"DROP TRIGGER {table}_written_once ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("advocates", "0010_tracing_rows")]

    operations = [
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.UniqueConstraint(
                fields=("shop", "order_key"), name="sale_order_key_once_per_shop"
            ),
        ),
        migrations.RemoveConstraint(model_name="deal", name="deal_budget_positive"),
        migrations.RemoveField(model_name="deal", name="budget_minor"),
        *(guard(table) for table in WRITTEN_ONCE),
    ]
