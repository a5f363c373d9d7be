"""Addresses of boards, people, products and shops."""

from django.urls import path

from community.views import boards, people, products, shops

app_name = "community"
urlpatterns = [
    path("boards/", boards.boards, name="boards"),
    path("people/", people.people, name="people"),
    path("products/<int:pk>-<slug:slug>/", products.product, name="product"),
    path("shops/", shops.shops, name="shops"),
    path("shops/<slug:slug>/", shops.shop, name="shop"),
    path("@<str:handle>/", people.profile, name="profile"),
    path("@<str:handle>/<slug:slug>/", boards.board, name="board"),
]
