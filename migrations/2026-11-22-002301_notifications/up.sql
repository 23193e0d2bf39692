-- What somebody is told in their bell, and once a day by mail. Rows say what happened and never in which words; nothing of
-- anybody's numbers or names is in them.

CREATE TABLE tenant.notifications (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  -- By time: the newest is the largest.
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT notifications_kind_invalid
    CHECK (kind IN ('alerts', 'own_alert', 'task_assigned', 'task_commented', 'original_opened')),
  -- Of alerts: which kind of rule found them.
  rule_kind text CONSTRAINT notifications_rule_kind_invalid CHECK (length(rule_kind) <= 30),
  -- How many of the same it tells of.
  amount integer NOT NULL DEFAULT 1 CONSTRAINT notifications_amount_invalid CHECK (amount > 0),
  task_id uuid,
  -- By what the person wanted then.
  in_app boolean NOT NULL,
  by_mail boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  read_at timestamptz,
  mailed_at timestamptz,
  PRIMARY KEY (company_id, id),
  CONSTRAINT notifications_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT notifications_task_unknown FOREIGN KEY (company_id, task_id) REFERENCES tenant.tasks (company_id, id));
CREATE INDEX notifications_user ON tenant.notifications (company_id, user_id, id) WHERE in_app;
CREATE INDEX notifications_unread ON tenant.notifications (company_id, user_id, id) WHERE in_app AND read_at IS NULL;
CREATE INDEX notifications_unmailed ON tenant.notifications (company_id, user_id, created_at)
  WHERE by_mail AND read_at IS NULL AND mailed_at IS NULL;
CREATE INDEX notifications_task ON tenant.notifications (company_id, task_id);
SELECT platform.distribute('tenant.notifications', 'company_id');
ALTER TABLE tenant.notifications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.notifications TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.notifications FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY employee_read ON tenant.notifications FOR UPDATE TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.notifications FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.notifications TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE (read_at, mailed_at) ON tenant.notifications TO tracker_admin;
GRANT SELECT, UPDATE (read_at) ON tenant.notifications TO tracker_employee;
GRANT SELECT (company_id, id, user_id, task_id, by_mail, created_at, read_at, mailed_at) ON tenant.notifications TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.notifications TO tracker_eraser;

-- Who has no row wants everything, and the mail at eight.
CREATE TABLE tenant.notification_preferences (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  -- Kinds that are kept from the bell, and from the mail.
  not_in_app text[] NOT NULL DEFAULT '{}' CONSTRAINT notification_preferences_not_in_app_invalid
    CHECK (not_in_app <@ '{alerts,own_alert,task_assigned,task_commented,original_opened}'::text[] AND cardinality(not_in_app) <= 20),
  not_by_mail text[] NOT NULL DEFAULT '{}' CONSTRAINT notification_preferences_not_by_mail_invalid
    CHECK (not_by_mail <@ '{alerts,own_alert,task_assigned,task_commented,original_opened}'::text[] AND cardinality(not_by_mail) <= 20),
  -- By the company's clock.
  digest_hour smallint NOT NULL DEFAULT 8 CONSTRAINT notification_preferences_digest_hour_invalid CHECK (digest_hour BETWEEN 0 AND 23),
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, user_id),
  CONSTRAINT notification_preferences_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id));
SELECT platform.distribute('tenant.notification_preferences', 'company_id');
ALTER TABLE tenant.notification_preferences ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.notification_preferences TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.notification_preferences TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.notification_preferences FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.notification_preferences TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE ON tenant.notification_preferences TO tracker_admin, tracker_employee;
GRANT SELECT (company_id, user_id, digest_hour) ON tenant.notification_preferences TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.notification_preferences TO tracker_eraser;
