-- Tasks get a team, comments and a history; agents offer a person's own ones and say which of them a session was for. Time is
-- never typed: it is what the devices observed in sessions of the task, summed by day like everything else.
ALTER TABLE tenant.tasks ADD COLUMN team_id uuid, ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE tenant.work_sessions ADD COLUMN task_id uuid;
-- Under FORCE the rows would be marked valid without a look at them.
ALTER TABLE tenant.tasks NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.teams NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.work_sessions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.tasks ADD CONSTRAINT tasks_team_unknown FOREIGN KEY (company_id, team_id) REFERENCES tenant.teams (company_id, id);
ALTER TABLE tenant.work_sessions
  ADD CONSTRAINT work_sessions_task_unknown FOREIGN KEY (company_id, task_id) REFERENCES tenant.tasks (company_id, id);
ALTER TABLE tenant.tasks FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.teams FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.work_sessions FORCE ROW LEVEL SECURITY;
CREATE INDEX tasks_team ON tenant.tasks (company_id, team_id);
CREATE INDEX work_sessions_task ON tenant.work_sessions (company_id, task_id) WHERE task_id IS NOT NULL;

-- Employees say how far their own tasks are, and change nothing else of them.
CREATE POLICY employee_change ON tenant.tasks FOR UPDATE TO tracker_employee
  USING (company_id = tenant.current_company() AND assignee_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND assignee_id = tenant.current_user_id());
GRANT UPDATE (status, version, updated_at) ON tenant.tasks TO tracker_employee;
CREATE POLICY agent_own ON tenant.tasks FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company() AND assignee_id = tenant.current_user_id());
GRANT SELECT (company_id, id, title, assignee_id, status, priority, due_on, created_at) ON tenant.tasks TO tracker_agent;
GRANT SELECT (team_id) ON tenant.tasks TO tracker_jobs;
GRANT INSERT (task_id), UPDATE (task_id) ON tenant.work_sessions TO tracker_agent;
GRANT SELECT (task_id) ON tenant.work_sessions TO tracker_jobs;

CREATE TABLE tenant.task_comments (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  task_id uuid NOT NULL,
  author_id uuid NOT NULL,
  author_name text NOT NULL CONSTRAINT task_comments_author_name_invalid CHECK (length(author_name) <= 120),
  text text NOT NULL CONSTRAINT task_comments_text_invalid CHECK (length(text) BETWEEN 1 AND 5000),
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, id),
  CONSTRAINT task_comments_task_unknown FOREIGN KEY (company_id, task_id) REFERENCES tenant.tasks (company_id, id),
  CONSTRAINT task_comments_author_unknown FOREIGN KEY (company_id, author_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX task_comments_task ON tenant.task_comments (company_id, task_id, id);
CREATE INDEX task_comments_author ON tenant.task_comments (company_id, author_id);
SELECT platform.distribute('tenant.task_comments', 'company_id');
ALTER TABLE tenant.task_comments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.task_comments TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.task_comments FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND EXISTS (SELECT FROM tenant.tasks t WHERE t.company_id = tenant.current_company()
    AND t.id = task_comments.task_id AND t.assignee_id = tenant.current_user_id()));
CREATE POLICY employee_add ON tenant.task_comments FOR INSERT TO tracker_employee
  WITH CHECK (company_id = tenant.current_company() AND author_id = tenant.current_user_id()
    AND EXISTS (SELECT FROM tenant.tasks t WHERE t.company_id = tenant.current_company()
      AND t.id = task_comments.task_id AND t.assignee_id = tenant.current_user_id()));
CREATE POLICY jobs_read ON tenant.task_comments FOR SELECT TO tracker_jobs USING (true);
-- Comments are the company's: what somebody wrote stays, without the name.
CREATE POLICY eraser_own ON tenant.task_comments FOR DELETE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
CREATE POLICY eraser_read ON tenant.task_comments FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE author_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY eraser_forget ON tenant.task_comments FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND author_id = (SELECT tenant.person_to_erase()))
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT, INSERT ON tenant.task_comments TO tracker_admin;
GRANT SELECT, INSERT ON tenant.task_comments TO tracker_employee;
GRANT SELECT (company_id, id, task_id, author_id) ON tenant.task_comments TO tracker_jobs;
GRANT SELECT (company_id, author_id), UPDATE (author_name), DELETE ON tenant.task_comments TO tracker_eraser;

-- What was changed of a task, a row a field. Nobody changes an entry of it.
CREATE TABLE tenant.task_changes (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  id uuid NOT NULL,
  task_id uuid NOT NULL,
  actor_id uuid NOT NULL,
  actor_name text NOT NULL CONSTRAINT task_changes_actor_name_invalid CHECK (length(actor_name) <= 120),
  at timestamptz NOT NULL DEFAULT now(),
  field text NOT NULL CONSTRAINT task_changes_field_invalid CHECK (field IN
    ('title', 'description', 'assignee_id', 'team_id', 'status', 'priority', 'due_on', 'estimate_seconds')),
  -- As text, people and teams by their id; nothing where the field was or is empty.
  before text CONSTRAINT task_changes_before_too_long CHECK (length(before) <= 10000),
  after text CONSTRAINT task_changes_after_too_long CHECK (length(after) <= 10000),
  PRIMARY KEY (company_id, id),
  CONSTRAINT task_changes_task_unknown FOREIGN KEY (company_id, task_id) REFERENCES tenant.tasks (company_id, id),
  CONSTRAINT task_changes_actor_unknown FOREIGN KEY (company_id, actor_id) REFERENCES tenant.users (company_id, id));
CREATE INDEX task_changes_task ON tenant.task_changes (company_id, task_id, id);
CREATE INDEX task_changes_actor ON tenant.task_changes (company_id, actor_id);
SELECT platform.distribute('tenant.task_changes', 'company_id');
ALTER TABLE tenant.task_changes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.task_changes TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.task_changes FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND EXISTS (SELECT FROM tenant.tasks t WHERE t.company_id = tenant.current_company()
    AND t.id = task_changes.task_id AND t.assignee_id = tenant.current_user_id()));
CREATE POLICY employee_add ON tenant.task_changes FOR INSERT TO tracker_employee
  WITH CHECK (company_id = tenant.current_company() AND actor_id = tenant.current_user_id() AND field = 'status'
    AND EXISTS (SELECT FROM tenant.tasks t WHERE t.company_id = tenant.current_company()
      AND t.id = task_changes.task_id AND t.assignee_id = tenant.current_user_id()));
-- What was recorded for a task before it went to somebody else still counts for it when it is sent.
CREATE POLICY agent_was_own ON tenant.task_changes FOR SELECT TO tracker_agent
  USING (company_id = tenant.current_company()
    AND CASE WHEN field = 'assignee_id' THEN before::uuid = tenant.current_user_id() ELSE false END);
CREATE POLICY jobs_read ON tenant.task_changes FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.task_changes FOR DELETE TO tracker_eraser
  USING (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()));
CREATE POLICY eraser_read ON tenant.task_changes FOR SELECT TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE actor_id = (SELECT tenant.person_to_erase()) END);
CREATE POLICY eraser_forget ON tenant.task_changes FOR UPDATE TO tracker_eraser
  USING (company_id = tenant.current_company() AND actor_id = (SELECT tenant.person_to_erase()))
  WITH CHECK (company_id = tenant.current_company());
GRANT SELECT, INSERT ON tenant.task_changes TO tracker_admin;
GRANT SELECT, INSERT ON tenant.task_changes TO tracker_employee;
GRANT SELECT (company_id, task_id, field, before) ON tenant.task_changes TO tracker_agent;
GRANT SELECT (company_id, id, task_id, actor_id) ON tenant.task_changes TO tracker_jobs;
GRANT SELECT (company_id, actor_id), UPDATE (actor_name), DELETE ON tenant.task_changes TO tracker_eraser;

-- Observed time of a person for a task, by the company's day: written with the other sums of the day.
CREATE TABLE tenant.user_task_usage_daily (
  company_id uuid NOT NULL DEFAULT tenant.current_company(),
  user_id uuid NOT NULL,
  day date NOT NULL,
  task_id uuid NOT NULL,
  tracked_seconds integer NOT NULL,
  PRIMARY KEY (company_id, user_id, day, task_id),
  CONSTRAINT user_task_usage_daily_user_unknown FOREIGN KEY (company_id, user_id) REFERENCES tenant.users (company_id, id),
  CONSTRAINT user_task_usage_daily_task_unknown FOREIGN KEY (company_id, task_id) REFERENCES tenant.tasks (company_id, id));
CREATE INDEX user_task_usage_daily_task ON tenant.user_task_usage_daily (company_id, task_id, day) INCLUDE (user_id, tracked_seconds);
SELECT platform.distribute('tenant.user_task_usage_daily', 'company_id');
ALTER TABLE tenant.user_task_usage_daily ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY admin_all ON tenant.user_task_usage_daily TO tracker_admin
  USING (company_id = tenant.current_company()) WITH CHECK (company_id = tenant.current_company());
CREATE POLICY employee_own ON tenant.user_task_usage_daily FOR SELECT TO tracker_employee
  USING (company_id = tenant.current_company() AND user_id = tenant.current_user_id());
CREATE POLICY jobs_read ON tenant.user_task_usage_daily FOR SELECT TO tracker_jobs USING (true);
CREATE POLICY eraser_own ON tenant.user_task_usage_daily TO tracker_eraser USING (company_id = tenant.current_company()
  AND CASE WHEN (SELECT platform.erasure_is_due()) THEN true ELSE user_id = (SELECT tenant.person_to_erase()) END);
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.user_task_usage_daily TO tracker_admin;
GRANT SELECT ON tenant.user_task_usage_daily TO tracker_employee;
GRANT SELECT (company_id, user_id, day, task_id) ON tenant.user_task_usage_daily TO tracker_jobs;
GRANT SELECT (company_id, user_id), DELETE ON tenant.user_task_usage_daily TO tracker_eraser;

-- A comment that was sent twice is one comment, an employee's as well.
CREATE POLICY employee_own ON tenant.idempotency_keys TO tracker_employee
  USING (company_id = tenant.current_company() AND actor_id = tenant.current_user_id())
  WITH CHECK (company_id = tenant.current_company() AND actor_id = tenant.current_user_id());
GRANT SELECT, INSERT, UPDATE ON tenant.idempotency_keys TO tracker_employee;

-- How long somebody worked for a task is theirs: who reads it is noted.
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery', 'live', 'tasks'));
