"""Signing up and in: allauth's flow, with our user and a profile from the first minute."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from advocates import touches
from community import follows, saves
from community.advocate_invitations import invite_newcomer
from community.boards import UnableToChangeBoard
from community.models import User
from community.profiles import create_profile


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the language of the page somebody signs up on, gives everybody a profile, and saves what they wished."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        user.language = get_language() or "nl"
        saved: User = super().save_user(request, user, form, commit=commit)
        if commit:
            create_profile(user=saved, at=timezone.now())
        return saved

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """What somebody bought with this address before is theirs to build on from now on."""
        is_confirmed = bool(super().confirm_email(request, email_address))
        if is_confirmed:
            invite_newcomer(user=email_address.user, at=timezone.now())
        return is_confirmed

    def post_login(self, request: HttpRequest, user: User, **hooked: Any) -> HttpResponse:
        """Go on where somebody was; what she wanted to follow and to save before she logged in is done, and shown."""
        response: HttpResponse = super().post_login(request, user, **hooked)
        at = timezone.now()
        followed = follows.follow_wished(request.session.pop(follows.SESSION_KEY, None), follower=user, at=at)
        wish = saves.from_session(request.session.pop(saves.SESSION_KEY, None), viewer=user, at=at)
        if wish is None:
            return redirect(follows.url_of(followed)) if followed is not None else response
        try:
            key = touches.key_of_person(request)
            saved = saves.save_at_once(wish=wish, by=user, visitor_key=key, at=at)
        except UnableToChangeBoard:
            # The board used last is full: here another one is chosen.
            return redirect(reverse("community:save", query=wish.fields))
        return redirect("community:saved", saved.pin.pk)
