"""The books as their owners read them: only their own accounts, with the balance after each entry, and why."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from payouts.commissions import mature_commissions, reverse_commission
from payouts.ledger_reading import Choice, all_entries, read_entries
from payouts.models import LedgerAccount, LedgerEntry
from payouts.reserves import reserve_payouts
from payouts.reviews import approve_commissions
from payouts.settlement import start_run
from tests.advocates.market import NOW, Market
from tests.factories import make_commission, make_user


@pytest.fixture
def market(db):
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate("Ada Vermeer")


def sold(market, ada, **fields):
    click = market.click(ada, visitor_key=None)
    return market.sell(click_id=str(click.pk), **fields)


def account(kind, **owner):
    return LedgerAccount.objects.get(kind=kind, **owner)


def url_of(name, *args, query=""):
    with override("en"):
        return reverse(f"advocates:{name}", args=args) + query


def shown(page):
    return [(entry.row.shown_minor, entry.row.shown_balance_minor) for entry in page.context["entries"]]


def read_csv(response):
    text = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


# Reading ---------------------------------------------------------------------------------------------------


def test_pieces_join_and_each_entry_has_the_balance_after_it(market, ada):
    amounts = [100, 250, 40, 7, 900]
    for amount in amounts:
        make_commission(market.shop.payer, ada.payee, amount)
    receivable = account("shop:receivable", payer=market.shop.payer)

    pieces, before = [], None
    while True:
        piece = read_entries(Choice(accounts=(receivable.pk,), before=before), limit=2)
        pieces += piece.rows
        before = piece.next_before
        if before is None:
            break

    assert [(row.amount_minor, row.balance_minor) for row in pieces] == [
        (900, 1297),
        (7, 397),
        (40, 390),
        (250, 350),
        (100, 100),
    ]
    assert receivable.balance_minor == 1297
    assert list(all_entries(Choice(accounts=(receivable.pk,)))) == pieces


def test_what_is_left_out_does_not_change_the_balances(market, ada):
    for amount in (100, 250, 40):
        make_commission(market.shop.payer, ada.payee, amount)
    receivable = account("shop:receivable", payer=market.shop.payer)

    found = read_entries(Choice(accounts=(receivable.pk,), least_minor=50, most_minor=200), limit=10)

    assert [(row.amount_minor, row.balance_minor) for row in found.rows] == [(100, 100)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"account_kind": "advocate:payable"}, 1),
        ({"step": "mature"}, 2),
        ({"shop": "klei"}, 4),
        ({"shop": "%"}, 0),
        ({"advocate": "ADA"}, 3),
        ({"advocate": "cas"}, 0),
        ({"since": NOW}, 4),
        ({"until": NOW}, 0),
    ],
)
def test_all_books_are_narrowed_down(market, ada, asked, expected):
    commission = make_commission(market.shop.payer, ada.payee)
    mature_commissions(at=commission.due_at)

    assert len(read_entries(Choice(**asked), limit=10).rows) == expected


# The shop --------------------------------------------------------------------------------------------------


def test_mila_reads_what_she_owes_and_why(client, market, ada):
    sale = sold(market, ada)
    share = market.share(sale, ada)
    reverse_commission(commission=share.commission, key="r", amount_minor=400, reason="refund 1", at=NOW)
    client.force_login(market.mila)

    page = client.get(url_of("desk_ledger", market.shop.slug))

    assert shown(page) == [(-400, 600), (1000, 1000)]
    assert share.get_absolute_url() in page.content.decode()
    assert "Commission reversed" in page.content.decode()


def test_a_settlement_is_linked_for_each_side(client, market, ada):
    share = market.share(sold(market, ada), ada)
    mature_commissions(at=share.commission.due_at)
    approve_commissions(payer=market.shop.payer, commission_ids=None, by=None, at=NOW)
    run = start_run(payer=market.shop.payer, currency="EUR", by=None, at=NOW)
    reserve_payouts(run=run, at=NOW)
    transit = account("advocate:in_transit", payee=ada.payee)
    client.force_login(ada.user)

    page = client.get(url_of("ledger", query=f"?account={transit.pk}"))

    assert shown(page) == [(1000, 1000)]
    assert page.context["entries"][0].cause == f"Settlement {run.pk}"


def test_the_file_holds_the_whole_choice(client, market, ada):
    for _number in range(3):
        sold(market, ada)
    client.force_login(market.mila)

    rows = read_csv(client.get(url_of("desk_ledger_csv", market.shop.slug, query="?step=accrue")))

    assert [row[4:6] for row in rows[1:]] == [["10.00", "30.00"], ["10.00", "20.00"], ["10.00", "10.00"]]


def test_an_empty_ledger_says_what_will_be_there(client, market):
    client.force_login(market.mila)

    page = client.get(url_of("desk_ledger", market.shop.slug)).content.decode()

    assert "From the first commission on" in page


@pytest.mark.parametrize(
    "query",
    ["since=tomorrow", "until=9999-12-31", "least=x", "most=1e9", "step=nonsense", "least=" + "9" * 19],
)
def test_what_cannot_be_asked_is_said_at_its_field(client, market, ada, query):
    sold(market, ada)
    client.force_login(market.mila)

    page = client.get(url_of("desk_ledger", market.shop.slug, query=f"?{query}"))

    assert page.status_code == 422
    assert page.context["form"].errors
    assert client.get(url_of("desk_ledger_csv", market.shop.slug, query=f"?{query}")).status_code == 404


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²", ""])
def test_nonsense_in_the_address_reads_from_the_newest(client, market, ada, before):
    sold(market, ada)
    client.force_login(market.mila)

    page = client.get(url_of("desk_ledger", market.shop.slug, query=f"?before={before}"))

    assert shown(page) == [(1000, 1000)]


# Who may ---------------------------------------------------------------------------------------------------


def test_nobody_reads_the_accounts_of_another(client, market, ada):
    sold(market, ada)
    other = Market("Hout & Zo")
    cas = other.advocate("Cas Klaver")
    sold(other, cas)
    hers = account("advocate:held", payee=ada.payee)
    of_shop = account("shop:receivable", payer=market.shop.payer)

    for user, address in (
        (cas.user, url_of("ledger", query=f"?account={hers.pk}")),
        (cas.user, url_of("ledger_csv", query=f"?account={hers.pk}")),
        (ada.user, url_of("ledger", query=f"?account={of_shop.pk}")),
        (other.mila, url_of("desk_ledger", other.shop.slug, query=f"?account={of_shop.pk}")),
        (other.mila, url_of("desk_ledger", market.shop.slug)),
        (other.mila, url_of("desk_ledger_csv", market.shop.slug)),
        (make_user("Eve de Vries"), url_of("desk_ledger", market.shop.slug)),
    ):
        client.force_login(user)
        assert client.get(address).status_code == 404, address
    client.logout()
    assert client.get(url_of("ledger")).status_code == 302
    assert client.get(url_of("desk_ledger", market.shop.slug)).status_code == 302


def test_somebody_who_never_earned_reads_that_nothing_was_booked(client, market):
    client.force_login(make_user("Eve de Vries"))

    page = client.get(url_of("ledger"))

    assert "Nothing was booked yet" in page.content.decode()


def test_the_list_asks_as_often_for_three_as_for_one(client, market, ada):
    client.force_login(market.mila)
    address = url_of("desk_ledger", market.shop.slug)
    counts = []
    for _round in range(2):
        sold(market, ada)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        counts.append((len(page.context["entries"]), len(queries)))
        sold(market, ada)

    assert [rows for rows, _count in counts] == [1, 3]
    assert counts[0][1] == counts[1][1]


# Staff -----------------------------------------------------------------------------------------------------


def test_staff_reads_all_books(client, market, ada, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    sold(market, ada)
    client.force_login(make_user("Vera Vos", is_staff=True, is_superuser=True))
    held = account("advocate:held", payee=ada.payee)

    page = client.get(reverse("ledger"))
    one = client.get(reverse("ledger"), {"account": held.pk})
    rows = read_csv(client.get(reverse("ledger_csv"), {"account_kind": "advocate:held"}))
    wrong = client.get(reverse("ledger"), {"since": "x"})

    assert len(page.context["entries"]) == LedgerEntry.objects.count() == 2
    assert [entry.row.balance_minor for entry in one.context["entries"]] == [-1000]
    assert held.code in one.content.decode()
    assert [row[7:9] for row in rows[1:]] == [["", "10.00"]]
    assert wrong.status_code == 422
    assert client.get(reverse("ledger"), {"account": "0"}).status_code == 404


def test_the_books_of_all_are_for_staff(client, market, ada):
    sold(market, ada)
    client.force_login(market.mila)

    assert client.get(reverse("ledger")).status_code != 200
    assert client.get(reverse("ledger_csv")).status_code != 200
