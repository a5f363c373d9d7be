"""Which part of the site an address belongs to."""

from django.conf import settings
from django.http import HttpRequest

#: Rooms of one person or one shop.
_PERSONAL = ("account", "desk", "studio")


def is_personal(request: HttpRequest) -> bool:
    """Whether the address belongs to a room of one person or one shop, in whatever language."""
    path = request.path_info.lstrip("/")
    language, _slash, rest = path.partition("/")
    room = rest if language in dict(settings.LANGUAGES) else path
    return room.partition("/")[0] in _PERSONAL
