"""Printed cards of links, for whoever may print them."""

from django.http import Http404, HttpRequest, HttpResponse

from advocates.link_cards import LANGUAGES, SIZES, card_of, card_pdf, card_svg
from advocates.models import Link

#: What a card may be drawn as.
KINDS = ("pdf", "svg")


def card_answer(request: HttpRequest, link: Link, *, size: str, language: str, kind: str) -> HttpResponse:
    """One card to keep; 404 for a size, language or kind that there is not."""
    if size not in SIZES or language not in LANGUAGES or kind not in KINDS:
        raise Http404
    base_url = request.build_absolute_uri("/").rstrip("/")
    card = card_of(link=link, language=language, base_url=base_url)
    if kind == "pdf":
        response = HttpResponse(card_pdf(card, size=SIZES[size]), content_type="application/pdf")
    else:
        response = HttpResponse(card_svg(card, size=SIZES[size]), content_type="image/svg+xml")
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'"
    name = f"{link.name or link.code}-{size}-{language}.{kind}"
    # A picture is also shown on the page it is offered on; a file is kept either way.
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response
