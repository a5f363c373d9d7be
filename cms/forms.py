"""Forms of the site floor."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.enums import Relation
from community.forms import LANGUAGES, PICTURE_TYPES
from community.models import Picture, Theme, User


class NewPostForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    language = forms.ChoiceField(label=_("Language you write in"), choices=LANGUAGES)


class PostForm(forms.Form):
    """A story but for its blocks, which the editor sends as JSON beside it."""

    title = forms.CharField(label=_("Title"), max_length=120)
    intro = forms.CharField(
        label=_("Intro"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    cover = forms.ModelChoiceField(
        queryset=Picture.objects.none(), required=False, widget=forms.HiddenInput, label=_("Cover")
    )
    cover_file = forms.FileField(
        label=_("Cover"), required=False, widget=forms.FileInput(attrs={"accept": PICTURE_TYPES})
    )
    cover_alt = forms.CharField(
        label=_("What can be seen on the cover"),
        max_length=250,
        required=False,
        help_text=_("For who cannot see it."),
    )
    cover_is_decorative = forms.BooleanField(label=_("The cover is only decoration"), required=False)
    cover_is_removed = forms.BooleanField(label=_("Take the cover away"), required=False)
    language = forms.ChoiceField(label=_("Language you write in"), choices=LANGUAGES)
    themes = forms.ModelMultipleChoiceField(
        label=_("Themes"), queryset=Theme.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    relation = forms.ChoiceField(
        label=_("Your connection with the shops"),
        choices=Relation.choices,
        help_text=_("If you have a deal with a shop, the story says so by itself, whatever you choose here."),
    )

    def __init__(self, *args: Any, author: User, cover: Picture | None, **kwargs: Any) -> None:
        """`cover` is the story's present one; another must be a picture that `author` uploaded."""
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["cover"]
        chosen.queryset = Picture.objects.filter(
            Q(uploaded_by_user=author) | Q(pk=cover.pk if cover is not None else None)
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        has_cover = (data.get("cover") or data.get("cover_file")) and not data.get("cover_is_removed")
        if has_cover and not data.get("cover_alt") and not data.get("cover_is_decorative"):
            self.add_error("cover_alt", _("Say what can be seen on the cover, or mark it as decoration."))
        return data


class StoryPictureForm(forms.Form):
    file = forms.FileField()
