"""What Stripe calls. A verified event is stored and answered with 200, whatever it is about; all else follows later."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payouts.inbox import Endpoint, UnableToReceive, receive_event


# Stripe has no session and no form: its signature over the body is what it is known by.
@csrf_exempt
@require_POST
def webhook(request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
    """Answers 200 to each event that Stripe signed, and 400 to everything else."""
    try:
        receive_event(
            body=request.body,
            signature=request.headers.get("Stripe-Signature", ""),
            endpoint=endpoint,
            at=timezone.now(),
        )
    except UnableToReceive as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=200)
