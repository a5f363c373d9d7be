"""The public pages, as anybody sees them."""

import pytest
from django.test import Client

from cms.site_tree import plant_site
from tests.factories import make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    return plant_site(hostname="testserver", port=80)


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
def test_public_page_opens_without_content(site, client: Client, path):
    response = client.get(path)

    assert response.status_code == 200


def test_profile_and_product_open(site, client: Client):
    ada = make_user("Ada Vermeer", handle="ada", role="expert")
    product = make_product(make_shop())

    assert client.get(ada.profile.get_absolute_url()).status_code == 200
    assert client.get(product.get_absolute_url()).status_code == 200
