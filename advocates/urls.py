"""Addresses of the advocate's studio and the shop's desk."""

from django.urls import path

from advocates import urls_desk
from advocates.views import studio

app_name = "advocates"
urlpatterns = [
    path("studio/links/", studio.links, name="links"),
    path("studio/links/new/", studio.link_new, name="link_new"),
    path("studio/links/<int:pk>/retire/", studio.link_retire, name="link_retire"),
    path("studio/codes/new/", studio.code_new, name="code_new"),
    path("studio/earnings/", studio.earnings, name="earnings"),
    path("studio/earnings/<uuid:pk>/", studio.share, name="share"),
    *urls_desk.urlpatterns,
]
