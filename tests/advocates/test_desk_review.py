from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from payouts.commissions import mature_commissions
from payouts.models import Commission, CommissionReview
from payouts.reviews import reject_commission
from tests.advocates.market import Market
from tests.factories import NOW, make_commission, make_payee


@pytest.fixture
def market(client, db):
    market = Market()
    client.force_login(market.mila)
    return market


def _url(name, shop, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug, *args])


def _reviews():
    return dict(Commission.objects.values_list("pk", "review"))


def test_review_groups_by_advocate_with_sums(client, market):
    ada, cas = make_payee("Ada Vermeer"), make_payee("Cas Klaver")
    for payee, amount in ((cas, 500), (ada, 1000), (ada, 250)):
        make_commission(market.shop.payer, payee, amount)

    page = client.get(_url("desk_review", market.shop))

    listed = [
        (row.payee.name, row.open_minor, row.group["total"]) for row in page.context["page_of_commissions"]
    ]
    assert listed == [("Ada Vermeer", 1000, 1250), ("Ada Vermeer", 250, 1250), ("Cas Klaver", 500, 500)]
    assert (page.context["open"]["count"], page.context["open"]["total"]) == (3, 1750)


def test_approve_all_asks_with_count_and_sum_and_approves_what_it_asked_about(client, market):
    ada = make_payee()
    seen = [make_commission(market.shop.payer, ada, amount) for amount in (1000, 250)]
    asked = client.get(_url("desk_approve_all", market.shop))
    later = make_commission(market.shop.payer, ada, 99_900)

    client.post(_url("desk_approve_all", market.shop), asked.context["hidden"])

    assert "Approve all 2 commissions, €12.50 together?" in asked.content.decode()
    assert _reviews() == {seen[0].pk: "approved", seen[1].pk: "approved", later.pk: "open"}
    assert set(CommissionReview.objects.values_list("decided_by", flat=True)) == {market.mila.pk}


def test_approve_all_without_a_limit_approves_all(client, market):
    for amount in (1000, 250):
        make_commission(market.shop.payer, make_payee(), amount)

    client.post(_url("desk_approve_all", market.shop))

    assert set(_reviews().values()) == {"approved"}


def test_approve_all_with_nothing_to_approve_goes_back(client, market):
    assert client.get(_url("desk_approve_all", market.shop)).url == _url("desk_review", market.shop)


def test_only_the_ticked_ones_are_approved(client, market):
    one, other = (make_commission(market.shop.payer, make_payee(), amount) for amount in (1000, 250))

    client.post(_url("desk_approve", market.shop), {"commission": [one.pk]})

    assert _reviews() == {one.pk: "approved", other.pk: "open"}


@pytest.mark.parametrize("ticked", [[], ["x"], ["-1"], ["99999999999999999999"], ["123456789"]])
def test_strange_ticks_approve_nothing_and_say_so(client, market, ticked):
    make_commission(market.shop.payer, make_payee())

    page = client.post(_url("desk_approve", market.shop), {"commission": ticked}, follow=True)

    assert set(_reviews().values()) == {"open"}
    assert [message.level_tag for message in page.context["messages"]] == ["error"]


def test_commission_of_another_shop_is_neither_approved_nor_rejected(client, market):
    other = make_commission(Market("Ander").shop.payer, make_payee())

    client.post(_url("desk_approve", market.shop), {"commission": [other.pk]})
    answer = client.post(
        _url("desk_reject", market.shop, other.pk), {"reason": "duplicate", "note": "Dubbel geteld"}
    )

    other.refresh_from_db()
    assert (other.review, answer.status_code) == ("open", 404)


def test_rejection_takes_a_reason_and_a_note(client, market):
    commission = make_commission(market.shop.payer, make_payee())
    url = _url("desk_reject", market.shop, commission.pk)

    refused = client.post(url, {"reason": "duplicate", "note": ""})
    client.post(url, {"reason": "duplicate", "note": "Al geteld bij order 1000."})

    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["note"])
    review = CommissionReview.objects.get()
    assert (review.decision, review.reason, review.note) == (
        "rejected",
        "duplicate",
        "Al geteld bij order 1000.",
    )


def test_decided_commission_is_not_rejected_again(client, market):
    commission = make_commission(market.shop.payer, make_payee())
    reject_commission(commission=commission, reason="duplicate", note="Dubbel", by=market.mila, at=NOW)

    page = client.post(
        _url("desk_reject", market.shop, commission.pk), {"reason": "unpaid", "note": "Nooit betaald"}
    )

    assert page.status_code == 422
    assert page.context["form"].non_field_errors() == ["This commission was decided on before: Rejected."]
    assert CommissionReview.objects.count() == 1


def test_history_shows_every_decision_with_its_note(client, market):
    commission = make_commission(market.shop.payer, make_payee())
    reject_commission(commission=commission, reason="unpaid", note="Nooit betaald", by=market.mila, at=NOW)

    page = client.get(_url("desk_review", market.shop), {"show": "decided"})

    assert [review.commission for review in page.context["page_of_reviews"]] == [commission]
    assert "The order was never paid: Nooit betaald" in page.content.decode()


@pytest.mark.parametrize("advocates", [1, 3])
def test_review_takes_the_same_number_of_queries(client, market, django_assert_num_queries, advocates):
    for number in range(advocates):
        advocate = market.advocate(f"Ada{number} Vermeer")
        click = market.click(advocate)
        market.sell(click_id=str(click.pk), at=NOW + timedelta(seconds=number))
    mature_commissions(at=NOW)

    with django_assert_num_queries(10):
        page = client.get(_url("desk_review", market.shop))

    assert len(page.context["page_of_commissions"]) == advocates
