"""What staff see of the floors below in the Wagtail admin: everything, and nothing to change by hand."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from cms.admin import MoneyGroup, PeopleGroup, ProductViewSet, SalesGroup, ShopsGroup
from cms.site_tree import MODERATORS
from payouts.models import Commission, LedgerEntry
from payouts.reviews import approve_commissions
from tests.advocates.market import Market
from tests.factories import make_product, make_user

VIEW_SETS = [
    view_set for group in (PeopleGroup, ShopsGroup, SalesGroup, MoneyGroup) for view_set in group.items
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def saskia(settings, client):
    """A member of staff who may see all."""
    settings.STAFF_NEED_SECOND_FACTOR = False
    saskia = make_user("Saskia Staf", is_staff=True, is_superuser=True)
    client.force_login(saskia)
    return saskia


@pytest.fixture
def market():
    market = Market()
    make_product(market.shop)
    ada = market.advocate("Ada Vermeer")
    market.sell(click_id=str(market.click(ada).pk))
    commission = Commission.objects.get()
    approve_commissions(
        payer=commission.payer, commission_ids=[commission.pk], by=market.mila, at=market.began_at
    )
    return market


def test_staff_see_every_table_and_each_of_its_rows(client, saskia, market):
    answers = {}
    for view_set in VIEW_SETS:
        name = view_set.name
        answers[name] = [client.get(reverse(f"{name}:index")).status_code]
        if row := view_set.model.objects.order_by("pk").first():
            answers[name].append(client.get(reverse(f"{name}:inspect", args=[row.pk])).status_code)

    assert [name for name, codes in answers.items() if set(codes) != {200}] == []
    assert sum(len(codes) for codes in answers.values()) > len(VIEW_SETS) + 12


def test_nobody_writes_a_table_by_hand(client, saskia, market):
    before = {view_set.name: view_set.model.objects.count() for view_set in VIEW_SETS}
    answers = {}
    for view_set in VIEW_SETS:
        name, row = view_set.name, view_set.model.objects.order_by("pk").first()
        answers[name] = [client.post(reverse(f"{name}:add"), {}).status_code]
        for change in ("edit", "delete") if row else ():
            answers[name].append(client.post(reverse(f"{name}:{change}", args=[row.pk]), {}).status_code)

    # Wagtail sends who may not do a thing back to the admin's first page.
    assert [name for name, codes in answers.items() if set(codes) != {302}] == []
    assert {view_set.name: view_set.model.objects.count() for view_set in VIEW_SETS} == before


def test_money_of_a_sale_is_found_in_the_ledger(client, saskia, market):
    page = client.get(reverse("ledgerentry:index"))

    assert LedgerEntry.objects.count() == 2
    assert page.content.decode().count("10,00") >= 2


def test_products_can_be_chosen_for_a_story(client, saskia, market):
    page = client.get(reverse(f"{ProductViewSet().get_url_name('list')}"))

    assert page.status_code == 200
    assert "Theekop" in page.content.decode()


def test_moderators_reach_stories_and_not_the_money(client, settings, saskia):
    moderator = make_user("Ruben Lezer", is_staff=True)
    moderator.groups.add(Group.objects.get(name=MODERATORS))
    client.force_login(moderator)

    assert client.get(reverse("wagtailadmin_home")).status_code == 200
    assert client.get(reverse("commission:index")).status_code == 302


def test_every_group_has_its_tables():
    names = [view_set.name for view_set in VIEW_SETS]

    assert len(names) == len(set(names)) >= 25
