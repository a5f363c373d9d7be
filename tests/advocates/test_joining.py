import pytest
from django.urls import reverse
from django.utils.translation import override

from advocates.enrolments import approve_enrolment, decline_enrolment, end_enrolment
from advocates.models import Enrolment, EnrolmentAcceptance
from advocates.programmes import close_programme
from tests.advocates.market import Market
from tests.factories import NOW, make_shop, make_user


@pytest.fixture
def market(db):
    return Market()


@pytest.fixture
def ada(client, db):
    user = make_user("Ada Vermeer")
    client.force_login(user)
    return user


def _url(shop, name="join"):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug])


def _ask(client, market, **fields):
    data = {"motivation": "Ik drink eruit.", "accept": "on", "version": "1", **fields}
    return client.post(_url(market.shop), {name: value for name, value in data.items() if value})


def test_anybody_reads_the_terms_and_is_asked_to_log_in(client, market):
    page = client.get(_url(market.shop))

    text = page.content.decode()
    assert "You earn 10% of what the buyer pays, without VAT, shipping and discount." in text
    assert f"{reverse('account_login')}?next={_url(market.shop)}".split("/account")[1] in text
    assert page.context["form"] is None


def test_stranger_who_posts_is_asked_to_log_in(client, market):
    answer = _ask(client, market)

    assert answer.url.endswith(f"?next={_url(market.shop)}")
    assert not Enrolment.objects.exists()


def test_asking_records_the_motivation_and_the_accepted_version(client, market, ada):
    _ask(client, market)

    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.motivation) == ("requested", "Ik drink eruit.")
    assert EnrolmentAcceptance.objects.get().deal == market.deal
    page = client.get(_url(market.shop))
    assert page.context["can_ask"] is False
    assert "you see the answer here" in page.content.decode()


def test_terms_must_be_accepted(client, market, ada):
    page = _ask(client, market, accept="")

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["accept"])
    assert "Ik drink eruit." in page.content.decode()
    assert not Enrolment.objects.exists()


def test_terms_that_changed_meanwhile_must_be_read_again(client, market, ada):
    market.agree(at=NOW, rate_bps=1500, model="last")

    page = _ask(client, market)

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["accept"])
    assert not Enrolment.objects.exists()
    _ask(client, market, version="2")
    assert EnrolmentAcceptance.objects.get().deal.version == 2


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_strange_version_is_refused(client, market, ada, version):
    assert _ask(client, market, version=version).status_code == 422
    assert not Enrolment.objects.exists()


def test_declined_shows_the_note_and_when_to_ask_again(client, market, ada):
    _ask(client, market)
    decline_enrolment(enrolment=Enrolment.objects.get(), note="We zijn vol.", by=market.mila, at=NOW)

    page = client.get(_url(market.shop))
    again = _ask(client, market)

    assert "We zijn vol." in page.content.decode()
    assert (again.status_code, Enrolment.objects.count()) == (422, 1)
    assert "You can ask again from" in again.context["form"].non_field_errors()[0]


def test_joined_reads_later_terms_and_accepts_them(client, market, ada):
    _ask(client, market)
    approve_enrolment(enrolment=Enrolment.objects.get(), by=market.mila, at=NOW)
    later = market.agree(at=NOW, rate_bps=500, model="last")

    page = client.get(_url(market.shop))
    client.post(_url(market.shop, "join_accept"), {"version": later.version})

    assert [row["deal"] for row in page.context["news"]] == [later]
    assert client.get(_url(market.shop)).context["news"] == []


def test_ending_asks_first(client, market, ada):
    _ask(client, market)
    enrolment = approve_enrolment(enrolment=Enrolment.objects.get(), by=market.mila, at=NOW)

    client.get(_url(market.shop, "join_end"))
    enrolment.refresh_from_db()
    assert enrolment.state == "active"

    client.post(_url(market.shop, "join_end"))
    enrolment.refresh_from_db()
    assert enrolment.state == "ended"
    assert client.get(_url(market.shop)).context["can_ask"] is True


def test_ended_may_ask_again(client, market, ada):
    _ask(client, market)
    enrolment = approve_enrolment(enrolment=Enrolment.objects.get(), by=market.mila, at=NOW)
    end_enrolment(enrolment=enrolment, by=ada, at=NOW)

    _ask(client, market)

    assert list(Enrolment.objects.order_by("pk").values_list("state", flat=True)) == ["ended", "requested"]


def test_eve_can_neither_end_nor_accept_what_is_adas(client, market):
    enrolment = market.enrolment(market.advocate())
    client.force_login(make_user("Eve Stil"))

    answers = [
        client.post(_url(market.shop, "join_end")),
        client.post(_url(market.shop, "join_accept"), {"version": 1}),
    ]

    enrolment.refresh_from_db()
    assert [answer.status_code for answer in answers] == [404, 404]
    assert enrolment.state == "active"


@pytest.mark.parametrize("version", ["", "x", "0", "99999999999999999999"])
def test_accepting_strange_terms_is_not_there(client, market, ada, version):
    _ask(client, market)
    approve_enrolment(enrolment=Enrolment.objects.get(), by=market.mila, at=NOW)

    answer = client.post(_url(market.shop, "join_accept"), {"version": version})

    assert (answer.status_code, EnrolmentAcceptance.objects.count()) == (404, 1)


def test_owner_is_refused_with_words(client, market):
    client.force_login(market.mila)

    page = _ask(client, market)

    assert page.status_code == 422
    assert "is your own shop" in page.context["form"].non_field_errors()[0]


def test_closed_programme_and_shop_without_one_say_so(client, market, ada):
    close_programme(programme=market.programme, at=NOW)

    pages = [client.get(_url(shop)) for shop in (market.shop, make_shop("Zonder"))]

    assert [(page.status_code, page.context["deal"], page.context["form"]) for page in pages] == [
        (200, None, None),
        (200, None, None),
    ]
    assert _ask(client, market).status_code == 200
    assert not Enrolment.objects.exists()
