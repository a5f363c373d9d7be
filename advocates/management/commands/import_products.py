"""`manage.py import_products --shop SLUG FILE [--partial]`: a feed from a file into a shop's products."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from advocates.enums import ImportState
from advocates.models import FeedImport, Shop
from advocates.product_import import UnableToImportProducts, import_products

_SHOWN_ERRORS = 20


class Command(BaseCommand):
    help = "Import a product feed (Google Merchant format as RSS, Atom, CSV or TSV) into a shop's products."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the feed; may be packed with gzip")
        parser.add_argument("--shop", required=True, metavar="SLUG", help="the shop's address on this site")
        parser.add_argument(
            "--partial",
            action="store_true",
            help="the feed is not the whole assortment: products it does not name stay as they are",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        shop = self._shop(options["shop"])
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                feed_import = import_products(
                    shop=shop,
                    file=file,
                    file_name=path.name,
                    at=timezone.now(),
                    is_full=not options["partial"],
                    progress=self._progress,
                )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except UnableToImportProducts as error:
            raise CommandError(str(error)) from error
        self._report(feed_import)
        if feed_import.state == ImportState.FAILED:
            raise CommandError(feed_import.problem, returncode=1)

    def _shop(self, slug: str) -> Shop:
        try:
            return Shop.objects.get(slug=slug)
        except Shop.DoesNotExist:
            known = ", ".join(Shop.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no shop “{slug}”. Known: {known or 'none yet'}.") from None

    def _progress(self, rows: int) -> None:
        self.stdout.write(f"{rows:>9,} rows read")

    def _report(self, feed_import: FeedImport) -> None:
        errors = feed_import.errors.all()
        for error in errors[:_SHOWN_ERRORS]:
            where = " ".join(part for part in (f"line {error.line}", error.external_id, error.field) if part)
            self.stdout.write(f"  {error.severity}: {where}: {error.reason}")
        if (kept := errors.count()) > _SHOWN_ERRORS:
            self.stdout.write(f"  … and {kept - _SHOWN_ERRORS:,} more, kept with the import")
        counts = {
            "rows read": feed_import.rows,
            "new": feed_import.created_count,
            "changed": feed_import.updated_count,
            "unchanged": feed_import.unchanged_count,
            "no longer available": feed_import.unavailable_count,
            "rows refused": feed_import.error_count,
            "fields left out": feed_import.warning_count,
        }
        for label, count in counts.items():
            self.stdout.write(f"{count:>9,} {label}")
        if feed_import.problem and feed_import.state != ImportState.FAILED:
            self.stdout.write(
                f"{feed_import.problem} Products that the feed does not name were left as they are."
            )
