"""Vera sees what was found and which shops are late, and decides nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone

from advocates.fraud import decide_finding, examine_shares, hold_found
from advocates.models import FraudFinding
from cms.site_tree import MODERATORS
from tests.advocates.market import Market
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def vera(client, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    vera = make_user("Vera Vos")
    client.force_login(vera)
    return vera


@pytest.fixture
def findings(market):
    """One that is late, one in time, one that was cleared."""
    ada, at = market.advocate(), timezone.now()
    found = []
    for days in (20, 1, 2):
        click = market.click(ada, visitor_key=None)
        sale = market.sell(click_id=str(click.pk), customer_email="bob@mailinator.com")
        for verb in (examine_shares, hold_found):
            verb(at=at - timedelta(days=days))
        found.append(FraudFinding.objects.get(share__attribution__sale=sale, rule="disposable_mail"))
    decide_finding(finding=found[2], decision="cleared", note="A regular.", by=market.mila, at=at)
    return found


def test_findings_are_listed_by_who_has_to_do_something(client, market, vera, findings):
    vera.groups.add(Group.objects.get(name=MODERATORS))
    late, waiting, decided = findings

    context = client.get(reverse("finding_list")).context

    assert [
        list(context[name].object_list) for name in ("page_of_late", "page_of_waiting", "page_of_decided")
    ] == [
        [late],
        [waiting],
        [decided],
    ]


def test_one_finding_is_there_to_read_and_has_no_form(client, market, vera, findings):
    vera.groups.add(Group.objects.get(name=MODERATORS))

    page = client.get(reverse("finding_view", args=[findings[2].pk]))

    assert "A regular." in page.text
    assert "mailinator" not in page.text
    assert (
        client.post(reverse("finding_view", args=[findings[0].pk]), {"decision": "upheld"}).status_code == 405
    )


def test_findings_are_not_for_everybody_in_the_admin(client, market, vera, findings):
    for page in (reverse("finding_list"), reverse("finding_view", args=[findings[0].pk])):
        assert client.get(page).status_code == 302
    editors = Group.objects.get(name="Editors")
    editors.permissions.add(Permission.objects.get(codename="access_admin"))
    vera.groups.add(editors)

    for page in (reverse("finding_list"), reverse("finding_view", args=[findings[0].pk])):
        answer = client.get(page)
        assert (answer.status_code, answer.url) == (302, reverse("wagtailadmin_home"))
