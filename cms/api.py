"""The site's API: version 1 for shops, described at `/api/docs` by pages that load nothing from elsewhere."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from advocates.api import router
from advocates.api_errors import StrictParser, add_error_handlers


class LocalDocs(DocsBase):
    """The reference, drawn by the Swagger files that the library ships; no CDN, no inline script or style."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        settings = {
            "url": self.get_openapi_url(api, kwargs),
            "layout": "BaseLayout",
            "deepLinking": True,
            # The badge of an outside service, which would be told of every reader.
            "validatorUrl": None,
        }
        return render(request, "cms/api_docs.html", {"settings": json.dumps(settings), "api": api})


api = NinjaAPI(
    title="Voorspraak",
    version="1.0.0",
    description="Report sales and refunds of your shop, and read what became of them.",
    docs=LocalDocs(),
    parser=StrictParser(),
)
add_error_handlers(api)
api.add_router("/v1", router)
