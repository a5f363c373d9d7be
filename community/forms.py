"""Forms of the people floor."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.enums import ProfileRole
from community.models import Profile, User
from community.profiles import RESERVED_HANDLES, is_free

LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
PICTURE_TYPES = ".jpg,.jpeg,.png,.webp,.avif,.heic"


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


class ProfileForm(forms.ModelForm[Profile]):
    """What somebody says of themselves. An employee's role is given by the shop, and is not chosen here."""

    name = forms.CharField(label=_("Name"), max_length=80)
    portrait_file = forms.FileField(
        label=_("Portrait"), required=False, widget=forms.FileInput(attrs={"accept": PICTURE_TYPES})
    )

    class Meta:
        model = Profile
        fields: ClassVar[list[str]] = ["handle", "role", "tagline", "bio", "website"]
        widgets: ClassVar[dict[str, Any]] = {"bio": forms.Textarea(attrs={"rows": 6})}
        help_texts: ClassVar[dict[str, Any]] = {
            "handle": _("Your page stands at /@handle/. Addresses with an old handle go on leading to you."),
            "role": _("As whom you speak. It stands beside your name everywhere."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.instance.user.name
        if self.instance.works_at_id:
            del self.fields["role"]
        else:
            choices = [choice for choice in ProfileRole.choices if choice[0] != ProfileRole.EMPLOYEE]
            self.fields["role"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField by its model
        self.order_fields(["name", "handle", "role", "tagline", "bio", "website", "portrait_file"])

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"]
        if handle in RESERVED_HANDLES:
            raise forms.ValidationError(_("This handle is kept free: choose another one."))
        if not is_free(handle, profile=self.instance):
            raise forms.ValidationError(_("Somebody has this handle, or had it: choose another one."))
        return handle
