"""What the pages share on which people speak to each other."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from advocates.querysets import Viewer
from community.models import User
from community.mutes import is_block_between


def way_back(request: HttpRequest, *, default: str) -> str:
    """Where somebody came from, as the form or address says; never to another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else default


def is_parted(viewer: Viewer, *people: User | None) -> bool:
    """Whether there is a block between the viewer and one of these people: then their page is not there."""
    others = [person for person in people if person is not None and person.pk != viewer.pk]
    return any(is_block_between(viewer, person) for person in others)
