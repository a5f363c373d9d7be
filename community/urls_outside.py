"""Addresses of what leaves the site: feeds, embeds, share images, sitemaps."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
