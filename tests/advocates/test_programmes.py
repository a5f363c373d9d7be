from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from advocates.deals import deal_in_force
from advocates.enums import ProgrammeState
from advocates.models import Programme
from advocates.programmes import (
    UnableToChangeProgramme,
    change_programme,
    close_programme,
    create_programme,
    open_programme,
    open_programme_of,
)
from tests.factories import NOW, make_deal, make_shop

pytestmark = pytest.mark.django_db


def test_create_programme_is_a_draft():
    shop = make_shop()

    programme = create_programme(
        shop=shop, name=" Vrienden  van klei ", description=" Wees eerlijk. ", at=NOW
    )

    assert (programme.name, programme.description, programme.state) == (
        "Vrienden van klei",
        "Wees eerlijk.",
        "draft",
    )
    assert open_programme_of(shop=shop) is None


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 81}, "name"),
        ({"name": "N", "description": "d" * 3001}, "description"),
    ],
)
def test_create_programme_refuses_with_a_word_at_the_field(fields, where):
    with pytest.raises(UnableToChangeProgramme) as refused:
        create_programme(shop=make_shop(), at=NOW, **fields)

    assert list(refused.value.errors) == [where]
    assert Programme.objects.count() == 0


def test_change_programme_changes_its_words_alone():
    programme = make_deal(make_shop()).programme

    change_programme(programme=programme, name="Klei-vrienden", description="")

    stored = Programme.objects.get()
    assert (stored.name, stored.description, stored.state) == ("Klei-vrienden", "", ProgrammeState.OPEN)


def test_open_programme_needs_terms():
    programme = create_programme(shop=make_shop(), name="Vrienden", at=NOW)

    with pytest.raises(UnableToChangeProgramme, match="terms"):
        open_programme(programme=programme, at=NOW)

    assert Programme.objects.get().state == ProgrammeState.DRAFT


def test_a_shop_has_one_open_programme():
    shop = make_shop()
    first = make_deal(shop).programme

    with pytest.raises(UnableToChangeProgramme, match="Another programme"):
        make_deal(shop)

    assert open_programme_of(shop=shop) == first


def test_the_database_refuses_a_second_open_programme():
    shop = make_shop()
    make_deal(shop)

    with pytest.raises(IntegrityError, match="programme_one_open_per_shop"), transaction.atomic():
        Programme.objects.create(shop=shop, name="Tweede", state=ProgrammeState.OPEN, created_at=NOW)


def test_a_sale_before_the_closing_is_under_the_deal_and_one_after_it_is_not():
    shop = make_shop()
    deal = make_deal(shop, at=NOW - timedelta(days=10))

    close_programme(programme=deal.programme, at=NOW)

    assert deal_in_force(shop=shop, at=NOW - timedelta(days=11)) is None
    assert deal_in_force(shop=shop, at=NOW - timedelta(days=1)) == deal
    assert deal_in_force(shop=shop, at=NOW) is None


def test_closing_again_does_not_move_the_closing():
    deal = make_deal(make_shop())

    close_programme(programme=deal.programme, at=NOW)
    again = close_programme(programme=deal.programme, at=NOW + timedelta(days=5))

    assert again.closed_at == NOW


def test_a_programme_can_be_opened_again():
    shop = make_shop()
    deal = make_deal(shop, at=NOW - timedelta(days=10))
    close_programme(programme=deal.programme, at=NOW)

    programme = open_programme(programme=deal.programme, at=NOW + timedelta(days=5))

    assert (programme.state, programme.closed_at) == (ProgrammeState.OPEN, None)
    assert programme.opened_at == NOW - timedelta(days=10)
    assert open_programme_of(shop=shop) == programme
