"""Signing up and in: allauth's flow, with our user and a profile from the first minute."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from community.models import User
from community.profiles import create_profile


class AccountAdapter(DefaultAccountAdapter):
    """Keeps the language of the page somebody signs up on, and gives everybody a profile."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        user.language = get_language() or "nl"
        saved: User = super().save_user(request, user, form, commit=commit)
        if commit:
            create_profile(user=saved, at=timezone.now())
        return saved
