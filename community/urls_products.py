"""Addresses of products, their reviews, and how these are asked for."""

from django.urls import path

from community.views import (
    advocate_invitations,
    desk_reviews,
    products,
    review_invitations,
    reviews,
)

urlpatterns = [
    path("products/<int:pk>-<slug:slug>/", products.product, name="product"),
    path("products/<int:pk>/reviews/", reviews.reviews, name="reviews"),
    path("products/<int:pk>/reviews/new/", reviews.review_new, name="review_new"),
    path("reviews/method/", reviews.review_method, name="review_method"),
    path("reviews/<int:pk>/edit/", reviews.review_edit, name="review_edit"),
    path("reviews/<int:pk>/withdraw/", reviews.review_withdraw, name="review_withdraw"),
    path("reviews/invitation/<str:token>/", review_invitations.review_invitation, name="review_invitation"),
    path("reviews/stop/<str:token>/", review_invitations.review_stop, name="review_stop"),
    path("studio/reviews/", reviews.my_reviews, name="my_reviews"),
    path("studio/become-an-advocate/", advocate_invitations.advocate_invitation, name="advocate_invitation"),
    path("desk/<slug:slug>/reviews/", desk_reviews.desk_reviews, name="desk_reviews"),
    path("desk/<slug:slug>/reviews/import/", desk_reviews.desk_review_import, name="desk_review_import"),
    path(
        "desk/<slug:slug>/reviews/import/store/",
        desk_reviews.desk_review_import_store,
        name="desk_review_import_store",
    ),
    path(
        "desk/<slug:slug>/reviews/<int:pk>/reply/", desk_reviews.desk_review_reply, name="desk_review_reply"
    ),
    path(
        "desk/<slug:slug>/reviews/<int:pk>/report/",
        desk_reviews.desk_review_report,
        name="desk_review_report",
    ),
]
