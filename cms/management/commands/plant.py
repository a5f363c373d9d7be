"""`manage.py plant`: the first pages, moderators, workflow and months of an installation; safe to run again."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from advocates.touch_months import make_months
from cms.site_tree import plant_site, plant_theme_pages


class Command(BaseCommand):
    help = "Make the first pages, the moderators and their workflow; what is there already stays."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django passes them
        call_command("createcachetable", verbosity=0)
        make_months(at=timezone.now())
        address = urlsplit(settings.SITE_URL)
        port = address.port or (443 if address.scheme == "https" else 80)
        plant_site(hostname=address.hostname or "localhost", port=port)
        plant_theme_pages()
        self.stdout.write(f"The site stands at {settings.SITE_URL}")
