"""Forms of the people floor."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.models import User


class SignupNameForm(forms.Form):
    """What allauth's sign-up asks beside the e-mail address."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        help_text=_("As others will see it. You can change it later."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """What allauth calls; the adapter has stored the name already."""
