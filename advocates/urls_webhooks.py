"""Addresses of the webhooks of a shop (on its desk) and of an advocate (in her studio): the same pages."""

from django.urls import path

from advocates.views import webhooks

_PAGES = (
    ("", webhooks.endpoints, "webhooks"),
    ("<int:pk>/", webhooks.endpoint, "webhook"),
    ("<int:pk>/secret/", webhooks.secret, "webhook_secret"),
    ("<int:pk>/rotate/", webhooks.rotate, "webhook_rotate"),
    ("<int:pk>/switch/", webhooks.switch, "webhook_switch"),
    ("<int:pk>/remove/", webhooks.remove, "webhook_remove"),
    ("<int:pk>/test/", webhooks.test, "webhook_test"),
    ("<int:pk>/replay/", webhooks.replay, "webhook_replay"),
    ("<int:pk>/messages/<uuid:message_pk>/", webhooks.message, "webhook_message"),
)

urlpatterns = [
    path(f"{root}webhooks/{route}", view, name=f"{owner}_{name}")
    for owner, root in (("desk", "desk/<slug:slug>/"), ("studio", "studio/"))
    for route, view, name in _PAGES
]
