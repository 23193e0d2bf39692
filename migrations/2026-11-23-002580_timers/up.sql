-- What each person works on now, said in the browser or to an agent: one row a person, so that what is stopped in one place is
-- stopped in the other. It counts no time: that comes from what agents record for the task.
CREATE TABLE tenant.timers (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  -- None: nothing in particular.
  task_id uuid,
  changed_at timestamptz NOT NULL,
  said_in text NOT NULL CONSTRAINT timers_said_in_invalid CHECK (said_in IN ('browser', 'agent')),
  -- Part of the number by which agents see that there is something new to ask for.
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (company_id, user_id),
  CONSTRAINT timers_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT timers_task_unknown FOREIGN KEY (company_id, task_id) REFERENCES tenant.tasks (company_id, id));
CREATE INDEX timers_task ON tenant.timers (company_id, task_id) WHERE task_id IS NOT NULL;
SELECT platform.distribute('tenant.timers', 'company_id');
ALTER TABLE tenant.timers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.timers TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
-- One's own, for a task that one sees: the own ones.
CREATE POLICY employee_own ON tenant.timers TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id()
    AND CASE WHEN task_id IS NULL THEN true ELSE EXISTS (SELECT FROM tenant.tasks k
      WHERE k.company_id = tenant.current_company() AND k.id = task_id AND k.assignee_id = tenant.current_user_id()) END);
CREATE POLICY agent_own ON tenant.timers TO tracker_agent
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND user_id = tenant.current_user_id()
    AND CASE WHEN task_id IS NULL THEN true ELSE EXISTS (SELECT FROM tenant.tasks k
      WHERE k.company_id = tenant.current_company() AND k.id = task_id AND k.assignee_id = tenant.current_user_id()) END);
CREATE POLICY jobs_read ON tenant.timers FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.timers TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE (task_id, changed_at, said_in, version) ON tenant.timers TO tracker_admin, tracker_employee, tracker_agent;
GRANT SELECT (company_id, user_id, task_id) ON tenant.timers TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.timers TO tracker_eraser;
