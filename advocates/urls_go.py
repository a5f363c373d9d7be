"""The address of links: `/go/<code>`, and whatever a text left hanging on it."""

from django.urls import path

from advocates.views.go import go

urlpatterns = [path("<path:code>", go, name="go")]
