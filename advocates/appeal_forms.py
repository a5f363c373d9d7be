"""Forms about rejected commissions: the rejection itself, the appeal against it, and what is decided on that."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.models import Deal
from advocates.term_sentences import terms_sentences
from payouts.enums import RejectionReason
from payouts.models.party import LEAST_REVIEW_DAYS, MOST_REVIEW_DAYS

_WORDS = forms.Textarea(attrs={"rows": 5})


class RejectForm(forms.Form):
    """Why one commission is not paid: the reason, what happened, and the term of the deal where it is against one."""

    reason = forms.ChoiceField(label=_("Reason"), choices=RejectionReason.choices, widget=forms.RadioSelect)
    clause = forms.ChoiceField(
        label=_("Which term"),
        required=False,
        help_text=_(
            "Only where it is against the terms of the deal. The advocate reads it with your decision."
        ),
    )
    note = forms.CharField(
        label=_("Note to the advocate"),
        max_length=1000,
        help_text=_("She reads this beside the sale. Say what happened, so that she can check it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, deal: Deal | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clause = self.fields["clause"]
        assert isinstance(clause, forms.ChoiceField)  # noqa: S101 -- for the type checker
        sentences = terms_sentences(deal) if deal else []
        clause.choices = [("", "–"), *((sentence, sentence) for sentence in sentences)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_against = cleaned.get("reason") == RejectionReason.AGAINST_TERMS
        if is_against and "clause" not in self.errors and not cleaned.get("clause"):
            self.add_error("clause", _now("Say which term of the deal it is against."))
        if not is_against:
            cleaned["clause"] = ""
        return cleaned


class ReviewDaysForm(forms.Form):
    """Within how many days a shop decides."""

    review_days = forms.IntegerField(
        label=_("Days to review a commission once it is due"),
        min_value=LEAST_REVIEW_DAYS,
        max_value=MOST_REVIEW_DAYS,
        help_text=_(
            "What you have not decided on by then is approved. For commissions from now on; those that wait keep "
            "their date."
        ),
    )


class AppealTextForm(forms.Form):
    """Why an advocate does not agree with a rejection."""

    text = forms.CharField(
        label=_("Why the decision is wrong"),
        max_length=2000,
        help_text=_(
            "Say what happened, and what shows it. Who decides on this reads it, and so does the shop."
        ),
        widget=_WORDS,
    )


class AppealAnswerForm(forms.Form):
    """What is decided on an appeal."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("grant", _("The rejection was wrong: the commission is owed again")),
            ("refuse", _("The rejection stands")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note to both sides"),
        max_length=1000,
        help_text=_("What you looked at, and why you decide so. The advocate and the shop read it."),
        widget=_WORDS,
    )
