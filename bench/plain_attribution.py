"""The best plain SQL that we could write to judge many sales of one shop at once; what the benches measure us against.

It knows one deal only – position 40/20/40, one rate, nothing refused, no budget – and takes what it is given to be
right; it writes the rows that our own code writes, under the same constraints and triggers, with the inputs and their
hash. Ids of shares are random where ours are made from names, which spares it a digest for each.
"""

from typing import Any

#: Each statement is run once for a range of sales, in this order; `%(…)s` are the parameters of `judge`.
STATEMENTS = (
    """
    CREATE TEMP TABLE todo ON COMMIT DROP AS
    SELECT nextval('advocates_attribution_id_seq') AS attribution, sale.id, sale.external_id, sale.placed_at,
        sale.currency, sale.click_id, code.advocate_id AS code_advocate,
        CASE WHEN code.advocate_id IS NOT NULL THEN gen_random_uuid() END AS code_touch
    FROM advocates_sale sale
    LEFT JOIN (
        SELECT upper(code.code) AS text, enrolment.advocate_id
        FROM advocates_code code JOIN advocates_enrolment enrolment ON enrolment.id = code.enrolment_id
        WHERE code.programme_id = %(programme)s AND code.retired_at IS NULL
    ) AS code ON sale.code <> '' AND code.text = upper(sale.code)
    WHERE sale.shop_id = %(shop)s AND sale.id BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (SELECT FROM advocates_attribution judged WHERE judged.sale_id = sale.id)
    """,
    """
    INSERT INTO advocates_touch (id, kind, shop_id, advocate_id, is_own, is_paid_search, occurred_at)
    SELECT code_touch, 'code', %(shop)s, code_advocate, false, false, placed_at FROM todo WHERE code_touch IS NOT NULL
    """,
    """
    CREATE TEMP TABLE path ON COMMIT DROP AS
    SELECT todo.id AS sale, step.*, enrolment.id AS enrolment,
        row_number() OVER in_time AS number, count(*) OVER (PARTITION BY todo.id) AS touches
    FROM todo CROSS JOIN LATERAL (
        SELECT code_touch AS id, 'code' AS kind, placed_at AS occurred_at, code_advocate AS advocate
        WHERE code_touch IS NOT NULL
        UNION ALL
        SELECT step.id, step.kind, step.occurred_at, step.advocate_id
        FROM advocates_touch click JOIN advocates_touch step ON step.visitor_key = click.visitor_key
            AND step.occurred_at BETWEEN todo.placed_at - interval '30 days' AND todo.placed_at + interval '5 minutes'
            AND step.id > advocates_touch_floor((todo.placed_at - interval '32 days')::date)
            AND step.id < advocates_touch_floor((todo.placed_at + interval '2 days')::date)
        WHERE click.id = todo.click_id AND step.shop_id = %(shop)s
    ) AS step
    JOIN advocates_enrolment enrolment ON enrolment.advocate_id = step.advocate
        AND enrolment.programme_id = %(programme)s AND enrolment.state = 'active'
        AND enrolment.decided_at <= todo.placed_at
    WINDOW in_time AS (PARTITION BY todo.id ORDER BY step.occurred_at, step.id)
    """,
    "ALTER TABLE path ADD COLUMN weight bigint",
    """
    UPDATE path SET weight = CASE WHEN touches > 2 AND number IN (1, touches) THEN 2 * (touches - 2) ELSE 1 END
    """,
    """
    CREATE TEMP TABLE party ON COMMIT DROP AS
    SELECT path.sale, path.advocate, min(path.enrolment) AS enrolment, min(path.number) AS number,
        sum(path.weight)::bigint AS weight, sum(sum(path.weight)) OVER (PARTITION BY path.sale)::bigint AS whole,
        gen_random_uuid() AS share, nextval('payouts_commission_id_seq') AS commission,
        nextval('payouts_ledgertransaction_id_seq') AS transaction
    FROM path GROUP BY path.sale, path.advocate
    """,
    "ANALYZE todo, path, party",
    """
    CREATE TEMP TABLE part ON COMMIT DROP AS
    SELECT sale, share, line, base, of_line,
        whole_part + (place <= of_line - sum(whole_part) OVER of_one)::int AS amount
    FROM (
        SELECT party.sale, party.share, line.id AS line, line.base, line.of_line,
            line.of_line * party.weight / party.whole AS whole_part,
            row_number() OVER (
                PARTITION BY line.id ORDER BY line.of_line * party.weight %% party.whole DESC, party.number
            ) AS place
        FROM party JOIN (
            SELECT id, sale_id, gross_minor - discount_minor - vat_minor AS base,
                (2 * (gross_minor - discount_minor - vat_minor) * %(rate_bps)s + 10000) / 20000 AS of_line
            FROM advocates_saleline WHERE sale_id IN (SELECT id FROM todo)
        ) AS line ON line.sale_id = party.sale
    ) AS rounded
    WINDOW of_one AS (PARTITION BY line)
    """,
    "SELECT FROM payouts_payer WHERE id = %(payer)s FOR NO KEY UPDATE",
    """
    CREATE TEMP TABLE owed ON COMMIT DROP AS
    SELECT party.*, advocate.payee_id AS payee, amount, %(shop_name)s || ' · ' || todo.external_id AS memo,
        todo.currency, todo.placed_at, todo.placed_at + %(hold_days)s * interval '1 day' AS due_at, todo.attribution
    FROM party
    JOIN (SELECT share, sum(amount)::bigint AS amount FROM part GROUP BY share) AS total USING (share)
    JOIN todo ON todo.id = party.sale JOIN advocates_advocate advocate ON advocate.id = party.advocate
    """,
    """
    INSERT INTO payouts_commission (id, key, payer_id, payee_id, currency, amount_minor, reversed_minor, description,
        state, review, earned_at, due_at, hold_reason)
    SELECT commission, 'share:' || share, %(payer)s, payee, currency, amount, 0, memo, 'pending', 'open', placed_at,
        due_at, '' FROM owed
    """,
    """
    INSERT INTO payouts_ledgeraccount (kind, currency, payer_id, payee_id, balance_minor)
    SELECT DISTINCT 'advocate:held', currency, %(payer)s::bigint, payee, 0 FROM owed
    UNION ALL SELECT 'shop:receivable', 'EUR', %(payer)s, NULL, 0
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO payouts_ledgerentry (transaction_id, account_id, amount_minor, currency)
    SELECT owed.transaction, account.id,
        CASE WHEN account.kind = 'shop:receivable' THEN owed.amount ELSE -owed.amount END, owed.currency
    FROM owed JOIN payouts_ledgeraccount account ON account.payer_id = %(payer)s AND account.currency = owed.currency
        AND (account.kind = 'shop:receivable' OR account.kind = 'advocate:held' AND account.payee_id = owed.payee)
    """,
    """
    INSERT INTO payouts_ledgertransaction (id, key, kind, occurred_at, posted_at, memo, commission_id)
    SELECT transaction, 'commission:' || commission || ':accrue', 'accrue', %(at)s, now(), memo, commission FROM owed
    """,
    """
    INSERT INTO payouts_occurrence (kind, commission_id, amount_minor, detail, occurred_at)
    SELECT 'commission_created', commission, amount, '', %(at)s FROM owed
    """,
    """
    INSERT INTO advocates_attribution (id, sale_id, deal_id, outcome, reason, base_minor, commission_minor,
        engine_version, inputs, inputs_sha256, attributed_at)
    SELECT attribution, sale, %(deal)s, 'attributed', '', base, commission, %(engine)s, inputs::jsonb,
        encode(sha256(convert_to(inputs, 'UTF8')), 'hex'), %(at)s
    FROM (
        SELECT todo.attribution, todo.id AS sale, line.base, line.commission,
            '{"advocates":[],"engine_version":' || %(engine)s || ',"lines":[' || line.told || '],"sale":{"click":"'
            || CASE WHEN todo.click_id IS NULL THEN 'none' ELSE 'known' END || '","code":"'
            || CASE WHEN todo.code_touch IS NULL THEN 'none' ELSE 'known' END || '","currency":"' || todo.currency
            || '","is_new_customer":null,"placed_at":"'
            || to_char(todo.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
            || '"},"terms":' || %(terms)s || ',"touches":[' || step.told || ']}' AS inputs
        FROM todo
        JOIN (
            SELECT sale_id, sum(gross_minor - discount_minor - vat_minor)::bigint AS base, sum(
                (2 * (gross_minor - discount_minor - vat_minor) * %(rate_bps)s + 10000) / 20000)::bigint AS commission,
                string_agg(format('{"category":"","discount_minor":%%s,"gross_minor":%%s,"line_id":"%%s",'
                    '"product":null,"vat_minor":%%s}', discount_minor, gross_minor, line_id, vat_minor), ','
                    ORDER BY id) AS told
            FROM advocates_saleline WHERE sale_id IN (SELECT id FROM todo) GROUP BY sale_id
        ) AS line ON line.sale_id = todo.id
        JOIN (
            SELECT sale, string_agg(format('{"advocate":%%s,"enrolment":%%s,"id":"%%s","is_employee":false,'
                '"is_other_shop":false,"is_own":false,"is_suspended":false,"kind":"%%s","occurred_at":"%%s",'
                '"publication":null}', advocate, enrolment, id, kind,
                to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')), ','
                ORDER BY number) AS told
            FROM path GROUP BY sale
        ) AS step ON step.sale = todo.id
    ) AS judged
    """,
    """
    INSERT INTO advocates_share (id, attribution_id, advocate_id, enrolment_id, outcome, reason, weight, weight_of,
        credits, commission_id)
    SELECT owed.share, owed.attribution, owed.advocate, owed.enrolment, 'attributed', '', owed.weight, owed.whole,
        credits.told, owed.commission
    FROM owed JOIN (
        SELECT path.sale, path.advocate, jsonb_agg(jsonb_build_object('touch', path.id, 'kind', path.kind,
            'occurred_at', to_char(path.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
            'publication', NULL, 'weight', path.weight, 'of', party.whole, 'reason', '') ORDER BY path.number) AS told
        FROM path JOIN party USING (sale, advocate) GROUP BY path.sale, path.advocate
    ) AS credits USING (sale, advocate)
    """,
    """
    INSERT INTO advocates_shareline (share_id, sale_line_id, base_minor, commission_minor, amount_minor,
        reversed_minor)
    SELECT share, line, base, of_line, amount, 0 FROM part
    """,
    # What would be looked at when the transaction ends.
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SET CONSTRAINTS ALL DEFERRED",
    "DROP TABLE todo, path, party, part, owed",
)


def judge(cursor: Any, parameters: dict[str, Any]) -> None:
    """Judge the shop's sales from id `first` to `last`, inside the caller's transaction."""
    for statement in STATEMENTS:
        cursor.execute(statement, parameters)


def parameters_of(programme: Any, *, first: int, last: int, at: Any) -> dict[str, Any]:
    """What `judge` is told of a programme whose only deal is as the docstring above says."""
    from advocates.bodies import canonical_json
    from advocates.deals import DealsOverTime
    from advocates.sale_facts import terms_facts
    from advocates.split import ENGINE_VERSION

    deals = DealsOverTime(programme.shop)
    deal = deals.at(at)
    facts = terms_facts(deal, deals.terms_of(deal))
    return {
        "programme": programme.pk,
        "shop": programme.shop_id,
        "shop_name": programme.shop.name,
        "payer": programme.shop.payer_id,
        "deal": deal.pk,
        "rate_bps": deal.rate_bps,
        "hold_days": deal.hold_days,
        "terms": canonical_json(vars(facts)),
        "engine": str(ENGINE_VERSION),
        "first": first,
        "last": last,
        "at": at,
    }
