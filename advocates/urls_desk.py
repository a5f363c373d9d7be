"""Addresses of a shop's desk; `advocates/urls.py` takes them in."""

from django.urls import path

from advocates.views import (
    desk_advocates,
    desk_keys,
    desk_money,
    desk_payments,
    desk_products,
    desk_programme,
    desk_review,
    desk_sales,
    desk_shops,
    joining,
)

urlpatterns = [
    path("desk/", desk_shops.desk, name="desk"),
    path("desk/new/", desk_shops.desk_new, name="desk_new"),
    path("desk/<slug:slug>/", desk_shops.desk_shop, name="desk_shop"),
    path("desk/<slug:slug>/settings/", desk_shops.desk_settings, name="desk_settings"),
    path("desk/<slug:slug>/hosts/add/", desk_shops.desk_host_add, name="desk_host_add"),
    path("desk/<slug:slug>/hosts/remove/", desk_shops.desk_host_remove, name="desk_host_remove"),
    path("desk/<slug:slug>/review/", desk_review.desk_review, name="desk_review"),
    path("desk/<slug:slug>/review/approve/", desk_review.desk_approve, name="desk_approve"),
    path("desk/<slug:slug>/review/approve/all/", desk_review.desk_approve_all, name="desk_approve_all"),
    path("desk/<slug:slug>/review/<int:pk>/reject/", desk_review.desk_reject, name="desk_reject"),
    path("desk/<slug:slug>/collections/", desk_money.desk_runs, name="desk_runs"),
    path("desk/<slug:slug>/collections/settle/", desk_money.desk_settle, name="desk_settle"),
    path("desk/<slug:slug>/collections/<int:pk>/", desk_money.desk_run, name="desk_run"),
    path("desk/<slug:slug>/collections/<int:pk>/retry/", desk_money.desk_run_retry, name="desk_run_retry"),
    path("desk/<slug:slug>/collections/<int:pk>/cancel/", desk_money.desk_run_cancel, name="desk_run_cancel"),
    path("desk/<slug:slug>/keys/", desk_keys.desk_keys, name="desk_keys"),
    path("desk/<slug:slug>/keys/new/", desk_keys.desk_key_new, name="desk_key_new"),
    path("desk/<slug:slug>/keys/<int:pk>/revoke/", desk_keys.desk_key_revoke, name="desk_key_revoke"),
    path("desk/<slug:slug>/products/", desk_products.desk_products, name="desk_products"),
    path("desk/<slug:slug>/products/import/", desk_products.desk_import_new, name="desk_import_new"),
    path("desk/<slug:slug>/products/import/<int:pk>/", desk_products.desk_import, name="desk_import"),
    path("desk/<slug:slug>/programme/", desk_programme.desk_programme, name="desk_programme"),
    path(
        "desk/<slug:slug>/programme/describe/",
        desk_programme.desk_programme_describe,
        name="desk_programme_describe",
    ),
    path("desk/<slug:slug>/programme/open/", desk_programme.desk_programme_open, name="desk_programme_open"),
    path(
        "desk/<slug:slug>/programme/close/", desk_programme.desk_programme_close, name="desk_programme_close"
    ),
    path("desk/<slug:slug>/programme/terms/", desk_programme.desk_deal_new, name="desk_deal_new"),
    path("desk/<slug:slug>/advocates/", desk_advocates.desk_advocates, name="desk_advocates"),
    path(
        "desk/<slug:slug>/advocates/<int:pk>/approve/",
        desk_advocates.desk_enrolment_approve,
        name="desk_enrolment_approve",
    ),
    path(
        "desk/<slug:slug>/advocates/<int:pk>/decline/",
        desk_advocates.desk_enrolment_decline,
        name="desk_enrolment_decline",
    ),
    path(
        "desk/<slug:slug>/advocates/<int:pk>/end/",
        desk_advocates.desk_enrolment_end,
        name="desk_enrolment_end",
    ),
    path("desk/<slug:slug>/sales/", desk_sales.desk_sales, name="desk_sales"),
    path("desk/<slug:slug>/sales/<int:pk>/", desk_sales.desk_sale, name="desk_sale"),
    path("desk/<slug:slug>/payment/", desk_payments.desk_payments, name="desk_payments"),
    path("desk/<slug:slug>/payment/billing/", desk_payments.desk_billing, name="desk_billing"),
    path("desk/<slug:slug>/payment/method/", desk_payments.desk_payment_method, name="desk_payment_method"),
    path(
        "desk/<slug:slug>/payment/method/done/",
        desk_payments.desk_payment_method_done,
        name="desk_payment_method_done",
    ),
    path("desk/<slug:slug>/selling/", desk_payments.desk_selling, name="desk_selling"),
    path("desk/<slug:slug>/selling/connect/", desk_payments.desk_selling_start, name="desk_selling_start"),
    path("desk/<slug:slug>/selling/again/", desk_payments.desk_selling_again, name="desk_selling_again"),
    path("desk/<slug:slug>/selling/done/", desk_payments.desk_selling_done, name="desk_selling_done"),
    path("shops/<slug:slug>/join/", joining.join, name="join"),
    path("shops/<slug:slug>/join/accept/", joining.join_accept, name="join_accept"),
    path("shops/<slug:slug>/join/end/", joining.join_end, name="join_end"),
]
