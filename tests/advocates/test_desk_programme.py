import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates.deals import BonusTerm, RateTerm, TierTerm, terms_of
from advocates.models import Deal, Programme
from tests.factories import make_deal, make_product, make_shop, make_user

TERMS = {
    "rate_bps": "7,5",
    "model": "last",
    "half_life_days": "7",
    "window_days": "30",
    "hold_days": "14",
    "code_precedence": "code_wins",
    "cap_minor": "25,00",
    "first_bps": "40",
    "last_bps": "40",
}


@pytest.fixture
def shop(client, db):
    mila = make_user("Mila de Boer")
    client.force_login(mila)
    return make_shop(owner=mila)


def _url(name, shop, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug, *args])


def _publish(client, shop, **terms):
    return client.post(_url("desk_deal_new", shop), {**TERMS, **terms, "confirmed": "1"})


def test_programme_begins_with_a_name_and_opens_with_terms(client, shop):
    client.post(_url("desk_programme_describe", shop), {"name": "Vrienden", "description": "Kom erbij"})
    too_early = client.post(_url("desk_programme_open", shop), follow=True)
    _publish(client, shop)
    client.post(_url("desk_programme_open", shop))

    programme = Programme.objects.get(shop=shop)
    assert [message.level_tag for message in too_early.context["messages"]][-1] == "error"
    assert (programme.name, programme.description, programme.state) == ("Vrienden", "Kom erbij", "open")


def test_terms_are_read_exactly(client, shop):
    client.post(_url("desk_programme_describe", shop), {"name": "Vrienden"})

    _publish(client, shop)

    deal = Deal.objects.get()
    assert (deal.rate_bps, deal.cap_minor) == (750, 2500)
    assert (deal.model, deal.window_days, deal.hold_days, deal.created_by.name) == (
        "last",
        30,
        14,
        "Mila de Boer",
    )


@pytest.mark.parametrize(
    ("text", "bps"), [("10", 1000), ("7.5", 750), ("0,01", 1), ("12.34 %", 1234), ("100", 10_000)]
)
def test_rate_is_read_to_the_basis_point(client, shop, text, bps):
    client.post(_url("desk_programme_describe", shop), {"name": "Vrienden"})

    _publish(client, shop, rate_bps=text)

    assert Deal.objects.get().rate_bps == bps


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("rate_bps", "0"),
        ("rate_bps", "100.01"),
        ("rate_bps", "7.555"),
        ("rate_bps", "-5"),
        ("rate_bps", "1e2"),
        ("rate_bps", "٧"),
        ("rate_bps", ""),
        ("cap_minor", "1,234"),
        ("cap_minor", "-1"),
        ("cap_minor", "0"),
        ("cap_minor", "1.001"),
        ("cap_minor", "99999999999999999"),
        ("advocate_cap_minor", "0"),
        ("new_customer_rate_bps", "101"),
        ("first_bps", "x"),
        ("last_bps", "60,01"),
        ("rate_0_what", "Nothing like it"),
        ("tier_0_what", "0"),
        ("tier_0_what", "99999999999999999999"),
        ("window_days", "0"),
        ("hold_days", "366"),
        ("half_life_days", "x"),
        ("model", "everything"),
        ("code_precedence", ""),
    ],
)
def test_wrong_term_is_refused_at_its_field_and_what_was_typed_stays(client, shop, field, text):
    client.post(_url("desk_programme_describe", shop), {"name": "Vrienden"})

    beside = {"rate_0_what": {"rate_0_amount": "5"}, "tier_0_what": {"tier_0_amount": "1"}}
    page = _publish(client, shop, **{field: text}, **beside.get(field, {}))

    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert page.context["form"][field].value() == text
    assert not Deal.objects.exists()


def test_worse_terms_show_what_changes_and_begin_after_the_notice(client, shop):
    make_deal(shop, rate_bps=1000, model="last", hold_days=14)

    asked = client.post(_url("desk_deal_new", shop), {**TERMS, "cap_minor": ""})

    change = asked.context["change"]
    assert change.notice_days == 14
    assert change.gone == ["You earn 10% of what the buyer pays, without VAT, shipping and discount."]
    assert change.come == ["You earn 7.5% of what the buyer pays, without VAT, shipping and discount."]
    assert Deal.objects.count() == 1

    _publish(client, shop, cap_minor="")
    later = Deal.objects.get(version=2)
    assert later.valid_from.date() == (timezone.now() + timedelta(days=14)).date()


def test_better_terms_begin_at_once(client, shop):
    make_deal(shop, rate_bps=500, model="last", hold_days=14)

    asked = client.post(_url("desk_deal_new", shop), {**TERMS, "cap_minor": ""})

    assert asked.context["change"].notice_days == 0


def test_one_can_go_back_and_change_what_was_typed(client, shop):
    make_deal(shop)

    page = client.post(_url("desk_deal_new", shop), {**TERMS, "change": "1"})

    assert (page.status_code, page.context["form"]["rate_bps"].value()) == (200, "7,5")
    assert Deal.objects.count() == 1


def test_history_lists_versions_with_who_wrote_them(client, shop):
    make_deal(shop, rate_bps=1000, model="last", hold_days=14)
    _publish(client, shop, cap_minor="")

    page = client.get(_url("desk_programme", shop))

    assert [(row["deal"].version, row["state"]) for row in page.context["history"]] == [
        (2, "ahead"),
        (1, "in_force"),
    ]
    assert page.content.decode().count("Written by Mila de Boer") == 2


def test_closing_asks_first(client, shop):
    programme = make_deal(shop).programme
    url = _url("desk_programme_close", shop)

    client.get(url)
    programme.refresh_from_db()
    assert programme.state == "open"

    client.post(url)
    programme.refresh_from_db()
    assert programme.state == "closed"


def test_terms_without_a_programme_lead_to_its_name_first(client, shop):
    assert client.get(_url("desk_deal_new", shop)).url == _url("desk_programme", shop)


ROWS = {
    "rate_0_what": "P1",
    "rate_0_amount": "0",
    "rate_1_what": "wonen>VAZEN",
    "rate_1_amount": "12,5",
    "tier_0_what": "5",
    "tier_0_amount": "2",
    "bonus_1_what": "10",
    "bonus_1_amount": "25,00",
    "new_customer_rate_bps": "15",
    "is_first_order_only": "on",
    "counts_views": "on",
    "advocate_cap_minor": "500",
}


def test_rows_of_a_deal_are_read_and_shown_again(client, shop):
    client.post(_url("desk_programme_describe", shop), {"name": "Vrienden"})
    vase = make_product(shop, external_id="P1", category="Wonen > Vazen > Groot")

    asked = client.post(_url("desk_deal_new", shop), {**TERMS, **ROWS})
    hidden = {
        name: unescape(value)
        for name, value in re.findall(
            r'type="hidden" name="(\w+)"(?: value="([^"]*)")?', asked.content.decode()
        )
        if name != "csrfmiddlewaretoken"
    }
    client.post(_url("desk_deal_new", shop), {**hidden, "confirmed": "1"})

    terms = terms_of(Deal.objects.get())
    assert terms.rates == (
        RateTerm(rate_bps=0, product=vase),
        RateTerm(rate_bps=1250, category="Wonen > Vazen"),
    )
    assert terms.tiers == (TierTerm(from_order=5, extra_bps=200),)
    assert terms.bonuses == (BonusTerm(orders=10, amount_minor=2500),)
    assert (terms.new_customer_rate_bps, terms.is_first_order_only, terms.advocate_cap_minor) == (
        1500,
        True,
        50_000,
    )
    assert (terms.counts_views, terms.counts_saves, terms.counts_answers) == (True, False, False)
    again = client.get(_url("desk_deal_new", shop)).context["form"]
    assert [(row.what.value(), row.amount.value()) for row in again.rate_rows()][:3] == [
        ("P1", "0"),
        ("Wonen > Vazen", "12.5"),
        (None, None),
    ]


@pytest.mark.parametrize("missing", ["rate_0_amount", "tier_0_amount", "bonus_1_what"])
def test_half_a_row_says_what_is_missing(client, shop, missing):
    client.post(_url("desk_programme_describe", shop), {"name": "Vrienden"})
    make_product(shop, external_id="P1", category="Wonen > Vazen")

    page = client.post(_url("desk_deal_new", shop), {**TERMS, **ROWS, missing: ""})

    assert (page.status_code, list(page.context["form"].errors)) == (422, [missing])


def test_product_of_another_shop_is_not_found(client, shop):
    client.post(_url("desk_programme_describe", shop), {"name": "Vrienden"})
    make_product(make_shop("Elders", owner=make_user("Tom")), external_id="P1")

    page = client.post(_url("desk_deal_new", shop), {**TERMS, "rate_0_what": "P1", "rate_0_amount": "5"})

    assert list(page.context["form"].errors) == ["rate_0_what"]
