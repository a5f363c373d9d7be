"""Names of links: addresses that can be said aloud and printed, `/@ada/<name>/`.

A link keeps its name for good, and the name its link, so that what stands on paper leads on.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils.text import slugify
from django.utils.translation import gettext as _

from advocates.models import Link, Publication
from advocates.pasted import visible
from advocates.refusals import Refusal

LONGEST_NAME = 40
_SHORTEST_NAME = 2
#: How the addresses of what is somebody's begin.
_BELOW_A_PERSON = "@<str:handle>/"


class UnableToNameLink(Refusal):
    """The link cannot have this name; `errors` says why, under "name" or ""."""


def name_link(*, link: Link, name: str) -> Link:
    """Give a link of an advocate's own the name under which it can be said: `/@ada/<name>/` leads there.

    A link keeps its name for good, and the name its link: it may have been printed. Raises UnableToNameLink.
    """
    wanted = _checked_name(link, name)
    if link.name == wanted:
        return link
    if link.name:
        raise UnableToNameLink(
            _("This link is called “%(name)s”, and stays so. Make another link for another name.")
            % {"name": link.name}
        )
    try:
        with transaction.atomic():
            Link.objects.filter(pk=link.pk, name="").update(name=wanted)
    except IntegrityError:  # the constraint decides, also between two requests
        raise UnableToNameLink(
            {"name": [_("Another link of yours is called “%(name)s”.") % {"name": wanted}]}
        ) from None
    link.refresh_from_db(fields=["name"])
    return link


def _checked_name(link: Link, name: str) -> str:
    wanted, problem = slugify(name), ""
    if not _SHORTEST_NAME <= len(wanted) <= LONGEST_NAME:
        problem = _("Use %(least)d to %(most)d letters and digits, like oak-stool.") % {
            "least": _SHORTEST_NAME,
            "most": LONGEST_NAME,
        }
    elif wanted in reserved_names(settings.ROOT_URLCONF):
        problem = _("“%(name)s” is an address of the site. Choose another name.") % {"name": wanted}
    elif link.advocate is None or link.publication_id is not None:
        problem = _("Only a link that you made yourself can have a name.")
    elif Publication.objects.filter(
        author=link.advocate.user_id, path__startswith="/@", path__endswith=f"/{wanted}/"
    ).exists():
        problem = _("A board of yours stands at “%(name)s”. Choose another name.") % {"name": wanted}
    if problem:
        raise UnableToNameLink({"name": [problem]})
    return wanted


@cache
def reserved_names(urlconf: str) -> frozenset[str]:
    """What stands below a person's address already, read from the site's addresses themselves."""
    return frozenset(_fixed_parts(get_resolver(urlconf).url_patterns, ""))


def _fixed_parts(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        # The language that stands before an address is no part of it.
        part = "" if isinstance(pattern.pattern, LocalePrefixPattern) else str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _fixed_parts(pattern.url_patterns, before + part)
            continue
        _person, found, rest = (before + part).partition(_BELOW_A_PERSON)
        first = rest.partition("/")[0]
        if found and first and "<" not in first:
            yield first


def names_of(user_id: int) -> set[str]:
    """The names of somebody's links: no board of hers may take such an address."""
    return set(Link.objects.filter(advocate__user=user_id).exclude(name="").values_list("name", flat=True))


def find_named_link(*, handle: str, text: str) -> Link | None:
    """The link of this person that somebody meant by a name, however a text has changed it; as `find_link`."""
    name = slugify(re.split(r"[/?#&]", visible(text).lstrip("/“\"'(<"))[0])
    if not name or len(name) > LONGEST_NAME:
        return None
    links = Link.objects.select_related("shop", "product", "publication", "advocate")
    return links.filter(advocate__user__profile__handle=handle.lower(), name=name).first()


def spoken_path(link: Link) -> str:
    """The shortest address of a link, to be said and printed: by its name if it has one, else by its code."""
    profile = (
        getattr(link.advocate.user, "profile", None) if link.advocate is not None and link.name else None
    )
    return f"/@{profile.handle}/{link.name}/" if profile else link.get_absolute_url()
