"""Forms in which people speak: comments, questions, answers. All of it is plain text."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from advocates.enums import Relation
from advocates.models import Product
from community.answers import MOST_PRODUCTS
from community.forms import LANGUAGES
from community.models import Theme

#: Signs that turn the reading direction of what stands beside them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class PlainTextField(forms.CharField):
    """Text of several lines without markup: control signs and signs that turn the line are left out, and no more
    than one empty line stands between paragraphs.
    """

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\r\n?", "\n", super().to_python(value) or "")
        text = re.sub(r"[ \t]+\n", "\n", _without_tricks(text))
        return _seen(re.sub(r"\n{3,}", "\n\n", text).strip())


class PlainLineField(forms.CharField):
    """One line of text without markup, control signs, or signs that turn it."""

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\s+", " ", super().to_python(value) or "")
        return _seen(_without_tricks(text).strip())


def _without_tricks(text: str) -> str:
    return "".join(
        sign
        for sign in text
        if sign in "\n\t" or (sign not in _TURNING and unicodedata.category(sign) not in {"Cc", "Cs"})
    )


def _seen(text: str) -> str:
    """The text, or nothing where all of it is invisible."""
    return text if any(unicodedata.category(sign)[0] not in "CZ" for sign in text) else ""


class CommentForm(forms.Form):
    text = PlainTextField(label=_("Your comment"), max_length=2000, rows=4)


class QuestionForm(forms.Form):
    """A question; only one to a person asks for themes (those of a thing are known)."""

    title = PlainLineField(
        label=_("Your question"),
        max_length=150,
        help_text=_("In one sentence, as you would ask it at a counter."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = PlainTextField(
        label=_("More about it"),
        max_length=2000,
        required=False,
        rows=5,
        help_text=_("What is it for? What have you tried?"),
    )
    themes = forms.ModelMultipleChoiceField(
        label=_("Themes"), queryset=Theme.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=_("Language you write in"), choices=LANGUAGES)

    def __init__(self, *args: Any, is_to_person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_to_person:
            del self.fields["themes"]


class AnswerForm(forms.Form):
    """An answer, and the products it mentions, in the order in which they were chosen."""

    text = PlainTextField(label=_("Your answer"), max_length=5000, rows=7)
    products = forms.ModelMultipleChoiceField(
        label=_("Products you mention"),
        queryset=Product.objects.with_offer(),
        required=False,
        widget=forms.MultipleHiddenInput,
        error_messages={
            "invalid_choice": _("One of the products is not in the catalogue any more: choose again."),
            "invalid_pk_value": _("One of the products is not in the catalogue any more: choose again."),
        },
    )
    relation = forms.ChoiceField(
        label=_("Your connection with these products"),
        choices=Relation.choices,
        required=False,
        help_text=_(
            "If you have a deal with a shop, your answer says so by itself, whatever you choose here."
        ),
    )

    def clean_products(self) -> list[Product]:
        chosen = list(self.cleaned_data["products"])
        if len(chosen) > MOST_PRODUCTS:
            raise forms.ValidationError(most_products_text())
        asked = self.data.getlist("products") if hasattr(self.data, "getlist") else []
        place = {pk: number for number, pk in enumerate(asked)}
        return sorted(chosen, key=lambda product: place.get(str(product.pk), len(place)))

    def clean_relation(self) -> Relation:
        return Relation(self.cleaned_data["relation"] or Relation.NONE)


def most_products_text() -> str:
    """What is said to who mentions more products than an answer holds."""
    return gettext("An answer mentions %(most)d products at most: leave one out.") % {"most": MOST_PRODUCTS}
