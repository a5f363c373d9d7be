"""The rules of docs/commissions.md a second time, in fractions and without a look at the engine: what it must come to.

It reads the JSON that is stored with a sale and knows nothing of reasons, only of money.
"""

from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

CREDITS = {"click", "code", "claim"}
AT_THE_END = {"code", "claim"}
DAY = timedelta(days=1)


def shares_of(stored):
    """{advocate: [cents of each line]} of everybody who earns."""
    terms, lines = stored["terms"], stored["lines"]
    if terms is None or (terms["is_first_order_only"] and stored["sale"]["is_new_customer"] is False):
        return {}
    weights = weights_of(stored)
    if not weights:
        return {}
    months = {facts["advocate"]: facts for facts in stored["advocates"]}
    paid = [
        {who: weight * rate_for(line, months.get(who), stored) for who, weight in weights.items()}
        for line in lines
    ]
    totals = [
        half_up(base_of(line) * sum(one.values()) / sum(weights.values()))
        for line, one in zip(lines, paid, strict=True)
    ]
    if terms["cap_minor"] is not None and sum(totals) > terms["cap_minor"]:
        totals = apportion(terms["cap_minor"], totals)
    parts = [apportion(total, list(one.values())) for total, one in zip(totals, paid, strict=True)]
    shares = {}
    for index, who in enumerate(weights):
        mine = [part[index] for part in parts]
        left = months.get(who, {}).get("left_minor")
        if left is not None and sum(mine) > left:
            mine = apportion(left, mine)
        if sum(mine):
            shares[who] = mine
    budget = terms["budget_left_minor"]
    return {} if budget is not None and sum(map(sum, shares.values())) > budget else shares


def weights_of(stored):
    """Advocate -> weight, in the order of the earliest touch that carries something."""
    terms, ordered_at = stored["terms"], datetime.fromisoformat(stored["sale"]["placed_at"])
    path = []
    for touch in stored["touches"]:
        at = datetime.fromisoformat(touch["occurred_at"])
        refused = [
            touch["advocate"] is None or touch["enrolment"] is None,
            touch["is_other_shop"] or touch["is_suspended"] or touch["is_own"] or touch["is_employee"],
            at > ordered_at + timedelta(minutes=5),
            ordered_at - at > terms["window_days"] * DAY,
            touch["kind"] not in CREDITS and touch["kind"] not in terms["assists"],
            terms["model"] == "code" and touch["kind"] not in AT_THE_END,
        ]
        if not any(refused):
            path.append((touch["kind"] in AT_THE_END, at, touch["id"], touch))
    path = [touch for _end, _at, _id, touch in sorted(path, key=lambda one: one[:3])]
    kinds = {touch["kind"] for touch in path}
    if not kinds & CREDITS:
        return {}
    if "code" in kinds and terms["code_precedence"] == "code_wins":
        path = [touch for touch in path if touch["kind"] in AT_THE_END]
    elif kinds >= {"code", "click"} and terms["code_precedence"] == "link_wins":
        path = [touch for touch in path if touch["kind"] != "code"]
    weights = {}
    for touch, weight in zip(path, model_weights(path, terms, ordered_at), strict=True):
        if weight:
            weights[touch["advocate"]] = weights.get(touch["advocate"], 0) + weight
    return weights


def model_weights(path, terms, ordered_at):
    count = len(path)
    if terms["model"] == "last":
        return [Fraction(index == count - 1) for index in range(count)]
    if terms["model"] == "first":
        return [Fraction(index == 0) for index in range(count)]
    if terms["model"] == "decay":
        half_life = terms["half_life_days"] * DAY
        return [
            decayed(ordered_at - datetime.fromisoformat(touch["occurred_at"]), half_life) for touch in path
        ]
    if terms["model"] == "position" and count > 2:
        first, last = Fraction(terms["first_bps"], 10_000), Fraction(terms["last_bps"], 10_000)
        between = (1 - first - last) / (count - 2)
        return [first, *[between] * (count - 2), last]
    return [Fraction(1)] * count


def decayed(age, half_life):
    """Billionths; a touch that seems later than the order is as good as new."""
    microsecond = timedelta(microseconds=1)
    with localcontext(prec=60):
        halvings = Decimal(max(age, timedelta()) // microsecond) / Decimal(half_life // microsecond)
        return Fraction(max(1, round(Decimal(2) ** -halvings * 10**9)))


def rate_for(line, month, stored):
    terms = stored["terms"]
    rate = nearest_rate(line, terms)
    if rate is None and stored["sale"]["is_new_customer"] is not False:
        rate = terms["new_customer_rate_bps"]
    if rate is None:
        rate = terms["rate_bps"]
    orders = (month["orders"] if month else 0) + 1
    extra = max((tier["extra_bps"] for tier in terms["tiers"] if tier["from_order"] <= orders), default=0)
    return Fraction(min(rate + extra, 10_000) if rate else 0, 10_000)


def nearest_rate(line, terms):
    for rate in terms["rates"]:
        if rate["product"] is not None and rate["product"] == line["product"]:
            return rate["rate_bps"]
    steps = [step.casefold() for step in line["category"].split(" > ")]
    while steps:
        for rate in terms["rates"]:
            if rate["category"] and [step.casefold() for step in rate["category"].split(" > ")] == steps:
                return rate["rate_bps"]
        steps.pop()
    return None


def base_of(line):
    return line["gross_minor"] - line["discount_minor"] - line["vat_minor"]


def half_up(exact):
    return int(exact + Fraction(1, 2))


def apportion(total, weights):
    """Whole cents by weight: each part rounded down, what is left one by one to the largest remainder, ties first."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [Fraction(total) * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
