"""Addresses of search, following and the feed."""

from django.urls import path

from community.views import feed, follows, search

urlpatterns = [
    path("search/suggest/", search.suggest, name="suggest"),
    path("follow/", follows.follow, name="follow"),
    path("following/", follows.following, name="following"),
    path("feed/", feed.feed, name="feed"),
    path("surprise/", search.surprise, name="surprise"),
]
