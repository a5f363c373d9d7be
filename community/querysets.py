"""Filters of the people floor that read aloud."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Q

from advocates.enums import PublicationState
from advocates.models import Publication
from advocates.querysets import Viewer


class BoardQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Boards whose publication this person may open (the rule is the publication's)."""
        return self.filter(publication__in=Publication.objects.visible_to(user))


class CommentQuerySet(models.QuerySet[Any]):
    def not_by(self, people: Collection[int]) -> Self:
        """Without what these people wrote (their ids: see community/mutes.py)."""
        return self.exclude(author__in=people) if people else self


class QuestionQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """What anybody may find: questions about what anybody may find."""
        about_what_is_listed = Q(publication=None) | Q(publication__state=PublicationState.PUBLIC)
        return self.filter(about_what_is_listed, removed_at=None)

    def visible_to(self, user: Viewer) -> Self:
        """What this person may open: questions about what this person may open."""
        opened = Publication.objects.visible_to(user).values("pk")
        return self.filter(Q(publication=None) | Q(publication__in=opened), removed_at=None)

    def not_by(self, people: Collection[int]) -> Self:
        """Without what these people asked, what they were asked, and what is about things of theirs."""
        if not people:
            return self
        unwanted = Q(asker__in=people) | Q(person__in=people) | Q(publication__author__in=people)
        return self.exclude(unwanted)


class AnswerQuerySet(models.QuerySet[Any]):
    def shown(self) -> Self:
        """Those that their writers have not removed."""
        return self.filter(removed_at=None)

    def not_by(self, people: Collection[int]) -> Self:
        """Without what these people answered."""
        return self.exclude(author__in=people) if people else self
