"""The tables of docs/tax.md are what the code does."""

from pathlib import Path

import pytest

from payouts.enums import TaxProfile, TaxTreatment
from payouts.tax_rules import (
    Customer,
    FeeVat,
    rate_of_treatment,
    treatment_of,
    vat_in_fee,
    vat_on,
    vat_taken_back,
)

DOCS = (Path(__file__).resolve().parents[2] / "docs/tax.md").read_text()


def rows_under(heading):
    """The rows of the first table below a heading, as lists of cells."""
    section = DOCS.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    table = next(part for part in section.split("\n\n") if part.startswith("|"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return rows[2:]


@pytest.mark.parametrize("row", rows_under("Which treatment"))
def test_treatment_goes_by_the_table(row):
    profile, country, agreed, shop_in, shop_number, treatment, rate = row
    for may_self_bill in {"yes": [True], "no": [False], "—": [True, False]}[agreed]:
        found = treatment_of(
            profile=TaxProfile(profile),
            country=country,
            customer=Customer(shop_in, shop_number),
            may_self_bill=may_self_bill,
        )

        assert (found, rate_of_treatment(found)) == (treatment, int(rate))


def test_the_table_has_every_profile_and_every_treatment():
    rows = rows_under("Which treatment")

    assert {row[0] for row in rows} == set(TaxProfile)
    assert {row[5] for row in rows} == set(TaxTreatment)


@pytest.mark.parametrize("row", rows_under("VAT of a payout"))
def test_vat_of_a_payout_goes_by_the_table(row):
    commissions, taken_back, rate, earlier, on_invoice, on_note, sent = row[1:]
    net = int(commissions) - int(taken_back)
    charged = vat_on(net, int(rate))
    back, now = 0, 0
    if earlier:
        amounts, _at, earlier_rate = earlier.partition(" at ")
        invoiced, before, now = (int(part) for part in amounts.split(" / "))
        back = vat_taken_back(
            invoiced_minor=invoiced, rate_bps=int(earlier_rate), before_minor=before, now_minor=now
        )

    assert (charged, -back, net + charged - now - back) == (int(on_invoice), int(on_note), int(sent))


@pytest.mark.parametrize("row", rows_under("The platform's fee"))
def test_vat_in_the_fee_goes_by_the_table(row):
    shop_in, shop_number, fee, treatment, rate, net, vat = row
    found = vat_in_fee(fee_minor=int(fee), customer=Customer(shop_in, shop_number))

    assert found == FeeVat(TaxTreatment(treatment), int(rate), int(net), int(vat))


@pytest.mark.parametrize("parts", [[1] * 1005, [333, 333, 339], [1004, 1], [2000], [1005, 500]])
def test_parts_taken_back_come_to_the_vat_of_the_whole(parts):
    before, total = 0, 0
    for part in parts:
        total += vat_taken_back(invoiced_minor=1005, rate_bps=2100, before_minor=before, now_minor=part)
        before += part

    assert total == vat_on(1005, 2100)
