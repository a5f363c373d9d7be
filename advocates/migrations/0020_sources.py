"""Where an order came from: its id there, the host that may tell of it, and files that somebody confirmed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("advocates", "0013_link_notices")]

    operations = [
        migrations.AddField(
            model_name="sale",
            name="source_ref",
            field=models.CharField(blank=True, max_length=100, verbose_name="id at the source"),
        ),
        migrations.AddField(
            model_name="saleupload",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
        ),
        migrations.AddField(
            model_name="shopconnection",
            name="host",
            field=models.CharField(blank=True, max_length=255, verbose_name="host of the web shop"),
        ),
        migrations.AlterField(
            model_name="shopconnection",
            name="secret",
            field=models.CharField(blank=True, max_length=200, verbose_name="secret"),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(
                fields=["shop", "source_ref"],
                name="sale_at_source",
                condition=models.Q(("source_ref", ""), _negated=True),
            ),
        ),
    ]
