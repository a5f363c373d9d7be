"""Posts: stories with pictures and products, written on the site, approved by a moderator."""

from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from advocates.enums import Relation
from cms.blocks import StoryBlock
from cms.models.page import SitePage
from community.mutes import is_block_between


class PostIndexPage(SitePage):
    """All stories, newest first."""

    intro = models.CharField(_("intro"), max_length=300, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cms.PostPage"]
    max_count = 1
    template = "cms/post_index_page.html"

    class Meta:
        verbose_name = _("story overview")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.front_page import post_index

        return {
            **super().get_context(request, *args, **kwargs),
            **post_index(
                kind=request.GET.get("kind", ""),
                page_number=request.GET.get("page", "1"),
                viewer=request.user,
                at=timezone.now(),
            ),
        }


class PostPage(SitePage):
    """One story. `owner` is its author; `publication` is how the rest of the site sees it once it is live."""

    publication = models.OneToOneField(
        "advocates.Publication",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="post",
    )
    is_guide = models.BooleanField(
        _("this is a buying guide"),
        default=False,
        help_text=_("It helps somebody choose, whatever the choice."),
    )
    intro = models.TextField(_("intro"), max_length=400, blank=True)
    cover = models.ForeignKey(
        "community.Picture",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cover"),
    )
    language = models.CharField(
        _("language"), max_length=5, choices=[("nl", _("Dutch")), ("en", _("English"))], default="nl"
    )
    relation = models.CharField(
        _("your connection with the shop"), max_length=8, choices=Relation, default=Relation.NONE
    )
    themes = ParentalManyToManyField(
        "community.Theme", blank=True, related_name="posts", verbose_name=_("themes")
    )
    body = StreamField(StoryBlock(), verbose_name=_("story"), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldPanel("cover"),
        FieldPanel("language"),
        FieldPanel("is_guide"),
        FieldPanel("themes"),
        FieldPanel("relation"),
        FieldPanel("body"),
    ]
    parent_page_types: ClassVar[list[str]] = ["cms.PostIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/post_page.html"

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")

    def with_content_json(self, content: dict[str, Any]) -> "PostPage":
        """A revision's page. Its publication is the page's: the revision may be older than it."""
        post: PostPage = super().with_content_json(content)
        post.publication_id = self.publication_id
        return post

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page; it is not there for people who have nothing to do with its author."""
        if self.owner is not None and is_block_between(request.user, self.owner):
            raise Http404
        return super().serve(request, *args, **kwargs)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        """The draft as it will be, with its label and links, drawn at once because these are undone after it."""
        from cms.post_publications import as_if_published

        with as_if_published(post=self, at=timezone.now()):
            return super().serve_preview(request, mode_name).render()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.post_publications import post_context

        context = post_context(post=self, request=request, is_preview=getattr(request, "is_preview", False))
        return {**super().get_context(request, *args, **kwargs), **context}

    def product_ids(self) -> list[int]:
        """Ids of the products in the story, in reading order, each once."""
        found: list[int] = []
        for block in self.body:
            if block.block_type == "products":
                found.extend(product.pk for product in block.value["products"] if product is not None)
        return list(dict.fromkeys(found))

    @property
    def author_profile(self) -> Any:
        try:
            return self.owner.profile if self.owner else None
        except ObjectDoesNotExist:
            return None
