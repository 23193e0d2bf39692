-- Work that is assigned.

CREATE TABLE tenant.tasks (
  company_id uuid NOT NULL DEFAULT tenant.current_company() REFERENCES platform.companies (id),
  id uuid NOT NULL,
  title text NOT NULL CONSTRAINT tasks_title_invalid CHECK (length(title) BETWEEN 1 AND 200),
  description text NOT NULL DEFAULT '' CONSTRAINT tasks_description_too_long CHECK (length(description) <= 10000),
  assignee_id uuid,
  created_by uuid NOT NULL,
  status text NOT NULL DEFAULT 'open' CONSTRAINT tasks_status_invalid CHECK (status IN ('open', 'in_progress', 'done', 'cancelled')),
  priority text NOT NULL DEFAULT 'normal' CONSTRAINT tasks_priority_invalid CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  due_on date,
  estimate_seconds integer CONSTRAINT tasks_estimate_invalid CHECK (estimate_seconds BETWEEN 0 AND 31536000),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT tasks_assignee_unknown FOREIGN KEY (company_id, assignee_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT tasks_creator_unknown FOREIGN KEY (company_id, created_by) REFERENCES tenant.users (company_id, id));
CREATE INDEX tasks_assignee ON tenant.tasks (company_id, assignee_id, status);
CREATE INDEX tasks_creator ON tenant.tasks (company_id, created_by);
SELECT platform.distribute('tenant.tasks', 'company_id');
ALTER TABLE tenant.tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.tasks TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.tasks FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND assignee_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.tasks FOR SELECT TO tracker_jobs USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.tasks TO tracker_admin;
GRANT SELECT ON tenant.tasks TO tracker_employee;
GRANT SELECT (company_id, id, assignee_id, created_by) ON tenant.tasks TO tracker_jobs;
