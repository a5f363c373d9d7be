"""Invoices, payment links and payments in parts on a shop's own account at Stripe, played against the stand-in."""

from datetime import timedelta

import pytest

from advocates.enums import SaleSource
from advocates.models import Refund, Sale
from payouts.books import check_books
from payouts.enums import EventState
from payouts.gateway import gateway
from payouts.models import Commission
from tests.advocates.market import NOW, Market
from tests.advocates.till import CUP, Till

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=10)


class Office(Till):
    """Mila's office, where invoices are drawn up."""

    def __init__(self, stand_in, market):
        super().__init__(stand_in, market)
        self.here = {"stripe_account": self.account}

    def rate(self, percentage, *, inclusive):
        told = {"display_name": "btw", "percentage": percentage, "inclusive": inclusive}
        return self.client.v1.tax_rates.create(told, self.here).id

    def draft(self, *items, promotion=None, **metadata):
        """(description, amount, pieces, tax rate or None, metadata) for each item."""
        customer = self.client.v1.customers.create({"name": "Bob", "email": "bob@example.com"}, self.here).id
        told = {"customer": customer, "metadata": metadata}
        if promotion:
            told["discounts"] = [{"promotion_code": promotion}]
        invoice = self.client.v1.invoices.create(told, self.here).id
        for description, amount, pieces, rate, said in items:
            item = {"customer": customer, "invoice": invoice, "description": description, "metadata": said}
            item |= {"tax_rates": [rate]} if rate else {}
            item |= (
                {"quantity": pieces, "unit_amount_decimal": str(amount)}
                if pieces > 1
                else {"amount": amount, "currency": "eur"}
            )
            self.client.v1.invoice_items.create(item, self.here)
        return invoice

    def pay(self, invoice):
        self.client.v1.invoices.pay(invoice, {"payment_method": "pm_card_visa"}, self.here)
        return invoice

    def part(self, amount):
        """A payment of its own that succeeded."""
        told = {"amount": amount, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
        types = {"allowed_payment_method_types": ["card"]}
        return self.client.v1.payment_intents.create({**told, **types}, self.here).id

    def give_back(self, payment, amount):
        charge = gateway().payment(payment, account=self.account).charge
        return self.client.v1.refunds.create({"charge": charge, "amount": amount}, self.here).id

    def subscribe(self, *, click=None, **metadata):
        page = self.client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": "eur",
                            "unit_amount": 2420,
                            "recurring": {"interval": "month"},
                            "product_data": {
                                "name": "Koffie",
                                "metadata": {"product_id": "P9", "vat_bps": "2100"},
                            },
                        },
                    }
                ],
                "success_url": "https://klei.example/thanks",
                "metadata": metadata,
                **({"client_reference_id": str(click.pk)} if click else {}),
            },
            self.here,
        )
        self.stand_in.complete_checkout(page.id, method="card")
        return self.client.v1.checkout.sessions.retrieve(page.id, None, self.here)

    def hear(self):
        self.receive()
        self.work()


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def office(stand_in, market):
    return Office(stand_in, market)


def lines_of(sale):
    return [
        (line.gross_minor, line.discount_minor, line.vat_minor, line.quantity) for line in sale.lines.all()
    ]


def test_paid_invoice_is_an_order_with_the_tax_of_each_line(office, market):
    ada = market.advocate()
    high, low = office.rate("21", inclusive=True), office.rate("9", inclusive=False)
    office.pay(
        office.draft(
            ("Theekop", 6050, 2, high, {"product_id": "P1"}),
            ("Boek", 1000, 1, low, {}),
            vp_click=str(market.click(ada).pk),
            order_id="F-7",
        )
    )

    office.hear()

    sale = Sale.objects.get()
    assert (sale.external_id, sale.source, sale.currency) == ("F-7", SaleSource.STRIPE, "EUR")
    assert lines_of(sale) == [(12100, 0, 2100, 2), (1090, 0, 90, 1)]
    assert [line.product_ref for line in sale.lines.all()] == ["P1", ""]
    assert sale.customer_hash
    assert market.share(sale, ada).commission.amount_minor == 1100
    assert office.states("invoice.paid") == [EventState.PROCESSED]


def test_invoice_without_a_number_of_the_shops_has_its_own(office):
    invoice = office.pay(office.draft(("Theekop", 6050, 1, None, {})))
    office.hear()

    number = office.client.v1.invoices.retrieve(invoice, None, office.here).number
    assert Sale.objects.get().external_id == number


def test_discount_by_code_credits_its_owner_and_comes_off_each_line(office, market):
    ada = market.advocate()
    market.code(ada, "ADA10")
    rate = office.rate("21", inclusive=True)
    office.pay(
        office.draft(
            ("Theekop", 6050, 1, rate, {}),
            ("Kan", 6050, 1, rate, {}),
            promotion=office.promotion("ADA10"),
        )
    )

    office.hear()

    sale = Sale.objects.get()
    assert sale.code == "ADA10"
    assert lines_of(sale) == [(6050, 605, 945, 1)] * 2
    assert market.share(sale, ada).commission.amount_minor == 900


def test_item_below_zero_is_a_discount_on_the_others(office, market):
    ada = market.advocate()
    rate = office.rate("21", inclusive=True)
    office.pay(
        office.draft(
            ("Theekop", 9075, 1, rate, {}),
            ("Kan", 3025, 1, rate, {}),
            ("Klantenkorting", -1210, 1, None, {}),
            vp_click=str(market.click(ada).pk),
        )
    )

    office.hear()

    sale = Sale.objects.get()
    assert [(gross, discount) for gross, discount, _vat, _pieces in lines_of(sale)] == [
        (9075, 908),
        (3025, 302),
    ]
    assert sum(line.paid_minor for line in sale.lines.all()) == 10890
    assert market.share(sale, ada).commission.amount_minor == 900


def test_refund_of_an_invoices_payment_is_found_by_its_invoice_payments(office, market):
    rate = office.rate("21", inclusive=True)
    click = str(market.click(market.advocate()).pk)
    invoice = office.pay(office.draft(("Theekop", 12100, 1, rate, {}), vp_click=click))
    office.hear()
    (payment,) = gateway().payments_of_invoice(invoice, account=office.account)

    refund = office.give_back(payment, 3025)
    office.hear()
    office.hear()

    assert [row.external_id for row in Refund.objects.all()] == [refund]
    assert Commission.objects.get().reversed_minor == 250
    assert check_books() == []


def test_refund_before_its_invoice_waits(office, market):
    from payouts.models import StripeEvent

    click = str(market.click(market.advocate()).pk)
    invoice = office.pay(
        office.draft(("Theekop", 12100, 1, office.rate("21", inclusive=True), {}), vp_click=click)
    )
    office.give_back(gateway().payments_of_invoice(invoice, account=office.account)[0], 12100)
    office.receive()
    StripeEvent.objects.filter(type="invoice.paid").update(next_at=LATER)
    office.work()
    assert office.states("charge.refunded") == [EventState.WAITING]

    office.work(at=LATER)
    office.work(at=LATER + timedelta(minutes=1))

    assert Commission.objects.get().open_minor == 0
    assert office.states("charge.refunded") == [EventState.PROCESSED]


def test_several_payments_of_one_invoice_each_have_their_refunds(office, market):
    """Two charges, one order: what goes back of either comes off it."""
    click = str(market.click(market.advocate()).pk)
    invoice = office.draft(("Theekop", 12100, 1, office.rate("21", inclusive=True), {}), vp_click=click)
    office.client.v1.invoices.finalize_invoice(invoice, None, office.here)
    first, second = office.part(4000), office.part(8100)
    office.client.v1.invoices.attach_payment(invoice, {"payment_intent": first}, office.here)
    office.hear()
    assert Sale.objects.count() == 0
    office.client.v1.invoices.attach_payment(invoice, {"payment_intent": second}, office.here)
    office.hear()

    office.give_back(first, 1000)
    office.give_back(second, 2025)
    office.hear()

    assert (Sale.objects.count(), Refund.objects.count()) == (1, 2)
    assert Commission.objects.get().reversed_minor == 250


def test_dispute_over_an_invoices_payment_finds_its_order(office, stand_in, market):
    click = str(market.click(market.advocate()).pk)
    invoice = office.pay(
        office.draft(("Theekop", 12100, 1, office.rate("21", inclusive=True), {}), vp_click=click)
    )
    office.hear()
    payment = gateway().payments_of_invoice(invoice, account=office.account)[0]
    dispute = stand_in.open_dispute(gateway().payment(payment, account=office.account).charge)

    stand_in.close_dispute(dispute["id"], won=False)
    office.hear()

    assert (Commission.objects.get().open_minor, check_books()) == (0, [])


def test_invoice_that_checkout_drew_up_is_no_second_order(office, market):
    told = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "invoice_creation": {"enabled": True},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {"currency": "eur", "unit_amount": 2420, "product_data": {"name": "Mok"}},
            }
        ],
        "success_url": "https://klei.example/thanks",
        "metadata": {"order_id": "1001", "vp_click": str(market.click(market.advocate()).pk)},
    }
    page = office.client.v1.checkout.sessions.create(told, office.here)
    office.stand_in.complete_checkout(page.id, method="card")
    office.hear()

    assert [sale.external_id for sale in Sale.objects.all()] == ["1001"]
    assert office.states("invoice.paid") == [EventState.IGNORED]
    assert office.stand_in.dump()["invoice"][0]["status"] == "paid"


def test_subscription_is_one_order_and_its_renewals_are_none(office, market):
    """The first invoice is what somebody inspired; what comes of itself each month earns nothing."""
    ada = market.advocate()
    session = office.subscribe(click=market.click(ada), order_id="A-1")
    office.hear()
    office.stand_in.renew(session.subscription)
    office.stand_in.advance(86_400)
    second = office.stand_in.renew(session.subscription)
    office.hear()

    sale = Sale.objects.get()
    assert (sale.external_id, lines_of(sale)) == ("A-1", [(2420, 0, 420, 1)])
    assert sale.lines.get().product_ref == "P9"
    assert market.share(sale, ada).commission.amount_minor == 200
    assert office.states("invoice.paid") == [
        EventState.PROCESSED,
        EventState.IGNORED,
        EventState.IGNORED,
    ]
    assert office.states("checkout.session.completed") == [EventState.IGNORED]

    payment = gateway().payments_of_invoice(second["id"], account=office.account)[0]
    office.give_back(payment, 2420)
    office.hear()
    assert (Refund.objects.count(), Commission.objects.get().open_minor) == (0, 200)


def test_invoice_twice_is_one_order(office, market):
    from cms.stripe_events import HANDLERS

    office.pay(office.draft(("Theekop", 6050, 1, None, {}), vp_click=str(market.click(market.advocate()).pk)))
    (event,) = [event for event in office.receive() if event.type == "invoice.paid"]

    outcomes = {HANDLERS["invoice.paid"](event, NOW) for _ in range(3)}

    assert ({outcome.name for outcome in outcomes}, Sale.objects.count()) == ({"DONE"}, 1)


def test_invoice_that_the_shop_reported_itself_stays_as_it_is(office, market):
    market.sell(external_id="F-7")
    office.pay(office.draft(("Theekop", 6050, 3, None, {}), order_id="F-7"))
    office.hear()

    assert (Sale.objects.get().source, office.states("invoice.paid")) == (
        SaleSource.API,
        [EventState.IGNORED],
    )


def test_credit_note_without_a_refund_takes_its_part_back(office, market):
    click = str(market.click(market.advocate()).pk)
    invoice = office.pay(
        office.draft(("Theekop", 12100, 1, office.rate("21", inclusive=True), {}), vp_click=click)
    )
    office.hear()
    told = {"invoice": invoice, "amount": 6050, "refund_amount": 3025, "credit_amount": 3025}

    note = office.client.v1.credit_notes.create(told, office.here)
    office.hear()

    # Half of the note went back to the card, and that refund told of itself; the other half is the note's.
    amounts = dict(Refund.objects.values_list("external_id", "body__amount_minor"))
    assert sorted(amounts.values()) == [3025, 3025]
    assert amounts[note.id] == 3025
    assert Commission.objects.get().reversed_minor == 500
    assert office.states("credit_note.created") == [EventState.PROCESSED]


def test_invoice_of_an_account_that_is_no_shops_is_left_alone(office, market):
    office.pay(office.draft(("Theekop", 6050, 1, None, {})))
    office.receive()
    account = market.shop.payer.account
    account.stripe_account_id = "acct_elsewhere"
    account.save()
    office.work()

    assert (Sale.objects.count(), office.states("invoice.paid")) == (0, [EventState.IGNORED])


def test_payment_link_says_who_led_there_in_its_address(office, stand_in, market):
    """`client_reference_id` comes from the address that was followed, metadata from the link."""
    ada = market.advocate()
    name, unit, quantity, product = CUP
    link = office.client.v1.payment_links.create(
        {
            "line_items": [
                {
                    "quantity": quantity,
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": unit,
                        "product_data": {"name": name, "metadata": product},
                    },
                }
            ],
            "metadata": {"language": "en"},
        },
        office.here,
    )
    clicks = [market.click(ada), market.click(ada)]
    for click in clicks:
        session = stand_in.follow_link(link.id, client_reference=str(click.pk))
        stand_in.complete_checkout(session["id"])
    office.hear()

    assert {sale.click_id for sale in Sale.objects.all()} == {click.pk for click in clicks}
    assert {sale.buyer_contact.language for sale in Sale.objects.all()} == {"en"}
    assert sorted(Commission.objects.values_list("amount_minor", flat=True)) == [1000, 1000]


def test_payment_that_was_declined_first_has_two_charges_and_one_order(office, stand_in, market):
    """Several charges of one payment: only the one that came through has refunds, and they find the order."""
    session = office.open(click=market.click(market.advocate()), types=("card",), order_id="1001")
    stand_in.complete_checkout(session, method="card", behaviour="declined")
    stand_in.complete_checkout(session, method="card")
    assert len(stand_in.dump()["charge"]) == 2

    office.refund(session, 12100)
    office.hear()

    assert (Sale.objects.count(), Commission.objects.get().open_minor) == (1, 0)
