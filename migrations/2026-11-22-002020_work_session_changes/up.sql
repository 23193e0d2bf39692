-- An admin may say that a session does not count, and that it does again. Its rows stay: what changes is the sums, and the
-- ledger below says by how much, who wanted it and why. Nobody changes an entry of it.
ALTER TABLE tenant.work_sessions ADD COLUMN excluded_at timestamptz;
-- The list of a company's sessions, newest first.
CREATE INDEX work_sessions_started ON tenant.work_sessions (company_id, started_at, id);
-- What is excluded agents neither say nor take back.
REVOKE INSERT ON tenant.work_sessions FROM tracker_agent;
GRANT INSERT (company_id, id, user_id, device_id, started_at, ended_at, end_reason, last_seen_at) ON tenant.work_sessions
  TO tracker_agent;

CREATE TABLE tenant.work_session_changes (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT work_session_changes_kind_invalid CHECK (kind IN ('excluded', 'included')),
  reason text NOT NULL CONSTRAINT work_session_changes_reason_invalid CHECK (length(reason) BETWEEN 1 AND 500),
  actor_id uuid NOT NULL,
  actor_name text NOT NULL CONSTRAINT work_session_changes_actor_name_invalid CHECK (length(actor_name) <= 120),
  at timestamptz NOT NULL DEFAULT now(),
  -- Of the days that the session touches.
  tracked_seconds_before integer NOT NULL,
  tracked_seconds_after integer NOT NULL,
  active_seconds_before integer NOT NULL,
  active_seconds_after integer NOT NULL,
  PRIMARY KEY (company_id, id),
  CONSTRAINT work_session_changes_session_unknown
    FOREIGN KEY (company_id, session_id) REFERENCES tenant.work_sessions (company_id, id),
  CONSTRAINT work_session_changes_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT work_session_changes_actor_unknown FOREIGN KEY (company_id, actor_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX work_session_changes_session ON tenant.work_session_changes (company_id, session_id, id);
CREATE INDEX work_session_changes_user ON tenant.work_session_changes (company_id, user_id);
CREATE INDEX work_session_changes_actor ON tenant.work_session_changes (company_id, actor_id);
SELECT platform.distribute('tenant.work_session_changes', 'company_id');
ALTER TABLE tenant.work_session_changes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.work_session_changes TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.work_session_changes FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.work_session_changes FOR SELECT TO tracker_jobs USING (true);
-- What was changed of the person's sessions goes with them; what the person changed of others' stays, without the name.
CREATE POLICY eraser_own ON tenant.work_session_changes FOR DELETE TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY eraser_read ON tenant.work_session_changes FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE (SELECT tenant.person_to_erase()) = ANY (ARRAY[user_id, actor_id]) END);
CREATE POLICY eraser_forget ON tenant.work_session_changes FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND actor_id = (SELECT tenant.person_to_erase()))
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT, INSERT ON tenant.work_session_changes TO tracker_admin;
GRANT SELECT ON tenant.work_session_changes TO tracker_employee;
GRANT SELECT (company_id, id, session_id, user_id, actor_id) ON tenant.work_session_changes TO tracker_jobs;
GRANT SELECT (company_id, user_id, actor_id), UPDATE (actor_name), DELETE ON tenant.work_session_changes TO tracker_eraser;

-- A list of sessions says when somebody worked: who looked at it is noted.
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions'));
