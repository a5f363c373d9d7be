"""A laboratory for each proof."""

import logging
from collections.abc import Iterator

import pytest

from tests.payouts.proof.laboratory import Laboratory, laboratory


@pytest.fixture
def lab(transactional_db, settings, monkeypatch) -> Iterator[Laboratory]:
    """Scenarios for a test of its own to build and play. What workers log while they fail is no news here."""
    logging.disable(logging.CRITICAL)
    with laboratory(settings, monkeypatch) as found:
        yield found
    logging.disable(logging.NOTSET)
