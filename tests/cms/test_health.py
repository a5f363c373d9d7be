import pytest
from django.db import OperationalError, connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_healthz_says_ok_when_database_answers(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.content == b"ok"


def test_healthz_asks_the_database_once_and_knows_nobody(client, django_assert_num_queries):
    """A load balancer asks every second: no session, no cookie, no look at the language."""
    with django_assert_num_queries(1):
        response = client.get("/healthz")

    assert not response.cookies


def test_healthz_is_an_error_when_the_database_is_away():
    def gone(*_arguments):
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(gone):
        response = Client(raise_request_exception=False).get("/healthz")

    assert response.status_code == 500
