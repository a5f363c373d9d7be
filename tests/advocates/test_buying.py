"""The pages of buying on the site: what they say, to whom, and what they do when something changed."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from advocates.enums import Availability, PurchaseState
from advocates.models import Offer, Product, Purchase, SellingTerms, Touch
from advocates.order_limit import MOST_AN_HOUR, TooManyOrders, count_order
from advocates.purchases import is_sold_here
from advocates.selling import UnableToSell, set_selling_terms
from payouts.enums import AccountStatus
from tests.advocates.counter import BROWSER, Counter, query_of
from tests.advocates.market import VISITOR, Market
from tests.factories import NOW, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def counter(stand_in, market, client):
    stand_in.advance(int(timezone.now().timestamp()) - stand_in.world.now)
    return Counter(stand_in, market, client)


def text_of(page):
    return " ".join(page.content.decode().split())


def product_page(counter):
    return counter.browser.get(counter.product.get_absolute_url())


def test_product_has_the_button_and_its_page_stays_everybodys(counter):
    page = product_page(counter)

    assert f'href="{counter.address}?via={counter.link().code}"' in page.content.decode()
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert "public" in page["Cache-Control"]
    assert "csrftoken" not in page.cookies


@pytest.mark.parametrize(
    "change",
    [
        lambda counter: counter.set_terms(is_on=False),
        lambda _counter: SellingTerms.objects.all().delete(),
        lambda counter: change_account(counter, AccountStatus.RESTRICTED),
        lambda counter: change_offer(counter, availability=Availability.OUT_OF_STOCK),
        lambda counter: change_offer(counter, checked_at=timezone.now() - timedelta(days=400)),
        lambda counter: change_offer(counter, price_minor=0),
        lambda counter: change_offer(counter, currency="USD"),
    ],
    ids=["off", "never said", "account", "sold out", "price unknown", "no price", "other currency"],
)
def test_what_cannot_be_sold_here_leads_to_the_shop_as_ever(counter, change):
    change(counter)

    assert counter.address not in product_page(counter).content.decode()
    order = counter.visit()
    assert order.status_code == 409
    assert "order__go" not in order.content.decode()
    assert Purchase.objects.count() == 0


def change_offer(counter, **fields):
    Offer.objects.filter(product=counter.product).update(**fields)


def change_account(counter, status):
    account = counter.shop.payer.account
    account.status = status
    account.save()


def test_order_page_says_price_shipping_seller_and_who_earns(counter, market):
    page = counter.visit(market.advocate())

    text = text_of(page)
    assert page.status_code == 200
    for said in ("24.20", "4.95", "29.15", "Klei &amp; Co", "Belgium, Netherlands", "Binnen twee werkdagen"):
        assert said in text, said
    assert "Ada Vermeer earns a commission" in text
    assert "https://klei.example/retour" in text
    assert "no-store" in page["Cache-Control"]


def test_shipping_is_free_from_what_the_shop_said(counter):
    assert counter.fields(counter.visit(quantity=2))["seen_minor"] == "5335"
    assert counter.fields(counter.visit(quantity=3))["seen_minor"] == "7260"


def test_click_is_stored_once_and_stays_in_the_address(counter, market):
    page = counter.visit(market.advocate(), quantity=2)

    touch = Touch.objects.get()
    (address, _status) = page.redirect_chain[-1]
    assert query_of(address) == {"quantity": "2", "vp_click": str(touch.pk)}
    assert (touch.advocate, touch.product) == (market.enrolment(touch.advocate).advocate, counter.product)
    counter.browser.get(address, headers={"User-Agent": BROWSER})
    assert Touch.objects.count() == 1


def test_who_refused_cookies_keeps_the_credit_in_the_address(counter, market):
    counter.browser.cookies["vp_consent"] = "no"
    ada = market.advocate()

    counter.buy_here(ada)
    counter.hear()

    assert Touch.objects.get(advocate=ada).visitor_key is None
    assert market.share(counter.purchase().sale, ada).commission.amount_minor == 200


def test_who_kept_the_cookie_is_credited_by_the_path_before(counter, market):
    """“Buy here” of the house credits nobody; the click before it, on Ada's link, does."""
    ada = market.advocate()
    market.click(ada, days=2)
    counter.browser.cookies["vp_visitor"] = str(VISITOR)
    market.agree(at=market.began_at, rate_bps=1000, model="last")

    counter.buy_here()
    counter.hear()

    assert market.share(counter.purchase().sale, ada).commission.amount_minor == 200


def test_crawler_leaves_no_click_and_gets_the_page(counter):
    page = counter.visit(**{"User-Agent": "Googlebot/2.1"})

    assert (page.status_code, page.redirect_chain, Touch.objects.count()) == (200, [], 0)


def test_changed_price_is_told_before_anybody_pays(counter):
    page = counter.visit()
    change_offer(counter, price_minor=2620)

    answer = counter.order(page)

    assert (answer.status_code, Purchase.objects.count()) == (409, 0)
    assert "it is now €31.15, it was €29.15" in text_of(answer)
    # The page now shows the new price, and who agrees goes on.
    assert counter.order(answer).status_code == 303
    assert counter.purchase().unit_minor == 2620


def test_what_was_sold_out_meanwhile_is_told(counter):
    page = counter.visit()
    change_offer(counter, availability=Availability.OUT_OF_STOCK)

    answer = counter.order(page)

    assert (answer.status_code, Purchase.objects.count()) == (422, 0)
    assert "sold out" in text_of(answer)


def test_till_that_is_asked_for_too_often_says_when_to_go_on(counter):
    page = counter.visit(quantity=2)
    at = timezone.now()
    for _time in range(MOST_AN_HOUR):
        count_order(shop_id=counter.shop.pk, address="127.0.0.1", at=at)

    answer = counter.order(page)

    assert (answer.status_code, Purchase.objects.count()) == (429, 0)
    assert "asked for very often in one hour. You can go on at" in text_of(answer)
    assert counter.fields(answer)["quantity"] == "2"
    count_order(shop_id=counter.shop.pk, address="127.0.0.2", at=at)
    count_order(shop_id=counter.shop.pk + 1, address="127.0.0.1", at=at)
    count_order(shop_id=counter.shop.pk, address="127.0.0.1", at=at + timedelta(hours=1))


def test_a_house_with_many_addresses_goes_to_the_till_as_one():
    for number in range(MOST_AN_HOUR):
        count_order(shop_id=0, address=f"2001:db8::{number:x}", at=NOW)

    with pytest.raises(TooManyOrders):
        count_order(shop_id=0, address="2001:db8::ffff", at=NOW)
    count_order(shop_id=0, address="2001:db8:0:1::1", at=NOW)
    count_order(shop_id=0, address="nowhere", at=NOW)


def test_form_sent_twice_is_one_purchase_and_one_page(counter, stand_in):
    page = counter.visit()

    first, second = counter.order(page), counter.order(page)

    assert first["Location"] == second["Location"]
    assert (Purchase.objects.count(), len(stand_in.dump()["checkout.session"])) == (1, 1)


def test_back_button_with_other_pieces_is_another_purchase(counter):
    page = counter.visit()
    first = counter.order(page)

    second = counter.order(page, quantity="2", seen_minor="5335")

    assert first["Location"] != second["Location"]
    assert sorted(Purchase.objects.values_list("quantity", flat=True)) == [1, 2]


def test_form_that_was_paid_leads_to_what_was_bought(counter, stand_in):
    page = counter.visit()
    session = counter.order(page)["Location"].rsplit("/", 1)[1]
    stand_in.complete_checkout(session)

    again = counter.order(page)

    assert again["Location"].endswith(reverse("advocates:purchase", args=[counter.purchase().pk]))
    counter.hear()
    assert counter.order(page)["Location"] == again["Location"]
    assert len(stand_in.dump()["checkout.session"]) == 1


def test_form_whose_page_expired_begins_anew(counter, stand_in):
    page = counter.visit()
    first = counter.order(page)["Location"].rsplit("/", 1)[1]
    stand_in.expire_checkout(first)

    second = counter.order(page)["Location"].rsplit("/", 1)[1]

    assert first != second
    assert sorted(Purchase.objects.values_list("state", flat=True)) == [
        PurchaseState.LAPSED,
        PurchaseState.OPEN,
    ]


def test_cancelled_page_loses_nothing(counter, stand_in, market):
    session = counter.go_to_payment(market.advocate(), quantity=3)
    (row,) = [row for row in stand_in.dump()["checkout.session"] if row["id"] == session]

    back = counter.browser.get(row["cancel_url"], headers={"User-Agent": BROWSER})

    assert back.status_code == 200
    assert "Nothing was paid" in text_of(back)
    fields = counter.fields(back)
    assert (fields["quantity"], fields["click"]) == ("3", str(Touch.objects.get().pk))


@pytest.mark.parametrize("fault", ["timeout_before", "server_error_before", "rate_limit"])
def test_payment_page_that_does_not_open_is_told_and_the_same_form_tries_again(counter, stand_in, fault):
    page = counter.visit()
    stand_in.fault(fault, method="POST", path="/v1/checkout/sessions")

    failed, again = counter.order(page), counter.order(page)

    assert (failed.status_code, again.status_code) == (422, 303)
    assert "Nothing was ordered" in text_of(failed)
    assert Purchase.objects.count() == 1


def test_answer_that_was_lost_gives_the_same_page(counter, stand_in):
    page = counter.visit()
    stand_in.fault("timeout_after", method="POST", path="/v1/checkout/sessions")

    counter.order(page)
    time.sleep(1.1)  # when a page expires is asked for to the second
    again = counter.order(page)

    assert again.status_code == 303
    assert len(stand_in.dump()["checkout.session"]) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "9" * 40},
        {"quantity": "een"},
        {"seen_minor": "9" * 40},
        {"seen_minor": ""},
        {"attempt": "x"},
        {"attempt": "\0"},
        {"click": "\0"},
    ],
)
def test_nonsense_orders_nothing(counter, changed):
    answer = counter.order(counter.visit(), **changed)

    assert (answer.status_code, Purchase.objects.count()) == (422, 0)


@pytest.mark.parametrize("query", ["quantity=\0", "quantity=99999999999", "vp_click=\0", "via=\0%00", "via="])
def test_nonsense_in_the_address_does_no_harm(counter, query):
    page = counter.browser.get(f"{counter.address}?{query}", headers={"User-Agent": BROWSER}, follow=True)

    assert (page.status_code, counter.fields(page)["quantity"]) == (200, "1")


def test_click_of_another_shop_is_not_taken(counter):
    other = Market("Bos & Co")
    foreign = other.click(other.advocate("Noor Bakker"), visitor_key=None)

    answer = counter.order(counter.visit(), click=str(foreign.pk))

    assert answer.status_code == 303
    assert counter.purchase().click_id is None


def test_link_to_another_product_does_not_credit_here(counter, market):
    ada = market.advocate()
    other = make_product(market.shop, "Kan")
    counter.product, mine = other, counter.product
    code = counter.link(ada).code
    counter.product = mine

    counter.browser.get(counter.address, {"via": code}, headers={"User-Agent": BROWSER})

    assert Touch.objects.get().advocate is None


def test_product_that_is_none_is_not_found(counter):
    for pk in (counter.product.pk + 1000, 2**63 - 1):
        assert counter.browser.get(reverse("advocates:buy", args=[pk])).status_code == 404
    assert counter.browser.get(reverse("advocates:purchase", args=[uuid4()])).status_code == 404


def test_page_after_paying_says_what_and_what_next(counter, stand_in):
    counter.buy_here(quantity=2)
    page = counter.browser.get(counter.purchase().get_absolute_url())

    text = text_of(page)
    assert "Thank you: it is ordered" in text
    for said in (counter.purchase().number, "2 ×", "53.35", "https://klei.example/retour"):
        assert said in text, said
    assert "no-store" in page["Cache-Control"]
    assert "buyer@example.com" not in text


def test_page_of_a_payment_that_was_not_made_says_so(counter, stand_in):
    session = counter.go_to_payment()
    assert "Not paid yet" in text_of(counter.browser.get(counter.purchase().get_absolute_url()))

    stand_in.expire_checkout(session)
    counter.hear()

    assert "This was not paid" in text_of(counter.browser.get(counter.purchase().get_absolute_url()))


def test_page_after_paying_stands_while_stripe_does_not_answer(counter, stand_in):
    counter.buy_here()
    stand_in.fault("timeout_before", method="GET", path="/v1/checkout/sessions/*")

    assert counter.browser.get(counter.purchase().get_absolute_url()).status_code == 200


# The shop's desk -------------------------------------------------------------------------------------------


@pytest.fixture
def desk(counter, market):
    counter.browser.force_login(market.mila)
    return reverse("advocates:desk_selling", args=[market.shop.slug])


def said(**changed):
    return {
        "is_on": "on",
        "vat_bps": "9",
        "shipping_minor": "3,50",
        "free_from_minor": "",
        "countries": ["NL"],
        "delivery": "Morgen",
        "terms_url": "https://klei.example/v",
        "returns_url": "https://klei.example/r",
        **changed,
    }


def test_shop_says_how_it_sells(counter, desk, market):
    address = reverse("advocates:desk_selling_terms", args=[market.shop.slug])

    answer = counter.browser.post(address, said())

    assert answer["Location"] == desk
    terms = SellingTerms.objects.get()
    assert (terms.is_on, terms.vat_bps, terms.shipping_minor, terms.free_from_minor, terms.countries) == (
        True,
        900,
        350,
        None,
        ["NL"],
    )
    assert counter.browser.get(desk).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"vat_bps": "100"}, "vat_bps"),
        ({"vat_bps": "\0"}, "vat_bps"),
        ({"shipping_minor": "-1"}, "shipping_minor"),
        ({"shipping_minor": "9" * 19}, "shipping_minor"),
        ({"free_from_minor": "0"}, "free_from_minor"),
        ({"countries": []}, "countries"),
        ({"countries": ["XX"]}, "countries"),
        ({"terms_url": "javascript:alert(1)"}, "terms_url"),
        ({"returns_url": ""}, "returns_url"),
        ({"delivery": "x" * 121}, "delivery"),
    ],
)
def test_wrong_word_of_the_shop_is_told_at_its_field(counter, desk, market, changed, field):
    before = SellingTerms.objects.get().changed_at

    answer = counter.browser.post(
        reverse("advocates:desk_selling_terms", args=[market.shop.slug]), said(**changed)
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors.get(field)
    assert "Morgen" in answer.content.decode() or field == "delivery"
    assert SellingTerms.objects.get().changed_at == before


def test_verb_refuses_what_the_form_would(market):
    good = {
        "is_on": True,
        "vat_bps": 2100,
        "shipping_minor": 0,
        "free_from_minor": None,
        "countries": ["NL"],
        "delivery": "",
        "terms_url": "https://klei.example/v",
        "returns_url": "https://klei.example/r",
    }
    with pytest.raises(UnableToSell) as caught:
        set_selling_terms(shop=market.shop, at=NOW, **{**good, "vat_bps": -1, "countries": ["US"]})

    assert set(caught.value.errors) == {"vat_bps", "countries"}
    assert SellingTerms.objects.count() == 0


def test_stranger_finds_no_desk(counter, market, client):
    addresses = [
        reverse(f"advocates:{name}", args=[market.shop.slug])
        for name in ("desk_selling", "desk_selling_terms", "desk_selling_start", "desk_selling_done")
    ]
    for address in addresses:
        assert client.post(address)["Location"].startswith(reverse("account_login"))

    client.force_login(make_user("Eve de Vries"))

    assert {client.post(address).status_code for address in addresses} == {404}


def test_desk_lists_what_was_bought_here_with_what_is_in_hand(counter, desk, market):
    counter.buy_here(market.advocate(), quantity=2)
    counter.hear()

    text = text_of(counter.browser.get(desk))
    assert counter.purchase().number in text
    assert "€53.35" in text
    assert "€4.00" in text


def test_list_of_purchases_asks_as_much_for_three_as_for_one(
    counter, desk, market, django_assert_num_queries
):
    ada = market.advocate()
    counter.buy_here(ada)
    counter.hear()
    counter.browser.get(desk)
    with CaptureQueriesContext(connection) as asked:
        counter.browser.get(desk)
    of_one = len(asked)
    for quantity in (2, 3):
        counter.buy_here(ada, quantity=quantity)
    counter.hear()

    with django_assert_num_queries(of_one):
        counter.browser.get(desk)


def test_sale_says_that_it_was_bought_here_and_what_is_in_hand(counter, desk, market):
    session = counter.buy_here(market.advocate())
    counter.hear()
    address = reverse("advocates:desk_sale", args=[market.shop.slug, counter.purchase().sale_id])
    text = text_of(counter.browser.get(address))
    assert "Bought here" in text
    assert "In hand of it" in text
    assert "€2.00" in text

    counter.refund(session, 1210)
    counter.hear()

    assert "€1.00 of the fee went back to you" in text_of(counter.browser.get(address))


def test_product_page_asks_nothing_more_for_selling(counter, django_assert_num_queries):
    with django_assert_num_queries(1):
        product = Product.objects.with_selling().get(pk=counter.product.pk)
        assert is_sold_here(product, at=timezone.now())
