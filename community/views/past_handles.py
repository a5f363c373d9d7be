"""Addresses with a handle that somebody had before lead on to the one of today."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from community.profiles import current_handle

View = Callable[..., HttpResponse]


def leads_on(view: View) -> View:
    """A view of `handle` that, where it finds nothing, leads to the same page of who had this handle before."""

    @wraps(view)
    def answer(request: HttpRequest, handle: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not handle.isprintable():
            raise Http404
        try:
            return view(request, handle, *args, **kwargs)
        except Http404:
            now = current_handle(handle.lower())
            if now is None:
                raise
        address = request.get_full_path().replace(f"/@{handle}/", f"/@{now}/", 1)
        return redirect(address, permanent=True)

    return answer
