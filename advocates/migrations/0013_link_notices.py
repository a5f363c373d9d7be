"""Who keeps links in memory hears when one changes: its code on the channel `advocates_links`, or `*` for many."""

from django.db import migrations

TELL = """
CREATE FUNCTION advocates_tell_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('advocates_links', OLD.code);
    RETURN NULL;
END
$$;

CREATE FUNCTION advocates_tell_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The same word twice in a transaction is sent once: an import that changes every product says it once.
    PERFORM pg_notify('advocates_links', '*');
    RETURN NULL;
END
$$;

CREATE TRIGGER advocates_link_told AFTER UPDATE ON advocates_link
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION advocates_tell_link();
CREATE TRIGGER advocates_link_deletion_told AFTER DELETE ON advocates_link
    FOR EACH ROW EXECUTE FUNCTION advocates_tell_link();
CREATE TRIGGER advocates_shop_links_told AFTER UPDATE ON advocates_shop
    FOR EACH ROW WHEN (OLD.allowed_hosts IS DISTINCT FROM NEW.allowed_hosts OR OLD.country <> NEW.country)
    EXECUTE FUNCTION advocates_tell_links();
CREATE TRIGGER advocates_product_links_told AFTER UPDATE ON advocates_product
    FOR EACH ROW WHEN (OLD.url <> NEW.url) EXECUTE FUNCTION advocates_tell_links();
"""
UNTELL = """
DROP TRIGGER advocates_product_links_told ON advocates_product;
DROP TRIGGER advocates_shop_links_told ON advocates_shop;
DROP TRIGGER advocates_link_deletion_told ON advocates_link;
DROP TRIGGER advocates_link_told ON advocates_link;
DROP FUNCTION advocates_tell_links();
DROP FUNCTION advocates_tell_link();
"""


class Migration(migrations.Migration):
    dependencies = [("advocates", "0012_touch_months")]

    operations = [migrations.RunSQL(TELL, UNTELL)]
