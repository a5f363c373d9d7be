"""Addresses of questions, answers, comments, and who does not want to hear whom."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
