"""The addresses at which Stripe reports."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
