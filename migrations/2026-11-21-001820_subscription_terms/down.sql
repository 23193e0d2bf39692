REVOKE SELECT (admin_email, period), UPDATE (plan_id, period) ON platform.companies FROM tracker_jobs;
DROP TABLE platform.expiry_reminders;
DROP TABLE platform.planned_plan_changes;
-- History is not rewritten: rows of the new events stay, and no more of them can be written.
ALTER TABLE platform.subscriptions DROP CONSTRAINT subscriptions_event_invalid,
  ADD CONSTRAINT subscriptions_event_invalid CHECK (event IN ('created', 'plan_changed', 'suspended', 'reactivated',
    'trial_extended', 'expired', 'cancelled')) NOT VALID;
