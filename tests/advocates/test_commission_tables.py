"""The worked tables of docs/commissions.md, run as they stand there."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from advocates.enums import Reason
from advocates.models import RefundLine, SaleLine
from advocates.refunds import RefundLineReport, RefundReport, record_refund, reversals_of
from advocates.split import (
    AdvocateFacts,
    Inputs,
    LineFacts,
    RateFacts,
    SaleFacts,
    TermsFacts,
    TierFacts,
    TouchFacts,
    split,
)
from payouts.money import parse_minor
from tests.advocates.market import NOW, Market, line_report

DOC = Path(__file__).resolve().parents[2] / "docs" / "commissions.md"


@dataclass
class Example:
    title: str
    facts: dict[str, str] = field(default_factory=dict)
    tables: list[list[dict[str, str]]] = field(default_factory=list)

    @property
    def people(self):
        names = [row["who"] for row in self.tables[0]]
        return [name for name in dict.fromkeys(names) if name != "nobody"]


def read_examples():
    text = DOC.read_text().split("## Worked tables")[1].split("## Recompute")[0]
    return [read_example(part) for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]]


def read_example(part):
    title, _newline, body = part.partition("\n")
    example = Example(title)
    for block in re.split(r"\n\s*\n", body.strip()):
        if fact := re.match(r"\*\*(\w+):\*\* (.+)", block):
            example.facts[fact.group(1)] = fact.group(2)
        elif block.startswith("|"):
            rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in block.splitlines()]
            example.tables.append([dict(zip(rows[0], cells, strict=True)) for cells in rows[2:]])
    return example


EXAMPLES = read_examples()


def cents(text):
    return parse_minor(text, "EUR")


def terms_of(example):
    rate, model, window, precedence, *rest = example.facts["Deal"].split(" · ")
    named = {text.rpartition(" ")[0]: text.rpartition(" ")[2] for text in rest}
    half_life = next((text.split()[1] for text in rest if text.startswith("half-life")), "7")
    return {
        "rate_bps": cents(rate.removesuffix(" %")),
        "model": model.split()[0],
        "window_days": int(window.split()[1]),
        "code_precedence": precedence,
        "half_life_days": int(half_life),
        "cap_minor": cents(named["cap"]) if "cap" in named else None,
        "budget_left_minor": cents(named["budget left"]) if "budget left" in named else None,
    }


def percent(text):
    return cents(text.removesuffix(" %").removeprefix("+"))


def own_terms_of(example):
    """What only some deals say: "rate Wonen > Vazen 20 %", "step 3 +5 %", "assists view save", "first orders only"."""
    rest = example.facts["Deal"].split(" · ")[4:]
    rates = [text.removeprefix("rate ").rsplit(" ", 2) for text in rest if text.startswith("rate ")]
    products = [text.removeprefix("product ").rsplit(" ", 2) for text in rest if text.startswith("product ")]
    steps = [text.split(" ", 2) for text in rest if text.startswith("step ")]
    new = [text.removeprefix("first order ") for text in rest if text.startswith("first order ")]
    parts = example.facts["Deal"].split(" · ")[1].partition(" ")[2]
    first, last = parts.split("/") if parts else ("40", "40")
    assists = [text.split()[1:] for text in rest if text.startswith("assists ")]
    return {
        "first_bps": cents(first),
        "last_bps": cents(last),
        "assists": tuple(assists[0]) if assists else (),
        "new_customer_rate_bps": percent(new[0]) if new else None,
        "is_first_order_only": "first orders only" in rest,
        "rates": (
            *[RateFacts(cents(rate), category=name) for name, rate, _sign in rates],
            *[RateFacts(cents(rate), product=number_of(name)) for name, rate, _sign in products],
        ),
        "tiers": tuple(TierFacts(int(number), percent(extra)) for _step, number, extra in steps),
    }


def number_of(name):
    """A product as a number, the same wherever the table names it."""
    return sum(map(ord, name))


def months_of(example, numbers):
    """ "Ada 2 orders, 3.00 left; Bea 5 orders": what each did in her month before this order."""
    facts = []
    for part in filter(None, example.facts.get("Month", "").split("; ")):
        name, _space, told = part.partition(" ")
        orders, left = re.search(r"(\d+) orders?", told), re.search(r"([\d.]+) left", told)
        facts.append(
            AdvocateFacts(
                numbers[name], int(orders.group(1)) if orders else 0, cents(left.group(1)) if left else None
            )
        )
    return tuple(facts)


def inputs_of(example):
    touches, lines = example.tables[0], example.tables[1]
    numbers = {name: number for number, name in enumerate(example.people, 1)}
    buyer = {"new": True, "returning": False}
    return Inputs(
        sale=SaleFacts(
            placed_at=NOW, currency="EUR", is_new_customer=buyer.get(example.facts.get("Buyer", ""))
        ),
        terms=TermsFacts(deal=1, version=1, **terms_of(example), **own_terms_of(example)),
        lines=tuple(
            LineFacts(
                row["line"],
                cents(row["gross"]),
                cents(row["discount"]),
                cents(row["VAT"]),
                number_of(row["line"]),
                row.get("category", ""),
            )
            for row in lines
            if row["line"] != "all"
        ),
        advocates=months_of(example, numbers),
        touches=tuple(
            TouchFacts(
                id=f"t{index:02}",
                kind=row["what"],
                occurred_at=NOW - timedelta(days=int(row["days"])),
                advocate=numbers.get(row["who"]),
                enrolment=None if row["note"] == "not enrolled" else numbers.get(row["who"]),
                is_own=row["note"] == "own",
                is_suspended=row["note"] == "suspended",
                is_employee=row["note"] == "employee",
                is_other_shop=row["note"] == "other shop",
            )
            for index, row in enumerate(touches)
        ),
    )


def test_the_document_has_its_examples():
    assert len(EXAMPLES) == 32


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_split_comes_to_the_table(example):
    result = split(inputs_of(example))

    credits_ = {credit.touch.id: (credit.weight, credit.reason) for credit in result.credits}
    touches = example.tables[0]
    assert [credits_[f"t{index:02}"] for index in range(len(touches))] == [
        (int(row["weight"]), row["why not"]) for row in touches
    ]
    assert result.reason == example.facts.get("Outcome", "")
    numbers = {name: number for number, name in enumerate(example.people, 1)}
    shares = {share.advocate: share for share in result.shares}
    rows = [row for row in example.tables[1] if row["line"] != "all"]
    for index, row in enumerate(rows):
        line = result.lines[index]
        assert (line.base_minor, line.commission_minor) == (cents(row["base"]), cents(row["commission"]))
        if "rate" in row:
            assert line.rate_bps == percent(row["rate"])
        for name in set(row) & set(numbers):
            amounts = shares[numbers[name]].amounts
            assert (name, sum(amounts[index : index + 1])) == (name, cents(row[name]))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_the_row_of_all_is_the_sum(example):
    rows = example.tables[1]
    columns = [name for name in rows[0] if name not in {"line", "pieces", "category", "rate"}]
    if rows[-1]["line"] == "all":
        for column in columns:
            assert sum(cents(row[column]) for row in rows[:-1]) == cents(rows[-1][column])
    else:
        assert all(row["line"] != "all" for row in rows)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_reasons_are_words_we_know(example):
    told = {row["why not"] for row in example.tables[0]} | {example.facts.get("Outcome", "")}

    assert told <= {"", *Reason.values}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if len(example.tables) == 3],
    ids=lambda example: example.title,
)
def test_refunds_come_to_the_table(example):
    terms = {key: value for key, value in terms_of(example).items() if key != "budget_left_minor"}
    market = Market(**terms)
    touches = example.tables[0]
    advocates = {name: market.advocate(name) for name in example.people}
    clicks = [market.click(advocates[row["who"]], days=int(row["days"])) for row in touches]
    sale = market.sell(
        click_id=str(clicks[-1].pk),
        shipping_minor=cents(example.facts["Shipping"]),
        lines=tuple(
            line_report(
                row["line"],
                gross=cents(row["gross"]),
                discount=cents(row["discount"]),
                vat=cents(row["VAT"]),
                quantity=int(row["pieces"]),
            )
            for row in example.tables[1]
        ),
    )
    names = {advocate.pk: name for name, advocate in advocates.items()}
    for row in example.tables[2]:
        refund, _is_new = record_refund(sale=sale, report=refund_of(row), at=NOW + timedelta(days=2))
        given_back = dict.fromkeys(SaleLine.objects.filter(sale=sale).values_list("line_id", flat=True), 0)
        for line in RefundLine.objects.filter(refund=refund).select_related("sale_line"):
            given_back[line.sale_line.line_id] = line.amount_minor
        taken_back = {
            names[reversal.commission.share.advocate_id]: reversal.amount_minor
            for reversal in reversals_of(refund)
        }
        told = {name: cents(row[name]) for name in row if name not in {"refund", "what"}}
        assert {**given_back, **taken_back} == told


def refund_of(row):
    report = {"external_id": row["refund"], "refunded_at": NOW + timedelta(days=1)}
    if re.fullmatch(r"[\d.]+", row["what"]):
        return RefundReport(**report, amount_minor=cents(row["what"]))
    pieces = [part.split(" ", 1) for part in row["what"].split(", ")]
    return RefundReport(
        **report, lines=tuple(RefundLineReport(line_id, int(quantity)) for quantity, line_id in pieces)
    )
