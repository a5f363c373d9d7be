"""Page types of the site, one module per noun."""

from cms.models.page import HomePage, StandardPage, ThemeIndexPage, ThemePage
from cms.models.post import PostIndexPage, PostPage

__all__ = ["HomePage", "PostIndexPage", "PostPage", "StandardPage", "ThemeIndexPage", "ThemePage"]
