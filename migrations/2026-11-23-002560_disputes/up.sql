-- What somebody contests of what was recorded of them: a slot of time, or how an application or a site is labelled. An admin answers,
-- and both stay as they were said: only the state of a dispute changes, once. An answer changes no number by itself.
CREATE TABLE tenant.disputes (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  -- By time: the newest is the largest.
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT disputes_kind_invalid CHECK (kind IN ('slot', 'label')),
  started_at timestamptz,
  ended_at timestamptz,
  -- Either of them, as usage names it, and the label that it had.
  app text CONSTRAINT disputes_app_invalid CHECK (length(app) BETWEEN 1 AND 200),
  host text CONSTRAINT disputes_host_invalid CHECK (length(host) BETWEEN 1 AND 200),
  label text CONSTRAINT disputes_label_invalid CHECK (label IN ('productive', 'neutral', 'unproductive', 'unclassified')),
  reason text NOT NULL CONSTRAINT disputes_reason_invalid CHECK (length(reason) BETWEEN 1 AND 500),
  state text NOT NULL DEFAULT 'open' CONSTRAINT disputes_state_invalid CHECK (state IN ('open', 'accepted', 'rejected', 'withdrawn')),
  created_at timestamptz NOT NULL DEFAULT now(),
  withdrawn_at timestamptz,
  answer text CONSTRAINT disputes_answer_invalid CHECK (length(answer) BETWEEN 1 AND 500),
  answered_at timestamptz,
  answered_by uuid,
  answered_by_name text CONSTRAINT disputes_answered_by_name_invalid CHECK (length(answered_by_name) <= 120),
  PRIMARY KEY (company_id, id),
  CONSTRAINT disputes_length_invalid CHECK (ended_at > started_at AND ended_at <= started_at + interval '24 hours'),
  CONSTRAINT disputes_subject_invalid CHECK (CASE kind
    WHEN 'slot' THEN num_nonnulls(started_at, ended_at) = 2 AND num_nonnulls(app, host, label) = 0
    ELSE num_nonnulls(started_at, ended_at) = 0 AND num_nonnulls(app, host) = 1 AND label IS NOT NULL END),
  CONSTRAINT disputes_answered_invalid CHECK (num_nonnulls(answer, answered_at, answered_by, answered_by_name)
    = CASE WHEN state IN ('accepted', 'rejected') THEN 4 ELSE 0 END),
  CONSTRAINT disputes_withdrawn_invalid CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
  CONSTRAINT disputes_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT disputes_answered_by_unknown FOREIGN KEY (company_id, answered_by) REFERENCES tenant.users (company_id, id));
CREATE INDEX disputes_user ON tenant.disputes (company_id, user_id, id);
CREATE INDEX disputes_open ON tenant.disputes (company_id, user_id) WHERE state = 'open';
CREATE INDEX disputes_answered_by ON tenant.disputes (company_id, answered_by);
SELECT platform.distribute('tenant.disputes', 'company_id');
ALTER TABLE tenant.disputes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- Everybody contests in the own name alone. What was answered or taken back is over, for admins as well.
CREATE POLICY admin_read ON tenant.disputes FOR SELECT TO tracker_admin USING (company_id = tenant.current_company());
CREATE POLICY admin_add ON tenant.disputes FOR INSERT TO tracker_admin
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'open');
CREATE POLICY admin_close ON tenant.disputes FOR UPDATE TO tracker_admin
  USING (company_id = tenant.current_company() AND state = 'open')
  WITH CHECK (company_id = tenant.current_company()
    AND CASE state WHEN 'withdrawn' THEN user_id ELSE answered_by END = tenant.current_user_id());
CREATE POLICY employee_own ON tenant.disputes FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY employee_add ON tenant.disputes FOR INSERT TO tracker_employee
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'open');
CREATE POLICY employee_withdraw ON tenant.disputes FOR UPDATE TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'open')
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'withdrawn');
CREATE POLICY team_admin_read ON tenant.disputes FOR SELECT TO tracker_team_admin USING (company_id = tenant.current_company()
  AND user_id = ANY ((SELECT tenant.administered_people())::uuid[]));
CREATE POLICY team_admin_update ON tenant.disputes FOR UPDATE TO tracker_team_admin
  USING (company_id = tenant.current_company() AND user_id <> tenant.current_user_id()
    AND user_id = ANY ((SELECT tenant.administered_people())::uuid[]) AND state = 'open')
  WITH CHECK (company_id = tenant.current_company() AND user_id <> tenant.current_user_id()
    AND user_id = ANY ((SELECT tenant.administered_people())::uuid[]) AND answered_by = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.disputes FOR SELECT TO tracker_jobs USING (true);
-- What a person contested goes with them; what they answered others stays, without the name.
CREATE POLICY eraser_own ON tenant.disputes FOR DELETE TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY eraser_read ON tenant.disputes FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true
    ELSE (SELECT tenant.person_to_erase()) = ANY (ARRAY[user_id, answered_by]) END);
CREATE POLICY eraser_forget ON tenant.disputes FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND answered_by = (SELECT tenant.person_to_erase()))
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT ON tenant.disputes TO tracker_admin, tracker_employee, tracker_team_admin;
GRANT INSERT (company_id, id, user_id, kind, started_at, ended_at, app, host, label, reason) ON tenant.disputes
  TO tracker_admin, tracker_employee;
GRANT UPDATE (state, withdrawn_at) ON tenant.disputes TO tracker_admin, tracker_employee;
GRANT UPDATE (state, answer, answered_at, answered_by, answered_by_name) ON tenant.disputes TO tracker_admin, tracker_team_admin;
GRANT SELECT (company_id, id, user_id, answered_by) ON tenant.disputes TO tracker_jobs;
GRANT SELECT (company_id, user_id, answered_by, answered_by_name), UPDATE (answered_by_name), DELETE ON tenant.disputes
  TO tracker_eraser;

-- Admins are told of a new one, and whoever contested of the answer.
ALTER TABLE tenant.notifications DROP CONSTRAINT notifications_kind_invalid,
  ADD CONSTRAINT notifications_kind_invalid CHECK (kind IN ('alerts', 'own_alert', 'task_assigned', 'task_commented', 'original_opened',
    'policy_published', 'dispute_opened', 'dispute_answered'));
ALTER TABLE tenant.notification_preferences DROP CONSTRAINT notification_preferences_not_in_app_invalid,
  DROP CONSTRAINT notification_preferences_not_by_mail_invalid,
  ADD CONSTRAINT notification_preferences_not_in_app_invalid CHECK (cardinality(not_in_app) <= 20 AND not_in_app <@
    '{alerts,own_alert,task_assigned,task_commented,original_opened,policy_published,dispute_opened,dispute_answered}'::text[]),
  ADD CONSTRAINT notification_preferences_not_by_mail_invalid CHECK (cardinality(not_by_mail) <= 20 AND not_by_mail <@
    '{alerts,own_alert,task_assigned,task_commented,original_opened,policy_published,dispute_opened,dispute_answered}'::text[]);
