"""What the tests of the deals floor borrow from the floor below."""

from tests.payouts.conftest import stand_in

__all__ = ["stand_in"]
