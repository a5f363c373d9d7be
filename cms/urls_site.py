"""Addresses of the site floor's own pages."""

from django.urls import path
from wagtail.views import serve

from cms.views import posts, story_choices, studio

app_name = "cms"
urlpatterns = [
    path("stories/", serve, {"path": "stories/"}, name="posts"),
    path("studio/", studio.studio, name="studio"),
    path("studio/stories/new/", posts.post_new, name="post_new"),
    path("studio/stories/products/", story_choices.product_choices, name="product_choices"),
    path("studio/stories/boards/", story_choices.board_choices, name="board_choices"),
    path("studio/stories/pictures/", story_choices.picture_new, name="picture_new"),
    path("studio/stories/<int:pk>/", posts.post_edit, name="post_edit"),
    path("studio/stories/<int:pk>/autosave/", posts.post_autosave, name="post_autosave"),
    path("studio/stories/<int:pk>/preview/", posts.post_preview, name="post_preview"),
    path("studio/stories/<int:pk>/withdraw/", posts.post_withdraw, name="post_withdraw"),
]
