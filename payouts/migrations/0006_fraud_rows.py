"""Each hold that stands gets its row; one for a dispute is known by the dispute's id in its reason."""

import re

from django.db import migrations


def add_holds(apps, schema_editor):
    Commission = apps.get_model("payouts", "Commission")
    CommissionHold = apps.get_model("payouts", "CommissionHold")
    for commission in Commission.objects.filter(state="on_hold").iterator():
        dispute = re.search(r"\((\w+)\)\.$", commission.hold_reason)
        CommissionHold.objects.create(
            commission=commission,
            key=f"dispute:{dispute[1]}" if dispute else "",
            reason=commission.hold_reason,
            until=commission.hold_until,
            held_by_id=commission.held_by_id,
            held_at=commission.earned_at,
        )


class Migration(migrations.Migration):
    dependencies = [("payouts", "0006_fraud")]

    operations = [migrations.RunPython(add_holds, migrations.RunPython.noop)]
