"""Products that came in before there was a queue get their pictures too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("advocates", "0005_picture_queue"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE advocates_product SET pictures_due_at = created_at"
            " WHERE picture_id IS NULL AND cardinality(image_urls) > 0",
            migrations.RunSQL.noop,
        ),
    ]
