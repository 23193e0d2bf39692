DROP INDEX tenant.work_sessions_paused;
ALTER TABLE tenant.access_entries NO FORCE ROW LEVEL SECURITY, DROP CONSTRAINT access_entries_kind_invalid;
DELETE FROM tenant.access_entries WHERE kind = 'live';
ALTER TABLE tenant.access_entries FORCE ROW LEVEL SECURITY,
  ADD CONSTRAINT access_entries_kind_invalid CHECK (kind IN ('timeline', 'screenshot', 'export', 'sessions', 'usage', 'gallery'));
