"""What the house may decide about a run or one of its payouts, as a form."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.models import User
from payouts.gateway import GatewayError
from payouts.models import Payout, SettlementRun
from payouts.reserves import UnableToRelease, void_payout
from payouts.sending import UnableToPark, UnableToRetry, park_payout, retry_payout
from payouts.settlement import UnableToCancel, cancel_run, resume_run

_OF_RUN = ("cancel", "resume")


class UnableToDecide(Exception):
    """The verb refused; the sentence says why."""


class DecisionForm(forms.Form):
    """One decision, with its reason: it stands in the run's history, and the payee reads why something is parked."""

    verb = forms.ChoiceField(
        choices=[
            ("cancel", gettext_lazy("Cancel the run")),
            ("resume", gettext_lazy("Let it go on")),
            ("park", gettext_lazy("Park")),
            ("retry", gettext_lazy("Try again")),
            ("void", gettext_lazy("Give up")),
        ],
        error_messages={"invalid_choice": gettext_lazy("Choose what to do.")},
    )
    payout = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why: it stands in the history of the run.")},
    )

    def __init__(self, *args: Any, run: SettlementRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("verb") in {None, *_OF_RUN}:
            return cleaned
        number = cleaned.get("payout")
        payout = (
            Payout.objects.filter(pk=number, run=self.run).select_related("run").first() if number else None
        )
        if payout is None:
            raise forms.ValidationError(_("Choose a payee of this run."))
        return {**cleaned, "payout": payout}

    def decide(self, *, by: User, at: datetime) -> None:
        """Do it. Raises UnableToDecide when it cannot be done (now)."""
        verb, payout, reason = (self.cleaned_data[name] for name in ("verb", "payout", "reason"))
        try:
            match verb:
                case "cancel":
                    cancel_run(run=self.run, by=by, reason=reason, at=at)
                case "resume":
                    resume_run(run=self.run, by=by, reason=reason, at=at)
                case "park":
                    park_payout(payout=payout, by=by, reason=reason, at=at)
                case "retry":
                    retry_payout(payout=payout, by=by, reason=reason, at=at)
                case "void":
                    void_payout(payout=payout, by=by, reason=reason, at=at)
        except (UnableToCancel, UnableToPark, UnableToRetry, UnableToRelease) as error:
            raise UnableToDecide(str(error)) from error
        except GatewayError as error:
            raise UnableToDecide(
                _("Stripe does not answer as it should (%(error)s). Try again in a few minutes.")
                % {"error": error}
            ) from error
