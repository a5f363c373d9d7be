"""What the Wagtail admin shows beside pages and pictures."""

from collections.abc import Sequence
from typing import Any

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from cms.admin import MoneyGroup, PeopleGroup, ProductViewSet, SalesGroup, ShopsGroup, ThemeViewSet

register_snippet(ProductViewSet)


@hooks.register("register_admin_viewset")
def viewsets() -> Sequence[Any]:
    return [ThemeViewSet("themes"), PeopleGroup(), ShopsGroup(), SalesGroup(), MoneyGroup()]
