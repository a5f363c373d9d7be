import pytest

pytestmark = pytest.mark.django_db


def test_healthz_says_ok_when_database_answers(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.content == b"ok"
