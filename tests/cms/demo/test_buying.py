"""What the demo plays of buying on the site does what it says, against the site and the stand-in."""

import http.cookiejar
import threading
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from advocates.models import SellingTerms
from cms.demo.buying import buy_here, sell_here
from cms.demo.loop import Loop
from payouts.books import check_books
from tests.advocates.counter import Counter
from tests.advocates.market import Market
from tests.payouts.conftest import stand_in

__all__ = ["stand_in"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counter(stand_in):
    stand_in.advance(int(timezone.now().timestamp()) - stand_in.world.now)
    counter = Counter(stand_in, Market(), Client())
    SellingTerms.objects.all().delete()
    return counter


@pytest.fixture
def stage(live_server, stand_in, counter, tmp_path):
    """The loop's places, with Mila logged in; what Stripe tells is heard as long as the test lasts."""
    told = []
    stage = Loop(
        site_url=live_server.url,
        webshop_url="",
        stripe_url=stand_in.url,
        mail_folder=tmp_path,
        say=told.append,
    )
    stage.told = told
    visitor = stage.visitor()
    client = Client()
    client.force_login(counter.market.mila)
    session = client.cookies["sessionid"].value
    # As the library spells a host without a dot.
    host = f"{urlsplit(live_server.url).hostname}.local"
    visitor.jar.set_cookie(
        http.cookiejar.Cookie(
            0, "sessionid", session, None, False, host, False, False, "/", True, False, None, False,
            None, None, {},
        )
    )  # fmt: skip
    stage.logged_in["mila"] = visitor
    is_over = threading.Event()

    def hear():
        while not is_over.wait(0.2):
            counter.hear()
        connection.close()

    worker = threading.Thread(target=hear)
    worker.start()
    yield stage
    is_over.set()
    worker.join()


def test_shop_switches_selling_on_and_bob_buys_through_ada(stage, counter):
    shop = counter.shop
    sell_here(stage, shop=shop, owner="mila")

    sale = buy_here(stage, shop=shop, advocate_link=counter.link(counter.market.advocate()))

    assert sale.purchase.fee.in_hand_minor == 200
    assert stage.told[-1].endswith("Ada Vermeer 200 cents, 200 cents in hand")
    assert check_books() == []
