"""Forms of claims: making one, deciding on one, and the appeal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.claims import claimable_shops
from advocates.enums import ClaimRefusal
from advocates.models import Advocate, Publication, Shop

_WORDS = forms.Textarea(attrs={"rows": 5})


class ClaimForm(forms.Form):
    """“I sent this customer.”"""

    shop = forms.ModelChoiceField(label=_("Shop"), queryset=Shop.objects.none())
    order_number = forms.CharField(
        label=_("Order number"), max_length=100, help_text=_("As it stands on the buyer's confirmation.")
    )
    publication = forms.ModelChoiceField(
        label=_("Through what you published"),
        queryset=Publication.objects.none(),
        required=False,
        empty_label=_("None of these"),
    )
    statement = forms.CharField(
        label=_("What happened"),
        max_length=1000,
        help_text=_("Who the buyer is to you, what you advised, and when. The shop reads this."),
        widget=_WORDS,
    )

    def __init__(self, *args: Any, advocate: Advocate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops, publications = self.fields["shop"], self.fields["publication"]
        assert isinstance(shops, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        assert isinstance(publications, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        shops.queryset = claimable_shops(advocate)
        publications.queryset = Publication.objects.filter(author=advocate.user_id).order_by(
            "-published_at", "-pk"
        )


class RefuseForm(forms.Form):
    """Why a claim is refused."""

    refusal = forms.ChoiceField(
        label=_("Why you refuse it"), choices=ClaimRefusal.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note to the advocate"),
        max_length=1000,
        help_text=_("The advocate reads this, and the editors if there is an appeal."),
        widget=_WORDS,
    )


class GrantForm(forms.Form):
    """A word with a claim that is granted."""

    note = forms.CharField(
        label=_("Note to the advocate"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AppealForm(forms.Form):
    """Why an advocate does not agree."""

    text = forms.CharField(
        label=_("What should the editors look at?"),
        max_length=1000,
        help_text=_("They read your claim, the shop's answer and this. The shop reads it too."),
        widget=_WORDS,
    )


class AppealDecisionForm(forms.Form):
    """What the editors decide."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("grant", _("Grant the claim after all")), ("uphold", _("Let the refusal stand"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note to both sides"),
        max_length=1000,
        help_text=_("The advocate and the shop read it."),
        widget=_WORDS,
    )
