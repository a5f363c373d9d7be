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
    """A story but for its blocks, which the editor sends as JSON beside it.

    `is_final` asks for what a draft may still miss; `needs_title` is off only where a draft saves itself.
    """

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
    is_guide = forms.BooleanField(
        label=_("This is a buying guide"),
        help_text=_("It helps somebody choose, whatever the choice."),
        required=False,
    )
    themes = forms.ModelMultipleChoiceField(
        label=_("Themes"), queryset=Theme.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    relation = forms.ChoiceField(
        label=_("Your connection with the shops"),
        choices=Relation.choices,
        help_text=_("If you have a deal with a shop, the story says so by itself, whatever you choose here."),
    )

    #: What this draft is based on, and the revision that the same sitting stored before (see posts.save_draft).
    version = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    sitting = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        author: User,
        cover: Picture | None,
        is_final: bool = False,
        needs_title: bool = True,
        **kwargs: Any,
    ) -> None:
        """`cover` is the story's present one; another must be a picture that `author` uploaded."""
        super().__init__(*args, **kwargs)
        self.is_final = is_final
        self.fields["title"].required = needs_title
        chosen: Any = self.fields["cover"]
        chosen.queryset = Picture.objects.filter(
            Q(uploaded_by_user=author) | Q(pk=cover.pk if cover is not None else None)
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        has_cover = (data.get("cover") or data.get("cover_file")) and not data.get("cover_is_removed")
        if self.is_final and has_cover and not data.get("cover_alt") and not data.get("cover_is_decorative"):
            self.add_error("cover_alt", _("Say what can be seen on the cover, or mark it as decoration."))
        return data


class StoryPictureForm(forms.Form):
    file = forms.FileField()
