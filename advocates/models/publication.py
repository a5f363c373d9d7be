"""What somebody published, as the rest of the site sees it, and the products it mentions."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from advocates.enums import ContributorRole, PublicationKind, PublicationState, Relation
from advocates.querysets import PublicationQuerySet


class Publication(models.Model):
    """One row per post, guide, board or answer: search, lists, touches and attribution hang on it.

    The floor above owns the thing itself (a page, a board), points down here, and keeps this row current
    through `publications.publish` and `publications.withdraw`. `path` is the address without language prefix.
    """

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="publications"
    )
    kind = models.CharField(_("kind"), max_length=6, choices=PublicationKind)
    title = models.CharField(_("title"), max_length=150)
    summary = models.TextField(_("summary"), blank=True, max_length=500)
    path = models.CharField(_("address"), max_length=500)
    cover = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    language = models.CharField(_("language"), max_length=5)
    theme_slugs = ArrayField(
        models.SlugField(max_length=60), verbose_name=_("themes"), default=list, blank=True
    )
    state = models.CharField(
        _("who may find it"), max_length=8, choices=PublicationState, default=PublicationState.HIDDEN
    )
    relation = models.CharField(
        _("your connection with the shop"), max_length=8, choices=Relation, default=Relation.NONE
    )
    contributors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="advocates.Contributor", related_name="contributed_publications"
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"))
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="dutch")
        + SearchVector("title", weight="A", config="english")
        + SearchVector("summary", weight="B", config="dutch")
        + SearchVector("summary", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        indexes = [
            models.Index(
                fields=["-published_at", "-id"], name="publication_newest", condition=models.Q(state="public")
            ),
            models.Index(
                fields=["kind", "-published_at", "-id"],
                name="publication_newest_of_kind",
                condition=models.Q(state="public"),
            ),
            models.Index(fields=["author", "-published_at"], name="publication_of_author"),
            models.Index(fields=["path"], name="publication_path"),
            GinIndex(fields=["search"], name="publication_search"),
            GinIndex(fields=["theme_slugs"], name="publication_themes"),
            GinIndex(fields=["title"], name="publication_title_trigrams", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The address in the reader's language."""
        language = get_language()
        return self.path if language in {None, settings.LANGUAGE_CODE} else f"/{language}{self.path}"


class Contributor(models.Model):
    """Somebody who works on a publication beside its author; the owner of the thing itself invites and removes."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="contributor_roles")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contributor_roles"
    )
    role = models.CharField(_("may"), max_length=4, choices=ContributorRole)
    joined_at = models.DateTimeField(_("joined at"))

    class Meta:
        verbose_name = _("contributor")
        verbose_name_plural = _("contributors")
        constraints = [models.UniqueConstraint(fields=["publication", "user"], name="contributor_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.publication}"


class Mention(models.Model):
    """A product in a publication, in reading order, with the link that a reader follows."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="mentions")
    product = models.ForeignKey("advocates.Product", on_delete=models.PROTECT, related_name="mentions")
    link = models.ForeignKey("advocates.Link", on_delete=models.PROTECT, related_name="mentions")
    position = models.PositiveIntegerField(_("position"))

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["publication", "product"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.publication}: {self.product}"
