"""Forms of the site floor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.enums import Relation
from community.forms import LANGUAGES, PICTURE_TYPES
from community.models import Theme


class NewPostForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    language = forms.ChoiceField(label=_("Language you write in"), choices=LANGUAGES)


class PostForm(forms.Form):
    """A story but for its blocks, which the editor sends as JSON beside it."""

    title = forms.CharField(label=_("Title"), max_length=120)
    intro = forms.CharField(
        label=_("Intro"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    cover_file = forms.FileField(
        label=_("Cover"), required=False, widget=forms.FileInput(attrs={"accept": PICTURE_TYPES})
    )
    cover_alt = forms.CharField(
        label=_("What can be seen on the cover"),
        max_length=250,
        required=False,
        help_text=_("For who cannot see it. Leave it empty only when the picture is mere decoration."),
    )
    language = forms.ChoiceField(label=_("Language you write in"), choices=LANGUAGES)
    themes = forms.ModelMultipleChoiceField(
        label=_("Themes"), queryset=Theme.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    relation = forms.ChoiceField(
        label=_("Your connection with the shops"),
        choices=Relation.choices,
        help_text=_("If you have a deal with a shop, the story says so by itself, whatever you choose here."),
    )


class StoryPictureForm(forms.Form):
    file = forms.FileField()
