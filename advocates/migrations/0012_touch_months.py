"""Touches lie in partitions by month, so that an old month is dropped at once and a question about now reads now.

The id (UUIDv7) begins with the milliseconds of the touch: months are ranges of the key itself, and the key stays one.
What lies in no month that was made stands in `advocates_touch_default`. The two functions belong to whoever migrates:
the role that runs the site makes and drops months through them, and need not own a table.
"""

from django.db import migrations

PARENT = "advocates_touch"

FUNCTIONS = """
CREATE FUNCTION advocates_touch_floor(month date) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (lpad(to_hex((extract(epoch FROM month::timestamp) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

CREATE FUNCTION advocates_touch_make_month(month date) RETURNS boolean LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    name text := 'advocates_touch_' || to_char(month, 'YYYYMM');
    low uuid := advocates_touch_floor(date_trunc('month', month)::date);
    high uuid := advocates_touch_floor((date_trunc('month', month) + interval '1 month')::date);
BEGIN
    -- Two that would make the same month wait for each other; clicks are not made to wait for long.
    PERFORM pg_advisory_xact_lock(hashtext('advocates_touch_months'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    SET CONSTRAINTS ALL IMMEDIATE;
    EXECUTE format('CREATE TABLE %I (LIKE advocates_touch INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    LOCK TABLE advocates_touch_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('WITH moved AS (DELETE FROM advocates_touch_default WHERE id >= %L AND id < %L RETURNING *)'
                   ' INSERT INTO %I SELECT * FROM moved', low, high, name);
    EXECUTE format('ALTER TABLE advocates_touch ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
    RETURN true;
END
$$;

CREATE FUNCTION advocates_touch_drop_month(month date) RETURNS boolean LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    name text := 'advocates_touch_' || to_char(month, 'YYYYMM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('advocates_touch_months'));
    IF to_regclass(name) IS NULL THEN
        RETURN false;
    END IF;
    SET CONSTRAINTS ALL IMMEDIATE;
    EXECUTE format('DROP TABLE %I', name);
    RETURN true;
END
$$;
"""
NO_FUNCTIONS = """
DROP FUNCTION advocates_touch_drop_month(date);
DROP FUNCTION advocates_touch_make_month(date);
DROP FUNCTION advocates_touch_floor(date);
"""


def _column(schema_editor, sql):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def _rebuild(schema_editor, partition_by):
    """Make the table anew, with its rows, constraints and indexes under the names they had."""
    of_table = f"'{PARENT}'::regclass"
    constraints = _column(
        schema_editor,
        "SELECT format('ALTER TABLE advocates_touch ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))"
        f" FROM pg_constraint WHERE conrelid = {of_table} AND contype IN ('p', 'c', 'f')"
        " ORDER BY contype = 'f', conname",
    )
    indexes = _column(
        schema_editor,
        "SELECT replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index"
        f" WHERE indrelid = {of_table} AND NOT indisprimary ORDER BY indexrelid",
    )

    def run(sql):
        schema_editor.execute(sql, params=None)

    # Checks that wait for the end of the transaction would stop the table from being changed.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {PARENT} RENAME TO {PARENT}_before")
    run(f"CREATE TABLE {PARENT} (LIKE {PARENT}_before INCLUDING DEFAULTS) {partition_by}")
    if partition_by:
        run(f"CREATE TABLE {PARENT}_default PARTITION OF {PARENT} DEFAULT")
    run(f"INSERT INTO {PARENT} SELECT * FROM {PARENT}_before")
    run(f"DROP TABLE {PARENT}_before")
    for statement in (*constraints, *indexes):
        run(statement)


def partition(apps, schema_editor):
    _rebuild(schema_editor, "PARTITION BY RANGE (id)")
    months = _column(
        schema_editor,
        f"SELECT DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'UTC')::date FROM {PARENT} ORDER BY 1",
    )
    for month in months:
        schema_editor.execute("SELECT advocates_touch_make_month(%s)", [month])


def put_together(apps, schema_editor):
    _rebuild(schema_editor, "")


class Migration(migrations.Migration):
    dependencies = [("advocates", "0011_tracing_guards")]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunPython(partition, put_together, elidable=False),
    ]
