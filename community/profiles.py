"""Profiles: who somebody is on the site."""

import re
import unicodedata
from datetime import datetime

from django.db import IntegrityError, transaction

from community.enums import ProfileRole
from community.models import Picture, Profile, User

#: Handles that would stand in the way of an address of the site, or pass for the house.
RESERVED_HANDLES = frozenset({"admin", "voorspraak", "moderator", "support", "help", "staff", "root", "api"})
_SHORTEST, _LONGEST = 3, 30


def create_profile(
    *, user: User, at: datetime, handle: str | None = None, role: ProfileRole = ProfileRole.CUSTOMER
) -> Profile:
    """The profile of a new user, under the handle asked for or one made from the name."""
    wanted = handle or handle_from(user.name or user.email.partition("@")[0])
    for candidate in _candidates(wanted):
        try:
            with transaction.atomic():
                return Profile.objects.create(user=user, handle=candidate, role=role, created_at=at)
        except IntegrityError:
            if Profile.objects.filter(user=user).exists():
                raise
    raise AssertionError("Handles do not run out.")


def handle_from(name: str) -> str:
    """A handle made from a name: "Zoë van Dam" -> "zoe-van-dam"; too short ones are filled up."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    return slug if len(slug) >= _SHORTEST else f"{slug or 'lid'}-{'lid'}".strip("-")


def _candidates(wanted: str) -> list[str]:
    numbered = [f"{wanted[: _LONGEST - 5].rstrip('-')}-{number}" for number in range(2, 1000)]
    return numbered if wanted in RESERVED_HANDLES else [wanted, *numbered]


@transaction.atomic
def change_profile(*, profile: Profile, name: str, portrait: Picture | None = None) -> Profile:
    """Store what the form has put on the profile, with the name, and a new portrait if there is one."""
    profile.user.name = name
    profile.user.save(update_fields=["name"])
    if portrait is not None:
        profile.portrait = portrait
    profile.save()
    return profile
