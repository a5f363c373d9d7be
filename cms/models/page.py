"""Pages that the editors keep: home, themes, and plain pages."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from cms.blocks import StoryBlock


class SitePage(Page):
    """What every page of the site shares."""

    class Meta:
        abstract = True


class HomePage(SitePage):
    """The front page; what it shows is drawn from what people published."""

    headline = models.CharField(_("headline"), max_length=120, blank=True)
    intro = models.CharField(_("intro"), max_length=300, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("headline"), FieldPanel("intro")]
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["cms.PostIndexPage", "cms.ThemeIndexPage", "cms.StandardPage"]
    max_count = 1
    template = "cms/home_page.html"

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.front_page import front_page

        return {
            **super().get_context(request, *args, **kwargs),
            **front_page(viewer=request.user, at=timezone.now()),
        }


class ThemeIndexPage(SitePage):
    intro = models.CharField(_("intro"), max_length=300, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["cms.ThemePage"]
    max_count = 1
    template = "cms/theme_index_page.html"

    class Meta:
        verbose_name = _("theme overview")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.front_page import theme_pages

        return {**super().get_context(request, *args, **kwargs), "theme_pages": theme_pages()}


class ThemePage(SitePage):
    """What was published on one theme: guides, boards and stories together, and what is asked."""

    theme = models.OneToOneField("community.Theme", on_delete=models.PROTECT, related_name="page")
    intro = models.TextField(_("intro"), blank=True, max_length=600)
    picture = models.ForeignKey(
        "community.Picture", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    content_panels = [*Page.content_panels, FieldPanel("theme"), FieldPanel("intro"), FieldPanel("picture")]
    parent_page_types: ClassVar[list[str]] = ["cms.ThemeIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/theme_page.html"

    class Meta:
        verbose_name = _("theme page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.front_page import theme_page

        page = theme_page(
            theme=self.theme,
            kind=request.GET.get("kind", ""),
            page_number=request.GET.get("page", "1"),
            viewer=request.user,
            at=timezone.now(),
        )
        return {**super().get_context(request, *args, **kwargs), **page}


class StandardPage(SitePage):
    """A plain page: about us, how we sort, contact."""

    intro = models.CharField(_("intro"), max_length=300, blank=True)
    body = StreamField(StoryBlock(), verbose_name=_("text"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/standard_page.html"

    class Meta:
        verbose_name = _("page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.post_publications import board_cards, load_renditions

        load_renditions(self.body)
        boards = board_cards(page=self, viewer=request.user, at=timezone.now())
        return {**super().get_context(request, *args, **kwargs), "boards": boards}
