"""What the rules against fraud found about a shop's commissions: which wait and until when, and the decision on one."""

from django.contrib import messages
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.enums import FraudDecision, FraudRule
from advocates.forms import show_refusal
from advocates.fraud import decide_finding
from advocates.fraud_forms import DecisionForm
from advocates.fraud_sentences import told_of
from advocates.fraud_tasks import tell_decided
from advocates.models import FraudFinding, Shop
from advocates.refusals import Refusal
from advocates.views.desk import of_shop, page_of, person, query_of

_WAITING = "waiting"


@of_shop
def desk_fraud(request: HttpRequest, shop: Shop) -> HttpResponse:
    """What was found; what waits comes first, the one that is due first on top. `?show=` and `?rule=` narrow it."""
    mine = FraudFinding.objects.filter(shop=shop)
    states = {_WAITING: _("To decide on"), **{value: str(label) for value, label in FraudDecision.choices}}
    show, rule = request.GET.get("show", _WAITING), request.GET.get("rule", "")
    show, rule = show if show in states else "", rule if rule in FraudRule.values else ""
    counts = dict(mine.exclude(decision="").order_by().values_list("decision").annotate(total=Count("pk")))
    waiting = mine.waiting().order_by().values_list("rule").annotate(total=Count("pk"))
    rules = [(value, FraudRule(value).label, total) for value, total in waiting.order_by("rule")]
    counts[_WAITING] = sum(total for _value, _label, total in rules)
    listed = mine.waiting() if show == _WAITING else mine.filter(decision=show) if show else mine
    listed = listed.filter(rule=rule) if rule else listed
    waits = Case(When(Q(decision=""), then=Value(0)), default=Value(1), output_field=IntegerField())
    in_order = listed.for_lists().annotate(place=waits).order_by("place", "due_at", "pk")
    context = {
        "shop": shop,
        "page_of_findings": page_of(request, in_order),
        "pagination_query": query_of(request),
        "only": show,
        "only_rule": rule,
        "states": [(value, label, counts.get(value, 0)) for value, label in states.items()],
        "rules": rules,
        "has_any": any(counts.values()),
        "at": timezone.now(),
    }
    return render(request, "desk/fraud.html", context)


@of_shop
def desk_finding(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One finding: the figures in words, the order, the advocate's answer, and the decision with its note."""
    finding = get_object_or_404(FraudFinding.objects.for_lists().filter(shop=shop), pk=pk)
    others = list(
        FraudFinding.objects.waiting()
        .case_of(finding)
        .exclude(pk=finding.pk)
        .for_lists()
        .order_by("share__attribution__sale__placed_at", "pk")
    )
    form = DecisionForm(request.POST or None, others=len(others))
    if request.method == "POST" and form.is_valid():
        try:
            decided = decide_finding(
                finding=finding,
                decision=FraudDecision(form.cleaned_data["decision"]),
                note=form.cleaned_data["note"],
                is_for_case=form.cleaned_data.get("is_for_case", False),
                by=person(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            tell_decided.enqueue([one.pk for one in decided])
            messages.success(request, _("Decided. The advocate gets a mail with your note."))
            return redirect("advocates:desk_finding", shop.slug, pk)
        finding.refresh_from_db()
    context = {
        "shop": shop,
        "finding": finding,
        "told": told_of(finding, is_shop=True),
        "others": others,
        "also": FraudFinding.objects.filter(share=finding.share_id).exclude(pk=pk).order_by("pk"),
        "form": form,
        "is_own": finding.share.advocate.user_id == request.user.pk,
        "is_overdue": finding.is_waiting and finding.due_at < timezone.now(),
        "at": timezone.now(),
    }
    return render(request, "desk/finding.html", context, status=422 if form.is_bound else 200)
