"""Addresses of search, following and the feed."""

from django.urls import path

from community.views import search

urlpatterns = [
    path("search/suggest/", search.suggest, name="suggest"),
]
