"""The form of a deal: its terms, with a row for each rate, step and bonus; and that of a budget."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.desk_forms import AmountField, RateField
from advocates.enums import AttributionModel, CodePrecedence
from advocates.models import Product, Shop
from advocates.terms import MAX_ORDERS, BonusTerm, RateTerm, Terms, TierTerm, category_path

#: Rows of a kind that a deal may have, and how many empty ones a page offers.
_MOST_ROWS = 40
_EMPTY_ROWS = 3
_DECIMAL = {"inputmode": "decimal"}


@dataclass(frozen=True)
class Row:
    """Two fields beside each other: what it is for, and how much it is."""

    what: BoundField
    amount: BoundField


def _number(label: object) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MAX_ORDERS, required=False)  # type: ignore[arg-type]


def _percentage(label: object, help_text: object = "") -> RateField:
    return RateField(
        label=label,  # type: ignore[arg-type]  # a lazy text is a text
        max_length=12,
        required=False,
        help_text=help_text,  # type: ignore[arg-type]
        widget=forms.TextInput(attrs=_DECIMAL),
    )


class DealForm(forms.Form):
    """The terms of a new version of the deal; its fields are those of `Terms`, with rows beside them."""

    rate_bps = RateField(
        label=_("Commission"),
        max_length=12,
        help_text=_("A percentage of what the buyer pays, without VAT, shipping and discount."),
        widget=forms.TextInput(attrs=_DECIMAL),
    )
    new_customer_rate_bps = _percentage(
        _("Commission on a customer’s first order"),
        _(
            "Empty: the same. The order says whether its buyer is new; else the buyer’s e-mail address does. Where "
            "neither is reported, an order counts as a first one."
        ),
    )
    is_first_order_only = forms.BooleanField(
        label=_("Only a customer’s first order earns a commission"), required=False
    )
    model = forms.ChoiceField(
        label=_("When several people led to an order"),
        choices=AttributionModel.choices,
        widget=forms.RadioSelect,
    )
    first_bps = RateField(
        label=_("Part of the first"),
        max_length=12,
        help_text=_("Only used with “position”."),
        widget=forms.TextInput(attrs=_DECIMAL),
    )
    last_bps = RateField(
        label=_("Part of the last"),
        max_length=12,
        help_text=_("Those between share what is left; of two each gets half."),
        widget=forms.TextInput(attrs=_DECIMAL),
    )
    half_life_days = forms.IntegerField(
        label=_("Days after which a touch counts half"),
        min_value=1,
        max_value=365,
        help_text=_("Only used with time decay."),
    )
    counts_views = forms.BooleanField(label=_("Looking at a story or board counts too"), required=False)
    counts_saves = forms.BooleanField(label=_("Saving a product counts too"), required=False)
    counts_answers = forms.BooleanField(label=_("Reading an answer counts too"), required=False)
    window_days = forms.IntegerField(label=_("Days that a click counts"), min_value=1, max_value=365)
    hold_days = forms.IntegerField(
        label=_("Days after delivery before a commission is due"),
        min_value=0,
        max_value=365,
        help_text=_("At least the time in which an order may be returned."),
    )
    code_precedence = forms.ChoiceField(
        label=_("When a code and a link lead to the same order"),
        choices=CodePrecedence.choices,
        widget=forms.RadioSelect,
    )
    is_paid_search_allowed = forms.BooleanField(
        label=_("Advocates may advertise their links in search engines"),
        required=False,
        help_text=_(
            "Without this, an order after a click on such an advertisement is held for you to look at: often it "
            "stands on your own name, and the customer was on the way to you."
        ),
    )
    cap_minor = AmountField(
        label=_("Most that one order may cost you"),
        max_length=30,
        required=False,
        help_text=_("All its advocates together. Empty: no limit."),
        widget=forms.TextInput(attrs=_DECIMAL),
    )
    advocate_cap_minor = AmountField(
        label=_("Most that one advocate earns in a month"),
        max_length=30,
        required=False,
        help_text=_("Bonuses not counted. Empty: no limit."),
        widget=forms.TextInput(attrs=_DECIMAL),
    )

    def __init__(self, data: Any = None, *, shop: Shop, terms: Terms) -> None:
        plain = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
        super().__init__(data, initial=plain | _initial_rows(terms))
        self._shop = shop
        self._add_rows("rate", len(terms.rates))
        self._add_rows("tier", len(terms.tiers))
        self._add_rows("bonus", len(terms.bonuses))

    def rate_rows(self) -> list[Row]:
        return self._rows("rate")

    def tier_rows(self) -> list[Row]:
        return self._rows("tier")

    def bonus_rows(self) -> list[Row]:
        return self._rows("bonus")

    def has_rates(self) -> bool:
        return self._has_words("rate")

    def has_tiers(self) -> bool:
        return self._has_words("tier")

    def has_bonuses(self) -> bool:
        return self._has_words("bonus")

    def terms(self) -> Terms:
        """What was filled in, as terms; for a form that is valid."""
        data = self.cleaned_data
        plain = {name: data[name] for name in Terms.__dataclass_fields__ if name in self.fields}
        return Terms(
            **plain
            | {
                "new_customer_rate_bps": plain["new_customer_rate_bps"] or None,
                "currency": self._shop.currency,
                "model": AttributionModel(data["model"]),
                "code_precedence": CodePrecedence(data["code_precedence"]),
                "rates": tuple(data["rates"]),
                "tiers": tuple(data["tiers"]),
                "bonuses": tuple(data["bonuses"]),
            }
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["rates"] = list(self._rates())
        data["tiers"] = [
            TierTerm(from_order=int(number), extra_bps=int(rate))
            for _row, number, rate in self._filled("tier")
        ]
        data["bonuses"] = [
            BonusTerm(orders=int(number), amount_minor=int(amount))
            for _row, number, amount in self._filled("bonus")
        ]
        return data

    def _add_rows(self, kind: str, known: int) -> None:
        sent = sum(f"{kind}_{number}_what" in self.data for number in range(_MOST_ROWS))
        for number in range(min(max(known + _EMPTY_ROWS, sent), _MOST_ROWS)):
            what, amount = self._row_fields(kind)
            self.fields[f"{kind}_{number}_what"] = what
            self.fields[f"{kind}_{number}_amount"] = amount

    def _row_fields(self, kind: str) -> tuple[forms.Field, forms.Field]:
        if kind == "rate":
            what = forms.CharField(
                label=_("Product or category"),
                max_length=750,
                required=False,
                widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
            )
            return what, _percentage(_("Commission"))
        if kind == "tier":
            return _number(_("From order number")), _percentage(_("On top"))
        amount = AmountField(
            label=_("Bonus"), max_length=30, required=False, widget=forms.TextInput(attrs=_DECIMAL)
        )
        return _number(_("Orders in a month")), amount

    def _numbers(self, kind: str) -> Iterable[int]:
        return (number for number in range(_MOST_ROWS) if f"{kind}_{number}_what" in self.fields)

    def _rows(self, kind: str) -> list[Row]:
        return [
            Row(self[f"{kind}_{number}_what"], self[f"{kind}_{number}_amount"])
            for number in self._numbers(kind)
        ]

    def _has_words(self, kind: str) -> bool:
        """Whether anything stands in a row of this kind, so that it is shown open."""
        return any(row.what.value() or row.amount.value() for row in self._rows(kind))

    def _filled(self, kind: str) -> list[tuple[int, Any, Any]]:
        """The rows that are filled in whole; half a row is an error at what is missing."""
        rows = []
        for number in self._numbers(kind):
            names = f"{kind}_{number}_what", f"{kind}_{number}_amount"
            what, amount = (self.cleaned_data.get(name) for name in names)
            missing = [name for name, value in zip(names, (what, amount), strict=True) if value in {None, ""}]
            if len(missing) == 1 and missing[0] not in self.errors:
                self.add_error(missing[0], _now("Fill this in too, or empty the row."))
            elif not missing:
                rows.append((number, what, amount))
        return rows

    def _rates(self) -> Iterable[RateTerm]:
        rows = self._filled("rate")
        products = self._products([what for _number, what, _rate in rows])
        for number, what, rate_bps in rows:
            product = products.get(what)
            category = "" if product else self._category(what)
            if product or category:
                yield RateTerm(rate_bps=rate_bps, product=product, category=category)
                continue
            self.add_error(
                f"rate_{number}_what",
                _now(
                    "None of your products has this number or title, and none is in a category of this name."
                ),
            )

    def _products(self, named: Sequence[str]) -> dict[str, Product]:
        """The shop's products by what they were called: their number goes before their title."""
        mine = Product.objects.filter(shop=self._shop)
        found = list(mine.filter(Q(external_id__in=named) | Q(title__in=named))) if named else []
        return {one.title: one for one in found} | {one.external_id: one for one in found}

    def _category(self, what: str) -> str:
        """The category as the shop's products write it, if any of them is in it or below it."""
        wanted = category_path(what)
        depth = len(wanted.split(" > "))
        for category in self.categories():
            above = " > ".join(category.split(" > ")[:depth])
            if wanted and above.casefold() == wanted.casefold():
                return above
        return ""

    def categories(self) -> list[str]:
        """Every category of the shop's products, and each above it."""
        if not hasattr(self, "_categories"):
            stored = Product.objects.filter(shop=self._shop).exclude(category="").order_by("category")
            paths = (category_path(text) for text in stored.values_list("category", flat=True).distinct())
            levels = [path.split(" > ") for path in paths]
            above = {" > ".join(path[:depth]) for path in levels for depth in range(1, len(path) + 1)}
            self._categories = sorted(above - {""})
        return self._categories


def _initial_rows(terms: Terms) -> dict[str, object]:
    initial: dict[str, object] = {}
    for number, rate in enumerate(terms.rates):
        initial[f"rate_{number}_what"] = rate.product.external_id if rate.product else rate.category
        initial[f"rate_{number}_amount"] = rate.rate_bps
    for number, tier in enumerate(terms.tiers):
        initial[f"tier_{number}_what"] = tier.from_order
        initial[f"tier_{number}_amount"] = tier.extra_bps
    for number, bonus in enumerate(terms.bonuses):
        initial[f"bonus_{number}_what"] = bonus.orders
        initial[f"bonus_{number}_amount"] = bonus.amount_minor
    return initial


class BudgetForm(forms.Form):
    """An amount that is set aside for a programme, or taken out."""

    amount_minor = AmountField(label=_("Amount"), max_length=30, widget=forms.TextInput(attrs=_DECIMAL))

    def clean_amount_minor(self) -> int:
        amount = self.cleaned_data["amount_minor"]
        if not amount:
            raise ValidationError(_now("Choose an amount above zero."))
        return int(amount)
