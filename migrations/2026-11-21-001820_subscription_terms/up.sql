-- What a company and the owner agree on besides a plan: to begin to pay, another period, another plan from a period's end
-- on; and that the company's admins are reminded before what they have runs out.

ALTER TABLE platform.subscriptions DROP CONSTRAINT subscriptions_event_invalid,
  ADD CONSTRAINT subscriptions_event_invalid CHECK (event IN ('created', 'activated', 'renewed', 'plan_changed', 'suspended',
    'reactivated', 'trial_extended', 'expired', 'cancelled'));

-- One plan a company is to have from `effective_at` on, at the price agreed when it was planned. No row of the history
-- before it is in force.
CREATE TABLE platform.planned_plan_changes (
  company_id uuid PRIMARY KEY REFERENCES platform.companies (id) ON DELETE CASCADE,
  plan_id uuid NOT NULL CONSTRAINT planned_plan_changes_plan_unknown REFERENCES platform.plans (id),
  period text NOT NULL CONSTRAINT planned_plan_changes_period_invalid CHECK (period IN ('month', 'year')),
  currency text NOT NULL CONSTRAINT planned_plan_changes_currency_invalid CHECK (currency ~ '^[A-Z]{3}$'),
  price_minor bigint NOT NULL
    CONSTRAINT planned_plan_changes_price_minor_invalid CHECK (price_minor BETWEEN 0 AND 1000000000000),
  effective_at timestamptz NOT NULL,
  reason text CONSTRAINT planned_plan_changes_reason_invalid CHECK (length(reason) <= 500),
  planned_by text NOT NULL CONSTRAINT planned_plan_changes_planned_by_invalid CHECK (length(planned_by) <= 254),
  planned_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX planned_plan_changes_due ON platform.planned_plan_changes (effective_at, company_id);
SELECT platform.distribute('platform.planned_plan_changes', 'reference');
ALTER TABLE platform.planned_plan_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_all ON platform.planned_plan_changes TO tracker_platform USING (true) WITH CHECK (true);
CREATE POLICY jobs_all ON platform.planned_plan_changes TO tracker_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON platform.planned_plan_changes TO tracker_platform;
GRANT SELECT, DELETE ON platform.planned_plan_changes TO tracker_jobs;
GRANT SELECT (period), UPDATE (plan_id, period) ON platform.companies TO tracker_jobs;

-- A reminder that went out: one for each end, so many days before it.
CREATE TABLE platform.expiry_reminders (
  company_id uuid NOT NULL REFERENCES platform.companies (id) ON DELETE CASCADE,
  ends_at timestamptz NOT NULL,
  days integer NOT NULL CONSTRAINT expiry_reminders_days_invalid CHECK (days BETWEEN 1 AND 90),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, ends_at, days));
SELECT platform.distribute('platform.expiry_reminders', 'reference');
ALTER TABLE platform.expiry_reminders ENABLE ROW LEVEL SECURITY;
CREATE POLICY jobs_all ON platform.expiry_reminders TO tracker_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON platform.expiry_reminders TO tracker_jobs;
-- Whom a reminder goes to while nobody has accepted the first admin's invitation.
GRANT SELECT (admin_email) ON platform.companies TO tracker_jobs;
