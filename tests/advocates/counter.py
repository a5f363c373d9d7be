"""A shop that sells on the site, and Bob who buys there: through the pages, and paid on the stand-in's."""

import re
from urllib.parse import parse_qs, urlsplit

from django.urls import reverse
from django.utils import timezone, translation

from advocates.links import create_link, house_links
from advocates.models import Offer, Purchase
from advocates.selling import set_selling_terms
from payouts.onboarding import refresh_account
from tests.advocates.till import Till
from tests.factories import NOW, make_product

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Counter(Till):
    """Mila's shop sells on the site: € 24.20 a cup (21 % VAT), € 4.95 shipping, free from € 50.00."""

    def __init__(self, stand_in, market, client, **terms):
        super().__init__(stand_in, market)
        self.browser = client
        self.shop = market.shop
        refresh_account(account=self.shop.payer.account, at=NOW)
        self.set_terms(**terms)
        self.product = make_product(self.shop, price_minor=2420, external_id="P1")
        # The pages ask the wall clock.
        Offer.objects.filter(product=self.product).update(checked_at=timezone.now())
        # What is asked and answered is in English, as the tests are.
        translation.activate("en")
        self.address = reverse("advocates:buy", args=[self.product.pk])

    def set_terms(self, **terms):
        values = {
            "is_on": True,
            "vat_bps": 2100,
            "shipping_minor": 495,
            "free_from_minor": 5000,
            "countries": ["NL", "BE"],
            "delivery": "Binnen twee werkdagen",
            "terms_url": "https://klei.example/voorwaarden",
            "returns_url": "https://klei.example/retour",
        }
        set_selling_terms(shop=self.shop, at=NOW, **{**values, **terms})

    def link(self, advocate=None):
        """The link that credits: an advocate's own, or the house's."""
        if advocate is None:
            return house_links(products=[self.product], at=timezone.now())[self.product.pk]
        return create_link(advocate=advocate, product=self.product, at=NOW)

    def visit(self, advocate=None, *, quantity=1, **headers):
        """Follow “Buy here”; the page of the order."""
        headers = {"User-Agent": BROWSER, **headers}
        query = {"via": self.link(advocate).code, "quantity": quantity}
        return self.browser.get(self.address, query, headers=headers, follow=True)

    def fields(self, page):
        """What the order's form would send."""
        form = page.content.decode().partition('class="order__go"')[2].partition("</form>")[0]
        found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', form)
        return {name: value for name, value in found if name != "csrfmiddlewaretoken"}

    def order(self, page, **changed):
        """Send the order's form; the answer."""
        return self.browser.post(self.address, {**self.fields(page), **changed})

    def go_to_payment(self, advocate=None, **kwargs):
        """The id of the session whose payment page the order led to."""
        answer = self.order(self.visit(advocate, **kwargs))
        assert answer.status_code == 303, answer.content.decode()[:2000]
        return urlsplit(answer["Location"]).path.rsplit("/", 1)[1]

    def buy_here(self, advocate=None, *, method="ideal", code="", **kwargs):
        session = self.go_to_payment(advocate, **kwargs)
        self.stand_in.complete_checkout(session, method=method, code=code)
        return session

    def hear(self, at=None):
        at = at or timezone.now()
        events = self.receive(at)
        self.work(at)
        return events

    def purchase(self):
        return Purchase.objects.get()


def query_of(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
