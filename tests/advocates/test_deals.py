"""Deals: terms, their versions, the notice that a change takes, and their plain words."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from advocates.deals import (
    NOTICE_DAYS,
    BonusTerm,
    RateTerm,
    Terms,
    TierTerm,
    UnableToPublishDeal,
    deal_in_force,
    notice_days_for,
    publish_deal,
    terms_of,
    terms_sentences,
)
from advocates.enums import AttributionModel, CodePrecedence
from advocates.models import Deal, Product
from advocates.programmes import create_programme
from advocates.shops import add_member
from advocates.term_sentences import rate_words
from tests.factories import NOW, make_deal, make_product, make_shop, make_user

VASE = Product(pk=7, title="Vaas")
TERMS = Terms(
    rate_bps=1000,
    cap_minor=5000,
    advocate_cap_minor=100_000,
    new_customer_rate_bps=1500,
    rates=(RateTerm(rate_bps=2000, category="Wonen"),),
    tiers=(TierTerm(from_order=5, extra_bps=200), TierTerm(from_order=10, extra_bps=500)),
    bonuses=(BonusTerm(orders=10, amount_minor=2500),),
)


def _programme(**shop_fields):
    mila = make_user("Mila de Boer")
    shop = make_shop(owner=mila, **shop_fields)
    return mila, create_programme(shop=shop, name="Vrienden", at=NOW)


@pytest.mark.django_db
def test_publish_deal_stores_all_terms_and_the_first_version_holds_at_once():
    mila, programme = _programme()
    terms = Terms(
        rate_bps=750,
        model=AttributionModel.DECAY,
        half_life_days=5,
        window_days=45,
        hold_days=14,
        code_precedence=CodePrecedence.SHARED,
        cap_minor=5000,
        first_bps=5000,
        last_bps=2500,
        counts_views=True,
        counts_answers=True,
        new_customer_rate_bps=1500,
        is_first_order_only=True,
        advocate_cap_minor=20_000,
        rates=(
            RateTerm(rate_bps=0, product=make_product(programme.shop)),
            RateTerm(rate_bps=500, category="Wonen > Vazen"),
        ),
        tiers=(TierTerm(from_order=3, extra_bps=100), TierTerm(from_order=9, extra_bps=250)),
        bonuses=(BonusTerm(orders=10, amount_minor=5000), BonusTerm(orders=20, amount_minor=9000)),
    )

    deal = publish_deal(programme=programme, terms=terms, by=mila, at=NOW)

    assert terms_of(Deal.objects.get()) == terms
    assert (deal.version, deal.valid_from, deal.created_by_id, deal.created_at) == (1, NOW, mila.pk, NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"rate_bps": 0}, {"rate_bps"}),
        ({"rate_bps": 10_001}, {"rate_bps"}),
        ({"window_days": 0}, {"window_days"}),
        ({"window_days": 366}, {"window_days"}),
        ({"hold_days": -1}, {"hold_days"}),
        ({"hold_days": 366}, {"hold_days"}),
        ({"half_life_days": 0}, {"half_life_days"}),
        ({"cap_minor": 0}, {"cap_minor"}),
        ({"cap_minor": 10**15}, {"cap_minor"}),
        ({"advocate_cap_minor": 0}, {"advocate_cap_minor"}),
        ({"new_customer_rate_bps": 10_001}, {"new_customer_rate_bps"}),
        ({"first_bps": 6000, "last_bps": 4001}, {"last_bps"}),
        ({"rates": (RateTerm(rate_bps=10_001, category="Wonen"),)}, {"rates"}),
        ({"rates": (RateTerm(rate_bps=1, category="Wonen"),) * 2}, {"rates"}),
        ({"rates": (RateTerm(rate_bps=1),)}, {"rates"}),
        ({"rates": (RateTerm(rate_bps=1, product=VASE),)}, {"rates"}),
        ({"tiers": (TierTerm(from_order=1, extra_bps=100),)}, {"tiers"}),
        ({"tiers": (TierTerm(from_order=2, extra_bps=0),)}, {"tiers"}),
        ({"tiers": (TierTerm(from_order=2, extra_bps=9), TierTerm(from_order=3, extra_bps=9))}, {"tiers"}),
        ({"bonuses": (BonusTerm(orders=0, amount_minor=100),)}, {"bonuses"}),
        ({"bonuses": (BonusTerm(orders=5, amount_minor=0),)}, {"bonuses"}),
        (
            {"bonuses": (BonusTerm(orders=5, amount_minor=1), BonusTerm(orders=5, amount_minor=2))},
            {"bonuses"},
        ),
        ({"currency": "USD"}, {"currency"}),
        ({"model": "best"}, {"model"}),
        ({"base": "gross"}, {"base"}),
        ({"code_precedence": "never"}, {"code_precedence"}),
        ({"rate_bps": 0, "window_days": 0}, {"rate_bps", "window_days"}),
    ],
)
def test_publish_deal_refuses_with_a_word_at_the_field(change, where):
    mila, programme = _programme()

    with pytest.raises(UnableToPublishDeal) as refused:
        publish_deal(programme=programme, terms=replace(TERMS, **change), by=mila, at=NOW)

    assert set(refused.value.errors) == where
    assert Deal.objects.count() == 0


@pytest.mark.django_db
def test_only_members_of_the_shop_write_its_terms():
    """Trap 30: eve has no say in Mila's shop."""
    mila, programme = _programme()
    eve, tom = make_user("Eve Stranger"), make_user("Tom Bakker")
    add_member(shop=programme.shop, user=tom)

    with pytest.raises(UnableToPublishDeal, match="Only people of"):
        publish_deal(programme=programme, terms=TERMS, by=eve, at=NOW)

    assert publish_deal(programme=programme, terms=TERMS, by=tom, at=NOW).version == 1
    assert publish_deal(programme=programme, terms=TERMS, by=mila, at=NOW).version == 2


@pytest.mark.django_db
def test_worse_terms_begin_after_the_notice_and_better_ones_at_once():
    mila, programme = _programme()
    publish_deal(programme=programme, terms=TERMS, by=mila, at=NOW)

    worse = publish_deal(programme=programme, terms=replace(TERMS, rate_bps=900), by=mila, at=NOW)
    better = publish_deal(programme=programme, terms=replace(TERMS, rate_bps=1200), by=mila, at=NOW)

    assert (worse.version, worse.valid_from) == (2, NOW + timedelta(days=NOTICE_DAYS))
    assert (better.version, better.valid_from) == (3, NOW)


@pytest.mark.django_db
def test_terms_worse_than_what_is_announced_take_notice_too():
    """What was promised for next month may not be cut tomorrow, even if it beats what holds today."""
    mila, programme = _programme()
    publish_deal(programme=programme, terms=TERMS, by=mila, at=NOW)
    in_march = NOW + timedelta(days=100)
    publish_deal(
        programme=programme, terms=replace(TERMS, rate_bps=1500), valid_from=in_march, by=mila, at=NOW
    )

    third = publish_deal(programme=programme, terms=replace(TERMS, rate_bps=1200), by=mila, at=NOW)

    assert third.valid_from == NOW + timedelta(days=NOTICE_DAYS)


@pytest.mark.django_db
def test_a_date_within_the_notice_is_refused_and_a_later_one_kept():
    mila, programme = _programme()
    publish_deal(programme=programme, terms=TERMS, by=mila, at=NOW)
    worse = replace(TERMS, window_days=7)

    with pytest.raises(UnableToPublishDeal) as refused:
        publish_deal(programme=programme, terms=worse, valid_from=NOW + timedelta(days=13), by=mila, at=NOW)
    later = publish_deal(
        programme=programme, terms=worse, valid_from=NOW + timedelta(days=30), by=mila, at=NOW
    )

    assert list(refused.value.errors) == ["valid_from"]
    assert "14 days" in str(refused.value)
    assert (later.version, later.valid_from) == (2, NOW + timedelta(days=30))


@pytest.mark.django_db
def test_terms_do_not_begin_in_the_past():
    mila, programme = _programme()

    with pytest.raises(UnableToPublishDeal) as refused:
        publish_deal(programme=programme, terms=TERMS, valid_from=NOW - timedelta(seconds=1), by=mila, at=NOW)

    assert list(refused.value.errors) == ["valid_from"]


@pytest.mark.parametrize(
    ("change", "days"),
    [
        ({}, 0),
        ({"rate_bps": 1001}, 0),
        ({"rate_bps": 999}, NOTICE_DAYS),
        ({"window_days": 31}, 0),
        ({"window_days": 29}, NOTICE_DAYS),
        ({"hold_days": 29}, 0),
        ({"hold_days": 31}, NOTICE_DAYS),
        ({"cap_minor": None}, 0),
        ({"cap_minor": 5001}, 0),
        ({"cap_minor": 4999}, NOTICE_DAYS),
        ({"advocate_cap_minor": None}, 0),
        ({"advocate_cap_minor": 99_999}, NOTICE_DAYS),
        ({"new_customer_rate_bps": 1501}, 0),
        ({"new_customer_rate_bps": None}, NOTICE_DAYS),
        ({"is_first_order_only": True}, NOTICE_DAYS),
        ({"is_paid_search_allowed": True}, 0),
        ({"counts_views": True}, NOTICE_DAYS),
        ({"first_bps": 4001}, NOTICE_DAYS),
        ({"rates": ()}, NOTICE_DAYS),
        ({"rates": (RateTerm(rate_bps=2000, category="WONEN"),)}, 0),
        ({"rates": (*TERMS.rates, RateTerm(rate_bps=2000, product=VASE))}, 0),
        ({"rates": (*TERMS.rates, RateTerm(rate_bps=1999, product=VASE))}, NOTICE_DAYS),
        ({"tiers": ()}, NOTICE_DAYS),
        ({"tiers": (TierTerm(from_order=4, extra_bps=500),)}, 0),
        ({"tiers": (TierTerm(from_order=6, extra_bps=500),)}, NOTICE_DAYS),
        ({"bonuses": ()}, NOTICE_DAYS),
        ({"bonuses": (BonusTerm(orders=9, amount_minor=2500),)}, 0),
        ({"bonuses": (BonusTerm(orders=11, amount_minor=9900),)}, NOTICE_DAYS),
        ({"model": AttributionModel.LAST}, NOTICE_DAYS),
        ({"code_precedence": CodePrecedence.LINK_WINS}, NOTICE_DAYS),
        ({"half_life_days": 3}, 0),  # plays no part in a split by position
        ({"rate_bps": 2000, "hold_days": 31}, NOTICE_DAYS),
    ],
)
def test_notice_days_for_is_none_only_if_nothing_gets_worse(change, days):
    assert notice_days_for(TERMS, replace(TERMS, **change)) == days


def test_notice_days_for_counts_a_new_limit_and_a_new_half_life():
    unlimited = replace(TERMS, cap_minor=None)
    decay = replace(TERMS, model=AttributionModel.DECAY)

    assert notice_days_for(unlimited, TERMS) == NOTICE_DAYS
    assert notice_days_for(decay, replace(decay, half_life_days=8)) == NOTICE_DAYS


@pytest.mark.django_db
def test_deal_in_force_is_the_version_of_that_moment():
    shop = make_shop()
    first = make_deal(shop, at=NOW - timedelta(days=60))
    mila = shop.memberships.get().user
    second = publish_deal(
        programme=first.programme, terms=Terms(rate_bps=500), by=mila, at=NOW - timedelta(days=20)
    )

    assert deal_in_force(shop=shop, at=NOW - timedelta(days=61)) is None
    assert deal_in_force(shop=shop, at=NOW - timedelta(days=7)) == first
    assert deal_in_force(shop=shop, at=NOW - timedelta(days=6)) == second
    assert deal_in_force(shop=make_shop(), at=NOW) is None


@pytest.mark.django_db
def test_the_database_refuses_to_change_or_delete_terms():
    deal = make_deal(make_shop())

    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(rate_bps=1)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).delete()

    assert Deal.objects.get().rate_bps == 1000


@pytest.mark.django_db(transaction=True)
def test_versions_have_no_gaps_when_published_at_once():
    mila, programme = _programme()
    start, failures = Barrier(4), []

    def publish():
        start.wait()
        try:
            publish_deal(programme=programme, terms=TERMS, by=mila, at=NOW)
        except Exception as error:  # noqa: BLE001 -- a thread's failure is told to the test
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=publish) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(Deal.objects.values_list("version", flat=True)) == [1, 2, 3, 4]


def test_terms_sentences_say_each_term_in_plain_words():
    terms = Terms(
        rate_bps=750,
        window_days=30,
        hold_days=14,
        model=AttributionModel.LINEAR,
        cap_minor=5000,
    )

    hold = (
        "What you earned is due 14 days after delivery, because an order may be returned; "
        "after the order where the delivery is not known."
    )
    advertising = (
        "You do not advertise your links in search engines, on the shop’s name or other words; an order after "
        "such a click is held until the shop has looked at it."
    )
    with translation.override("en"):
        assert terms_sentences(terms) == [
            "You earn 7.5% of what the buyer pays, without VAT, shipping and discount.",
            "When several clicks led to an order, each of them gets the same part.",
            "What somebody clicked counts for 30 days.",
            "When the buyer uses a code, its owner gets the whole commission, whatever was clicked.",
            advertising,
            hold,
            "One order brings its advocates at most €50.00 together.",
        ]


def test_terms_sentences_say_what_is_special():
    terms = Terms(
        rate_bps=1000,
        first_bps=5000,
        last_bps=2500,
        new_customer_rate_bps=1500,
        is_first_order_only=True,
        counts_views=True,
        counts_saves=True,
        counts_answers=True,
        advocate_cap_minor=20_000,
        rates=(RateTerm(rate_bps=500, category="Wonen > Vazen"), RateTerm(rate_bps=0, product=VASE)),
        tiers=(TierTerm(from_order=10, extra_bps=250),),
        bonuses=(BonusTerm(orders=1, amount_minor=500), BonusTerm(orders=20, amount_minor=9000)),
    )

    split = (
        "When several clicks led to an order, the first gets 50%, the last gets 25%, "
        "and those between share 25%; two share alike."
    )
    with translation.override("en"):
        sentences = terms_sentences(terms)

    assert sentences[1:12] == [
        "Nothing is earned on “Vaas”.",
        "On everything in “Wonen > Vazen” it is 5%.",
        "When somebody buys at the shop for the first time, it is 15%.",
        "Only a customer’s first order at the shop counts; one that was returned in full is no first order.",
        "From your order number 10 in a calendar month on, 2.5% comes on top.",
        "1 order in a calendar month that is not returned brings you a bonus of €5.00.",
        "20 orders in a calendar month that are not returned bring you a bonus of €90.00.",
        split,
        "Who looked at your story or board counts like a click, if a click or a code led to the order too.",
        "Who saved a product from you counts like a click, if a click or a code led to the order too.",
        "Who read your answer counts like a click, if a click or a code led to the order too.",
    ]
    assert sentences[-1] == "In one calendar month you earn at most €200.00 here, bonuses not counted."


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "10%"),
        ({"new_customer_rate_bps": 1500}, "up to 15%"),
        ({"rates": (RateTerm(rate_bps=500, category="Wonen"),)}, "up to 10%"),
        ({"tiers": (TierTerm(from_order=2, extra_bps=9500),)}, "up to 100%"),
    ],
)
def test_rate_in_a_word_is_the_highest(terms, words):
    with translation.override("en"):
        assert rate_words(Terms(rate_bps=1000, **terms)) == words


def test_terms_sentences_fit_the_numbers():
    terms = Terms(rate_bps=1000, window_days=1, hold_days=0, model=AttributionModel.DECAY, half_life_days=1)

    with translation.override("en"):
        sentences = terms_sentences(terms)

    assert sentences[0].startswith("You earn 10% of")
    assert "1 day older counts half" in sentences[1]
    assert sentences[2] == "What somebody clicked counts for 1 day."
    assert sentences[5] == "What you earned is due as soon as the order is delivered."
    assert len(sentences) == 6


@pytest.mark.parametrize("model", AttributionModel)
def test_every_split_has_words_of_its_own(model):
    others = [
        terms_sentences(Terms(rate_bps=1, model=other))[1] for other in AttributionModel if other != model
    ]

    assert terms_sentences(Terms(rate_bps=1, model=model))[1] not in others


@pytest.mark.parametrize(
    ("precedence", "word"),
    [
        (CodePrecedence.CODE_WINS, "whatever was clicked"),
        (CodePrecedence.LINK_WINS, "only when no link was clicked"),
        (CodePrecedence.SHARED, "as the last click"),
    ],
)
def test_code_against_link_is_a_term_that_is_shown(precedence, word):
    """Trap 28: what a code does beside a link stands in the deal, in words."""
    with translation.override("en"):
        assert word in terms_sentences(Terms(rate_bps=1, code_precedence=precedence))[3]
