"""Forms about what the rules against fraud found: the advocate's answer, and the shop's decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from advocates.enums import FraudDecision


class AnswerForm(forms.Form):
    """What the advocate says about it."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        help_text=_("The shop reads this before it decides."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DecisionForm(forms.Form):
    """What the shop decides, with words for the advocate; for all of a case at once where there is more of it."""

    decision = forms.ChoiceField(
        label=_("What you decide"),
        choices=[
            (FraudDecision.CLEARED.value, _("Nothing wrong: the commission goes on")),
            (FraudDecision.UPHELD.value, _("It is not paid")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note to the advocate"),
        max_length=1000,
        help_text=_("The advocate reads this, with the decision and the rule."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    is_for_case = forms.BooleanField(required=False)

    def __init__(self, *args: Any, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others:
            self.fields["is_for_case"].label = ngettext(
                "Decide the same on the other commission of this case",
                "Decide the same on the %(others)d other commissions of this case",
                others,
            ) % {"others": others}
        else:
            del self.fields["is_for_case"]
