"""Addresses of people, shops, and of all that people make and say."""

from django.urls import path

from community.urls_boards import urlpatterns as boards
from community.urls_finding import urlpatterns as finding
from community.urls_outside import urlpatterns as outside
from community.urls_products import urlpatterns as products
from community.urls_talk import urlpatterns as talk
from community.views import people, profile_editor, shops
from community.views.past_handles import leads_on

app_name = "community"
urlpatterns = [
    path("people/", people.people, name="people"),
    path("shops/", shops.shops, name="shops"),
    path("shops/<slug:slug>/", shops.shop, name="shop"),
    path("studio/profile/", profile_editor.profile_edit, name="profile_edit"),
    path("@<str:handle>/", leads_on(people.profile), name="profile"),
    *outside,
    *finding,
    *talk,
    *products,
    *boards,
]
