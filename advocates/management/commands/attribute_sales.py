"""`manage.py attribute_sales [--shop SLUG]`: judge the sales that nobody judged yet, such as an imported history."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from advocates.attribution import attribute_backlog
from advocates.models import Shop


class Command(BaseCommand):
    help = "Judge sales that stand without a judgement. May be stopped, begun again, and run twice at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", metavar="SLUG", help="this shop's only")

    def handle(self, *_args: Any, **options: Any) -> None:
        shops = Shop.objects.select_related("payer").order_by("pk")
        if options["shop"]:
            shops = shops.filter(slug=options["shop"])
            if not shops:
                raise CommandError(f"There is no shop “{options['shop']}”.")
        for shop in shops:
            count = attribute_backlog(shop=shop, at=timezone.now())
            if count or options["shop"]:
                self.stdout.write(f"{count:>9,} sales of {shop.name} judged")
