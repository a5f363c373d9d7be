"""Links by their names: `/@ada/<name>/` leads where `/go/<code>` would."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe

from advocates.link_names import find_named_link
from advocates.views.go import lead

View = Callable[..., HttpResponse]


def or_named_link(view: View) -> View:
    """A view of `handle` and `slug` that, where it finds nothing, leads through the link of that name."""

    @wraps(view)
    def answer(request: HttpRequest, handle: str, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, handle, slug, *args, **kwargs)
        except Http404:
            link = find_named_link(handle=handle, text=slug) if request.method in {"GET", "HEAD"} else None
            if link is None:
                raise
        return lead(request, link)

    return answer


@require_safe
def named_link(request: HttpRequest, handle: str, rest: str) -> HttpResponse:
    """What stands below a person's address and is nothing else: a link's name, with what a text left on it."""
    link = find_named_link(handle=handle, text=rest)
    if link is not None:
        return lead(request, link)
    if not rest.endswith("/") and _is_address(f"{request.path_info}/"):
        return redirect(request.get_full_path(force_append_slash=True), permanent=True)
    raise Http404


def _is_address(path: str) -> bool:
    """Whether a page stands here that is not this one."""
    try:
        return resolve(path).url_name != "named_link"
    except Resolver404:
        return False
