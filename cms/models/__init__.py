"""Page types of the site, one module per noun."""

from cms.models.chore import Chore
from cms.models.page import HomePage, StandardPage, ThemeIndexPage, ThemePage
from cms.models.post import PostIndexPage, PostPage

__all__ = ["Chore", "HomePage", "PostIndexPage", "PostPage", "StandardPage", "ThemeIndexPage", "ThemePage"]
