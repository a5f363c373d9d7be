"""The addresses that connected shops send their messages to; people paste them with and without a slash."""

from django.urls import path

from advocates.views.shop_hooks import shop_hook

app_name = "hooks"
urlpatterns = [
    path("<slug:token>", shop_hook, name="shop_hook"),
    path("<slug:token>/", shop_hook),
]
