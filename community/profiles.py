"""Profiles: who somebody is on the site."""

import re
import unicodedata
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.enums import PublicationKind
from advocates.models import Publication
from community.enums import ProfileRole
from community.models import PastHandle, Picture, Profile, User

#: Handles that would stand in the way of an address of the site, or pass for the house.
RESERVED_HANDLES = frozenset({"admin", "voorspraak", "moderator", "support", "help", "staff", "root", "api"})
#: Each change keeps a handle from everybody else for good, so that there cannot be many.
HANDLE_DAYS = 30
_SHORTEST, _LONGEST = 3, 30


class UnableToChangeHandle(Exception):
    """The handle cannot be changed to this one, or not now; the message says why."""


def create_profile(
    *, user: User, at: datetime, handle: str | None = None, role: ProfileRole = ProfileRole.CUSTOMER
) -> Profile:
    """The profile of a new user, under the handle asked for or one made from the name."""
    wanted = handle or handle_from(user.name or user.email.partition("@")[0])
    for candidate in _candidates(wanted):
        if PastHandle.objects.filter(handle=candidate).exists():
            continue
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


def current_handle(past: str) -> str | None:
    """The handle of who had this one before; None if nobody had."""
    moved = PastHandle.objects.filter(handle=past, profile__user__is_active=True)
    return moved.values_list("profile__handle", flat=True).first()


def is_free(handle: str, *, profile: Profile) -> bool:
    """Whether this person may have this handle: nobody has it, nobody else had it, and the house does not keep it."""
    if handle in RESERVED_HANDLES or Profile.objects.filter(handle=handle).exclude(pk=profile.pk).exists():
        return False
    return not PastHandle.objects.filter(handle=handle).exclude(profile=profile).exists()


@transaction.atomic
def change_profile(*, profile: Profile, name: str, portrait: Picture | None = None, at: datetime) -> Profile:
    """Store what the form has put on the profile, with the name, and a new portrait if there is one.

    Raises UnableToChangeHandle, and then nothing is stored.
    """
    wanted = profile.handle
    profile.handle = Profile.objects.select_for_update().values_list("handle", flat=True).get(pk=profile.pk)
    profile.user.name = name
    profile.user.save(update_fields=["name"])
    if portrait is not None:
        profile.portrait = portrait
    profile.save()
    if wanted != profile.handle:
        change_handle(profile=profile, handle=wanted, at=at)
    return profile


@transaction.atomic
def change_handle(*, profile: Profile, handle: str, at: datetime) -> Profile:
    """Give somebody another handle, once in HANDLE_DAYS. The old one leads on, and stays theirs to take back.

    Boards stand under the handle, so that their publications' addresses move along. Raises UnableToChangeHandle.
    """
    if not is_free(handle, profile=profile):
        raise UnableToChangeHandle(_("Somebody has this handle, or had it: choose another one."))
    last = profile.past_handles.order_by("-changed_at").first()
    if last is not None and at < (again_at := last.changed_at + timedelta(days=HANDLE_DAYS)):
        raise UnableToChangeHandle(
            _("You changed your handle lately. You can change it again on %(day)s.")
            % {"day": date_format(localtime(again_at), "DATE_FORMAT")}
        )
    old = profile.handle
    profile.past_handles.filter(handle=handle).delete()
    profile.handle = handle
    try:
        with transaction.atomic():
            profile.save(update_fields=["handle"])
            PastHandle.objects.create(profile=profile, handle=old, changed_at=at)
    except IntegrityError:
        # Somebody else was quicker.
        profile.handle = old
        raise UnableToChangeHandle(_("Somebody has this handle, or had it: choose another one.")) from None
    boards = Publication.objects.filter(
        author=profile.user, kind=PublicationKind.BOARD, path__startswith=f"/@{old}/"
    )
    boards.update(path=Concat(Value(f"/@{handle}/"), Substr("path", len(f"/@{old}/") + 1)))
    return profile
