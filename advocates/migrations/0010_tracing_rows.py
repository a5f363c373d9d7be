"""What stands already gets its order key; a budget that stood in the terms becomes the programme's."""

from django.db import migrations
from django.db.models import F, Sum

ORDER_KEYS = """
UPDATE advocates_sale SET order_key =
    coalesce(nullif(lower(btrim(ltrim(btrim(external_id), '#'))), ''), external_id)
"""


def move_budgets(apps, schema_editor):
    programme_model = apps.get_model("advocates", "Programme")
    deal_model = apps.get_model("advocates", "Deal")
    budget_model = apps.get_model("payouts", "Budget")
    movement_model = apps.get_model("payouts", "BudgetMovement")
    commission_model = apps.get_model("payouts", "Commission")
    attribution_model = apps.get_model("advocates", "Attribution")
    for programme in programme_model.objects.select_related("shop"):
        deal = deal_model.objects.filter(programme=programme).order_by("-version").first()
        if deal is None or deal.budget_minor is None:
            continue
        judged = attribution_model.objects.filter(deal__programme=programme)
        commissions = commission_model.objects.filter(share__attribution__in=judged)
        totals = commissions.aggregate(taken=Sum(F("amount_minor") - F("reversed_minor")))
        taken = totals["taken"] or 0
        # A later version may have lowered the budget below what was earned by then.
        funded = max(deal.budget_minor, taken)
        budget = budget_model.objects.create(
            payer_id=programme.shop.payer_id,
            currency=deal.currency,
            funded_minor=funded,
            committed_minor=taken,
            created_at=deal.created_at,
        )
        movement_model.objects.create(
            budget=budget,
            step="funded",
            amount_minor=funded,
            left_minor=funded - taken,
            by_id=deal.created_by_id,
            occurred_at=deal.created_at,
        )
        commission_model.objects.filter(pk__in=list(commissions.values_list("pk", flat=True))).update(
            budget=budget
        )
        programme.budget = budget
        programme.save(update_fields=["budget"])


class Migration(migrations.Migration):
    dependencies = [("advocates", "0009_tracing")]

    operations = [
        migrations.RunSQL(ORDER_KEYS, migrations.RunSQL.noop),
        migrations.RunPython(move_budgets, migrations.RunPython.noop),
    ]
