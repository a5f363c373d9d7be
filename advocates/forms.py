"""Forms of the advocate's own screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Enrolment
from advocates.refusals import Refusal


class LinkForm(forms.Form):
    """A link of one's own to a page of a shop one has a deal with."""

    url = forms.URLField(
        label=_("Page in the shop"),
        max_length=2000,
        assume_scheme="https",
        help_text=_("The address of any page of a shop you have a deal with."),
    )
    channel = forms.CharField(
        label=_("Where you will use it"),
        max_length=30,
        required=False,
        help_text=_("For instance: instagram, newsletter. Each gets a link and figures of its own."),
    )


class CodeForm(forms.Form):
    """A discount code for one enrolment."""

    enrolment = forms.ModelChoiceField(label=_("Programme"), queryset=Enrolment.objects.none())
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("3 to 30 letters and digits, as ADA10. It stays yours for good."),
    )

    def __init__(self, *args: object, advocate: Advocate, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        field = self.fields["enrolment"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        active = Enrolment.objects.filter(advocate=advocate, state="active")
        field.queryset = active.select_related("programme__shop", "advocate__user")
        field.label_from_instance = lambda obj: str(obj.programme.shop)  # type: ignore[method-assign]


def show_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put each of a verb's messages at the field that it speaks of."""
    for field, messages in refusal.errors.items():
        for message in messages:
            form.add_error(field if field in form.fields else None, message)
