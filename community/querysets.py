"""Filters of the people floor that read aloud."""

from typing import Any, Self

from django.db import models

from advocates.models import Publication
from advocates.querysets import Viewer


class BoardQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Boards whose publication this person may open (the rule is the publication's)."""
        return self.filter(publication__in=Publication.objects.visible_to(user))
