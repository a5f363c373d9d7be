"""Forms of reviews: writing, answering, reporting, deciding, and bringing them from elsewhere."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from community.enums import ReportOutcome, ReportReason
from community.forms import PICTURE_TYPES
from community.models import Review
from community.pictures import CleanPicture, UnableToStorePicture, clean_picture
from community.review_imports import MOST_BYTES, UnableToReadReviews, text_of
from community.reviews import MOST_PICTURES, Judgement

STAR_CHOICES = [
    (1, _("1 star")),
    (2, _("2 stars")),
    (3, _("3 stars")),
    (4, _("4 stars")),
    (5, _("5 stars")),
]


class PicturesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several pictures at once, each decoded and cleaned (`CleanPicture`); at most MOST_PICTURES."""

    widget = PicturesInput

    def clean(self, data: Any, initial: Any = None) -> list[CleanPicture]:
        files = data if isinstance(data, list) else [data] if data else []
        if len(files) > MOST_PICTURES:
            raise forms.ValidationError(
                _now("At most %(most)d pictures fit with a review.") % {"most": MOST_PICTURES}
            )
        return [self._cleaned(file, initial) for file in files]

    def _cleaned(self, file: Any, initial: Any) -> CleanPicture:
        super().clean(file, initial)
        try:
            return clean_picture(file)
        except UnableToStorePicture as error:
            raise forms.ValidationError(f"{file.name}: {error}") from error


class JudgementForm(forms.Form):
    """What somebody says of one product. Left wholly empty it says nothing, unless it is required."""

    stars = forms.TypedChoiceField(
        label=_("Stars"),
        choices=STAR_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one to five stars.")},
    )
    title = forms.CharField(label=_("In one line"), max_length=120, required=False)
    text = forms.CharField(
        label=_("Your experience"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("How you use it, what it changed, for whom it is something."),
    )
    less_good = forms.CharField(
        label=_("What is less good about it"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    pictures = PicturesField(
        label=_("Pictures of your own"),
        required=False,
        widget=PicturesInput(attrs={"accept": PICTURE_TYPES}),
    )

    def __init__(self, *args: Any, is_required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_required = is_required
        # Stars are always asked for where something is said: no "optional" beside them.
        self.fields["stars"].widget.is_required = False

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        says = [data.get(name) for name in ("title", "text", "less_good", "pictures")]
        if "stars" not in self.errors and not data.get("stars") and (self.is_required or any(says)):
            self.add_error("stars", _now("Choose one to five stars."))
        if self.errors and self.files.getlist(self.add_prefix("pictures")):
            # A browser does not send a file again by itself.
            self.add_error("pictures", _now("Choose your pictures once more: they were not kept."))
        return data

    def judgement(self) -> Judgement | None:
        """What was said; None where nothing was."""
        data = self.cleaned_data
        if not data.get("stars"):
            return None
        return Judgement(
            stars=data["stars"],
            title=data["title"],
            text=data["text"],
            less_good=data["less_good"],
            pictures=data["pictures"],
        )


class NameForm(forms.Form):
    """The name that stands with reviews of somebody who may have no account."""

    name = forms.CharField(
        label=_("Your name, as others see it"),
        max_length=80,
        help_text=_("A first name is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )


class ReviewForm(JudgementForm):
    """A review by somebody who is logged in, without an order."""

    name = NameForm.base_fields["name"]
    is_received = forms.BooleanField(
        label=_("I received it for free, or at a lower price, from the shop or the maker"),
        required=False,
        help_text=_("That is allowed; it is said with your review."),
    )


class ReviewChangeForm(JudgementForm):
    """The same review said otherwise; its pictures may go, new ones may come. `seen` says which version was there."""

    name = NameForm.base_fields["name"]
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    removed = forms.TypedMultipleChoiceField(
        label=_("Take away"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.pk, one.position) for one in review.review_pictures.all()]
        self.fields["removed"].choices = choices  # type: ignore[attr-defined]  # a choice field, as declared


class ReplyForm(forms.Form):
    """The shop's answer to a review. `seen` says which version of it was on the screen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Everybody reads it, with your name and your shop's."),
    )


class ReportForm(forms.Form):
    """Why a shop wants a review looked at."""

    reason = forms.ChoiceField(
        label=_("What is the matter"), choices=ReportReason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(label=_("Tell us more"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


class DecisionForm(forms.Form):
    """What the house decides on a report."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=ReportOutcome.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The shop reads it; if you hide the review, its author too."),
    )


class LookForm(forms.Form):
    """What the house decides on a review that waits for a look."""

    is_shown = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("yes", _("Show it")), ("no", _("Hide it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why you hide it"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Its author reads it."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("is_shown") is False and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _now("Say why: the author has a right to know."))
        return data


class ReviewFileForm(forms.Form):
    """A CSV file of reviews from elsewhere."""

    source_name = forms.CharField(
        label=_("Where they come from"),
        max_length=80,
        help_text=_("It stands with each of them, as “Imported from Kiyoh”."),
    )
    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv"}))

    def clean_file(self) -> str:
        try:
            return text_of(self.cleaned_data["file"].read(MOST_BYTES + 1))
        except UnableToReadReviews as error:
            raise forms.ValidationError(str(error)) from error


class ReviewRowsForm(forms.Form):
    """The same file again, after its preview."""

    source_name = forms.CharField(max_length=80, widget=forms.HiddenInput)
    content = forms.CharField(max_length=MOST_BYTES, strip=False, widget=forms.HiddenInput)
