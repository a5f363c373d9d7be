"""What people say to each other: comments on publications, questions, and answers."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from community.querysets import AnswerQuerySet, CommentQuerySet, QuestionQuerySet


class Comment(models.Model):
    """A remark on a publication, or an answer to one (one level). A removed one keeps its place, not its text."""

    publication = models.ForeignKey(
        "advocates.Publication", on_delete=models.CASCADE, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    text = models.TextField(_("comment"), max_length=2000)
    created_at = models.DateTimeField(_("written at"))
    edited_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["publication", "created_at"], name="comment_of_publication")]

    def __str__(self) -> str:
        return self.text[:60]


class Question(models.Model):
    """A question about a product, about a publication, or to a person."""

    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="questions")
    product = models.ForeignKey(
        "advocates.Product", on_delete=models.CASCADE, null=True, blank=True, related_name="questions"
    )
    publication = models.ForeignKey(
        "advocates.Publication", on_delete=models.CASCADE, null=True, blank=True, related_name="questions"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="asked_questions",
    )
    title = models.CharField(_("your question"), max_length=150)
    text = models.TextField(_("more about it"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=5)
    theme_slugs = ArrayField(
        models.SlugField(max_length=60), verbose_name=_("themes"), default=list, blank=True
    )
    accepted = models.OneToOneField(
        "community.Answer", on_delete=models.SET_NULL, null=True, blank=True, related_name="accepted_for"
    )
    created_at = models.DateTimeField(_("asked at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, publication__isnull=True, person__isnull=True)
                | Q(product__isnull=True, publication__isnull=False, person__isnull=True)
                | Q(product__isnull=True, publication__isnull=True, person__isnull=False),
                name="question_is_about_one_thing",
            )
        ]
        indexes = [
            models.Index(fields=["product", "-created_at"], name="question_of_product"),
            GinIndex(fields=["theme_slugs"], name="question_themes"),
            GinIndex(SearchVector("title", config="dutch"), name="question_title_words"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("community:question", args=[self.pk, slugify(self.title) or "question"])


class Answer(models.Model):
    """An answer to a question. One that mentions products has a publication: with its links and its disclosure."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="answers")
    publication = models.OneToOneField(
        "advocates.Publication", on_delete=models.PROTECT, null=True, blank=True, related_name="answer"
    )
    text = models.TextField(_("answer"), max_length=5000)
    created_at = models.DateTimeField(_("written at"))
    edited_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]

    def get_absolute_url(self) -> str:
        return f"{self.question.get_absolute_url()}#answer-{self.pk}"
