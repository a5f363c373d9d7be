"""Addresses of a shop's desk where its sales come from; `advocates/urls_desk.py` takes them in."""

from django.urls import path

from advocates.views import desk_connections, desk_refused, desk_uploads

urlpatterns = [
    path("desk/<slug:slug>/connections/", desk_connections.desk_connections, name="desk_connections"),
    path(
        "desk/<slug:slug>/connections/new/<slug:system>/", desk_connections.desk_connect, name="desk_connect"
    ),
    path("desk/<slug:slug>/connections/<int:pk>/", desk_connections.desk_connection, name="desk_connection"),
    path(
        "desk/<slug:slug>/connections/<int:pk>/secret/",
        desk_connections.desk_connection_secret,
        name="desk_connection_secret",
    ),
    path(
        "desk/<slug:slug>/connections/<int:pk>/rotate/",
        desk_connections.desk_connection_rotate,
        name="desk_connection_rotate",
    ),
    path(
        "desk/<slug:slug>/connections/<int:pk>/disconnect/",
        desk_connections.desk_disconnect,
        name="desk_disconnect",
    ),
    path(
        "desk/<slug:slug>/connections/<int:pk>/messages/<int:event>/retry/",
        desk_connections.desk_message_retry,
        name="desk_message_retry",
    ),
    path("desk/<slug:slug>/sales/refused/", desk_refused.desk_refused, name="desk_refused"),
    path(
        "desk/<slug:slug>/sales/refused/<int:pk>/settle/",
        desk_refused.desk_refused_settle,
        name="desk_refused_settle",
    ),
    path("desk/<slug:slug>/sales/upload/", desk_uploads.desk_upload_new, name="desk_upload_new"),
    path(
        "desk/<slug:slug>/sales/upload/template.csv",
        desk_uploads.desk_upload_template,
        name="desk_upload_template",
    ),
    path("desk/<slug:slug>/sales/upload/<int:pk>/", desk_uploads.desk_upload, name="desk_upload"),
    path(
        "desk/<slug:slug>/sales/upload/<int:pk>/confirm/",
        desk_uploads.desk_upload_confirm,
        name="desk_upload_confirm",
    ),
    path(
        "desk/<slug:slug>/sales/upload/<int:pk>/errors.csv",
        desk_uploads.desk_upload_errors,
        name="desk_upload_errors",
    ),
]
