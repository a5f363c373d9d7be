"""What a touch points at is guarded where it would be deleted, and no longer looked up for each touch that is stored.

Five foreign keys took as long as storing the touch itself, and locked the same few rows for every click. None of
those rows is deleted by the site; whoever tries is refused while a touch points there. The indexes on the advocate
and on the link alone go too: the ones with the moment begin with the same column.
"""

import django.db.models.deletion
from django.db import migrations, models

POINTED_AT = {
    "advocates_shop": "shop_id",
    "advocates_advocate": "advocate_id",
    "advocates_link": "link_id",
    "advocates_publication": "publication_id",
    "advocates_product": "product_id",
}
REFUSE = """
CREATE FUNCTION advocates_refuse_touched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_touched boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM advocates_touch WHERE %I = $1)', TG_ARGV[0]) INTO is_touched USING OLD.id;
    IF is_touched THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('row %s of "%s" is pointed at by touches', OLD.id, TG_TABLE_NAME),
            CONSTRAINT = 'advocates_touch_' || TG_ARGV[0];
    END IF;
    RETURN NULL;
END
$$;
"""
GUARDS = "".join(
    f"""
CREATE TRIGGER {table}_touched AFTER DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION advocates_refuse_touched('{column}');
CREATE TRIGGER {table}_touched_key AFTER UPDATE OF id ON {table}
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION advocates_refuse_touched('{column}');
"""
    for table, column in POINTED_AT.items()
)
NO_GUARDS = "".join(
    f"DROP TRIGGER {table}_touched_key ON {table}; DROP TRIGGER {table}_touched ON {table};" for table in POINTED_AT
)
NO_REFUSAL = "DROP FUNCTION advocates_refuse_touched();"


def _pointer(to, **options):
    return models.ForeignKey(
        blank=True,
        db_constraint=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="touches",
        to=to,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("advocates", "0023_fraud")]

    operations = [
        migrations.AlterField("touch", "shop", _pointer("advocates.shop")),
        migrations.AlterField("touch", "advocate", _pointer("advocates.advocate", db_index=False)),
        migrations.AlterField("touch", "link", _pointer("advocates.link", db_index=False)),
        migrations.AlterField("touch", "publication", _pointer("advocates.publication")),
        migrations.AlterField("touch", "product", _pointer("advocates.product")),
        migrations.RunSQL(REFUSE, NO_REFUSAL),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
