"""The request of somebody who is logged in, as views below `login_required` get it."""

from django.http import HttpRequest

from community.models import User


class SignedInRequest(HttpRequest):
    """Says to the type checker what `login_required` has seen to."""

    user: User
    is_preview: bool = False
