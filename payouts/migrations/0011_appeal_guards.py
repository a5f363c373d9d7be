"""Decisions and appeals are only ever added; of a decision only the moment it was told changes, once.

What was decided before is taken as told and can be appealed from now on; what waits for its shop's decision gets a date
that is still to come.
"""

from django.db import migrations

GUARDS = """
DROP TRIGGER review_append_only ON payouts_commissionreview;

UPDATE payouts_commissionreview review SET told_at = now(), appeal_by = now() + interval '14 days'
    WHERE decision = 'rejected';
UPDATE payouts_commissionreview review SET amount_minor = commission.amount_minor
    FROM payouts_commission commission WHERE commission.id = review.commission_id;
UPDATE payouts_commission
    SET review_days = 30 + ceil(extract(epoch FROM now() - due_at) / 86400)
    WHERE review = 'open' AND state IN ('pending', 'due', 'on_hold') AND due_at < now();

CREATE FUNCTION payouts_refuse_change_but_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.told_at IS NOT NULL OR to_jsonb(NEW) - 'told_at' IS DISTINCT FROM to_jsonb(OLD) - 'told_at' THEN
        RAISE EXCEPTION 'UPDATE refused: of rows of % only told_at is written, once', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER review_append_only BEFORE UPDATE ON payouts_commissionreview
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change_but_told();
CREATE TRIGGER review_no_delete BEFORE DELETE ON payouts_commissionreview
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();

CREATE TRIGGER appeal_append_only BEFORE UPDATE OR DELETE ON payouts_appeal
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER appeal_no_truncate BEFORE TRUNCATE ON payouts_appeal
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER appeal_decision_append_only BEFORE UPDATE ON payouts_appealdecision
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change_but_told();
CREATE TRIGGER appeal_decision_no_delete BEFORE DELETE ON payouts_appealdecision
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER appeal_decision_no_truncate BEFORE TRUNCATE ON payouts_appealdecision
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();

CREATE FUNCTION payouts_guard_appeal_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payouts_appeal appeal JOIN payouts_commissionreview review ON review.id = appeal.review_id
        WHERE appeal.id = NEW.appeal_id AND NEW.decided_by_id IN (review.decided_by_id, appeal.filed_by_id)
    ) THEN
        RAISE EXCEPTION 'appeal % is decided by somebody else than who decided first or appealed', NEW.appeal_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER appeal_decision_by_another BEFORE INSERT ON payouts_appealdecision
    FOR EACH ROW EXECUTE FUNCTION payouts_guard_appeal_decision();
"""

GUARDS_REVERSE = """
DROP TRIGGER appeal_decision_by_another ON payouts_appealdecision;
DROP FUNCTION payouts_guard_appeal_decision();
DROP TRIGGER appeal_decision_no_truncate ON payouts_appealdecision;
DROP TRIGGER appeal_decision_no_delete ON payouts_appealdecision;
DROP TRIGGER appeal_decision_append_only ON payouts_appealdecision;
DROP TRIGGER appeal_no_truncate ON payouts_appeal;
DROP TRIGGER appeal_append_only ON payouts_appeal;
DROP TRIGGER review_no_delete ON payouts_commissionreview;
DROP TRIGGER review_append_only ON payouts_commissionreview;
DROP FUNCTION payouts_refuse_change_but_told();
CREATE TRIGGER review_append_only BEFORE UPDATE OR DELETE ON payouts_commissionreview
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0010_appeals")]

    operations = [migrations.RunSQL(GUARDS, GUARDS_REVERSE)]
