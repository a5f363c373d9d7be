"""What the database itself holds to: terms and their acceptance are written once and never changed.

TRUNCATE is left alone: tests empty their tables with it, and in production it takes a table's owner.
"""

from django.db import migrations, models

GUARDED = ("advocates_deal", "advocates_enrolmentacceptance")

FUNCTION = """
CREATE FUNCTION advocates_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are written once: no %.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END
$$;
"""


def guard(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION advocates_refuse_change();",
        f"DROP TRIGGER {table}_written_once ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("advocates", "0001_initial")]

    operations = [
        migrations.AddField(
            "programme",
            "opened_at",
            models.DateTimeField(blank=True, null=True, verbose_name="first opened at"),
        ),
        migrations.AddField(
            "programme", "closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")
        ),
        migrations.RemoveConstraint("enrolment", "enrolment_once"),
        migrations.AddConstraint(
            "enrolment",
            models.UniqueConstraint(
                fields=["programme", "advocate"],
                condition=models.Q(state__in=["requested", "active"]),
                name="enrolment_one_open_per_advocate",
            ),
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION advocates_refuse_change();"),
        *(guard(table) for table in GUARDED),
    ]
