"""From clicks and codes to shares and commissions: what is collected, decided, stored and booked."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from advocates.attribution import attribute_sale
from advocates.bodies import digest_of
from advocates.deals import Terms, publish_deal
from advocates.enrolments import end_enrolment
from advocates.enums import AdvocateState, Outcome, Reason, TouchKind
from advocates.links import create_link
from advocates.models import Attribution, Link, Mention, Sale, Share, ShareLine, ShopMember, Touch
from advocates.programmes import close_programme
from advocates.refunds import RefundReport, record_refund
from payouts.books import check_books
from payouts.enums import CommissionState
from payouts.models import Budget, Commission
from payouts.reviews import reject_commission
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_product, make_publication

pytestmark = pytest.mark.django_db


def outcome(sale):
    return sale.attribution.outcome, sale.attribution.reason, sale.attribution.commission_minor


def test_click_becomes_a_commission():
    market = Market(hold_days=30)
    ada = market.advocate()
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk))

    assert outcome(sale) == (Outcome.ATTRIBUTED, "", 1000)
    share = market.share(sale, ada)
    commission = share.commission
    assert (commission.payer, commission.payee, commission.amount_minor) == (
        market.shop.payer,
        ada.payee,
        1000,
    )
    assert (commission.state, commission.earned_at, commission.due_at) == (
        CommissionState.PENDING,
        NOW,
        NOW + timedelta(days=30),
    )
    assert commission.key == f"share:{share.pk}"
    assert commission.description == f"Klei & Co · {sale.external_id}"
    assert (share.weight, share.weight_of, share.enrolment) == (1, 1, market.enrolment(ada))
    assert check_books() == []


def test_hold_runs_from_delivery_where_it_is_known():
    market = Market(hold_days=30)
    click = market.click(market.advocate())

    market.sell(click_id=str(click.pk), delivered_at=NOW + timedelta(days=4))

    assert Commission.objects.get().due_at == NOW + timedelta(days=34)


def test_inputs_are_stored_with_their_hash():
    market = Market()
    click = market.click(market.advocate())

    attribution = market.sell(click_id=str(click.pk)).attribution

    assert attribution.inputs_sha256 == digest_of(attribution.inputs)
    assert [touch["id"] for touch in attribution.inputs["touches"]] == [str(click.pk)]
    assert attribution.inputs["terms"]["rate_bps"] == 1000
    assert attribution.deal == market.deal


def test_everything_the_visitor_clicked_for_the_shop_is_in_the_path():
    market, other_market = Market(model="linear"), Market("Elders")
    ada, bea, cem = (market.advocate(name) for name in ("Ada V", "Bea W", "Cem X"))
    market.click(ada, days=20)
    market.click(bea, days=10, visitor_key=uuid4())
    other_market.click(cem, days=5)
    last = market.click(bea, days=1)

    sale = market.sell(click_id=str(last.pk))

    amounts = {share.advocate: share.commission.amount_minor for share in sale.attribution.shares.all()}
    assert amounts == {ada: 500, bea: 500}


def test_click_without_a_cookie_stands_for_itself():
    market = Market(model="linear")
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.click(ada, visitor_key=None, days=2)
    click = market.click(bea, visitor_key=None)

    sale = market.sell(click_id=str(click.pk))

    assert [share.advocate for share in sale.attribution.shares.all()] == [bea]


def test_double_click_is_one_and_a_click_a_while_later_another():
    market = Market(model="linear")
    ada, bea = market.advocate(), market.advocate("Bea Bos")
    link = create_link(advocate=bea, product=make_product(market.shop), at=NOW)
    other = create_link(advocate=bea, product=make_product(market.shop), at=NOW)
    for seconds in (100, 96, 88, 60):
        market.click(bea, link=link, occurred_at=NOW - timedelta(seconds=seconds))
    market.click(bea, link=other, occurred_at=NOW - timedelta(seconds=97))
    market.click(bea, link=link, visitor_key=uuid4(), occurred_at=NOW - timedelta(seconds=61))
    first = market.click(ada, link=None, occurred_at=NOW - timedelta(seconds=300))

    twice = market.sell(click_id=str(first.pk))

    # Those of 100, 96 and 88 seconds before are one; a while later and on the other link are two more.
    assert [share.weight for share in twice.attribution.shares.order_by("advocate")] == [1, 3]


def test_reported_click_stands_for_those_that_are_the_same():
    market = Market()
    ada = market.advocate()
    link = create_link(advocate=ada, product=make_product(market.shop), at=NOW)
    first, _second = (
        market.click(ada, link=link, occurred_at=NOW - timedelta(seconds=seconds)) for seconds in (65, 60)
    )

    sale = market.sell(click_id=str(first.pk))

    assert [touch["id"] for touch in sale.attribution.inputs["touches"]] == [str(first.pk)]


def test_click_before_the_window_is_told_to_its_advocate():
    market = Market(window_days=14)
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.click(ada, days=20)
    click = market.click(bea, days=1)

    sale = market.sell(click_id=str(click.pk))

    share = market.share(sale, ada)
    assert (share.outcome, share.reason, share.commission) == (
        Outcome.NOT_ELIGIBLE,
        Reason.OUTSIDE_WINDOW,
        None,
    )
    assert settings.VISITOR_COOKIE_DAYS == 90


def test_views_count_for_the_path_where_the_shop_is_mentioned():
    market, other_market = Market(), Market("Elders")
    ada, bea, cem = (market.advocate(name) for name in ("Ada V", "Bea W", "Cem X"))
    for advocate, seller in ((bea, market), (cem, other_market)):
        publication = make_publication(advocate.user)
        product = make_product(seller.shop)
        click = market.click(ada, days=9)
        link = click.link or make_link(seller.shop, product)
        Mention.objects.create(publication=publication, product=product, link=link, position=1)
        market.click(advocate, days=3, kind=TouchKind.VIEW, shop=None, publication=publication)
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk))

    reasons = {share.advocate: share.reason for share in sale.attribution.shares.all()}
    assert reasons == {ada: "", bea: Reason.VIEW_ONLY}


def test_a_save_explains_the_sale_and_earns_nothing():
    market = Market(model="linear")
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.click(bea, days=3, kind=TouchKind.SAVE, publication=make_publication(bea.user))
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk))

    reasons = {share.advocate: share.reason for share in sale.attribution.shares.all()}
    assert reasons == {ada: "", bea: Reason.SAVE_ONLY}
    assert market.share(sale, ada).commission.amount_minor == sale.attribution.commission_minor


def make_link(shop, product):
    return Link.objects.create(code=uuid4().hex[:12], shop=shop, product=product, created_at=NOW)


def test_click_of_a_link_of_the_house_earns_for_nobody():
    market = Market()
    click = market.click(None)

    sale = market.sell(click_id=str(click.pk))

    assert outcome(sale) == (Outcome.NOT_ELIGIBLE, Reason.NOT_ENROLLED, 0)
    assert Share.objects.count() == 0


def test_author_who_became_an_advocate_later_is_credited():
    market = Market()
    ada = market.advocate()
    publication = make_publication(ada.user)
    click = market.click(None, publication=publication)

    sale = market.sell(click_id=str(click.pk))

    assert market.share(sale, ada).commission.amount_minor == 1000


@pytest.mark.parametrize(
    "reported", ["garbage", "vp_click=", "🙂", "00000000-0000-4000-8000-00000000dead", "x" * 500]
)
def test_click_that_is_not_ours_is_stored_with_its_reason(reported):
    market = Market()

    sale = market.sell(click_id=reported)

    assert outcome(sale) == (Outcome.NOT_ELIGIBLE, Reason.UNKNOWN_CLICK, 0)
    assert sale.click_text == reported[:100]


@pytest.mark.parametrize("dress", ["{}", " {} ", "{}.", "https://shop.example/?vp_click={}&utm=x", "“{}”"])
def test_stray_characters_around_a_click_lose_nothing(dress):
    market = Market()
    ada = market.advocate()
    click = market.click(ada)

    sale = market.sell(click_id=dress.format(str(click.pk).upper()))

    assert market.share(sale, ada).commission.amount_minor == 1000


def test_order_without_click_or_code_says_so():
    assert outcome(Market().sell()) == (Outcome.NOT_ELIGIBLE, Reason.NO_TOUCH, 0)


def test_id_of_a_view_is_no_click():
    market = Market()
    view = market.click(market.advocate(), kind=TouchKind.VIEW)

    assert market.sell(click_id=str(view.pk)).attribution.reason == Reason.UNKNOWN_CLICK


def test_click_for_another_shop_earns_nothing_here():
    market, other_market = Market(), Market("Elders")
    ada = market.advocate()
    click = other_market.click(ada)

    sale = market.sell(click_id=str(click.pk))

    assert market.share(sale, ada).reason == Reason.OTHER_SHOP


@pytest.mark.parametrize("typed", ["ADA10", "ada10", " Ada-10 ", "ada 10"])
def test_code_is_a_touch_at_the_moment_of_the_order(typed):
    market = Market()
    ada = market.advocate()
    market.code(ada, "ADA10")

    sale = market.sell(code=typed)

    assert market.share(sale, ada).commission.amount_minor == 1000
    touch = Touch.objects.get(kind=TouchKind.CODE)
    assert (touch.advocate, touch.shop, touch.occurred_at) == (ada, market.shop, NOW)


def test_unknown_code_says_so():
    sale = Market().sell(code="NOBODY")

    assert outcome(sale) == (Outcome.NOT_ELIGIBLE, Reason.UNKNOWN_CODE, 0)


def test_code_of_another_shop_is_unknown_here():
    market, other_market = Market(), Market("Elders")
    other_market.code(other_market.advocate(), "ADA10")

    assert market.sell(code="ADA10").attribution.reason == Reason.UNKNOWN_CODE


@pytest.mark.parametrize(
    ("precedence", "of_ada", "of_bea"), [("code_wins", 0, 1000), ("link_wins", 1000, 0), ("shared", 500, 500)]
)
def test_deal_says_whether_code_or_link_goes_first(precedence, of_ada, of_bea):
    market = Market(model="linear", code_precedence=precedence)
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.code(bea, "BEA10")
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk), code="BEA10")

    amounts = {
        share.advocate: share.commission.amount_minor if share.commission else 0
        for share in sale.attribution.shares.all()
    }
    assert amounts == {ada: of_ada, bea: of_bea}


def test_own_click_earns_nothing():
    market = Market()
    ada = market.advocate()
    click = market.click(ada, is_own=True)

    assert market.share(market.sell(click_id=str(click.pk)), ada).reason == Reason.OWN_PURCHASE


@pytest.mark.parametrize("email", ["ada@example.com", " ADA@Example.com", "ada+shop@example.com"])
def test_own_purchase_shows_by_the_buyers_address(email):
    market = Market()
    ada = market.advocate(email="ada@example.com")
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk), customer_email=email)

    assert market.share(sale, ada).reason == Reason.OWN_PURCHASE
    assert "ada" not in str(sale.body).lower()


def test_own_purchase_shows_by_a_second_address_of_the_account():
    market = Market()
    ada = market.advocate()
    ada.user.emailaddress_set.create(email="A.Vermeer@gmail.com", verified=True, primary=False)
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk), customer_email="avermeer+klei@googlemail.com")

    assert market.share(sale, ada).reason == Reason.OWN_PURCHASE


def test_another_buyer_is_no_own_purchase():
    market = Market()
    ada = market.advocate()
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk), customer_email="bob@example.com")

    assert market.share(sale, ada).commission.amount_minor == 1000


def test_suspended_advocate_earns_nothing():
    market = Market()
    ada = market.advocate()
    click = market.click(ada)
    ada.state, ada.suspension_reason = AdvocateState.SUSPENDED, "Bought own products"
    ada.save()

    assert market.share(market.sell(click_id=str(click.pk)), ada).reason == Reason.SUSPENDED


def test_advocate_without_a_deal_earns_nothing_and_is_told():
    market = Market()
    ada = market.advocate(enrolled=False)
    click = market.click(ada)

    share = market.share(market.sell(click_id=str(click.pk)), ada)

    assert (share.reason, share.enrolment) == (Reason.NOT_ENROLLED, None)


def test_end_of_an_enrolment_leaves_earlier_orders_alone():
    market = Market()
    ada = market.advocate()
    click = market.click(ada)
    end_enrolment(enrolment=market.enrolment(ada), by=ada.user, at=NOW + timedelta(hours=1))

    before = market.sell(click_id=str(click.pk), at=NOW + timedelta(hours=2))
    after = market.sell(
        click_id=str(click.pk), placed_at=NOW + timedelta(hours=2), at=NOW + timedelta(hours=2)
    )

    assert market.share(before, ada).reason == ""
    assert market.share(after, ada).reason == Reason.NOT_ENROLLED


def test_employee_is_not_paid_here():
    market = Market()
    els = market.advocate("Els de Wit")
    ShopMember.objects.create(shop=market.shop, user=els.user, role="staff")
    click = market.click(els)

    assert market.share(market.sell(click_id=str(click.pk)), els).reason == Reason.EMPLOYEE


def test_order_while_the_programme_was_closed_earns_nothing():
    market = Market()
    ada = market.advocate()
    click = market.click(ada)
    close_programme(programme=market.programme, at=NOW - timedelta(hours=1))

    sale = market.sell(click_id=str(click.pk))

    assert outcome(sale) == (Outcome.NOT_ELIGIBLE, Reason.NO_DEAL, 0)
    assert market.share(sale, ada).reason == Reason.NO_DEAL
    assert sale.attribution.deal is None


def test_new_version_of_the_deal_changes_only_later_orders():
    market = Market(rate_bps=1000)
    ada = market.advocate()
    click = market.click(ada)
    better = publish_deal(
        programme=market.programme,
        terms=Terms(rate_bps=2000, model="last"),
        valid_from=NOW,
        by=market.mila,
        at=NOW - timedelta(hours=1),
    )

    before = market.sell(click_id=str(click.pk), placed_at=NOW - timedelta(minutes=1))
    after = market.sell(click_id=str(click.pk), placed_at=NOW)

    assert (before.attribution.deal, before.attribution.commission_minor) == (market.deal, 1000)
    assert (after.attribution.deal, after.attribution.commission_minor) == (better, 2000)


def test_lines_carry_their_part():
    market = Market(model="linear", cap_minor=501)
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.click(ada, days=2)
    click = market.click(bea)

    sale = market.sell(
        click_id=str(click.pk),
        lines=(line_report("1"), line_report("2", gross=3000, vat=500), line_report("3", gross=0, vat=0)),
    )

    rows = ShareLine.objects.filter(share__attribution__sale=sale).order_by("share__advocate", "pk")
    assert list(rows.values_list("share__advocate", "sale_line__line_id", "base_minor", "amount_minor")) == [
        (ada.pk, "1", 10000, 201),
        (ada.pk, "2", 2500, 50),
        (ada.pk, "3", 0, 0),
        (bea.pk, "1", 10000, 200),
        (bea.pk, "2", 2500, 50),
        (bea.pk, "3", 0, 0),
    ]


def test_ids_are_the_same_wherever_the_report_is_played():
    market = Market()
    ada = market.advocate()
    market.code(ada, "ADA10")

    first = market.sell(code="ADA10", external_id="1001")
    share, touch = market.share(first, ada), Touch.objects.get(kind=TouchKind.CODE)

    assert (share.pk.version, touch.pk.version) == (5, 7)
    assert attribute_sale(sale=first, at=NOW) == first.attribution
    assert (Attribution.objects.count(), Share.objects.count(), Commission.objects.count()) == (1, 1, 1)


def test_budget_is_spent_in_full_orders_only():
    market = Market(budget_minor=2500)
    ada = market.advocate()
    click = market.click(ada)

    sales = [market.sell(click_id=str(click.pk)) for _ in range(3)]
    small = market.sell(click_id=str(click.pk), lines=(line_report(gross=5000, vat=0),))

    assert [outcome(sale) for sale in (*sales, small)] == [
        (Outcome.ATTRIBUTED, "", 1000),
        (Outcome.ATTRIBUTED, "", 1000),
        (Outcome.NOT_ELIGIBLE, Reason.BUDGET_EMPTY, 0),
        (Outcome.ATTRIBUTED, "", 500),
    ]
    assert committed_of(market) == 2500


def test_refund_and_rejection_give_back_to_the_budget():
    market = Market(budget_minor=2000)
    ada = market.advocate()
    click = market.click(ada)
    first, second = (market.sell(click_id=str(click.pk)) for _ in range(2))

    record_refund(
        sale=first,
        report=RefundReport(external_id="R1", refunded_at=NOW, amount_minor=6050),
        at=NOW,
    )
    reject_commission(
        commission=market.share(second, ada).commission,
        reason="unpaid",
        note="Never paid",
        by=market.mila,
        at=NOW,
    )

    assert committed_of(market) == 500


def test_query_count_does_not_grow_with_the_path():
    market = Market(model="linear")
    counts = []
    for number_of_clicks in (1, 4):
        ada = market.advocate()
        key = uuid4()
        clicks = [market.click(ada, visitor_key=key, days=day) for day in range(1, number_of_clicks + 1)]
        with connection.execute_wrapper(counting(counts)):
            market.sell(click_id=str(clicks[0].pk))
        counts.append("|")

    first, second, _rest = "".join(counts).split("|")
    assert len(first) == len(second)


def committed_of(market):
    return Budget.objects.get(programme=market.programme).committed_minor


def counting(counts):
    def count(execute, sql, params, many, context):
        counts.append("q")
        return execute(sql, params, many, context)

    return count


@pytest.mark.django_db(transaction=True)
def test_budget_holds_when_orders_come_at_the_same_moment():
    market = Market(budget_minor=3000)
    ada = market.advocate()
    click = market.click(ada)
    barrier, failures = threading.Barrier(8), []

    def sell(number):
        try:
            barrier.wait()
            market.sell(click_id=str(click.pk), external_id=f"C{number}")
        except Exception as error:  # noqa: BLE001 -- handed to the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sell, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert Sale.objects.count() == 8
    assert committed_of(market) == 3000
    assert Attribution.objects.filter(reason=Reason.BUDGET_EMPTY).count() == 5
    assert check_books() == []
