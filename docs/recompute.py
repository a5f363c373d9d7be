import datetime as dt, decimal, json, math, sys  # a sale from the JSON of its explanation: python recompute.py inputs.json
def allocate(total, weights):  # whole cents; those left over go to the largest remainders, among equals to the first
    parts = [divmod(total * w, sum(weights) or 1) for w in weights]
    extra = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))[:total - sum(part for part, _rest in parts)]
    return [part + (i in extra) for i, (part, _rest) in enumerate(parts)]
def decayed(age, half):  # billionths of 2 ** -(age / half), half to even, at least one; ages in whole microseconds
    (halvings, rest), c = divmod(max(age, 0), half), decimal.Context(prec=40, rounding=decimal.ROUND_HALF_EVEN)
    part = c.exp(-c.multiply(c.ln(decimal.Decimal(2)), c.divide(decimal.Decimal(rest), decimal.Decimal(half))))
    return max(1, int(c.divide(c.multiply(part, 10**9), decimal.Decimal(2**halvings)).to_integral_value(decimal.ROUND_HALF_EVEN)))
def weigh(t, ages):  # what the model gives to each touch that counts, the oldest first
    n, parts = len(ages), [t.get("first_bps", 4000), t.get("last_bps", 4000)]
    parts = [parts[0] * (n - 2), *[10**4 - sum(parts)] * (n - 2), parts[1] * (n - 2)] if n > 2 else [1] * n
    fixed = {"last": [0] * (n - 1) + [1], "first": [1] + [0] * (n - 1), "position": [part // math.gcd(*parts) for part in parts]}
    return fixed.get(t["model"], [1] * n) if t["model"] != "decay" else [decayed(age, t["half_life_days"] * 864 * 10**8) for age in ages]
def path_of(d, t, at):  # the touches that count, each with its age
    aside, late, wins = {"view", "save", "answer"}, {"code", "claim"}, t["code_precedence"]
    path = [(x, (at - dt.datetime.fromisoformat(x["occurred_at"])) // dt.timedelta(microseconds=1)) for x in d["touches"]
            if None not in (x["advocate"], x["enrolment"]) and not any(x[why] for why in x if why.startswith("is_"))
            and x["kind"] not in aside - {*t.get("assists", ())} and (t["model"] != "code" or x["kind"] in late)]
    path = sorted((p for p in path if -3 * 10**8 <= p[1] <= t["window_days"] * 864 * 10**8), key=lambda p: (p[0]["kind"] in late, -p[1], p[0]["id"]))
    lost = aside | {"click"} if "code" in (kinds := {x["kind"] for x, _age in path}) and wins == "code_wins" else {"code"} if {"code", "click"} <= kinds and wins == "link_wins" else set()
    return [(x, age) for x, age in path if x["kind"] not in (lost if kinds - aside else kinds)]
def rate_of(x, t, is_new):  # the product's, else the nearest category's, else a new customer's, else the standard one
    near = [r for r in t.get("rates", ()) if r["category"] and f"{x['category']} > ".casefold().startswith(f"{r['category']} > ".casefold())]
    own = [r for r in t.get("rates", ()) if r["product"] and r["product"] == x["product"]] or sorted(near, key=lambda r: -len(r["category"]))
    return own[0]["rate_bps"] if own else is_new is not False and t.get("new_customer_rate_bps") or t["rate_bps"]
def recompute(d):  # {advocate: [cents of each line]} of those who earn; empty where the sale earns nothing
    t, is_new, who, months = d["terms"], d["sale"].get("is_new_customer"), {}, d.get("advocates", ())
    left = {m["advocate"]: m["left_minor"] for m in months if m["left_minor"] is not None}
    top = {m["advocate"]: max((s["extra_bps"] for s in (t or {}).get("tiers", ()) if s["from_order"] <= m["orders"] + 1), default=0) for m in months}
    path = path_of(d, t, dt.datetime.fromisoformat(d["sale"]["placed_at"])) if t and not (t.get("is_first_order_only") and is_new is False) else []
    for (x, _age), w in zip(path, weigh(t, [age for _x, age in path])) if path else (): who.update({x["advocate"]: who.get(x["advocate"], 0) + w} if w else {})
    rates, unit = [rate_of(x, t, is_new) for x in d["lines"]] if who else [], sum(who.values()) * 10**4
    scores = [[w * min(rate + top.get(a, 0), 10**4) * (rate > 0) for a, w in who.items()] for rate in rates]
    full = [(2 * (x["gross_minor"] - x["discount_minor"] - x["vat_minor"]) * sum(score) + unit) // (2 * unit) for x, score in zip(d["lines"], scores)]
    full = full if not who or t["cap_minor"] is None or sum(full) <= t["cap_minor"] else allocate(t["cap_minor"], full)
    mine = dict(zip(who, zip(*[allocate(total, score) for total, score in zip(full, scores)])))
    mine = {a: allocate(min(sum(own), left.get(a, sum(own))), own) for a, own in mine.items() if min(sum(own), left.get(a, sum(own)))}
    return mine if mine and sum(map(sum, mine.values())) <= (math.inf if t["budget_left_minor"] is None else t["budget_left_minor"]) else {}
if __name__ == "__main__": print(json.dumps(recompute(json.load(open(sys.argv[1], encoding="utf-8"))), indent=1))
