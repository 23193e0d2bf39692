ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY;
DELETE FROM tenant.access_entries WHERE kind = 'sessions';
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant.access_entries DROP CONSTRAINT access_entries_kind_invalid,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export'));
DROP TABLE tenant.work_session_changes;
REVOKE INSERT (company_id, id, user_id, device_id, started_at, ended_at, end_reason, last_seen_at) ON tenant.work_sessions
  FROM tracker_agent;
GRANT INSERT ON tenant.work_sessions TO tracker_agent;
DROP INDEX tenant.work_sessions_started;
ALTER TABLE tenant.work_sessions DROP COLUMN excluded_at;
