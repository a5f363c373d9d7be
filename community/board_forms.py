"""Forms of the board editor. What a form was filled with travels beside it (`conflicts.digests_of`)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.enums import ContributorRole, PublicationState, Relation
from community.boards import MOST_PINS
from community.forms import LANGUAGES
from community.models import Theme

#: As types rather than endings: a phone then offers its camera roll.
PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/avif,image/heic"
_PERCENT = 100


class NewBoardForm(forms.Form):
    """The name with which a board begins; the rest is said while making it."""

    title = forms.CharField(label=_("Title"), max_length=120)


class BoardForm(forms.Form):
    """What a board says of itself."""

    title = forms.CharField(label=_("Title"), max_length=120)
    description = forms.CharField(
        label=_("What is it about"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    themes = forms.ModelMultipleChoiceField(
        label=_("Themes"),
        queryset=Theme.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=_("Language you write in"), choices=LANGUAGES)
    relation = forms.ChoiceField(
        label=_("Your connection with the shops"),
        choices=Relation.choices,
        help_text=_("If you have a deal with a shop, the board says so by itself, whatever you choose here."),
    )


class BoardStateForm(forms.Form):
    """Who may find a board."""

    state = forms.ChoiceField(label=_("Who may find this board"), choices=PublicationState.choices)


class RoleForm(forms.Form):
    """What somebody who works on a board may do."""

    role = forms.ChoiceField(
        label=_("This person"), choices=ContributorRole.choices, widget=forms.RadioSelect
    )


class PinNoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=1000, required=False)


class HeadingForm(forms.Form):
    """The heading of a section."""

    heading = forms.CharField(label=_("Heading of the section"), max_length=120)


class PlaceForm(forms.Form):
    """The place that a pin shall have, counted from one as people do."""

    place = forms.IntegerField(label=_("Place"), min_value=1, max_value=MOST_PINS)


class PictureWordsForm(forms.Form):
    """What is said of a picture."""

    alt_text = forms.CharField(label=_("What can be seen?"), max_length=250, required=False)
    is_decorative = forms.BooleanField(label=_("Only decoration"), required=False)
    is_made_with_ai = forms.BooleanField(label=_("Made with AI"), required=False)


class HotspotForm(forms.Form):
    """Where a product stands in a picture, in percent of its width and height, and a word about it."""

    left = forms.IntegerField(label=_("From the left, in percent"), min_value=0, max_value=_PERCENT)
    top = forms.IntegerField(label=_("From the top, in percent"), min_value=0, max_value=_PERCENT)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class PicturesInput(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Any number of files, and one at least; each is judged by itself when it is stored."""

    widget = PicturesInput

    def clean(self, data: list[Any], initial: object = None) -> list[Any]:  # noqa: ARG002 -- as Django calls it
        """The files as they came."""
        if not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return data


class PicturesForm(forms.Form):
    """Pictures of one's own, several at once."""

    file = PicturesField(
        label=_("Add pictures of your own"), widget=PicturesInput(attrs={"accept": PICTURE_TYPES})
    )
