"""Every address of the site, and who answers it."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.views import serve

from cms import sitemaps
from cms.api import api
from cms.views.health import healthz, readyz
from cms.views.metrics import metrics
from community.views import outside
from community.views.search import search

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", api.urls),
    path("stripe/", include("payouts.urls_webhooks")),
    path("go/", include("advocates.urls_go")),
    path("hooks/", include("advocates.urls_hooks")),
    path("oembed", outside.oembed, name="oembed"),
    path("embed/<int:pk>/", outside.embed, name="embed"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemaps"),
    path("sitemap-<slug:section>-<int:part>.xml", sitemaps.sitemap, name="sitemap"),
]

if settings.DEBUG:
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

urlpatterns += i18n_patterns(
    path("", serve, {"path": ""}, name="home"),
    path("search/", search, name="search"),
    path("account/", include("allauth.urls")),
    path("", include("payouts.urls")),
    path("", include("advocates.urls")),
    path("", include("community.urls")),
    path("", include("cms.urls_site")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
