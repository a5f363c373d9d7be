"""Addresses of search, following and the feed."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
