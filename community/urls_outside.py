"""Addresses of what leaves the site: feeds and share images."""

from django.urls import path

from community.views import outside

urlpatterns = [
    path("stories/rss.xml", outside.rss_stories, name="rss"),
    path("themes/<slug:slug>/rss.xml", outside.rss_theme, name="rss_theme"),
    path("@<str:handle>/rss.xml", outside.rss_profile, name="rss_profile"),
    path("@<str:handle>/<slug:slug>/rss.xml", outside.rss_board, name="rss_board"),
    path("share/<int:pk>.jpg", outside.share_image, name="share_image"),
]
