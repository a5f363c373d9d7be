from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from advocates.codes import (
    RESERVED_CODES,
    UnableToCreateCode,
    create_code,
    find_code,
    normalise,
    retire_code,
    suggest_codes,
)
from advocates.enrolments import end_enrolment
from advocates.models import Code, Enrolment
from tests.factories import NOW, make_deal, make_enrolment, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    return make_deal(make_shop())


@pytest.fixture
def ada_joined(deal):
    return make_enrolment(make_user("Ada Vermeer"), deal)


@pytest.fixture
def eve_joined(deal):
    return make_enrolment(make_user("Eve Stranger"), deal)


@pytest.mark.parametrize(
    "typed", ["ADA10", "ada10", " Ada 10 ", "ada-10", "A-D-A–1 0", "ＡＤＡ１０", "ada\u200b10"]
)
def test_a_code_is_kept_without_what_people_put_in(ada_joined, typed):
    code = create_code(enrolment=ada_joined, code=typed, at=NOW)

    assert Code.objects.values_list("code", "enrolment", "programme").get() == (
        "ADA10",
        ada_joined.pk,
        ada_joined.programme_id,
    )
    assert create_code(enrolment=ada_joined, code="ADA10", at=NOW) == code


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "3 to 30"),
        ("A1", "3 to 30"),
        ("A" * 31, "3 to 30"),
        ("ADA!", "letters and digits only"),
        ("ADÁ10", "letters and digits only"),
        ("ADA%10", "letters and digits only"),
        ("kort-ing", "shops use for everybody"),
        ("Voorspraak", "shops use for everybody"),
    ],
)
def test_a_code_that_cannot_be_is_refused_at_its_field(ada_joined, typed, word):
    with pytest.raises(UnableToCreateCode, match=word) as refused:
        create_code(enrolment=ada_joined, code=typed, at=NOW)

    assert list(refused.value.errors) == ["code"]
    assert Code.objects.count() == 0


def test_reserved_words_are_written_as_they_are_compared():
    assert {normalise(word) for word in RESERVED_CODES} == RESERVED_CODES


def test_a_code_belongs_to_the_first_whatever_its_capitals(ada_joined, eve_joined):
    code = create_code(enrolment=ada_joined, code="ADA10", at=NOW)

    with pytest.raises(UnableToCreateCode, match="in use"):
        create_code(enrolment=eve_joined, code="ada 10", at=NOW)

    assert Code.objects.get() == code


@pytest.mark.parametrize("typed", ["ADAIO", "adal0", "A-D-A 1O"])
def test_a_code_that_looks_like_somebody_elses_is_refused(ada_joined, eve_joined, typed):
    """A buyer who misreads ADA10 would credit Eve."""
    create_code(enrolment=ada_joined, code="ADA10", at=NOW)

    with pytest.raises(UnableToCreateCode, match="in use"):
        create_code(enrolment=eve_joined, code=typed, at=NOW)

    assert create_code(enrolment=ada_joined, code=typed, at=NOW).code == normalise(typed)


@pytest.mark.parametrize("typed", ["K0RTING", "WELK0M", "kort1ng", "АDA10", "ADA𝟏0é"])
def test_a_reserved_word_in_disguise_and_foreign_letters_are_refused(ada_joined, typed):
    with pytest.raises(UnableToCreateCode):
        create_code(enrolment=ada_joined, code=typed, at=NOW)

    assert not Code.objects.exists()


def test_a_code_never_passes_to_somebody_else(ada_joined, eve_joined):
    code = create_code(enrolment=ada_joined, code="ADA10", at=NOW)
    retire_code(code=code, at=NOW)
    end_enrolment(enrolment=ada_joined, by=ada_joined.advocate.user, at=NOW)

    with pytest.raises(UnableToCreateCode, match="was in use"):
        create_code(enrolment=eve_joined, code="ADA10", at=NOW)

    assert Code.objects.get().enrolment == ada_joined


def test_suggested_codes_are_free_and_made_from_the_names(
    deal, ada_joined, eve_joined, django_assert_num_queries
):
    retire_code(code=create_code(enrolment=eve_joined, code="ada", at=NOW), at=NOW)
    rows = list(Enrolment.objects.select_related("programme__shop", "advocate__user").order_by("pk"))

    with django_assert_num_queries(1):
        suggested = suggest_codes(enrolments=rows, at=NOW)

    assert suggested == {
        ada_joined.pk: ["ADAKLEI", "ADAVERMEER", "ADA26", "KLEIADA"],
        eve_joined.pk: ["EVE", "EVEKLEI", "EVESTRANGER", "EVE26"],
    }
    assert create_code(enrolment=ada_joined, code=suggested[ada_joined.pk][0], at=NOW).code == "ADAKLEI"


@pytest.mark.parametrize("name", ["李 小龙", "Sale", "Z", "Zoë " + "x" * 70])
def test_each_suggested_code_can_be_had(deal, name):
    joined = make_enrolment(make_user(name, email="zoe@example.com"), deal)

    [codes] = suggest_codes(enrolments=[joined], at=NOW).values()

    assert codes
    assert [create_code(enrolment=joined, code=code, at=NOW).code for code in codes] == codes


def test_a_retired_code_stays_retired(ada_joined):
    code = create_code(enrolment=ada_joined, code="ADA10", at=NOW)
    retire_code(code=code, at=NOW)
    retire_code(code=code, at=NOW + timedelta(days=1))

    with pytest.raises(UnableToCreateCode, match="was in use"):
        create_code(enrolment=ada_joined, code="ADA10", at=NOW + timedelta(days=2))

    assert Code.objects.get().retired_at == NOW


def test_two_programmes_may_know_the_same_code(ada_joined):
    other = make_enrolment(make_user("Eve Stranger"), make_deal(make_shop()))

    create_code(enrolment=ada_joined, code="TAFEL", at=NOW)
    create_code(enrolment=other, code="TAFEL", at=NOW)

    assert Code.objects.filter(code="TAFEL").count() == 2


def test_who_has_no_deal_gets_no_code(ada_joined):
    end_enrolment(enrolment=ada_joined, by=ada_joined.advocate.user, at=NOW)

    with pytest.raises(UnableToCreateCode, match="no deal"):
        create_code(enrolment=ada_joined, code="ADA10", at=NOW)


@pytest.mark.parametrize("typed", ["ADA10", "ada10", " ada-10 ", "Ada 10"])
def test_find_code_forgives_how_a_buyer_types(ada_joined, typed):
    """Trap 29: a stray space or dash loses nobody a sale."""
    code = create_code(enrolment=ada_joined, code="ADA10", at=NOW)

    assert find_code(programme=ada_joined.programme, text=typed, at=NOW) == code


@pytest.mark.parametrize("typed", ["", "-", "ADA11", "A" * 5000, "ADA10;--"])
def test_find_code_finds_no_other(ada_joined, typed):
    create_code(enrolment=ada_joined, code="ADA10", at=NOW)

    assert find_code(programme=ada_joined.programme, text=typed, at=NOW) is None


def test_find_code_knows_when_a_code_was_in_use(ada_joined):
    code = create_code(enrolment=ada_joined, code="ADA10", at=NOW - timedelta(days=9))
    retire_code(code=code, at=NOW)

    programme = ada_joined.programme
    assert find_code(programme=programme, text="ADA10", at=NOW - timedelta(days=1)) == code
    assert find_code(programme=programme, text="ADA10", at=NOW) is None


def test_the_database_refuses_a_code_twice_in_one_programme(ada_joined, eve_joined):
    create_code(enrolment=ada_joined, code="ADA10", at=NOW)

    with pytest.raises(IntegrityError, match="code_once_per_programme"), transaction.atomic():
        Code.objects.create(
            enrolment=eve_joined, programme=eve_joined.programme, code="ada10", created_at=NOW
        )
