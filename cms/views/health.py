"""Whether this process can serve: for load balancers and supervisors."""

from django.db import connection
from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """200 "ok" when the database answers; the error of the database is a 500, as it should be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
