"""Addresses of the site floor's own pages."""

from django.urls import path
from wagtail.views import serve

app_name = "cms"
urlpatterns = [
    path("stories/", serve, {"path": "stories/"}, name="posts"),
]
