"""Addresses of products, their reviews, and how these are asked for."""

from django.urls import path

from community.views import products

urlpatterns = [
    path("products/<int:pk>-<slug:slug>/", products.product, name="product"),
]
