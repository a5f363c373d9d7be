"""The site's API: version 1 for shops, described at `/api/docs`."""

from ninja import NinjaAPI

api = NinjaAPI(title="Voorspraak", version="1.0.0", description="Report sales and refunds of your shop.")
