-- Time that no device saw: a meeting, a call, a journey. It is said with a reason and counts once an admin approved it, apart
-- from what was observed. Nobody deletes or rewrites an entry: only its state changes, and the row keeps by whom and why.
CREATE TABLE tenant.manual_times (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  -- Whole minutes, as minutes are what is counted.
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  kind text NOT NULL CONSTRAINT manual_times_kind_invalid
    CHECK (kind IN ('meeting', 'call', 'offline_work', 'training', 'travel', 'break_fix', 'other')),
  reason text NOT NULL CONSTRAINT manual_times_reason_invalid CHECK (length(reason) BETWEEN 1 AND 500),
  task_id uuid,
  state text NOT NULL DEFAULT 'pending' CONSTRAINT manual_times_state_invalid
    CHECK (state IN ('pending', 'approved', 'rejected', 'withdrawn')),
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid NOT NULL,
  created_by_name text NOT NULL CONSTRAINT manual_times_created_by_name_invalid CHECK (length(created_by_name) <= 120),
  -- Absent where nobody decided yet. By nobody in particular where the company wants no approval.
  decided_at timestamptz,
  decided_by uuid,
  decided_by_name text CONSTRAINT manual_times_decided_by_name_invalid CHECK (length(decided_by_name) <= 120),
  decision_reason text CONSTRAINT manual_times_decision_reason_invalid CHECK (length(decision_reason) BETWEEN 1 AND 500),
  PRIMARY KEY (company_id, id),
  CONSTRAINT manual_times_length_invalid CHECK (ended_at > started_at AND ended_at <= started_at + interval '24 hours'),
  CONSTRAINT manual_times_decision_invalid CHECK ((state = 'pending') = (decided_at IS NULL)),
  CONSTRAINT manual_times_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT manual_times_created_by_unknown FOREIGN KEY (company_id, created_by) REFERENCES tenant.users (company_id, id),
  CONSTRAINT manual_times_decided_by_unknown FOREIGN KEY (company_id, decided_by) REFERENCES tenant.users (company_id, id),
  CONSTRAINT manual_times_task_unknown FOREIGN KEY (company_id, task_id) REFERENCES tenant.tasks (company_id, id));
CREATE INDEX manual_times_user ON tenant.manual_times (company_id, user_id, started_at);
CREATE INDEX manual_times_started ON tenant.manual_times (company_id, started_at, id);
CREATE INDEX manual_times_task ON tenant.manual_times (company_id, task_id) WHERE task_id IS NOT NULL;
CREATE INDEX manual_times_created_by ON tenant.manual_times (company_id, created_by);
CREATE INDEX manual_times_decided_by ON tenant.manual_times (company_id, decided_by);
SELECT platform.distribute('tenant.manual_times', 'company_id');
ALTER TABLE tenant.manual_times ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.manual_times TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
-- An employee says what they did, and may take that back while nobody has decided. No employee approves anything.
CREATE POLICY employee_own ON tenant.manual_times FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY employee_add ON tenant.manual_times FOR INSERT TO tracker_employee
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id()
    AND created_by = tenant.current_user_id() AND state = 'pending');
CREATE POLICY employee_withdraw ON tenant.manual_times FOR UPDATE TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'pending')
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id() AND state = 'withdrawn');
CREATE POLICY jobs_read ON tenant.manual_times FOR SELECT TO tracker_jobs USING (true);
-- What a person did goes with them; what they said or decided for others stays, without the name.
CREATE POLICY eraser_own ON tenant.manual_times FOR DELETE TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY eraser_read ON tenant.manual_times FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true
    ELSE (SELECT tenant.person_to_erase()) = ANY (ARRAY[user_id, created_by, decided_by]) END);
CREATE POLICY eraser_forget ON tenant.manual_times FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT tenant.person_to_erase()) = ANY (ARRAY[created_by, decided_by]))
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT, INSERT, UPDATE (state, decided_at, decided_by, decided_by_name, decision_reason) ON tenant.manual_times TO tracker_admin;
GRANT SELECT, INSERT (company_id, id, user_id, started_at, ended_at, kind, reason, task_id, created_by, created_by_name),
  UPDATE (state, decided_at, decided_by, decided_by_name) ON tenant.manual_times TO tracker_employee;
GRANT SELECT (company_id, id, user_id, task_id, created_by, decided_by) ON tenant.manual_times TO tracker_jobs;
GRANT SELECT (company_id, user_id, created_by, decided_by, created_by_name, decided_by_name),
  UPDATE (created_by_name, decided_by_name), DELETE ON tenant.manual_times TO tracker_eraser;

-- Summed beside what was observed and never part of it: seconds that no device saw, and idle ones that were explained.
ALTER TABLE tenant.user_usage_daily
  ADD COLUMN manual_seconds integer NOT NULL DEFAULT 0, ADD COLUMN explained_seconds integer NOT NULL DEFAULT 0;
ALTER TABLE tenant.usage_daily
  ADD COLUMN manual_seconds bigint NOT NULL DEFAULT 0, ADD COLUMN explained_seconds bigint NOT NULL DEFAULT 0;

ALTER TABLE tenant.company_settings
  ADD COLUMN manual_time_allowed boolean NOT NULL DEFAULT true, ADD COLUMN manual_time_approval boolean NOT NULL DEFAULT true;
