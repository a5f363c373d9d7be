"""A link that leads to a shop, stored where another process sees it."""

from urllib.parse import quote

import pytest
from django.db import connection

from advocates.links import link_for
from tests.advocates.redirect.loading import Server, Wire
from tests.factories import (
    NOW,
    make_deal,
    make_enrolment,
    make_product,
    make_publication,
    make_shop,
    make_user,
)


@pytest.fixture
def link(transactional_db):
    shop = make_shop("Klei & Co", slug="klei")
    ada = make_user("Ada Vermeer", handle="ada")
    make_enrolment(ada, make_deal(shop))
    publication = make_publication(ada, "Een tafel voor acht", path="/@ada/tafel/")
    return link_for(publication=publication, product=make_product(shop, external_id="kop"), at=NOW)


@pytest.fixture
def database_url(transactional_db):
    """The test's own database, for another process."""
    known = connection.get_connection_params()
    return f"postgresql://{known['user']}@/{known['dbname']}?host={quote(known['host'], safe='')}"


@pytest.fixture
def server(link, database_url, tmp_path):
    server = Server(database_url=database_url, folder=tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def wire(transactional_db):
    known = connection.get_connection_params()
    wire = Wire(f"{known['host']}/.s.PGSQL.{known.get('port') or 5432}")
    wire.join()
    yield wire
    wire.close()
