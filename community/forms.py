"""Forms of the people floor."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from advocates.enums import PublicationState, Relation
from community.enums import ProfileRole
from community.models import Profile, Theme, User
from community.profiles import RESERVED_HANDLES

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
            "handle": _("Your page stands at /@handle/. Links to an old handle stop working."),
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
        return handle


class BoardForm(forms.Form):
    """What a board says of itself."""

    title = forms.CharField(label=_("Title"), max_length=120)
    description = forms.CharField(
        label=_("What is it about"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    language = forms.ChoiceField(label=_("Language you write in"), choices=LANGUAGES)
    themes = forms.ModelMultipleChoiceField(
        label=_("Themes"),
        queryset=Theme.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    relation = forms.ChoiceField(
        label=_("Your connection with the shops"),
        choices=Relation.choices,
        help_text=_("If you have a deal with a shop, the board says so by itself, whatever you choose here."),
    )


class BoardStateForm(forms.Form):
    """Who may find a board."""

    state = forms.ChoiceField(
        label=_("Who may find this board"), choices=PublicationState.choices, widget=forms.RadioSelect
    )


class PinNoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class PinPictureForm(forms.Form):
    """A picture of one's own for a board."""

    file = forms.FileField(
        label=_("Add a picture of your own"), widget=forms.FileInput(attrs={"accept": PICTURE_TYPES})
    )
    alt_text = forms.CharField(
        label=_("What can be seen"),
        max_length=250,
        required=False,
        help_text=_("For who cannot see it. Leave it empty only when the picture is mere decoration."),
    )
    note = forms.CharField(label=_("Note"), max_length=1000, required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE:
            raise forms.ValidationError(
                _("The picture is larger than %(size)d MB: save it smaller and try again.")
                % {"size": settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE // (1024 * 1024)}
            )
        return file
