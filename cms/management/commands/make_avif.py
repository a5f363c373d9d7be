"""`manage.py make_avif`: have the worker make AVIF of pictures that were shown before there was any."""

from typing import Any

from django.core.management.base import BaseCommand

from cms.tasks import ask_for_missing_avif


class Command(BaseCommand):
    help = "Ask a worker for AVIF versions of the pictures that pages show as WebP alone."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django passes them
        self.stdout.write(f"Pictures asked for: {ask_for_missing_avif()}")
