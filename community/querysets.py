"""Filters of the people floor that read aloud."""

from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models

from advocates.models import Publication


class BoardQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Boards whose publication this person may open (the rule is the publication's)."""
        return self.filter(publication__in=Publication.objects.visible_to(user))
