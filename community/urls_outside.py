"""Addresses of what leaves the site: feeds and share images."""

from django.urls import path

from community.views import outside
from community.views.past_handles import leads_on

urlpatterns = [
    path("stories/rss.xml", outside.rss_stories, name="rss"),
    path("themes/<slug:slug>/rss.xml", outside.rss_theme, name="rss_theme"),
    path("@<str:handle>/rss.xml", leads_on(outside.rss_profile), name="rss_profile"),
    path("@<str:handle>/<slug:slug>/rss.xml", leads_on(outside.rss_board), name="rss_board"),
    path("share/<int:pk>.jpg", outside.share_image, name="share_image"),
]
