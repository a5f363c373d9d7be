"""The public pages, as anybody sees them."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from wagtail.models import GroupPagePermission, Page, Site, Workflow, WorkflowPage, WorkflowTask

from cms.site_tree import plant_site
from tests.factories import make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/en/",
        "/boards/",
        "/people/",
        "/shops/",
        "/search/",
        "/search/?q=kop",
        "/stories/",
        "/themes/",
        "/how-we-sort/",
    ],
)
def test_public_page_opens_without_content(client: Client, path):
    response = client.get(path)

    assert response.status_code == 200


def test_profile_and_product_open(client: Client):
    ada = make_user("Ada Vermeer", handle="ada", role="expert")
    product = make_product(make_shop())

    assert client.get(ada.profile.get_absolute_url()).status_code == 200
    assert client.get(product.get_absolute_url()).status_code == 200


def test_planting_again_changes_nothing_but_the_host():
    def planted() -> list[list[object]]:
        rows = [Page, GroupPagePermission, Workflow, WorkflowPage, WorkflowTask]
        held = Permission.objects.filter(group__isnull=False).values_list("group", "codename")
        return [list(model.objects.order_by("pk").values()) for model in rows] + [sorted(held)]

    before = planted()

    plant_site(hostname="voorspraak.example", port=443)

    assert before[0]
    assert planted() == before
    assert Site.objects.values_list("hostname", "port").get() == ("voorspraak.example", 443)
