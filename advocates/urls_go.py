"""The address of links: `/go/<code>`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
