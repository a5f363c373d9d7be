"""The standalone script that computes a sale again, for whoever wants to check us without us."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

RECIPE = Path("docs", "recompute.py")


@require_safe
def recipe(_request: HttpRequest) -> FileResponse:
    """Give the script; it is the same for everybody."""
    file = (settings.BASE_DIR / RECIPE).open("rb")
    response = FileResponse(file, as_attachment=True, filename=RECIPE.name, content_type="text/x-python")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
