"""Forms that narrow a ledger down."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

from advocates.desk_forms import AmountField
from payouts.enums import AccountKind, TransactionKind
from payouts.ledger_reading import Choice

_DATE = forms.DateInput(attrs={"type": "date"})
_DECIMAL = {"inputmode": "decimal"}


class LedgerForm(forms.Form):
    """Which entries of an account: of which step, from when to when, between which amounts. Empty asks for all."""

    step = forms.ChoiceField(
        label=_("Step"), choices=[("", _("All")), *TransactionKind.choices], required=False
    )
    since = forms.DateField(label=_("From"), required=False, widget=_DATE)
    until = forms.DateField(label=_("Up to and including"), required=False, widget=_DATE)
    least = AmountField(
        label=_("Amount from"), required=False, max_length=20, widget=forms.TextInput(attrs=_DECIMAL)
    )
    most = AmountField(
        label=_("Amount to"), required=False, max_length=20, widget=forms.TextInput(attrs=_DECIMAL)
    )

    def choice(self, **fields: Any) -> Choice:
        """What was asked for; the form is valid."""
        asked = self.cleaned_data
        return Choice(
            step=asked["step"],
            since=_midnight(asked["since"]),
            until=_midnight(asked["until"] + timedelta(days=1)) if asked["until"] else None,
            least_minor=asked["least"],
            most_minor=asked["most"],
            **fields,
        )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until.year > 9000:  # noqa: PLR2004 -- a day later must be a date too
            raise forms.ValidationError(_("Choose an earlier date."))
        return until


class WholeLedgerForm(LedgerForm):
    """Which entries of all the books."""

    field_order = ("account_kind", "shop", "advocate", "step", "since", "until", "least", "most")

    account_kind = forms.ChoiceField(
        label=_("Account"), choices=[("", _("All")), *AccountKind.choices], required=False
    )
    shop = forms.CharField(label=_("Shop"), max_length=120, required=False)
    advocate = forms.CharField(label=_("Advocate"), max_length=120, required=False)

    def choice(self, **fields: Any) -> Choice:
        named = {name: self.cleaned_data[name] for name in ("account_kind", "shop", "advocate")}
        return super().choice(**named, **fields)


def _midnight(date: Any) -> datetime | None:
    return datetime.combine(date, time.min, get_default_timezone()) if date else None
