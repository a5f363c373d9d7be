"""Addresses as the world outside knows them: whole, and in one language each."""

from django.conf import settings
from django.utils.translation import get_language

from advocates.models import Publication


def absolute(path: str) -> str:
    """A path of this site with its scheme and host, whatever host was asked; an address that is whole already stays."""
    return path if path.startswith(("http://", "https://")) else f"{settings.SITE_URL}{path}"


def address_in(path: str, language: str) -> str:
    """The same page, whole, with its menus in this language; the site's own where there are no menus in it."""
    is_prefixed = language != settings.LANGUAGE_CODE and language in dict(settings.LANGUAGES)
    return absolute(f"/{language}{without_language(path)}" if is_prefixed else without_language(path))


def own_address(publication: Publication) -> str:
    """The one address of a publication: in the language that it is written in, however the reader's menus read."""
    return address_in(publication.path, publication.language)


def without_language(path: str) -> str:
    """`/en/boards/` and `/boards/` are both `/boards/`."""
    for code, _name in settings.LANGUAGES:
        if code != settings.LANGUAGE_CODE and path.startswith(f"/{code}/"):
            return path.removeprefix(f"/{code}")
    return path


def current_language() -> str:
    return get_language() or settings.LANGUAGE_CODE
