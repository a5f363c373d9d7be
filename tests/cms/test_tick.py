"""What is periodic."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from cms.management.commands import tick
from payouts.enums import CommissionState
from payouts.models import Commission
from tests.factories import NOW, make_commission, make_payee, make_payer

pytestmark = pytest.mark.django_db(transaction=True)


def test_tick_lets_commissions_mature_whose_hold_has_ended():
    commission = make_commission(make_payer(), make_payee(), due_at=NOW - timedelta(days=400))
    out = StringIO()

    call_command("tick", stdout=out)

    assert Commission.objects.get(pk=commission.pk).state == CommissionState.DUE
    assert "let_commissions_mature: 1" in out.getvalue()


def test_one_chores_trouble_is_not_the_others(monkeypatch, caplog):
    commission = make_commission(make_payer(), make_payee(), due_at=NOW - timedelta(days=400))

    def breaks() -> int:
        raise RuntimeError("no")

    monkeypatch.setattr(tick, "CHORES", (breaks, tick.let_commissions_mature))

    call_command("tick", stdout=StringIO())

    assert Commission.objects.get(pk=commission.pk).state == CommissionState.DUE
    assert "breaks failed" in caplog.text
