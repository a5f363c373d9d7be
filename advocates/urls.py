"""Addresses of the advocate's studio and the shop's desk."""

from django.urls import path

from advocates import urls_desk, urls_webhooks
from advocates.views import (
    buying,
    claims,
    cookies,
    decisions,
    findings,
    recipe,
    studio,
    studio_insight,
    studio_ledger,
    studio_links,
)

app_name = "advocates"
urlpatterns = [
    path("buy/<int:pk>/", buying.buy, name="buy"),
    path("bought/<uuid:pk>/", buying.purchase, name="purchase"),
    path("cookies/", cookies.cookies, name="cookies"),
    path("recompute.py", recipe.recipe, name="recipe"),
    path("studio/links/", studio_links.links, name="links"),
    path("studio/links/new/", studio_links.link_new, name="link_new"),
    path("studio/links/<int:pk>/", studio_links.link, name="link"),
    path(
        "studio/links/<int:pk>/cards/<slug:size>-<slug:language>.<slug:kind>",
        studio_links.link_card,
        name="link_card",
    ),
    path("studio/links/<int:pk>/name/", studio_links.link_name, name="link_name"),
    path("studio/links/<int:pk>/retire/", studio_links.link_retire, name="link_retire"),
    path("studio/links/<int:pk>/reopen/", studio_links.link_reopen, name="link_reopen"),
    path("studio/codes/new/", studio_links.code_new, name="code_new"),
    path("studio/codes/<int:pk>/retire/", studio_links.code_retire, name="code_retire"),
    path("studio/insight/", studio_insight.studio_insight, name="studio_insight"),
    path("studio/insight/<slug:table>.csv", studio_insight.studio_insight_csv, name="studio_insight_csv"),
    path("studio/earnings/", studio.earnings, name="earnings"),
    path("studio/earnings/file/", studio.earnings_file, name="earnings_file"),
    path("studio/earnings/<uuid:pk>/", studio.share, name="share"),
    path("studio/earnings/<uuid:pk>/inputs/", studio.share_inputs, name="share_inputs"),
    path("studio/ledger/", studio_ledger.studio_ledger, name="ledger"),
    path("studio/ledger/ledger.csv", studio_ledger.studio_ledger_csv, name="ledger_csv"),
    path("studio/decisions/", decisions.decisions, name="decisions"),
    path("studio/decisions/<int:pk>/", decisions.decision, name="decision"),
    path("studio/held/", findings.findings, name="findings"),
    path("studio/held/<int:pk>/", findings.finding, name="finding"),
    path("studio/claims/", claims.claims, name="claims"),
    path("studio/claims/new/", claims.claim_new, name="claim_new"),
    path("studio/claims/<int:pk>/", claims.claim, name="claim"),
    path("studio/claims/<int:pk>/appeal/", claims.claim_appeal, name="claim_appeal"),
    path("studio/claims/<int:pk>/withdraw/", claims.claim_withdraw, name="claim_withdraw"),
    *urls_desk.urlpatterns,
    *urls_webhooks.urlpatterns,
]
