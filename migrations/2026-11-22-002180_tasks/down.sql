ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.access_entries WHERE kind = 'tasks';
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery', 'live'));
DROP POLICY employee_own ON tenant.idempotency_keys;
REVOKE SELECT, INSERT, UPDATE ON tenant.idempotency_keys FROM tracker_employee;
DROP TABLE tenant.user_task_usage_daily;
DROP TABLE tenant.task_changes;
DROP TABLE tenant.task_comments;
ALTER TABLE tenant.work_sessions DROP COLUMN task_id;
DROP POLICY agent_own ON tenant.tasks;
REVOKE SELECT (company_id, id, title, assignee_id, status, priority, due_on, created_at) ON tenant.tasks FROM tracker_agent;
DROP POLICY employee_change ON tenant.tasks;
REVOKE UPDATE (status, version, updated_at) ON tenant.tasks FROM tracker_employee;
ALTER TABLE tenant.tasks DROP COLUMN team_id, DROP COLUMN version;
